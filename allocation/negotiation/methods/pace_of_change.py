"""Method `pace_of_change`: towards a target, but nobody changes by more than the stated limits."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from allocation.basis import money_text
from allocation.distribution import BaselineMissing, PaceInfeasible, PaceOfChange, paced
from allocation.negotiation.method import Method, MethodExample
from allocation.negotiation.question import Question
from ledger.language import Said
from ledger.money import grouped

if TYPE_CHECKING:
    from allocation.negotiation.methods import AnyMethod


class Pace(Method):
    name = "pace_of_change"
    words = Said(
        "The target is another method's answer, but nobody's amount changes this year by less or more than the "
        "stated limits; whoever is within them moves by one common addition to its growth that uses up the "
        "whole. Repeated year by year it brings everybody to the target without a jolt.")
    formula = "x_i = b_i·(1 + clamp(t_i/b_i − 1 + λ, min, max)), λ such that Σ x = E"
    source = "AGREEMENTS 2.4; pace of change in NHS allocations"
    needs = ("baseline",)
    examples = (
        MethodExample({"limits": {"min_growth": "-10%", "max_growth": "20%"}, "target": "equal"},
                      {"pot": "1000", "parties": ["a", "b", "c"], "baseline": {"a": "500", "b": "300", "c": "200"}},
                      {"a": "450", "b": "310", "c": "240"}, "a is held at -10 %, c at +20 %, b takes what is left"),
    )

    method: Literal["pace_of_change"] = "pace_of_change"
    limits: PaceOfChange
    target: AnyMethod

    def title(self) -> str:
        return Said("Pace of change (target: {target})", target=self.target.title())

    def lacks(self) -> tuple[str, ...]:
        return (*self.needs, *self.target.lacks())

    def exact(self, question: Question, currency: str) -> Mapping[str, Fraction]:
        targets, baselines = self.target.awards(question, currency), question.baseline
        for party in question.parties:
            if not baselines[party]:
                raise BaselineMissing(name=party)
        whole, low, high = sum(baselines.values()), self.limits.min_growth, self.limits.max_growth
        least = Fraction(0) if low is None else whole * (1 + low)
        most = None if high is None else whole * (1 + high)
        if question.amount < least or (most is not None and question.amount > most):
            raise PaceInfeasible(least=money_text(least, currency), pot=grouped(question.amount, currency),
                                 most=Said("any amount") if most is None else money_text(most, currency))
        found = paced(question.amount, list(targets.values()), [baselines[p] for p in question.parties],
                      self.limits)[0]
        return dict(zip(question.parties, found, strict=True))
