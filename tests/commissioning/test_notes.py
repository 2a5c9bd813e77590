"""What the pool manager tells the board is kept with the period; and what has changed since the statement before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Engine

from exports.extract import for_partner
from exports.present import present
from exports.statement import from_json, to_json
from ledger.errors import Refused
from tests.commissioning.books import cost, pool

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
    (table,) = (table for table in view.tables if table.name == "Notes")
    assert table.rows[1] == ("Action", "", "Recruit own staff", "Head of care", "30 September 2024")


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
    assert "That is £13.00 more than FY2024-Q1 expected, most of all £10.00 in beds." in said
    assert "less than FY2024-Q2 expected" in " ".join(present(from_json(json.dumps(third))).verdict)
