"""Pairs lines with things of their amount, the nearest in time first, without trying each line beside each thing.

What follows from names and days alone goes day by day, of each day the first thing that is left: many lines that share
few amounts take no longer than as many of different ones.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from contributions.bank.desk import Desk
from contributions.bank.model import BankLine
from contributions.bank.suggestion import Booked, Expected

P = TypeVar("P", Expected, Booked)
Reach = Callable[[BankLine, bool], int]
"""How many days a line may be from a thing: of the one party that it names (True), or of another that fits (False)."""
Waiting = tuple[BankLine, int, list[str | None]]
"""A line, how many days it may be from a thing, and the parties whose it may be."""


def in_time(desk: Desk, lines: Iterable[BankLine], things: Iterable[P], day: Callable[[P], dt.date], reach: Reach, *,
            back: bool = False) -> Iterator[tuple[BankLine, P, bool, int]]:
    """Each line beside a thing, in one pair at most: of the party that it names (True), then of any; and the days.

    Equals go by the order of lines, then of things. `back`: a line takes a thing back, so it has the opposite amount
    and does not come before it.
    """
    by_amount: dict[int, _Things[P]] = {}
    for number, thing in enumerate(things):
        by_amount.setdefault(-thing.amount if back else thing.amount, _Things()).put(number, thing, day(thing))
    groups: dict[int, list[BankLine]] = {}
    for line in lines:
        if line.amount in by_amount:
            groups.setdefault(line.amount, []).append(line)
    for named in (True, False):
        for amount, some in groups.items():
            left = by_amount[amount]
            waiting = [(line, span, parties) for line in some if (span := reach(line, named)) >= 0
                       and (parties := left.parties(desk.named[line], named=named))]
            taken = set()
            for line, thing, days in left.nearest(waiting, back=back):
                taken.add(line)
                yield line, thing, named, days
            groups[amount] = [line for line in some if line not in taken]


class _Things(Generic[P]):
    """Things of one amount, by party (None: of any) and day, each with its place in the order of all."""

    def __init__(self) -> None:
        self.by_day: dict[str | None, dict[dt.date, deque[tuple[int, P]]]] = {None: {}}
        self.taken: set[int] = set()

    def put(self, number: int, thing: P, day: dt.date) -> None:
        for party in (None, thing.party):
            self.by_day.setdefault(party, {}).setdefault(day, deque()).append((number, thing))

    def parties(self, said: frozenset[str], *, named: bool) -> list[str | None]:
        """Whose things a line may be that says these parties: by name only the one; else of any, if it says none."""
        if named:
            wanted: list[str | None] = [*said] if len(said) == 1 else []
        else:
            wanted = ["", *said] if len(said) > 1 else [""] if said else [None]
        return [party for party in wanted if party in self.by_day]

    def nearest(self, waiting: Sequence[Waiting], *, back: bool) -> Iterator[tuple[BankLine, P, int]]:
        """Lines beside things, those fewest days apart first. `back`: only things of the line's day and before."""
        booked = {line.booked for line, _, _ in waiting}
        there = {day for _, _, parties in waiting for party in parties for day in self.by_day[party]}
        apart = {abs((one - other).days) for one in booked for other in there if other <= one or not back}
        for days in sorted(apart):
            span = dt.timedelta(days)
            rest = []
            for line, reach, parties in waiting:
                if days > reach:
                    continue
                on = (line.booked - span,) if back or not days else (line.booked - span, line.booked + span)
                found = min((one for party in parties for day in on if (one := self._first(party, day))), default=None,
                            key=lambda one: one[0])
                if found is None:
                    rest.append((line, reach, parties))
                else:
                    self.taken.add(found[0])
                    yield line, found[1], days
            waiting = rest

    def _first(self, party: str | None, day: dt.date) -> tuple[int, P] | None:
        """The first thing of a party and day that is left."""
        some = self.by_day[party].get(day)
        while some and some[0][0] in self.taken:
            some.popleft()
        return some[0] if some else None
