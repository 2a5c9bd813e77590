"""Step `dispute` in cells: what is left is contested."""

from __future__ import annotations

from exports.scenario.given import Offered, Took


def take(at: Offered) -> Took:
    return Took(columns={"contested": at.amount})
