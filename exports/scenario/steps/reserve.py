"""Step `reserve` in cells: as much as the reserve holds, from each partner of origin by its balance."""

from __future__ import annotations

from typing import cast

from allocation.steps.reserve import Reserve
from exports.scenario.given import Offered, Took
from exports.scenario.model import plus
from exports.scenario.split import Weight, Weights


def take(at: Offered) -> Took:
    name = cast("Reserve", at.step).reserve
    balances = at.balances.get(name, {})
    held = at.line(f"{name} holds", "", f"MAX({plus(list(balances.values()))},0)", "what is left of it here")
    taken = at.line(f"drawn from {name}", "", f"MIN({at.amount},{held})", "as far as it lasts")
    weights = Weights(tuple(
        Weight(partner, at.line(f"{name}: part of", partner, f"MAX({balance},0)"))
        for partner, balance in balances.items()))
    return Took(columns={"reserves": taken}, reserve=name, origins=at.split(f"drawn from {name}", taken, weights))
