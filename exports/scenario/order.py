"""Which lists of steps the workbook can exchange: every step is written at every place, so the lists must be short."""

from __future__ import annotations

from commissioning.agreement.model import Agreement, Rule
from commissioning.scenario import order as scenario_order
from exports.scenario.waterfall import KINDS

MOST_BLOCKS = 1_000
"""Steps × places × partners of a list: about twenty cells each, so that a list comes to twenty thousand cells."""


def stays(agreement: Agreement, rule: Rule, side: str) -> str:
    """Why the steps of a list keep the agreement's order in the workbook; nothing where they have an input for it."""
    if reason := scenario_order.stays(agreement, rule, side):
        return reason
    steps = rule.steps(side)
    if not all(step.name in KINDS for step in steps):
        return "one of its steps is worked out by the engine only"
    if len(steps) ** 2 * len(agreement.partners) > MOST_BLOCKS:
        return f"its steps × places × partners are more than {MOST_BLOCKS:,}"
    return ""
