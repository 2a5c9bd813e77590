"""What the pool and each partner owe each other by the pool's books, beside what the partner's own books say. Pure.

Two sides of one sum: what the pool calls receivable is the partner's payable, its income the partner's expenditure. A
difference is explained by what is known to stand between them (money under way, entries after the cut-off, disputes);
what is left is said to be unexplained.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from commissioning.events.model import details_of
from commissioning.refusals.files import ColumnMissing, CsvUnreadable, RowRagged
from commissioning.refusals.names import PartnerUnknown
from commissioning.reports.books import Books
from commissioning.reports.claims import Dispute
from commissioning.reports.refusals import BalanceFigureUnknown, BalanceTwice
from ledger.errors import Place, PoolbookError, Refused
from ledger.foreign import foreign
from ledger.model import Recorded
from ledger.money import to_minor

FIGURES = ("receivable", "payable", "income", "expenditure")
"""As the pool's books have them."""
MIRROR = {"receivable": "payable", "payable": "receivable", "income": "expenditure", "expenditure": "income"}
COLUMNS = ("partner", "figure", "amount")
IN_TRANSIT, LATE, DISPUTED = "in transit", "after the cut-off", "disputed"
OWED = ("assets:contributions-receivable:", "assets:due-from:", "assets:claims:", "liabilities:due-to:",
        "liabilities:repayable:")
EARNED = ("income:contributions:", "income:risk-share:", "income:cost-share:")


@dataclass(frozen=True, slots=True)
class Item:
    """Something that may stand between the two figures; `effect` is what it adds to the pool's to come to the other."""

    cause: str
    effect: int
    date: dt.date | None = None
    number: int | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """One figure of the pool with one partner, and the partner's own (None: it has sent none)."""

    partner: str
    figure: str
    pool: int
    theirs: int | None
    items: tuple[Item, ...]

    @property
    def difference(self) -> int | None:
        return None if self.theirs is None else self.theirs - self.pool

    def explained(self, cause: str) -> int:
        return sum(item.effect for item in self.items if item.cause == cause)

    @property
    def unexplained(self) -> int | None:
        difference = self.difference
        return None if difference is None else difference - sum(item.effect for item in self.items)


def balances(books: Books, disputes: Iterable[Dispute], theirs: Mapping[tuple[str, str], int]) -> Iterator[Balance]:
    """Every figure of every pair, in the order of the agreement. `theirs`: by partner and the pool's figure."""
    pool = _pool(books)
    contested: dict[str, int] = defaultdict(int)
    for dispute in disputes:
        contested[dispute.partner] += dispute.contested
    for partner in books.position.agreement.partners:
        for figure in FIGURES:
            mine, other = pool[partner, figure], theirs.get((partner, figure))
            candidates = [] if other is None else [*_between(books, partner, figure),
                                                   *_disputed(figure, contested[partner])]
            yield Balance(partner, figure, mine, other, tuple(_explaining((other or 0) - mine, candidates)))


def _pool(books: Books) -> Mapping[tuple[str, str], int]:
    """The pool's own figures: balances at the period's end account by account, income and cost of the year to date."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    owed: dict[tuple[str, str], int] = defaultdict(int)
    for m in (*books.before, *books.year):
        if m.account.startswith(OWED):
            owed[m.account, m.fund] += m.amount
    for (account, _), amount in owed.items():
        found[account.rpartition(":")[2], "receivable" if amount > 0 else "payable"] += abs(amount)
    for m in books.year:
        for partner, figure in _flows(m.account, m.partner):
            found[partner, figure] += -m.amount if figure == "income" else m.amount
    return found


def _flows(account: str, partner: str) -> Iterator[tuple[str, str]]:
    """Whose income of the pool an account is, and whose bill for it: what a partner gave or paid on its behalf."""
    if account.startswith(EARNED):
        yield account.split(":")[2], "income"
    elif partner and account.startswith("expenses:"):
        yield partner, "expenditure"


def _between(books: Books, partner: str, figure: str) -> Iterator[Item]:
    cut_off = books.position.period.ends
    for recorded in books.around:
        entry = recorded.entry
        late = bool(entry.belongs_to) and _own_day(recorded) <= cut_off < entry.date
        if late:
            yield Item(LATE, _effect(recorded, partner, figure), entry.date, recorded.number, entry.reference)
        elif figure in ("receivable", "payable"):
            yield from _in_transit(recorded, partner, figure, cut_off)


def _own_day(recorded: Recorded) -> dt.date:
    says = details_of(recorded.entry.details) if recorded.entry.details else {}
    return dt.date.fromisoformat(says["date"]) if "date" in says else recorded.entry.date


def _effect(recorded: Recorded, partner: str, figure: str) -> int:
    """What a late entry would have added to a figure had it been in time."""
    total = 0
    for line in recorded.entry.postings:
        if figure in ("income", "expenditure"):
            sign = -1 if figure == "income" else 1
            total += sum(sign * line.amount for found in _flows(line.account, line.partner)
                         if found == (partner, figure))
        elif line.account.startswith(OWED) and line.account.rpartition(":")[2] == partner:
            owing = line.account.startswith("assets:")
            if owing == (figure == "receivable"):
                total += line.amount if owing else -line.amount
    return total


def _in_transit(recorded: Recorded, partner: str, figure: str, cut_off: dt.date) -> Iterator[Item]:
    """Money that one side has paid before the cut-off, as may be, and the other has received after it.

    Received by the pool after it: the partner, having paid, shows less that it owes. Paid by the pool before it: the
    partner, not having received, shows more that it is owed.
    """
    entry = recorded.entry
    for line in entry.postings:
        if not line.account.startswith(OWED) or line.account.rpartition(":")[2] != partner:
            continue
        came_in, after = line.amount < 0, entry.date > cut_off
        if came_in and after and figure == "receivable":
            yield Item(IN_TRANSIT, line.amount, entry.date, recorded.number, entry.reference)
        if not came_in and not after and figure == "payable":
            yield Item(IN_TRANSIT, line.amount, entry.date, recorded.number, entry.reference)


def _disputed(figure: str, contested: int) -> Iterator[Item]:
    """What the pool drew from a funder beyond what it accepted: the pool shows it as owed back."""
    if figure == "payable" and contested:
        yield Item(DISPUTED, -contested)


def _explaining(difference: int, candidates: Iterable[Item]) -> Iterator[Item]:
    """Those items that bring the two figures nearer to each other, in their order."""
    for item in candidates:
        if item.effect and abs(difference - item.effect) < abs(difference):
            difference -= item.effect
            yield item


def read_theirs(text: str, currency: str, partners: Iterable[str], file: str) -> dict[tuple[str, str], int]:
    """A CSV of partners' own figures (`partner,figure,amount`), by partner and the *pool's* name of the figure.

    Raises `Refused` with every fault, each with its line.
    """
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    known, found, faults = list(partners), dict[tuple[str, str], int](), list[PoolbookError]()
    try:
        header = [name.strip() for name in next(rows, [])]
        for column in (name for name in COLUMNS if name not in header):
            raise Refused([ColumnMissing(Place(file, 1), column=column, wanted=", ".join(COLUMNS))])
        for row in rows:
            place = Place(file, rows.line_num)
            try:
                if any(cell.strip() for cell in row):
                    _read_row(row, header, known, currency, found)
            except PoolbookError as fault:
                faults.append(fault.at(place))
    except csv.Error as error:
        raise Refused([CsvUnreadable(Place(file, rows.line_num), fault=foreign(str(error)))]) from None
    if faults:
        raise Refused(faults)
    return found


def _read_row(row: list[str], header: list[str], partners: list[str], currency: str,
              found: dict[tuple[str, str], int]) -> None:
    if len(row) != len(header):
        raise RowRagged(count=len(row), expected=len(header))
    cells = dict(zip(header, (cell.strip() for cell in row), strict=True))
    partner, figure = cells["partner"], cells["figure"]
    if partner not in partners:
        raise PartnerUnknown(Place(field="partner"), name=partner, known=", ".join(partners), hint="")
    if figure not in MIRROR:
        raise BalanceFigureUnknown(Place(field="figure"), name=figure)
    if (partner, MIRROR[figure]) in found:
        raise BalanceTwice(partner=partner, figure=figure)
    try:
        found[partner, MIRROR[figure]] = to_minor(cells["amount"], currency)
    except PoolbookError as fault:
        raise fault.at(Place(field="amount")) from None


