"""Method `proportional`: everybody the same part of its own size."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from allocation.division import proportional
from allocation.negotiation.method import Method, MethodExample
from allocation.negotiation.question import Question
from ledger.language import Said


class Proportional(Method):
    name = "proportional"
    words = Said(
        "Everybody has the same number of pence for each unit of its size. Sizes are the stated weights "
        "(population, need, use); where none are stated, the claims; where there are no claims either, what each "
        "would cost or have alone. It is what most agreements do. All turns on which size is taken, and it "
        "asks nobody what a joint service saves.")
    formula = "x_i = E · w_i / Σ w; all sizes zero: E / n"
    source = "Aristotle, Nicomachean Ethics V; AGREEMENTS 2.1"
    needs = ("sizes",)
    examples = (
        MethodExample({}, {"pot": "600", "parties": ["a", "b"], "weights": {"a": "2", "b": "1"},
                           "claims": {"a": "500", "b": "400"}}, {"a": "400", "b": "200"}, "weights go before claims"),
        MethodExample({}, {"pot": "300", "parties": ["a", "b"], "claims": {"a": "400", "b": "200"}},
                      {"a": "200", "b": "100"}),
        MethodExample({}, {"cost": "17", "parties": ["a", "b"], "alone": {"a": "10", "b": "12"}},
                      {"a": "85/11", "b": "102/11"}, "each saves the same part of what it would cost alone"),
    )

    method: Literal["proportional"] = "proportional"

    def title(self) -> str:
        return Said("Proportional")

    def exact(self, question: Question, currency: str) -> Mapping[str, Fraction]:
        sizes = [question.sizes()[p] for p in question.parties]
        awards = proportional(sizes if any(sizes) else [1] * len(sizes), question.amount)
        return dict(zip(question.parties, awards, strict=True))
