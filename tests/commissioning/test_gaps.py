"""`balance: share`: what contributions fall short of budgets is shared like an overspend (AGREEMENTS 2)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Engine

from exports.present import present
from exports.statement import from_json
from tests.commissioning.books import QUARTERS, agreement, cost, line, pool, rule, shares, version, year

Data = dict[str, Any]


def short(**changes: Any) -> Data:
    """Contributions of 30 and 60 against budgets of 100: 10 are missing, to be shared as 1 to 2."""
    return version(**{"funds": {"core": {"kind": "pooled", "host": "council", "balance": "share"}},
                      "contributions": [line("council", 30), line("nhs", 60)], **changes})


def gap_of(statement: Data) -> Data:
    found: Data = statement["funds"][0]["gap"]
    return found


def test_a_gap_is_shared_when_the_budget_is_met(books: Engine) -> None:
    statement = year(books, agreement(short()), cost("2024-05-10", "home", 60), cost("2024-05-10", "beds", 40))
    assert statement["totals"]["variance"] == "0.00"
    assert shares(statement) == {"council": "3.33", "nhs": "6.67"}
    assert {p: line["liability"] for p, line in statement["partners"].items()} == {"council": "33.33", "nhs": "66.67"}
    assert gap_of(statement)["amount"] == "10.00"
    assert gap_of(statement)["partners"] == {"council": "3.33", "nhs": "6.67"}
    assert statement["funds"][0]["uncommitted"] == "0.00"
    assert all(check["holds"] for check in statement["checks"])


@pytest.mark.parametrize(("home", "council", "nhs"), [
    (66, "5.33", "10.67"),  # 6 over and 10 short: 16
    (56, "2.00", "4.00"),   # an underspend of 4 fills part of the gap
    (50, "0.00", "0.00"),   # it fills all of it
    (44, "-2.00", "-4.00"),  # and what is beyond is an underspend of 6
])
def test_a_variance_and_the_gap_are_one_sum(books: Engine, home: int, council: str, nhs: str) -> None:
    statement = year(books, agreement(short()), cost("2024-05-10", "home", home), cost("2024-05-10", "beds", 40))
    assert shares(statement) == {"council": council, "nhs": nhs}
    assert all(check["holds"] for check in statement["checks"])


def test_a_reserve_goes_before_the_partners_and_limits_count_the_gap(books: Engine) -> None:
    terms = agreement(short(rules=[rule([{"reserve": "general", "up_to": 4}, {"share": {"by": "equal"}}])]))
    terms["reserves"] = {"general": {"fund": "core", "opening": {"council": 3, "nhs": 9}}}
    statement = year(books, terms, cost("2024-05-10", "home", 62), cost("2024-05-10", "beds", 40))
    assert shares(statement) == {"council": "4.00", "nhs": "4.00"}
    assert statement["reserves"]["general"]["drawn"] == "4.00"
    row, gap = statement["services"][0], gap_of(statement)
    assert (row["reserves"], gap["reserves"]) == ("0.66", "3.34"), "2 of 12 and 10 of 12 of the draw"


def test_in_an_own_line_the_gap_is_its_leads(books: Engine) -> None:
    terms = short()
    terms["services"]["home"]["line"] = "own"
    statement = year(books, agreement(terms), cost("2024-05-10", "home", 60), cost("2024-05-10", "beds", 40))
    assert shares(statement) == {"council": "7.33", "nhs": "2.67"}, "6 of home, and 4 of beds as 1 to 2"


def test_without_a_rule_the_gap_is_shown_and_spread_over_nobody(books: Engine) -> None:
    statement = year(books, agreement(short(rules=[rule(applies_to={"services": ["beds"]})])),
                     cost("2024-05-10", "home", 60), cost("2024-05-10", "beds", 40))
    assert gap_of(statement)["unallocated"] == "6.00"
    assert statement["unallocated"] == "6.00"
    assert shares(statement) == {"council": "1.33", "nhs": "2.67"}


def test_the_gap_runs_with_the_year_and_is_posted_once(books: Engine) -> None:
    with pool(books, agreement(short(), settle="period")) as made:
        found = []
        for quarter, day in zip(QUARTERS, ("2024-05-10", "2024-08-10", "2024-11-10", "2025-02-10"), strict=True):
            made.take_in(cost(day, "home", 15), cost(day, "beds", 10))
            found.append(gap_of(made.close(quarter))["amount"])
        assert found == ["2.50", "5.00", "7.50", "10.00"]
        balances = made.balances()
        assert (balances["income:risk-share:council"], balances["income:risk-share:nhs"]) == (-333, -667)


def test_the_forecast_counts_the_whole_years_gap(books: Engine) -> None:
    with pool(books, agreement(short())) as made:
        made.take_in(cost("2024-05-10", "home", 15), cost("2024-05-10", "beds", 10))
        statement = made.close("FY2024-Q1")
    assert {p: line["forecast_share"] for p, line in statement["partners"].items()} == {
        "council": "3.33", "nhs": "6.67"}


def test_the_verdict_says_what_was_shared_with_the_variance(books: Engine) -> None:
    statement = year(books, agreement(short()), cost("2024-05-10", "home", 66), cost("2024-05-10", "beds", 40))
    said = " ".join(present(from_json(json.dumps(statement))).verdict)
    assert ("council bears £5.33 and nhs bears £10.67 of the overspend. That is together with the £10.00 that "
            "contributions are short of budgets.") in said


def test_a_derived_line_of_nothing_still_makes_its_partners_take_part(books: Engine) -> None:
    lines = [{"fund": "core", "total": 0, "by": {"by": "fixed", "percent": {"council": 75, "nhs": 25}}}]
    terms = version(contributions=lines, funds={"core": {"kind": "pooled", "host": "council", "balance": "hold"}},
                    rules=[rule([{"share": {"by": "equal"}}])])
    statement = year(books, agreement(terms), cost("2024-05-10", "home", 70), cost("2024-05-10", "beds", 40))
    assert shares(statement) == {"council": "5.00", "nhs": "5.00"}


def test_without_a_shortfall_there_is_no_gap(books: Engine) -> None:
    terms = short(contributions=[line("council", 41), line("nhs", 60)])
    statement = year(books, agreement(terms), cost("2024-05-10", "home", 60), cost("2024-05-10", "beds", 40))
    assert "gap" not in statement["funds"][0]
    assert statement["funds"][0]["uncommitted"] == "1.00"
