"""Method `shapley`: what each party adds, on average over every order of joining."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from allocation.bases.shapley import shapley_values
from allocation.negotiation.method import Method, MethodExample
from allocation.negotiation.question import Question
from ledger.language import Said


class Shapley(Method):
    name = "shapley"
    words = Said(
        "Imagine the partners joining one after the other. Each pays what its coming adds to the cost (or has "
        "what it adds to the pot); the answer is the average over every order in which they could have come. "
        "Whoever adds little pays little, and two who add the same pay the same. A group may still find that it "
        "would do better alone; the core test says so.")
    formula = "x_i = Σ_S∌i |S|!(n−|S|−1)!/n! · (c(S∪i) − c(S))"
    source = "L. S. Shapley, A value for n-person games (1953)"
    needs = ("alone",)
    examples = (
        MethodExample({}, {"cost": "17", "parties": ["a", "b"], "alone": {"a": "10", "b": "12"}},
                      {"a": "15/2", "b": "19/2"}, "a adds 10 when first and 5 when second"),
        MethodExample({}, {"cost": "18", "parties": ["a", "b", "c"],
                           "alone": {"a": "6", "b": "12", "c": "18", "a+b": "12", "a+c": "18", "b+c": "18"}},
                      {"a": "2", "b": "5", "c": "11"}, "a runway: its first 6 are shared by three, the next by two"),
    )

    method: Literal["shapley"] = "shapley"

    def title(self) -> str:
        return Said("Shapley value")

    def exact(self, question: Question, currency: str) -> Mapping[str, Fraction]:
        return shapley_values(question.coalitions())
