"""In which order the steps of a rule run: what keeps them in the agreement's, and what a scenario wants instead. Pure.

The steps of a list have an input each, `….order`, from 1 to as many as there are; together they use each number once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from commissioning.agreement.model import Agreement, Rule
from commissioning.apportionment.last_agreed import looks_back
from commissioning.scenario.refusals import ScenarioOrderDoubled
from commissioning.scenario.text import At
from commissioning.scenario.values import Lever
from ledger.errors import Place, PoolbookError

MOST_STEPS = 6


def stays(agreement: Agreement, rule: Rule, side: str) -> str:
    """Why the steps of a list keep the agreement's order; nothing where they may change places."""
    steps = rule.steps(side)
    if len(steps) < 2:
        return "there are no two steps to exchange"
    if len(steps) > MOST_STEPS:
        return f"it has more than {MOST_STEPS} steps"
    if sum(step.until() is not None for step in steps) > 1:
        return "its tiers rise from step to step"
    if any(map(looks_back, (*steps, *agreement.groups.values()))):
        return "shares as last agreed are looked up by a step's place"
    return ""


def lists(levers: Mapping[str, Lever]) -> dict[At, list[Lever]]:
    """The inputs for the order of each list whose steps may change places, by where the list stands."""
    found: dict[At, list[Lever]] = {}
    for lever in levers.values():
        if lever.form == "order":
            found.setdefault(lever.at[:-2], []).append(lever)
    return found


def doubled(levers: Mapping[str, Lever], values: Mapping[str, Fraction]) -> Iterator[tuple[str, PoolbookError]]:
    """The changed inputs that give a step the place of another, by path."""
    for some in lists(levers).values():
        places = [int(values.get(lever.path, lever.baseline)) for lever in some]
        free = ", ".join(str(n) for n in range(1, len(some) + 1) if n not in places)
        for lever, place in zip(some, places, strict=True):
            if lever.path in values and places.count(place) > 1:
                yield lever.path, ScenarioOrderDoubled(number=place, free=free, steps=len(some))


def wanted(levers: Mapping[str, Lever], values: Mapping[str, Fraction]) -> dict[At, list[int]]:
    """For each list whose order is changed, the steps (counted from 0) as they are to run. Raises the first doubled."""
    for path, fault in doubled(levers, values):
        raise fault.at(Place(field=path))
    found: dict[At, list[int]] = {}
    for at, some in lists(levers).items():
        if any(lever.path in values for lever in some):
            places = [values.get(lever.path, lever.baseline) for lever in some]
            found[at] = sorted(range(len(some)), key=places.__getitem__)
    return found
