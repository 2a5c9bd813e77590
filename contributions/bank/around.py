"""Sums of lines or items around a day, sought among those nearest in time; each question is answered once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Generic

from contributions.bank.sums import S, sum_of

POOL = 16  # items, nearest in time, among which sums are looked for


def part_of(amount: int, total: int) -> bool:
    """Whether an amount can be a part of a total: of its sign, and less."""
    return (amount > 0) == (total > 0) and abs(amount) < abs(total)


class Around(Generic[S]):
    """Items by their day, of which those within some days of another are looked at."""

    def __init__(self, items: Iterable[S], day: Callable[[S], dt.date], within: int) -> None:
        self.by_day: dict[dt.date, list[S]] = {}
        self.within = within
        self.known: dict[tuple[dt.date, int], tuple[S, ...] | None] = {}
        for item in items:
            self.by_day.setdefault(day(item), []).append(item)

    def parts(self, day: dt.date, total: int) -> list[S]:
        """The items nearest to a day that may be part of a total; of equals the earlier."""
        return list(islice((item for item in self._outwards(day) if part_of(item.amount, total)), POOL))

    def sum(self, day: dt.date, total: int) -> tuple[S, ...] | None:
        """Two to four of these that come to the total."""
        if (day, total) not in self.known:
            self.known[day, total] = sum_of(self.parts(day, total), total)
        return self.known[day, total]

    def _outwards(self, day: dt.date) -> Iterator[S]:
        for days in range(self.within + 1):
            for one in dict.fromkeys((day - dt.timedelta(days), day + dt.timedelta(days))):
                yield from self.by_day.get(one, ())
