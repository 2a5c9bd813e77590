"""Step `absorb` in cells: one partner bears all that is offered."""

from __future__ import annotations

from typing import cast

from allocation.steps.absorb import Absorb
from exports.scenario.given import Offered, Took


def take(at: Offered) -> Took:
    return Took({cast("Absorb", at.step).absorb.partner: at.amount})
