"""Step `repay` in cells: a partner covers all that is offered, to be repaid in later years."""

from __future__ import annotations

from typing import cast

from allocation.steps.repay import Repay
from exports.scenario.given import Offered, Took


def take(at: Offered) -> Took:
    return Took({cast("Repay", at.step).repay.partner: at.amount})
