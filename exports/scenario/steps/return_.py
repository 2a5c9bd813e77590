"""Step `return` in cells: ring-fenced money that is not used first, then the rest by the basis."""

from __future__ import annotations

from typing import cast

from allocation.steps.return_ import Return
from exports.scenario.given import Offered, Took
from exports.scenario.model import Term, plus
from exports.scenario.split import Weight, Weights


def take(at: Offered) -> Took:
    terms = cast("Return", at.step)
    fenced: dict[str, Term] = {}
    rest: Term = at.amount
    if terms.ring_fenced_first and at.fenced:
        first = at.line("ring-fenced money not used", "", f"MIN({at.amount},{plus(list(at.fenced.values()))})")
        fenced.update(at.split("ring-fenced money back to its source", first, Weights(
            tuple(Weight(partner, amount) for partner, amount in at.fenced.items()))))
        rest = at.line("left to return", "", f"{at.amount}-{first}")
    parts: dict[str, Term] = dict(at.shared("returned", rest, "return", terms.to))
    for partner, amount in fenced.items():
        parts[partner] = at.line("returned in all", partner, f"{parts.get(partner, 0)}+{amount}")
    return Took({p: parts[p] for p in at.facts.partners if p in parts})
