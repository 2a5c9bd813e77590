"""Instalments and amounts due, line by line: whole years, part years, versions, dates that return each year."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contributions.model import Line, Window
from contributions.rules import due_to_date, in_force, instalments, year_amount
from ledger.calendar import Calendar, Year

Day = dt.date
APRIL = Calendar(4, 1, 4)
Y2023, Y2024 = APRIL.year(2023), APRIL.year(2024)  # 366 and 365 days
WHOLE = Window(Y2024.starts, Y2024.ends)


def line(amount: int, how: str = "annual", **keys: Any) -> Line:
    return Line("core", "council", "base budget", "cash", amount, how, **keys)


def plan(item: Line, year: Year = Y2024, window: Window = WHOLE) -> list[tuple[str, int]]:
    return [(one.date.isoformat(), one.amount) for one in instalments(item, year, window)]


def test_annual_is_due_on_the_years_first_day() -> None:
    assert plan(line(100)) == [("2024-04-01", 100)]


def test_quarterly_is_due_on_first_days_of_quarters() -> None:
    assert plan(line(101, "quarterly")) == [
        ("2024-04-01", 25), ("2024-07-01", 26), ("2024-10-01", 25), ("2025-01-01", 25)]


def test_monthly_is_due_on_first_days_of_months() -> None:
    found = plan(line(1200, "monthly"))
    assert [amount for _, amount in found] == [100] * 12
    assert [date[5:] for date, _ in found] == [
        "04-01", "05-01", "06-01", "07-01", "08-01", "09-01", "10-01", "11-01", "12-01", "01-01", "02-01", "03-01"]


def test_dated_instalments_return_each_year_on_their_days() -> None:
    dated = line(100, "dated", dated=((Day(2023, 5, 15), 60), (Day(2024, 2, 29), 40)))
    assert plan(dated, Y2023, Window(Y2023.starts, Y2023.ends)) == [("2023-05-15", 60), ("2024-02-29", 40)]
    assert plan(dated) == [("2024-05-15", 60), ("2025-02-28", 40)]


DUE = [  # how, amount, day, due by then
    ("annual", 100, Day(2024, 4, 1), 100),
    ("quarterly", 100, Day(2024, 6, 30), 25),
    ("quarterly", 100, Day(2024, 7, 1), 50),
    ("quarterly", 2, Day(2024, 6, 30), 1),  # a half, rounded up
    ("quarterly", 2, Day(2024, 9, 30), 1),
    ("quarterly", 2, Day(2024, 12, 31), 2),  # one and a half
    ("monthly", 100, Day(2024, 4, 30), 8),  # 8.33
    ("monthly", 100, Day(2024, 5, 1), 17),  # 16.67
    ("monthly", 100, Day(2025, 3, 1), 100),
    ("monthly", 0, Day(2025, 3, 31), 0),
]


@pytest.mark.parametrize(("how", "amount", "day", "expected"), DUE)
def test_due_to_date_is_rounded_half_up_on_the_running_total(how: str, amount: int, day: Day, expected: int) -> None:
    assert due_to_date(line(amount, how), Y2024, WHOLE, day) == expected


PART_YEARS: list[tuple[str, dict[str, Any], int]] = [  # of 36,500 in a year of 365 days
    ("from October, the whole", {"starts": Day(2024, 10, 1)}, 36_500),
    ("from October, by days: 182", {"starts": Day(2024, 10, 1), "prorate": "days"}, 18_200),
    ("from October, by months: 6", {"starts": Day(2024, 10, 1), "prorate": "months"}, 18_250),
    ("until 10 April, by days: 10", {"ends": Day(2024, 4, 10), "prorate": "days"}, 1_000),
    ("until 10 April, by months: the one it touches", {"ends": Day(2024, 4, 10), "prorate": "months"}, 3_042),
    ("seven months as stated", {"part_year_months": 7}, 21_292),
    ("seven months as stated, from September", {"starts": Day(2024, 9, 1), "part_year_months": 7}, 21_292),
    ("from an earlier year", {"starts": Day(2022, 9, 1), "prorate": "days"}, 36_500),
    ("over before the year", {"ends": Day(2024, 3, 31)}, 0),
    ("begins after the year", {"starts": Day(2025, 4, 1)}, 0),
]


@pytest.mark.parametrize(("keys", "expected"), [case[1:] for case in PART_YEARS], ids=[case[0] for case in PART_YEARS])
def test_part_years(keys: dict[str, Any], expected: int) -> None:
    assert year_amount(line(36_500, **keys), Y2024, WHOLE) == expected
    assert sum(amount for _, amount in plan(line(36_500, "monthly", **keys))) == expected


def test_a_part_year_falls_due_within_it() -> None:
    """61 of the quarter's 92 days, then two quarters: 61/92 : 1 : 1 of 600, as running totals."""
    assert plan(line(600, "quarterly", starts=Day(2024, 8, 1))) == [
        ("2024-08-01", 149), ("2024-10-01", 226), ("2025-01-01", 225)]
    assert plan(line(600, "annual", starts=Day(2024, 8, 1))) == [("2024-08-01", 600)]


def test_a_version_counts_for_its_days() -> None:
    first, second = Window(Y2024.starts, Day(2024, 6, 12)), Window(Day(2024, 6, 13), Y2024.ends)  # 73 and 292 of 365
    assert year_amount(line(1000), Y2024, first) == 200
    assert year_amount(line(1000), Y2024, second) == 800
    assert [date for date, _ in plan(line(1000, "quarterly"), window=first)] == ["2024-04-01"]
    assert [date for date, _ in plan(line(1000, "quarterly"), window=second)] == [
        "2024-06-13", "2024-07-01", "2024-10-01", "2025-01-01"]


def test_a_line_runs_where_its_days_and_the_versions_meet() -> None:
    window = Window(Day(2024, 6, 1), Day(2024, 12, 31))
    assert in_force(line(1), window) == window
    assert in_force(line(1, starts=Day(2024, 7, 1), ends=Day(2024, 9, 30)), window) == Window(
        Day(2024, 7, 1), Day(2024, 9, 30))
    assert in_force(line(1, starts=Day(2025, 1, 1)), window) is None


lines = st.builds(
    line, st.integers(0, 10**9), st.sampled_from(["annual", "quarterly", "monthly"]),
    starts=st.none() | st.dates(Day(2023, 1, 1), Day(2025, 12, 31)),
    prorate=st.sampled_from(["none", "days", "months"]), part_year_months=st.none() | st.integers(0, 12))


@given(item=lines, number=st.integers(2023, 2025), starts=st.integers(0, 364), length=st.integers(0, 364))
def test_instalments_total_the_years_amount(item: Line, number: int, starts: int, length: int) -> None:
    """Whatever the line and the version's days: nothing is lost, nothing falls due outside, nothing is negative."""
    year = APRIL.year(number)
    window = Window(year.starts + dt.timedelta(starts),
                    min(year.starts + dt.timedelta(starts + length), year.ends))
    found = instalments(item, year, window)
    assert sum(one.amount for one in found) == year_amount(item, year, window)
    assert all(window.starts <= one.date <= window.ends for one in found)
    assert all(one.amount >= 0 for one in found)
    assert due_to_date(item, year, window, year.ends) == year_amount(item, year, window)
