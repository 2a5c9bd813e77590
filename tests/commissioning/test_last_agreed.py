"""`else: last_agreed`: where nothing tells how to share, the share is as it last was (AGREEMENTS 2.1)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from allocation.errors import LastShareUnknown
from tests.commissioning.books import QUARTERS, agreement, cost, line, paid, pool, rule, shares, version

Data = dict[str, Any]
BY_PAID = {"by": "contribution", "measure": "paid", "else": "last_agreed"}
NEXT = tuple(quarter.replace("FY2024", "FY2025") for quarter in QUARTERS)


def two_years(books: Engine, terms: Data, *events: Data) -> tuple[Data, Data]:
    """Both years' statements; in each, home is 12 over its budget."""
    with pool(books, terms) as made:
        made.take_in(*events, *(cost(f"{year}-05-10", s, amount) for year in (2024, 2025)
                                for s, amount in (("home", 72), ("beds", 40))))
        return made.close(*QUARTERS), made.close(*NEXT)


def test_the_share_is_that_of_the_year_before(books: Engine) -> None:
    terms = agreement(version(rules=[rule([{"share": BY_PAID}])]))
    first, second = two_years(books, terms, paid("2024-05-01", "council", 10), paid("2024-05-02", "nhs", 30))
    assert shares(first) == shares(second) == {"council": "3.00", "nhs": "9.00"}
    step = next(line for line in second["working"] if line["step"] == "share")
    assert "as last agreed" in step["because"]


def test_it_is_what_the_earlier_version_of_the_rule_gave(books: Engine) -> None:
    before = version(rules=[rule([{"share": {"by": "fixed", "percent": {"council": 25, "nhs": 75}}}])])
    after = version(id="new", effective="2025-04-01", signed="2025-03-01", rules=[rule([{"share": BY_PAID}])])
    first, second = two_years(books, agreement(before, after))
    assert shares(first) == shares(second) == {"council": "3.00", "nhs": "9.00"}


def test_a_version_of_the_same_year_is_looked_at_first(books: Engine) -> None:
    before = version(rules=[rule([{"share": {"by": "fixed", "percent": {"council": 25, "nhs": 75}}}])])
    after = version(id="new", effective="2024-10-01", signed="2024-09-01", rules=[rule([{"share": BY_PAID}])])
    with pool(books, agreement(before, after)) as made:
        made.take_in(cost("2024-11-10", "home", 42), cost("2024-11-10", "beds", 20), cost("2024-05-10", "home", 30),
                     cost("2024-05-10", "beds", 20))
        statement = made.close(*QUARTERS)
    (step,) = (line for line in statement["working"] if line["step"] == "share")
    assert "as last agreed: council 25.0000 %; nhs 75.0000 %" in step["because"]


def test_where_cost_is_shared_it_looks_back_too(books: Engine) -> None:
    terms = version(rules=[{"id": "cost", "applies_to": {"fund": "core"}, "cost": BY_PAID}])
    first, second = two_years(books, agreement(terms), paid("2024-05-01", "council", 10),
                              paid("2024-05-02", "nhs", 30))
    for statement in (first, second):
        assert {p: one["liability"] for p, one in statement["partners"].items()} == {"council": "28.00", "nhs": "84.00"}


def test_where_there_was_never_a_share_the_close_is_refused(books: Engine) -> None:
    with pool(books, agreement(version(contributions=[line("council", 100)],
                                       rules=[rule([{"share": BY_PAID}])]))) as made:
        made.take_in(cost("2024-05-10", "home", 72))
        with pytest.raises(LastShareUnknown):
            made.close("FY2024-Q1")
