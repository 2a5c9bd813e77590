"""Method `cel`: equal losses, nobody below zero."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from allocation.division import divide
from allocation.negotiation.method import Method, MethodExample
from allocation.negotiation.question import Question
from ledger.language import Said


class EqualLosses(Method):
    name = "cel"
    words = Said(
        "Everybody falls short of its claim by the same amount, but nobody has less than nothing. Large claims "
        "are served best: who claims little may get nothing at all. Of a cost it spares everybody the same amount "
        "against the most that it could be asked for.")
    formula = "x_i = max(0, d_i − λ), λ such that Σ x = E"
    source = "constrained equal losses: Maimonides; W. Thomson, Mathematical Social Sciences 45 (2003)"
    needs = ("claims",)
    examples = (
        MethodExample({}, {"pot": "300", "parties": ["a", "b", "c"], "claims": {"a": "100", "b": "200", "c": "300"}},
                      {"a": "0", "b": "100", "c": "200"}),
    )

    method: Literal["cel"] = "cel"

    def title(self) -> str:
        return Said("Equal losses")

    def exact(self, question: Question, currency: str) -> Mapping[str, Fraction]:
        awards = divide("cel", [question.claims[p] for p in question.parties], question.amount, currency)
        return dict(zip(question.parties, awards, strict=True))
