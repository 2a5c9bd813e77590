"""Method `cea`: equal awards, nobody above its claim."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from allocation.division import divide
from allocation.negotiation.method import Method, MethodExample
from allocation.negotiation.question import Question
from ledger.language import Said


class EqualAwards(Method):
    name = "cea"
    words = Said(
        "Everybody has the same amount, but nobody more than it claimed; what small claims leave over goes to the "
        "others in equal parts. Small claims are met first. Of a pot it favours those who ask for little; of a "
        "cost it lets everybody pay alike up to what it could be asked for.")
    formula = "x_i = min(d_i, λ), λ such that Σ x = E"
    source = "constrained equal awards: Maimonides; W. Thomson, Mathematical Social Sciences 45 (2003)"
    needs = ("claims",)
    examples = (
        MethodExample({}, {"pot": "400", "parties": ["a", "b", "c"], "claims": {"a": "100", "b": "200", "c": "300"}},
                      {"a": "100", "b": "150", "c": "150"}),
    )

    method: Literal["cea"] = "cea"

    def title(self) -> str:
        return Said("Equal awards")

    def exact(self, question: Question, currency: str) -> Mapping[str, Fraction]:
        awards = divide("cea", [question.claims[p] for p in question.parties], question.amount, currency)
        return dict(zip(question.parties, awards, strict=True))
