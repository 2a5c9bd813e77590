"""Step `dispute`: parks what is left as contested, so that it is seen and never spread silently."""

from __future__ import annotations

from typing import Literal

from allocation.model import Example, Facts, Situation, Taken
from allocation.step import Step
from ledger.money import grouped


class Dispute(Step):
    name = "dispute"
    words = "What is left is contested: no partner bears it until the partners have agreed who does."
    formula = "take = rest"
    source = "AGREEMENTS 2.2"
    examples = (
        Example({"dispute": "rest"}, Situation("overspend", 50_00, 20_00, Facts(("a", "b"), ("a", "b"))),
                {"columns": {"contested": 20_00}}),
    )

    dispute: Literal["rest"]

    def take(self, situation: Situation) -> Taken:
        return Taken(f"{grouped(situation.offered, situation.facts.currency)} is parked as contested",
                     columns={"contested": situation.offered})
