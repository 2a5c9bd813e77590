"""What the books say, in the words of a statement: the year's movements as actuals, receipts, bank and reserves.

Pure: takes movements (sums per account, kind and period, never a history) and adds them up. Which account and which
kind of entry means what is said here and in `commissioning.books.postings`, and nowhere else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger.model import Movement

COST = ("expenses", "income:user-charges", "income:other")
"""Accounts whose movements on a service make its actual: cost, net of user charges and of income that names it."""
DIRECT = frozenset({"expenditure", "refund", "accrual"})
HELD = frozenset({"user_charge", "income"})
OPENING, INSTALMENT, SHARE, SQUARE = "opening", "instalment", "apportionment", "squaring"
"""Kinds of the entries that Poolbook makes itself: opening balances; what falls due; shares; the netting at a close."""
REDONE = "reapportionment"
"""The kind of entries that put right an earlier year whose agreement was changed after it was closed."""
REPAYMENT, JOINING, LEAVING, LEFT = "repayment", "joining", "leaving", "left to the others"
"""Words in `source` of shares that are no share of the year: what was lent in earlier years and falls due, what a
joining partner puts into a reserve, what a leaving one takes out of it or leaves to the others."""
FROM_EARLIER = frozenset({REPAYMENT, JOINING, LEAVING})


@dataclass(slots=True)
class Paid:
    """What a partner has done for the pool this year, and what it holds for it. Minor units."""

    cash: int = 0
    in_kind: int = 0
    direct: int = 0
    held: int = 0
    settled: int = 0
    brought_forward: int = 0
    owed: int = 0  # the ledger's own word: receivable + due-from - due-to, at the end of the period


@dataclass(slots=True)
class Bank:
    opening: int = 0
    received: int = 0
    paid: int = 0


@dataclass(slots=True)
class Figures:
    """The year to date. Keys of `received` and `posted` begin with the fund."""

    actuals: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    partners: dict[str, Paid] = field(default_factory=lambda: defaultdict(Paid))
    units: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))  # by service and partner
    received: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    banks: dict[str, Bank] = field(default_factory=lambda: defaultdict(Bank))
    reserves: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    put_in: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    taken_out: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    carried: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))  # into the year, by fund
    lent: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))  # before, by fund and partner
    posted: dict[tuple[str, str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    trial_balance: int = 0


def actuals(movements: Iterable[Movement]) -> dict[str, int]:
    """What was spent on each service, net, in these movements."""
    found: dict[str, int] = defaultdict(int)
    for m in movements:
        if m.service and is_cost(m.account):
            found[m.service] += m.amount
    return found


def is_cost(account: str) -> bool:
    """Whether what moves on an account, and names a service, is part of that service's cost."""
    return _under(account, COST)


def _under(account: str, roots: Iterable[str]) -> bool:
    return any(account == root or account.startswith(root + ":") for root in roots)


def figures(before: Iterable[Movement], year: Iterable[Movement]) -> Figures:
    """The figures of a year to date: `before` are all earlier years' movements, `year` this year's."""
    found = Figures()
    for m in before:
        _balance(m, found, earlier=True)
    for m in year:
        _balance(m, found, earlier=False)
        _this_year(m, found)
    return found


def _balance(m: Movement, found: Figures, *, earlier: bool) -> None:
    """What counts whenever it was: reserves by origin, the bank, what partners owe."""
    found.trial_balance += m.amount
    root, _, rest = m.account.partition(":")
    opening = earlier or m.kind == OPENING
    if m.account.startswith("reserves:carry-forward:"):
        found.carried[m.fund, m.partner] -= m.amount if opening or m.kind == REDONE else 0
    elif m.account.startswith("liabilities:repayable:"):
        found.lent[m.fund, m.partner] -= m.amount if opening or m.kind == REDONE else 0
    elif root == "reserves" and (opening or m.kind != SHARE):
        name, _, partner = rest.partition(":")
        if opening:
            found.reserves[name][partner] -= m.amount
        else:
            found.put_in[name][partner] += m.credit
            found.taken_out[name][partner] += m.debit
    elif rest.startswith("bank:") and opening:
        found.banks[rest.removeprefix("bank:")].opening += m.amount
    elif _under(m.account, ("assets:contributions-receivable", "assets:due-from", "liabilities:due-to")):
        paid = found.partners[m.account.rpartition(":")[2]]
        paid.owed += m.amount
        paid.brought_forward += m.amount if earlier or m.kind == REDONE or m.source in FROM_EARLIER else 0


def _this_year(m: Movement, found: Figures) -> None:
    rest = m.account.partition(":")[2]
    if m.service and is_cost(m.account):
        found.actuals[m.service] += m.amount
        if m.kind == "activity":
            found.units[m.service, m.partner] += m.units
    if rest.startswith("bank:") and m.kind != OPENING:
        _bank(m, found.banks[rest.removeprefix("bank:")])
    elif rest.startswith("contributions-receivable:"):
        _receivable(m, rest.partition(":")[2], found)
    elif rest.startswith(("due-from:", "due-to:")) and m.kind not in (SHARE, SQUARE, OPENING, REDONE):
        found.partners[rest.partition(":")[2]].settled -= m.amount
    if m.kind in (INSTALMENT, SHARE):
        found.posted[m.fund, m.kind, m.account, m.source] += m.amount


def _bank(m: Movement, bank: Bank) -> None:
    """Cash in and out; a payment undone lowers what was paid, other kinds net into what was received."""
    if m.kind in ("settlement", "reserve_transfer", "journal", "adjustment"):
        bank.received += m.debit
        bank.paid += m.credit
    elif m.kind == "payment":
        bank.paid -= m.amount
    else:
        bank.received += m.amount


def _receivable(m: Movement, partner: str, found: Figures) -> None:
    """A credit is something that the partner has paid or given; a debit of user charges or income, what it holds."""
    paid = found.partners[partner]
    if m.kind in (INSTALMENT, SQUARE, OPENING, REDONE):
        return
    if m.kind in HELD:
        paid.held += m.amount
    elif m.kind in DIRECT:
        paid.direct -= m.amount
    elif m.kind == "in_kind":
        paid.in_kind -= m.amount
    else:
        paid.cash -= m.amount
    if m.kind in ("contribution", "in_kind"):
        found.received[m.fund, partner] -= m.amount
