"""Step `performance` in cells: price × units better than the baseline, up to the pot."""

from __future__ import annotations

from typing import cast

from allocation.steps.performance import Performance
from exports.scenario.given import Offered, Took
from exports.scenario.model import half_up


def take(at: Offered) -> Took:
    terms = cast("Performance", at.step).performance
    units, under = at.better.get(terms.outcome, (0, 1))
    price, pot = (at.bench.minor(f"{at.path}.{key}", getattr(terms, key)) for key in ("price", "pot"))
    earned = at.line("earned", terms.to, half_up(str(price), max(units, 0), under) if units > 0 else "0",
                     f"price × {max(units, 0)}/{under} units better than the baseline")
    taken = at.line("released", terms.to, f"MIN({at.amount},MAX({pot}-{at.before},0),{earned})")
    return Took({terms.to: taken})
