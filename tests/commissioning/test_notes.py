"""What the pool manager tells the board is kept with the period; and what has changed since the statement before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Engine

from commissioning import service
from exports.extract import for_partner
from exports.present import present
from exports.statement import from_json, to_json
from ledger.errors import Refused
from tests.commissioning.books import NOW, agreement, cost, pool, version

Data = dict[str, Any]


def note(event: str, date: str, text: str, **keys: str) -> Data:
    return {"event": event, "date": date, "note": text, "reference": f"{event} {date} {text[:9]}", **keys}


def test_reasons_actions_and_decisions_stand_in_the_statement_of_their_period(books: Engine) -> None:
    with pool(books) as made:
        made.take_in(cost("2024-05-10", "home", 20),
                     note("explanation", "2024-06-20", "Two agencies left", service="home"),
                     note("action", "2024-06-21", "Recruit own staff",
                          **{"for": "Head of care", "source": "2024-09-30"}),
                     note("decision", "2024-06-22", "Approve a virement of 5"))
        first = made.close("FY2024-Q1")
        assert [(n["kind"], n["service"], n["text"], n["owner"], n["by"]) for n in first["notes"]] == [
            ("explanation", "home", "Two agencies left", "", ""),
            ("action", "", "Recruit own staff", "Head of care", "2024-09-30"),
            ("decision", "", "Approve a virement of 5", "", "")]
        assert "notes" not in made.close("FY2024-Q2"), "they are of their period"
    view = present(from_json(json.dumps(first)))
    tables = {table.key: table for table in view.tables}
    assert tables["off-plan"].rows == (
        ("beds", -1000, "Red", "No reason was given.", "No action was given.", ""),
        ("home", 500, "Red", "Two agencies left", "No action was given.", ""))
    assert tables["notes"].rows == (("Action", "", "Recruit own staff", "Head of care", "30 September 2024"),
                                    ("Decision", "", "Approve a virement of 5", "", ""))
    assert view.decisions == ("Approve a virement of 5",)


def test_a_note_that_names_another_partner_stays_out_of_an_extract(books: Engine) -> None:
    with pool(books) as made:
        made.take_in(note("explanation", "2024-06-20", "The council lost staff", service="home"),
                     note("explanation", "2024-06-21", "Demand rose", service="beds"))
        statement = from_json(json.dumps(made.close("FY2024-Q1")))
    assert [n.text for n in for_partner(statement, "nhs").notes] == ["Demand rose"]
    assert from_json(to_json(statement)) == statement


def test_an_action_needs_a_day_by_which_it_is_done(books: Engine) -> None:
    with pool(books) as made, pytest.raises(Refused) as refused:
        made.take_in(note("action", "2024-06-20", "Soon", **{"for": "Chair", "source": "soon"}))
    assert [fault.code for fault in refused.value.faults] == ["date-unreadable"]


def test_the_statement_says_what_the_one_before_expected(books: Engine) -> None:
    with pool(books) as made:
        made.take_in(cost("2024-05-10", "home", 20))
        first = made.close("FY2024-Q1")
        assert "previous" not in first
        made.take_in(cost("2024-08-10", "home", 18), cost("2024-08-11", "beds", 20))
        second = made.close("FY2024-Q2")
        third = made.close("FY2024-Q3")
    assert second["previous"]["forecasts"] == {line["id"]: line["forecast"] for line in first["services"]}
    assert second["previous"]["forecast_shares"] == {p: one["forecast_share"] for p, one in first["partners"].items()}
    said = " ".join(present(from_json(json.dumps(second))).verdict)
    assert "That is £13.00 more than was expected at quarter 1, most of all £10.00 in beds." in said
    assert "less than was expected at quarter 2" in " ".join(present(from_json(json.dumps(third))).verdict)


def test_the_statement_carries_the_years_course(books: Engine) -> None:
    """Each earlier period's forecast of the year, what has moved the plan, and what contributions were agreed."""
    with pool(books) as made:
        made.take_in(cost("2024-05-10", "home", 20))
        first = made.close("FY2024-Q1")
        assert "earlier_forecasts" not in first
        assert "plan_changes" not in first
        moved = {"event": "virement", "date": "2024-08-01", "reference": "V1", "note": "Board of 30 July"}
        made.take_in({**moved, "service": "home", "amount": "5"}, {**moved, "service": "beds", "amount": "-5"})
        second = made.close("FY2024-Q2")
        third = made.close("FY2024-Q3")
    assert third["earlier_forecasts"] == [
        {"period": before["period"]["id"], "issue": 1, "annual_budget": before["totals"]["annual_budget"],
         "forecast": before["totals"]["forecast"]} for before in (first, second)]
    assert [(c["kind"], c["date"], c["service"], c["amount"], c["reference"], c["text"])
            for c in second["plan_changes"]] == [
        ("virement", "2024-08-01", "home", "5.00", "V1", "Board of 30 July"),
        ("virement", "2024-08-01", "beds", "-5.00", "V1", "Board of 30 July")]
    assert {name: one["contribution_agreed"] for name, one in first["partners"].items()} == {
        "council": "40.00", "nhs": "60.00"}
    statement = from_json(json.dumps(third))
    assert from_json(to_json(statement)) == statement


def test_a_reopened_period_counts_with_its_latest_issue(books: Engine) -> None:
    with pool(books) as made:
        made.close("FY2024-Q1")
        service.reopen(made.conn, made.book, "FY2024-Q1", "An invoice was missing", NOW)
        made.take_in(cost("2024-05-10", "home", 35))
        again = made.close("FY2024-Q1")
        second = made.close("FY2024-Q2")
    assert second["earlier_forecasts"] == [
        {"period": "FY2024-Q1", "issue": 2, "annual_budget": "100.00", "forecast": again["totals"]["forecast"]}]


def test_a_version_that_takes_over_and_a_target_are_told(books: Engine) -> None:
    outcome = {"id": "visits", "service": "home", "indicator": "hospital visits", "better": "lower", "baseline": 400,
               "target": 300, "value_per_unit": 2, "gains": {"council": 50, "nhs": 50}}
    later = version(id="deed", reference="Deed of variation", effective="2024-07-01", outcomes=[outcome])
    first = version(until="2024-06-30", outcomes=[outcome])
    with pool(books, agreement(first, later)) as made:
        assert "plan_changes" not in made.close("FY2024-Q1")
        half = made.close("FY2024-Q2")
    assert half["plan_changes"] == [{"kind": "version", "date": "2024-07-01", "service": "", "amount": "0.00",
                                     "reference": "Deed of variation", "text": ""}]
    assert [(o["indicator"], o["value"], o["expected"]) for o in half["outcomes"]] == [
        ("hospital visits", "0.00", "100.27")]  # 183 of 365 days at 100 visits fewer a year, 2.00 each
