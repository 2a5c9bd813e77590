"""The financial calendar: years that start on the partnership's own day, their quarters, months and periods.

Years are named by the calendar year in which they start: FY2018 with a start of 1 April ends on 31 March 2019.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

from ledger.errors import PoolbookError
from ledger.model import Period

ONE_DAY = dt.timedelta(days=1)
_NAME = re.compile(r"FY(\d{4})(?:-([QM])(\d{1,2}))?")


class PeriodNameWrong(PoolbookError):
    code = "period-name-wrong"
    what = "{name!r} is not a period of this partnership"
    remedy = "write for example {example}; a period is named by the year in which its financial year starts"


@dataclass(frozen=True, slots=True)
class Calendar:
    """A partnership's calendar: the day on which its year starts, and its periods (4 quarters or 12 months)."""

    month: int
    day: int
    periods_a_year: int

    def year(self, number: int) -> Year:
        """The financial year that starts in calendar year `number`."""
        return Year(number, self)

    def year_of(self, date: dt.date) -> Year:
        """The financial year in which a day lies."""
        return self.year(date.year if (date.month, date.day) >= (self.month, self.day) else date.year - 1)

    def parse(self, name: str) -> Period:
        """The period of that name; `FY2018` alone is the year's last period. Refuses any other."""
        found = _NAME.fullmatch(name)
        letter = "Q" if self.periods_a_year == 4 else "M"
        if found is None or (found[2] and found[2] != letter):
            raise PeriodNameWrong(name=name, example=self.year(2024).periods()[0].id)
        index = int(found[3]) if found[3] else self.periods_a_year
        year = self.year(int(found[1]))
        if not 1 <= index <= self.periods_a_year or not 1900 <= year.number <= 2199:
            raise PeriodNameWrong(name=name, example=year.periods()[0].id)
        return year.periods()[index - 1]


@dataclass(frozen=True, slots=True)
class Year:
    """One financial year."""

    number: int
    calendar: Calendar

    @property
    def starts(self) -> dt.date:
        return self.month_start(0)

    @property
    def ends(self) -> dt.date:
        return self.month_start(12) - ONE_DAY

    @property
    def days(self) -> int:
        return (self.ends - self.starts).days + 1

    def month_start(self, months: int) -> dt.date:
        """The first day of the year's month number `months`, counted from 0; 12 is the next year's first day."""
        index = self.calendar.month - 1 + months
        return dt.date(self.number + index // 12, index % 12 + 1, self.calendar.day)

    def starts_every(self, months: int) -> list[dt.date]:
        """The first days of the year's months (1), quarters (3) or of the year itself (12)."""
        return [self.month_start(m) for m in range(0, 12, months)]

    def periods(self) -> list[Period]:
        """The year's periods in order."""
        return list(_periods(self))

    def next(self) -> Year:
        return Year(self.number + 1, self.calendar)


@lru_cache(maxsize=256)
def _periods(year: Year) -> tuple[Period, ...]:
    count = year.calendar.periods_a_year
    step, letter = 12 // count, "Q" if count == 4 else "M"
    return tuple(Period(year.number * 100 + i + 1, f"FY{year.number}-{letter}{i + 1:0{1 if count == 4 else 2}d}",
                        year.month_start(i * step), year.month_start((i + 1) * step) - ONE_DAY) for i in range(count))


def overlap_days(start: dt.date, end: dt.date, other_start: dt.date, other_end: dt.date) -> int:
    """How many days two stretches have in common, all four days included."""
    return max((min(end, other_end) - max(start, other_start)).days + 1, 0)
