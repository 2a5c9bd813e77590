"""Method `hold_harmless`: towards a target, but nobody is worse off than now by more than so many percent."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from allocation.distribution import floored
from allocation.negotiation.method import Method, MethodExample
from allocation.negotiation.question import Question
from allocation.terms import Number, number_text
from ledger.errors import PoolbookError
from ledger.language import Said
from ledger.money import grouped

if TYPE_CHECKING:
    from allocation.negotiation.methods import AnyMethod


class BaselineNothing(PoolbookError):
    code = "baseline-nothing"
    what = "by the baseline nobody bears anything now, so that no limit can be scaled to {amount}"
    remedy = "state under `baseline` what each party bears now, or leave this method out"


class HoldHarmless(Method):
    name = "hold_harmless"
    words = Said(
        "The target is another method's answer. Nobody loses against what it has now by more than the stated "
        "percentage (of a cost: nobody bears more than that much above what it bears now); what this leaves is "
        "used to bring the others as near to their targets as it reaches, all by the same part of the way. If "
        "the pot is too small for that (or the cost too large), everybody's limit is scaled alike.")
    formula = "pot: f_i + λ·max(0, t_i − f_i), f_i = b_i(1 − p); cost: c_i − λ·max(0, c_i − t_i), c_i = b_i(1 + p)"
    source = "AGREEMENTS 2.4; hold-harmless clauses of equalisation grants"
    needs = ("baseline",)
    examples = (
        MethodExample({"max_loss_percent": "10", "target": "equal"},
                      {"pot": "1000", "parties": ["a", "b", "c"], "baseline": {"a": "500", "b": "300", "c": "200"}},
                      {"a": "450", "b": "3890/13", "c": "3260/13"}, "floors 450, 270, 180; λ = 100 / 216.67"),
        MethodExample({"max_loss_percent": "10", "target": "equal"},
                      {"cost": "1000", "parties": ["a", "b"], "baseline": {"a": "300", "b": "700"}},
                      {"a": "330", "b": "670"}, "a would bear 500; it is asked for 10 percent more than now"),
    )

    method: Literal["hold_harmless"] = "hold_harmless"
    max_loss_percent: Number = Fraction(0)
    target: AnyMethod

    def title(self) -> str:
        return Said("Hold harmless to {percent} % (target: {target})", percent=number_text(self.max_loss_percent),
                    target=self.target.title())

    def lacks(self) -> tuple[str, ...]:
        return (*self.needs, *self.target.lacks())

    def exact(self, question: Question, currency: str) -> Mapping[str, Fraction]:
        if question.bears and question.amount and not any(question.baseline.values()):
            raise BaselineNothing(amount=grouped(question.amount, currency))
        sign = -1 if question.bears else 1  # a ceiling on a cost is a floor under its negative
        limits = [sign * question.baseline[p] * (1 - sign * self.max_loss_percent / 100) for p in question.parties]
        targets = [sign * target for target in self.target.awards(question, currency).values()]
        found = floored(sign * question.amount, targets, limits, currency)[0]
        return {p: sign * award for p, award in zip(question.parties, found, strict=True)}
