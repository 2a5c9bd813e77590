"""The difference between two issues names every figure that moved and the entries that moved it, to the penny."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Engine

from commissioning import service
from commissioning.closing import drafts
from commissioning.closing.differences import Differences, IssuesOrder, differences
from exports.differences import to_data, to_json, to_text_page
from exports.statement import from_json
from exports.statement import to_json as statement_json
from tests.commissioning.books import Pool, agreement, cost, paid, pool, version
from tests.commissioning.test_known import close, day, take_in


def between(made: Pool, period: str, first: int | None = None, last: int | None = None) -> Differences:
    pair = drafts.compared(made.conn, made.book, period, day(9), statement_json, first, last)
    return differences(made.conn, made.book, *(from_json(one.document) for one in pair))


def paths(found: Differences) -> dict[str, int]:
    return {one.path: one.change for one in found.figures}


def reopen(made: Pool, number: int, period: str, reason: str) -> None:
    service.reopen(made.conn, made.book, period, reason, day(number))


def test_a_reopened_period_with_a_late_invoice(books: Engine) -> None:
    """25 on home; reopened for an invoice of 5 on beds that nobody had seen: 2 are the council's, 3 the NHS's."""
    with pool(books) as made:
        take_in(made, 1, cost("2024-05-01", "home", 25), paid("2024-05-02", "council", 10))
        close(made, 2, "FY2024-Q1")
        reopen(made, 3, "FY2024-Q1", "an invoice was found")
        take_in(made, 3, cost("2024-06-02", "beds", 5, note="Beds in June"))
        close(made, 4, "FY2024-Q1")
        found = between(made, "FY2024-Q1")
        text, data = to_text_page(found), json.loads(to_json(found))
    changed = paths(found)
    assert changed["totals.actual"] == changed["totals.variance"] == changed["services.beds.actual"] == 500
    assert (changed["partners.council.share_of_variance"], changed["partners.nhs.share_of_variance"]) == (200, 300)
    assert not any(path.startswith("services.home") for path in changed)
    (cause,) = found.recorded
    assert (cause.kind, cause.reference, cause.amount, cause.service, cause.memo) == (
        "expenditure", "2024-06-02 beds", 500, "beds", "Beds in June")
    assert [(one.service, one.change, one.entries) for one in found.services] == [("beds", 500, 500)]
    assert [step.kind for step in found.steps] == ["statement", "close", "reopen"]
    assert "FY2024-Q1 reopened: an invoice was found" in text
    assert "issue 1 (known at 3 July 2025, 09:00 UTC" in text
    assert data == to_data(found)
    assert {"path": "services.beds.actual", "before": "0.00", "after": "5.00", "change": "5.00"} in data["figures"]
    assert data["entries"]["recorded"][0]["amount"] == "5.00"


def test_a_late_item_in_the_open_period(books: Engine) -> None:
    """Late for the first quarter, posted in the second: it moves the second's figures and is called the first's."""
    with pool(books) as made:
        take_in(made, 1, cost("2024-05-01", "home", 25))
        close(made, 2, "FY2024-Q1")
        close(made, 3, "FY2024-Q2")
        reopen(made, 4, "FY2024-Q2", "late invoices")
        take_in(made, 4, cost("2024-05-09", "beds", 7), late=True)
        close(made, 5, "FY2024-Q2")
        found = between(made, "FY2024-Q2", 1, 2)
        first = between(made, "FY2024-Q1", 1, 0)
    assert [(one.reference, str(one.date), one.belongs_to) for one in found.recorded] == [
        ("2024-05-09 beds", "2024-07-01", "FY2024-Q1")]
    assert paths(found)["services.beds.actual"] == 700
    assert "belongs to FY2024-Q1" in to_text_page(found)
    assert (first.recorded, paths(first)) == ((), {}), "the closed quarter's own figures are what they were"
    assert [one.reference for one in first.later] == ["2024-05-09 beds"]
    assert "dated after the period: not in these figures" in to_text_page(first)
    assert "a draft" in to_text_page(first)


def test_an_agreement_applied_between(books: Engine) -> None:
    with pool(books) as made:
        take_in(made, 1, cost("2024-05-01", "home", 25))
        close(made, 2, "FY2024-Q1")
        reopen(made, 3, "FY2024-Q1", "the budget was another one")
        made.apply(agreement(version(services={"home": {"fund": "core", "lead": "council", "budget": 80},
                                               "beds": {"fund": "core", "lead": "nhs", "budget": 20}})))
        close(made, 4, "FY2024-Q1")
        found = between(made, "FY2024-Q1")
    (applied,) = found.agreements
    assert applied.changes == ("changes the version s75: services",)
    assert paths(found)["services.home.annual_budget"] == 2000
    assert (found.recorded, found.services) == ((), ())
    assert "changes the version s75: services" in to_text_page(found)


def test_a_year_that_settles_says_what_the_close_worked_out(books: Engine) -> None:
    with pool(books, agreement(settle="period")) as made:
        take_in(made, 1, cost("2024-05-01", "home", 25), cost("2024-05-01", "beds", 10))
        close(made, 2, "FY2024-Q1")
        reopen(made, 3, "FY2024-Q1", "a refund")
        take_in(made, 3, {"date": "2024-06-03", "event": "refund", "service": "home", "amount": "5",
                          "reference": "R-1"})
        close(made, 4, "FY2024-Q1")
        found = between(made, "FY2024-Q1")
    assert paths(found)["partners.nhs.settlement"] == -300
    assert {one.kind for one in found.worked_out} >= {"apportionment"}
    assert [(one.change, one.entries) for one in found.services] == [(-500, -500)]
    assert "Worked out by the close" in to_text_page(found)


def test_issues_are_compared_in_their_order(books: Engine) -> None:
    with pool(books) as made:
        close(made, 1, "FY2024-Q1")
        with pytest.raises(Exception, match="no issue 0"):
            between(made, "FY2024-Q1")
        reopen(made, 2, "FY2024-Q1", "nothing")
        close(made, 3, "FY2024-Q1")
        same: Any = between(made, "FY2024-Q1", 1, 2)
        assert (same.figures, same.words, same.recorded) == ((), (), ())
        assert "Nothing: every figure is the same." in to_text_page(same)
        with pytest.raises(IssuesOrder):
            between(made, "FY2024-Q1", 2, 1)
