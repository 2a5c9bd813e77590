"""Step `fault`: what was recorded as a partner's fault is that partner's, before anything is shared."""

from __future__ import annotations

from typing import Literal

from allocation.model import Example, Facts, Situation, Taken
from allocation.step import Step


class Fault(Step):
    name = "fault"
    words = ("Amounts recorded as `fault` events fall on the partner at fault. They leave the variance before the "
             "first step, whether this step is listed or not; listing it says so in the agreement.")
    formula = "V = actual - budget - faults; each fault on its partner"
    source = "AGREEMENTS 2.2 and 2.7"
    sides = frozenset({"overspend", "underspend"})
    examples = (
        Example({"fault": "recorded"}, Situation("overspend", 50_00, 20_00, Facts(("a", "b"), ("a", "b"))),
                {"partners": {}, "columns": {}}, "what is a fault has left the variance already"),
    )

    fault: Literal["recorded"]

    def take(self, situation: Situation) -> Taken:
        return Taken("recorded faults have left the variance before the first step")
