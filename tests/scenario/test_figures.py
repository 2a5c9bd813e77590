"""Every result of a workbook is the engine's to the penny, whatever the inputs: examples and random agreements."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from api.commands.scenario import base_of_case
from commissioning.agreement.model import Rule
from commissioning.agreement.reading import load
from commissioning.scenario.run import changes_of, run
from docs.make_gallery import cases as examples
from exports.scenario.results import figures
from exports.scenario.workbook import Workbook, workbook
from ledger.errors import PoolbookError, Refused
from tests.properties.cases import Case
from tests.scenario.calculators import calculated
from tests.scenario.changes import changed
from tests.scenario.wide import base_of, wide_cases

RANDOM = 200 if os.environ.get("POOLBOOK_PROPERTIES") == "search" else 20
FEW = RANDOM if RANDOM >= 100 else 6  # where each takes seconds


def randomly(count: int) -> settings:
    """Draws so many examples, without shrinking what fails or remembering it."""
    return settings(max_examples=count, deadline=None, derandomize=True, database=None,
                    suppress_health_check=list(HealthCheck), phases=[Phase.generate])


def differences(made: Workbook, values: dict[str, Fraction]) -> dict[str, tuple[object, int]]:
    """Results that follow the inputs and are not the engine's. Raises what the engine raises."""
    engine = {figure.path: figure.amount for figure in figures(run(made.base, made.levers, values).statement)}
    constants = made.constants()
    return {path: (minor, engine.get(path, 0)) for path, minor in calculated(made, values).items()
            if path not in constants and minor != engine.get(path, 0)}


def changed_alike(made: Workbook, values: dict[str, Fraction]) -> None:
    """The agreement that a scenario reckons with is the one that reading its text gives, keys in the same order."""
    text = made.base.text
    changes = changes_of(text, made.levers, values)
    assert json.dumps(changes.data(text)) == json.dumps(load(changes.text(text)).data)


@pytest.mark.parametrize("folder", examples(), ids=lambda folder: folder.name)
def test_an_example_follows_its_inputs(folder: Path) -> None:
    made, rng, tried = workbook(base_of_case(folder)), random.Random(folder.name), 0
    assert differences(made, {}) == {}, "as it is made"
    assert not made.constants(), "every figure of every example follows the inputs"
    for _ in range(3):
        values = changed(made.levers, rng)
        try:
            changed_alike(made, values)
            assert differences(made, values) == {}, values
            tried += 1
        except (Refused, PoolbookError):
            continue  # the engine refuses what was asked, such as a share of nothing
    assert tried


def test_random_agreements_follow_their_inputs(books: Engine) -> None:
    """And between them they have every kind of step and basis that the workbook writes."""
    seen: Counter[str] = Counter()

    @randomly(RANDOM)
    @given(case=wide_cases(), seed=st.integers(0, 10**6))
    def follows(case: Case, seed: int) -> None:
        try:
            made = workbook(base_of(books, case))
        except (Refused, PoolbookError) as error:
            seen[f"refused: {error!r:.60}"] += 1
            reject()
        seen.update(said for s in made.base.planned for rule in s.version.rules for said in _kinds(rule))
        seen.update(f"sheet {name}" for name in made.book.sheets)
        assert differences(made, {}) == {}, "as it is made"
        values = changed(made.levers, random.Random(seed))
        try:
            changed_alike(made, values)
            assert differences(made, values) == {}, values
            seen["tried"] += 1
        except (Refused, PoolbookError):
            seen["engine refused"] += 1
            reject()  # another is drawn in its place: RANDOM agreements are tried, however many are refused

    follows()
    from exports.scenario.costs import KINDS as COSTS
    from exports.scenario.expressed import EXACT, KINDS
    from exports.scenario.waterfall import KINDS as STEPS

    assert seen["tried"] >= RANDOM, seen
    claimed = {*STEPS, *(f"by {name}" for name in (*KINDS, *EXACT)), "floor", "ceiling", "else last_agreed",
               "sheet FineSplits", "sheet Fractions", *(f"cost by {name}" for name in COSTS)}
    assert RANDOM < 100 or not claimed - set(seen), f"no random agreement had {claimed - set(seen)}"


def _kinds(rule: Rule) -> Iterator[str]:
    """Which steps, bases and limits a rule has."""
    steps = (*rule.overspend, *rule.underspend)
    yield from ([f"cost by {rule.cost.name}"] if rule.cost else [])
    yield from (step.name for step in steps)
    for basis in (*(step.basis() for step in steps), *(rule.cost.bases() if rule.cost else ())):
        if basis is not None:
            yield f"by {basis.name}"
            yield f"else {basis.otherwise}"
            yield from (word for word, table in (("floor", basis.floor), ("ceiling", basis.ceiling)) if table)
