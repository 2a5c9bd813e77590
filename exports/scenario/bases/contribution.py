"""Share basis `contribution` in cells: what each puts in, or its rounded percentage."""

from __future__ import annotations

from typing import cast

from allocation.bases.contribution import Contribution
from allocation.basis import Basis
from exports.scenario.given import Sharing
from exports.scenario.model import Term
from exports.scenario.split import LARGE, Weight, Weights


def weights(basis: Basis, at: Sharing) -> tuple[list[tuple[str, Term]], int]:
    terms = cast("Contribution", basis)
    figures: list[tuple[str, Term]] = [
        (name, max(at.facts.received.get(name, 0), 0) if terms.measure == "paid" else at.contributions.get(name, 0))
        for name in at.taking]
    if terms.round_percent is None:
        return figures, LARGE
    hundred = 100 * int(10**terms.round_percent)
    parts = at.bench.splits.split(f"{at.what}: percentages with {terms.round_percent} decimals", hundred,
                                  Weights(tuple(Weight(name, term) for name, term in figures)))
    return list(parts.items()), hundred
