"""Costs that are shared case by case follow their cases and their rule's terms; a draft takes over the terms."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from sqlalchemy import Engine

from allocation.costs import ALL
from api.commands.scenario import base_of_case
from commissioning.scenario import cases as scenario_cases
from commissioning.scenario.run import draft
from exports.scenario.costs import KINDS
from exports.scenario.pages import pages
from exports.scenario.workbook import Workbook, workbook
from ledger.errors import PoolbookError, Refused
from tests.properties.cases import Case
from tests.scenario.changes import changed
from tests.scenario.test_figures import FEW, RANDOM, differences, randomly
from tests.scenario.wide import base_of, case_agreements, running_on

EXAMPLES = Path(__file__).parents[2] / "examples"
ROWS = {"tariff": {"cost", "sheet Tariffs"}, "duration": {"cost", "units", "before", "sheet Durations"},
        "unit_price": {"cost", "units", "cases", "sheet UnitPrices"}}
"""What rows of each rule have for inputs, and on which sheet they are worked out."""


def test_every_rule_is_listed() -> None:
    assert set(ROWS) == set(KINDS) == set(ALL) - {"shared"}


@pytest.mark.parametrize("kind", ROWS)
def test_random_cases_follow_their_inputs(kind: str, books: Engine) -> None:
    seen: Counter[str] = Counter()

    @randomly(RANDOM)
    @given(case=case_agreements(kind), seed=st.integers(0, 10**6))
    def follows(case: Case, seed: int) -> None:
        assert [one.reason for one in _follows(books, case, seed, seen).base.cases] == [""]

    follows()
    assert seen["tried"] >= RANDOM, seen
    assert RANDOM < 100 or not ROWS[kind] - set(seen), seen


@pytest.mark.parametrize("kind", ROWS)
def test_cases_that_run_on_from_version_to_version_follow_too(kind: str, books: Engine) -> None:
    """Their days go on, and what they were charged under the earlier version counts."""
    seen: Counter[str] = Counter()

    @randomly(FEW)
    @given(case=running_on(kind), seed=st.integers(0, 10**6))
    def follows(case: Case, seed: int) -> None:
        base = _follows(books, case, seed, seen).base
        assert not any(one.reason for one in base.cases)
        first, second = ({item.case for item in items if item.case} for items in base.known.items)
        seen["run on"] += bool(first & second)

    follows()
    assert seen["tried"] >= FEW, seen
    assert RANDOM < 100 or seen["run on"] > RANDOM // 4, seen


def test_more_rows_than_a_workbook_takes_are_the_engines_and_notes_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario_cases, "MOST_ROWS", 3)
    made = workbook(base_of_case(EXAMPLES / "hospital-district-finland"))
    assert "services.intensive.partners.itala.actual" in made.constants()
    assert not [path for path in made.levers if path.startswith(("cases.", "rules.dear-cases."))]
    notes = next(sheet for sheet in pages(made) if sheet.name == "Notes")
    assert any("more than 3 cases" in str(row[2]) for row in notes.rows)
    assert differences(made, {}) == {}


def test_a_draft_takes_over_prices_and_rates_and_no_cases() -> None:
    made = workbook(base_of_case(EXAMPLES / "hospital-district-finland"))
    text = draft(made.base, made.levers, {
        "rules.dear-cases.cost.rates.intensive.percent": Fraction(80),
        "rules.dear-cases.cost.rates.intensive.cap_per_case": Fraction(60_000), "cases.dear-cases.1.cost": Fraction(1)})
    assert "rates: {intensive: {percent: 80, cap_per_case: 60000.00}}" in text


def _follows(books: Engine, case: Case, seed: int, seen: Counter[str]) -> Workbook:
    """A case's workbook, which says what the engine does before and after inputs are changed. Others are drawn anew."""
    try:
        made = workbook(base_of(books, case))
    except (Refused, PoolbookError):
        reject()
    assert differences(made, {}) == {}, "as it is made"
    for attempt in range(4):
        values = changed(made.levers, random.Random(seed + attempt))
        try:
            assert differences(made, values) == {}, values
        except (Refused, PoolbookError):
            continue  # such as tiers that do not rise
        seen["tried"] += 1
        seen.update(path.rpartition(".")[2] for path in values if ".cases." in f".{path}")
        seen.update(f"sheet {name}" for name in made.book.sheets)
        break
    else:
        reject()
    return made
