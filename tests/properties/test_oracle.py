"""The engine against a plain reading of the formulas: one version, one fund, any waterfall."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from ledger.money import largest_remainder, split
from tests.properties.cases import Case, cases, minor
from tests.properties.oracle import Expected, expected, hand_out
from tests.properties.running import ran


@st.composite
def simple_cases(draw: Any) -> Case:
    """One version and one fund; no part years, ring-fences or planned use of a reserve; all events in one year."""
    case = draw(cases(most_versions=1))
    terms = case.versions[0]
    terms["funds"] = {"core": {key: value for key, value in terms["funds"]["core"].items() if key != "planned_reserve"}}
    terms["services"] = {s: t for s, t in terms["services"].items() if t["fund"] == "core"}
    terms["contributions"] = [
        {key: value for key, value in line.items() if key not in ("services", "from", "prorate", "part_year_months")}
        for line in terms["contributions"] if line["fund"] == "core" and "partner" in line]
    terms["rules"] = [rule for rule in terms["rules"] if rule["id"] == "core-rule"]
    per_year = 4 if "Q" in case.periods[0] else 12
    kept = [e for e in case.events if e["date"] < "2024-04-01" and e["event"] != "settlement"
            and e.get("service", "core-1") in terms["services"] and e.get("fund", "core") == "core"]
    known = {e["reference"] for e in kept}
    kept = [e for e in kept if e.get("against", e["reference"]) in known]
    return Case(case.agreement, tuple(kept), case.periods[:per_year])


@given(case=simple_cases())
@settings(max_examples=60)
def test_the_engine_agrees_with_the_formulas(books: Engine, case: Case) -> None:
    with ran(books, case) as run:
        for i, statement in enumerate(run.statements()):
            day = dt.date.fromisoformat(statement["period"]["to"]).isoformat()
            events = tuple(e for e in case.events if e["date"] <= day)
            _compare(statement, expected(case.agreement, events, i + 1))


def _compare(statement: dict[str, Any], want: Expected) -> None:
    for figure in ("share_of_variance", "contribution_due", "liability", "settlement"):
        found = {p: minor(line[figure]) for p, line in statement["partners"].items()}
        assert found == getattr(want, figure), (figure, statement["period"]["id"])
    assert {r: {p: minor(b) for p, b in line["by_partner"].items()}
            for r, line in statement["reserves"].items()} == want.reserves
    assert {column: minor(statement[column]) for column in want.parked} == want.parked


@given(total=st.integers(0, 10**12), weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
@settings(max_examples=300)
def test_largest_remainder_is_hamiltons_method(total: int, weights: list[int]) -> None:
    assume(sum(weights))
    by_hand = hand_out(total, {str(i): Fraction(w) for i, w in enumerate(weights)})
    assert split(total, weights) == list(by_hand.values())
    assert largest_remainder([-part for part in split(total, weights)]) == [-part for part in by_hand.values()]
