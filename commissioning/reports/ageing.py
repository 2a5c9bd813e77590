"""How old every unpaid contribution is: instalments fallen due, payments matched to them, and what is left. Pure.

A payment meets the instalment that it names (by its due date, in the column `against`), else the oldest of the line
that it names (in `source`), else the oldest of its partner in its fund; what is in kind meets lines in kind first.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from commissioning.books.figures import HELD, INSTALMENT, OPENING, REDONE, SQUARE
from commissioning.closing.position import Position
from commissioning.events.model import details_of
from contributions.model import CASH_KINDS
from contributions.rules import instalments
from ledger.model import Recorded

RECEIVABLE = "assets:contributions-receivable:"
NOT_PAID = frozenset({INSTALMENT, SQUARE, OPENING, REDONE, *HELD})
"""Kinds of lines on what a partner owes that are no payment of it."""
AGES = (30, 60, 90)
"""The last day of each age but the oldest."""


@dataclass(slots=True)
class Due:
    """One instalment that has fallen due, and what met it: the number of an entry and the amount."""

    partner: str
    fund: str
    source: str
    kind: str
    date: dt.date
    amount: int
    met: list[tuple[int, int]] = field(default_factory=list)

    @property
    def paid(self) -> int:
        return sum(amount for _, amount in self.met)

    @property
    def outstanding(self) -> int:
        return self.amount - self.paid

    def age(self, at: dt.date) -> int:
        """Which of the four ages it is in: 0 for up to 30 days, 3 for over 90."""
        days = (at - self.date).days
        return sum(days > last for last in AGES)


@dataclass(slots=True)
class Payment:
    """What a partner paid, gave in kind or spent for the pool; `left` of it met no instalment."""

    number: int
    date: dt.date
    partner: str
    fund: str
    source: str
    kind: str
    reference: str
    amount: int
    names: str = ""  # the due date of the instalment that it names
    left: int = 0


@dataclass(frozen=True, slots=True)
class Ageing:
    """Instalments due and payments, matched."""

    dues: tuple[Due, ...]
    payments: tuple[Payment, ...]


def ageing(position: Position, entries: Iterable[Recorded]) -> Ageing:
    """Every instalment of pooled funds fallen due by the period's end, with what met it."""
    dues = sorted(_dues(position), key=lambda due: due.date)
    paid = _payments(entries)
    _match(dues, paid)
    assert all(0 <= due.outstanding <= due.amount for due in dues), "no instalment is met by more than itself"
    return Ageing(tuple(dues), tuple(paid))


def _dues(position: Position) -> Iterator[Due]:
    for stretch in position.begun:
        for line in stretch.lines:
            if line.kind in CASH_KINDS and stretch.version.funds[line.fund].pooled:
                for one in instalments(line, position.year, stretch.window):
                    if one.date <= position.period.ends and one.amount:
                        yield Due(line.partner, line.fund, line.source, line.kind, one.date, one.amount)


def _payments(entries: Iterable[Recorded]) -> list[Payment]:
    """Payments by day; one that was undone is left out with what undid it."""
    found: list[Payment] = []
    undoing: dict[int, int | None] = {}
    for recorded in entries:
        for line in recorded.entry.postings:
            kind = line.kind or recorded.entry.kind
            if line.account.startswith(RECEIVABLE) and kind not in NOT_PAID and line.amount:
                found.append(Payment(recorded.number, recorded.entry.date, line.account.removeprefix(RECEIVABLE),
                                     line.fund, line.source, kind, recorded.entry.reference, -line.amount,
                                     _named(recorded)))
                undoing[recorded.number] = recorded.entry.reverses
    undone = {n for n in undoing.values() if n in undoing}
    gone = undone | {number for number, reverses in undoing.items() if reverses in undone}
    return sorted((one for one in found if one.number not in gone), key=lambda one: (one.date, one.number))


def _named(recorded: Recorded) -> str:
    details = recorded.entry.details
    return str(details_of(details).get("against", "")) if details and recorded.entry.kind == "contribution" else ""


def _match(dues: Sequence[Due], payments: Sequence[Payment]) -> None:
    for one in payments:
        one.left = one.amount
    _take_back(payments)
    mine: dict[tuple[str, str], list[Due]] = defaultdict(list)
    for due in dues:
        mine[due.partner, due.fund].append(due)
    sources = {(due.partner, due.fund, due.source) for due in dues}
    passes: list[Callable[[Payment, Due], bool]] = [
        lambda one, due: one.names == due.date.isoformat() and one.source in ("", due.source),
        lambda one, due: bool(one.source) and one.source == due.source,
        lambda one, due: one.kind == due.kind == "in_kind",
        lambda one, due: (one.partner, one.fund, one.source) not in sources]
    for meets in passes:
        for one in payments:
            for due in mine[one.partner, one.fund] if one.left > 0 else ():
                part = min(one.left, due.outstanding) if meets(one, due) else 0
                if part:
                    due.met.append((one.number, part))
                    one.left -= part


def _take_back(payments: Sequence[Payment]) -> None:
    """What was given back lowers the partner's latest payments to the fund before any is matched."""
    for back in (one for one in payments if one.left < 0):
        for one in reversed(payments):
            if one.left > 0 and back.left < 0 and (one.partner, one.fund) == (back.partner, back.fund):
                part = min(one.left, -back.left)
                one.left -= part
                back.left += part
