"""A statement asks as much of books of many years as of books of two."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import Engine

from commissioning.closing import drafts
from commissioning.closing.known import current, known, moved_before
from ledger import store
from ledger.model import Movement
from tests.commissioning.books import NOW, Pool, agreement, cost, paid, pool, rule, version

YEARS = range(2024, 2029)
BY_PAID = {"by": "contribution", "measure": "paid", "else": "last_agreed"}


def live(made: Pool, year: int) -> None:
    """A year: money, what is told beside it, and four closes."""
    told = {"date": f"{year}-05-09", "service": "home"}
    made.take_in(cost(f"{year}-05-01", "home", 25), paid(f"{year}-05-02", "council", 10),
                 cost(f"{year}-11-01", "beds", 30),
                 {**told, "event": "forecast", "amount": "70", "reference": f"forecast {year}"},
                 {**told, "event": "explanation", "note": "fewer came", "reference": f"why {year}"})
    made.close(*(f"FY{year}-Q{quarter}" for quarter in (1, 2, 3, 4)))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many movements and entries were read from the books so far."""
    found = Counter[str]()

    def counted(module: str, name: str) -> None:
        plain = getattr(import_module(module), name)

        def make(*given: Any) -> Any:
            found[name] += 1
            return plain(*given)

        monkeypatch.setattr(f"{module}.{name}", make)

    counted("ledger.store_balances", "Movement")
    counted("ledger.store_entries", "Recorded")
    return found


def test_a_draft_reads_as_much_in_the_fifth_year_as_in_the_second(books: Engine, read: Counter[str]) -> None:
    asked: list[Counter[str]] = []
    with pool(books) as made:
        for year in YEARS:
            live(made, year)
            read.clear()
            drafts.draft(made.conn, made.book, f"FY{year + 1}-Q1", NOW)
            asked.append(Counter(read))
    assert asked[0]["Movement"] > 10
    assert asked[-1] == asked[0]


def sums(moved: list[Movement]) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for m in moved:
        found[m.account, m.kind, m.fund, m.partner, m.service, m.source, m.cost_class] += m.amount
    return found


@pytest.mark.parametrize("looks_back", [False, True])
def test_what_moved_before_a_year_is_told_in_one_sum_where_no_share_looks_back(books: Engine, looks_back: bool) -> None:
    terms = version(rules=[rule([{"share": BY_PAID}])]) if looks_back else version()
    with pool(books, agreement(terms)) as made:
        for year in (2024, 2025):
            live(made, year)
        agreed = current(made.conn, made.book)
        found = moved_before(made.conn, made.book, agreed, agreed.calendar.year(2026))
        whole = store.movements(made.conn, made.book, last=202504)
    assert sums(found) == sums(whole)
    assert (len({m.period for m in found}) > 1) == looks_back
    assert (len(found) == len(sums(found))) == (not looks_back)


def test_what_was_told_in_an_earlier_year_counts_in_this_one_where_it_lasts(books: Engine) -> None:
    """A fault counts until it is reversed, and is taken back on that day; a commitment until it is spent."""
    told = {"date": "2024-05-01", "service": "home"}
    with pool(books) as made:
        made.take_in({**told, "event": "fault", "partner": "nhs", "amount": "9", "reference": "F"},
                     {**told, "event": "forecast", "amount": "70", "reference": "P"},
                     {**told, "event": "commitment", "amount": "12", "reference": "C-1"})
        made.close("FY2024-Q1", "FY2024-Q2", "FY2024-Q3", "FY2024-Q4")
        made.take_in({"date": "2025-04-02", "event": "reversal", "against": "fault:F", "reference": "F back"},
                     cost("2025-04-03", "home", 5, against="C-1"))
        agreed = current(made.conn, made.book)
        found = known(made.conn, made.book, agreed, agreed.calendar.parse("FY2025-Q1")).memoranda
        before = known(made.conn, made.book, agreed, agreed.calendar.parse("FY2024-Q4")).memoranda
    assert ([one.says["amount"] for one in before.faults], before.forecasts) == ([900], {"home": 7000})
    assert ([one.says["amount"] for one in found.faults], found.forecasts) == ([-900], {})
    assert (before.committed, found.committed) == ({"home": 1200}, {"home": 700})
