"""Step `carry_forward` in cells: what is left stays for next year's budgets."""

from __future__ import annotations

from exports.scenario.given import Offered, Took


def take(at: Offered) -> Took:
    return Took(columns={"carried_forward": at.amount})
