"""Step `to_reserve` in cells: all that is offered goes into the reserve, owned by the basis."""

from __future__ import annotations

from typing import cast

from allocation.steps.to_reserve import ToReserve
from exports.scenario.given import Offered, Took


def take(at: Offered) -> Took:
    terms = cast("ToReserve", at.step)
    origins = at.shared(f"into {terms.to_reserve}", at.amount, "owned", terms.owned)
    return Took(columns={"reserves": at.amount}, reserve=terms.to_reserve, origins=origins)
