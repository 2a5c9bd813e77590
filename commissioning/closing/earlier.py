"""What a statement says of earlier years: what was put right, what is repaid, and who joined and who left. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from commissioning.books.figures import JOINING, LEAVING, LEFT
from commissioning.closing.position import Position
from commissioning.statement import RepaymentLine, WorkingLine
from ledger.model import Posting
from ledger.money import grouped

_OWED = ("assets:contributions-receivable:", "assets:due-from:", "liabilities:due-to:")
_HOW = {JOINING: "joins and puts this into the reserve",
        LEAVING: "has left, and is paid its part of the reserve",
        LEFT: "the part of who has left stays, and goes to the others in proportion to theirs"}


def repayments(position: Position) -> Iterable[RepaymentLine]:
    """What each fund owes back to partners that covered an overspend."""
    before, due = position.figures.lent, position.repayments_due()
    added: dict[tuple[str, str], int] = {}
    for lent in position.lending:
        added[lent.fund, lent.partner] = added.get((lent.fund, lent.partner), 0) + lent.amount
    for fund, partner in dict.fromkeys([*before, *added]):
        opening, more, less = (some.get((fund, partner), 0) for some in (before, added, due))
        if opening or more or less:
            yield RepaymentLine(fund, partner, opening, more, less, opening + more - less)


def working(position: Position) -> Iterable[WorkingLine]:
    """How what was brought forward from earlier years came to change in this one."""
    yield from _redone(position)
    for (fund, partner), amount in position.repayments_due().items():
        if amount:
            yield WorkingLine("", "", f"repayment to {partner}", amount, {partner: amount}, 0,
                              f"{fund} repays what {partner} covered in an earlier year; the close of the year adds it "
                              "to what was brought forward")
    version = {v.id: v.reference for v in position.agreement.versions()}
    for move in position.shares.moved:
        yield WorkingLine("", next(reversed(version.values()), ""), f"{move.how}: {move.partner}", move.amount,
                          {f"reserve {move.reserve}: {move.partner}": move.amount}, 0, _HOW[move.how])


def _redone(position: Position) -> Iterable[WorkingLine]:
    """Each earlier year that was apportioned again, and what it changed for each partner and reserve."""
    by_year: dict[str, list[Posting]] = {}
    for one in position.redone:
        by_year.setdefault(one.entry.belongs_to, []).extend(one.entry.postings)
    for period, lines in by_year.items():
        out: dict[str, int] = {}
        for line in lines:
            if line.account.startswith(_OWED):
                out[line.partner] = out.get(line.partner, 0) + line.amount
            elif line.account.startswith("reserves:"):
                _, name, partner = line.account.split(":", 2)
                where = f"reserve {name}: {partner}"
                out[where] = out.get(where, 0) - line.amount
        out = {who: amount for who, amount in out.items() if amount}
        owed = sum(amount for who, amount in out.items() if not who.startswith("reserve "))
        yield WorkingLine("", "", f"{period.partition('-')[0]} apportioned again", sum(out.values()), out, 0,
                          "the agreement changed after that year was closed: this is what each partner owes more (+) "
                          f"or less for it, {grouped(owed, position.agreement.currency)} in all; it stands in what was "
                          "brought forward")
