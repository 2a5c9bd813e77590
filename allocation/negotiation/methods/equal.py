"""Method `equal`: the same for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from allocation.negotiation.method import Method, MethodExample
from allocation.negotiation.question import Question
from ledger.language import Said


class Equal(Method):
    name = "equal"
    words = Said(
        "Everybody has the same part, whatever it asked for, whatever its size. It is easy to explain and needs "
        "no figures. It ignores need and ability: a small partner may get more than it claimed, or bear more "
        "than it would alone.")
    formula = "x_i = E / n"
    source = "the oldest rule; W. Thomson, Mathematical Social Sciences 45 (2003), for how it compares"
    examples = (
        MethodExample({}, {"pot": "100", "parties": ["a", "b", "c"]}, {"a": "100/3", "b": "100/3", "c": "100/3"}),
    )

    method: Literal["equal"] = "equal"

    def title(self) -> str:
        return Said("Equal")

    def exact(self, question: Question, currency: str) -> Mapping[str, Fraction]:
        return {p: Fraction(question.amount, len(question.parties)) for p in question.parties}
