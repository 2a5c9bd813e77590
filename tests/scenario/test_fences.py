"""Ring-fenced money of several kinds for one service: who meets its budget follows the inputs, like all else."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from exports.scenario.workbook import Workbook, workbook
from tests.properties.cases import YEAR, Case, amounts, text
from tests.scenario.changes import changed
from tests.scenario.test_figures import RANDOM, differences, randomly
from tests.scenario.wide import base_of

SERVICES = ("beds", "home", "meals")
MONEY = st.just(0) | amounts | st.integers(1, 10**11)
KINDS = [["beds"], ["home"], ["beds", "home"], ["home", "meals"], ["beds", "home", "meals"], []]


@st.composite
def fenced(draw: Any) -> Case:
    """Up to three partners, whose money is for one service, for some, or for all; one version or two."""
    partners = ["ash", "birch", "cedar"][:draw(st.integers(1, 3))]
    versions = []
    for day in ["04-01", "09-15"][:draw(st.integers(1, 2))]:
        lines = [{"fund": "core", "source": f"source {n}", "partner": draw(st.sampled_from(partners)),
                  "amount": text(draw(MONEY)), "services": draw(st.sampled_from(KINDS))}
                 for n in range(draw(st.integers(2, 6)))]
        versions.append({
            "id": f"from-{day}", "effective": f"{YEAR}-{day}", "signed": None,
            "funds": {"core": {"kind": "pooled", "host": "ash", "balance": "share"}}, "contributions": lines,
            "services": {s: {"fund": "core", "budget": text(draw(MONEY))} for s in SERVICES},
            "rules": [{"id": "core-rule", "applies_to": {"fund": "core"},
                       "overspend": [{"share": {"by": "contribution", "else": "equal"}}],
                       "underspend": [{"return": {"by": "equal"}, "ring_fenced_first": draw(st.booleans())}]}]})
    agreement = {"poolbook": "1", "partnership": {"id": "fenced", "name": "Fenced", "currency": "GBP",
                                                  "year_starts": "04-01", "periods": "quarter"},
                 "partners": {p: {"name": p.title()} for p in partners}, "agreements": versions}
    events = [{"event": "expenditure", "reference": f"E-{n}", "date": f"{YEAR}-{draw(st.sampled_from([5, 11])):02d}-10",
               "service": draw(st.sampled_from(SERVICES)), "amount": text(draw(amounts))}
              for n in range(draw(st.integers(0, 4)))]
    if draw(st.booleans()):  # perhaps of more than there is
        taken, given_to = draw(st.permutations(SERVICES))[:2]
        moved = text(draw(amounts | st.integers(1, 10**11)))
        events += [{"event": "virement", "reference": "V-1", "date": f"{YEAR}-{draw(st.sampled_from([6, 12])):02d}-10",
                    "service": s, "amount": f"{sign}{moved}"} for s, sign in ((taken, "-"), (given_to, ""))]
    return Case(json.loads(json.dumps(agreement)), tuple(events), ())


def _several(made: Workbook) -> bool:
    """Whether a service has sums that are for different services."""
    return any(len({frozenset(line.services) for line in s.version.contributions if service in line.services}) > 1
               for s in made.base.planned for service in SERVICES)


def test_random_fences_follow_their_inputs(books: Engine) -> None:
    seen: Counter[str] = Counter()

    @randomly(RANDOM)
    @given(case=fenced(), seed=st.integers(0, 10**6))
    def follows(case: Case, seed: int) -> None:
        made = workbook(base_of(books, case))
        assert not made.constants()
        assert differences(made, {}) == {}, "as it is made"
        values = changed(made.levers, random.Random(seed))
        assert differences(made, values) == {}, values
        seen["several"] += _several(made)
        seen["none left"] += any(s.full_budget(service) < 0 for s in made.base.planned for service in SERVICES)

    follows()
    assert seen["several"] > RANDOM // 3
    assert RANDOM < 100 or seen["none left"] > RANDOM // 10, seen
