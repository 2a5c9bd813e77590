"""Changes inputs at random, within what their cells take; percentages of one table keep totalling 100."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction

from commissioning.scenario.order import lists
from commissioning.scenario.values import Lever


def changed(levers: Mapping[str, Lever], rng: random.Random) -> dict[str, Fraction]:
    """New values for some of the inputs."""
    values: dict[str, Fraction] = {}
    tables: dict[str, list[Lever]] = {}
    for steps in lists(levers).values():
        if rng.random() < 0.5:
            values.update(zip([lever.path for lever in steps],
                              rng.sample([lever.baseline for lever in steps], len(steps)), strict=True))
    for path, lever in levers.items():
        if lever.form == "order":
            continue
        if lever.form == "number" and "percent" in lever.unit:
            tables.setdefault(path.removesuffix(".percent").rpartition(".")[0], []).append(lever)
        elif rng.random() < 0.4:
            values[path] = _value(lever, rng)
    for table in tables.values():
        if rng.random() < 0.5:
            values.update(_shares(table, rng))
    return values


def _value(lever: Lever, rng: random.Random) -> Fraction:
    if lever.form == "switch":
        return Fraction(rng.choice([0, 1, 1]))
    if lever.path.split(".")[0] == "growth" or ".growth." in lever.path:
        return Fraction(rng.randint(-2000, 3000), 100)
    kind = rng.randrange(6)
    value = Fraction(0) if kind == 0 else lever.baseline + rng.randint(1, 1000) if kind == 1 else (
        lever.baseline * Fraction(rng.randint(1, 250), 100))
    value = Fraction(int(value * lever.scale), lever.scale)
    return max(min(value, Fraction(lever.high)), Fraction(lever.low))


def _shares(table: list[Lever], rng: random.Random) -> dict[str, Fraction]:
    whole = 100 * table[0].scale
    cuts = sorted(rng.randint(0, whole) for _ in table[1:])
    parts = [after - before for before, after in zip([0, *cuts], [*cuts, whole], strict=True)]
    return {lever.path: Fraction(part, lever.scale) for lever, part in zip(table, parts, strict=True)}
