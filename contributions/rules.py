"""What is due when: a line's amount for a year, its instalments, and how much of them has fallen due by a day.

Source: AGREEMENTS 2 and 2.7: instalments fall due on the first day of their month, quarter or year, and what is due to
date is rounded half up per line. Pure: exact fractions inside, whole minor units out.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from itertools import pairwise

from contributions.model import Instalment, Line, Window
from ledger.calendar import ONE_DAY, Year, overlap_days
from ledger.money import round_half_up

MONTHS = {"annual": 12, "quarterly": 3, "monthly": 1}


def in_force(line: Line, window: Window) -> Window | None:
    """The days of the window on which the line runs, or None where it does not run then."""
    starts = max(window.starts, line.starts or window.starts)
    ends = min(window.ends, line.ends or window.ends)
    return Window(starts, ends) if starts <= ends else None


def year_amount(line: Line, year: Year, window: Window) -> int:
    """The line's amount for the year while the version is in force, rounded half up.

    A version that is not in force all year counts for amount × days in force ÷ days of the year; a part-year line for
    the whole, for its days or for its months, as it says.
    """
    return round_half_up(_exact_amount(line, year, window))


def _exact_amount(line: Line, year: Year, window: Window) -> Fraction:
    runs = in_force(line, window)
    if runs is None:
        return Fraction(0)
    by_version = Fraction(_days(window), year.days)
    if line.part_year_months is not None and (line.starts is None or line.starts >= year.starts):
        return line.amount * Fraction(line.part_year_months, 12) * by_version
    if line.prorate == "days":
        return line.amount * Fraction(_days(runs), year.days)
    if line.prorate == "months":
        of_line = in_force(line, Window(year.starts, year.ends)) or runs
        return line.amount * Fraction(_months(of_line, year), 12) * Fraction(_days(runs), _days(of_line))
    return line.amount * by_version


def instalments(line: Line, year: Year, window: Window) -> list[Instalment]:
    """The line's instalments in the window: running totals rounded half up, so that they total the year's amount."""
    runs = in_force(line, window)
    if runs is None:
        return []
    exact = _exact_amount(line, year, window)
    slots = _dated_slots(line, year, window) if line.dated else _even_slots(MONTHS[line.instalments], year, runs)
    whole = sum((weight for _, weight in slots), Fraction(0))
    if not whole:
        return [Instalment(runs.starts, round_half_up(exact))]
    total, running = Fraction(0), [0]
    for _, weight in slots:
        total += weight
        running.append(round_half_up(exact * total / whole))
    steps = zip(slots, pairwise(running), strict=True)
    return [Instalment(date, after - before) for (date, _), (before, after) in steps]


def _even_slots(months: int, year: Year, runs: Window) -> list[tuple[dt.date, Fraction]]:
    """The months, quarters or year that the line runs in, each with the part of it in which it runs."""
    starts = [*year.starts_every(months), year.ends + ONE_DAY]
    slots = []
    for start, after in pairwise(starts):
        days = overlap_days(start, after - ONE_DAY, runs.starts, runs.ends)
        if days:
            slots.append((max(start, runs.starts), Fraction(days, (after - start).days)))
    return slots


def _dated_slots(line: Line, year: Year, window: Window) -> list[tuple[dt.date, Fraction]]:
    """Dated amounts, moved to this year where the line repeats, and only those that the version covers."""
    first = year.calendar.year_of(line.dated[0][0]).number
    moved = sorted((_same_day(date, year.number - first), Fraction(amount)) for date, amount in line.dated)
    covered = [(date, amount) for date, amount in moved if window.starts <= date <= window.ends]
    return covered or [(window.starts, Fraction(1))]


def _same_day(date: dt.date, years: int) -> dt.date:
    """The same day some years later; 29 February becomes 28 February where there is none."""
    try:
        return date.replace(year=date.year + years)
    except ValueError:
        return date.replace(year=date.year + years, day=28)


def due_to_date(line: Line, year: Year, window: Window, date: dt.date) -> int:
    """How much of the line has fallen due by a day, in minor units."""
    return sum(i.amount for i in instalments(line, year, window) if i.date <= date)


def _days(window: Window) -> int:
    return (window.ends - window.starts).days + 1


def _months(window: Window, year: Year) -> int:
    """The months of the year that a window touches."""
    starts = [*year.starts_every(1), year.ends + ONE_DAY]
    return sum(1 for start, after in pairwise(starts)
               if overlap_days(start, after - ONE_DAY, window.starts, window.ends))
