"""Share basis `claims`: an amount divided among claims that together are more than it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from allocation.basis import Basis, money_text
from allocation.division import divide
from allocation.groups import in_order
from allocation.model import Example, Facts
from allocation.terms import PositiveAmount

_THREE = ("a", "b", "c")
_CLAIMS = {"a": "100", "b": "200", "c": "300"}
_WORDS = {"proportional": "in proportion to claims", "cea": "by equal awards, nobody above its claim",
          "cel": "by equal losses, nobody below zero",
          "talmud": "by the rule of the Talmud (equal awards to half of each claim, then equal losses)"}


def _given(amount: int) -> Facts:
    return Facts(_THREE, _THREE, amount=amount)


class Claims(Basis):
    name = "claims"
    words = ("Each partner claims an amount, and what there is to divide is not enough for all. `proportional`: the "
             "same part of each claim. `cea`: equal awards, nobody above its claim. `cel`: equal losses, nobody below "
             "zero. `talmud`: equal awards until half of each claim is met, then equal losses. More than all claims "
             "together is refused: limit the step with `up_to`, and say in a later step who takes the rest.")
    formula = ("proportional: x_i = E·d_i/Σd; cea: min(d_i, λ); cel: max(0, d_i − λ); talmud: cea of d/2 for E ≤ Σd/2, "
               "else d − cea of d/2 for Σd − E; λ such that Σx = E; w_i = x_i / E")
    source = "AGREEMENTS 2.1; Aumann and Maschler, Journal of Economic Theory 36 (1985); Thomson (2003)"
    examples = (
        Example({"by": "claims", "claims": _CLAIMS, "rule": "talmud"}, _given(100_00),
                dict.fromkeys(_THREE, Fraction(1, 3)), "E = 100: 33⅓ each"),
        Example({"by": "claims", "claims": _CLAIMS, "rule": "talmud"}, _given(200_00),
                {"a": Fraction(1, 4), "b": Fraction(3, 8), "c": Fraction(3, 8)}, "E = 200: 50, 75, 75"),
        Example({"by": "claims", "claims": _CLAIMS, "rule": "talmud"}, _given(300_00),
                {"a": Fraction(1, 6), "b": Fraction(1, 3), "c": Fraction(1, 2)}, "E = 300: 50, 100, 150"),
        Example({"by": "claims", "claims": _CLAIMS, "rule": "cea"}, _given(400_00),
                {"a": Fraction(1, 4), "b": Fraction(3, 8), "c": Fraction(3, 8)}, "E = 400: 100, 150, 150"),
        Example({"by": "claims", "claims": _CLAIMS, "rule": "cel"}, _given(300_00),
                {"a": Fraction(0), "b": Fraction(1, 3), "c": Fraction(2, 3)}, "E = 300: 0, 100, 200"),
        Example({"by": "claims", "claims": _CLAIMS, "rule": "proportional"}, _given(60_00),
                {"a": Fraction(1, 6), "b": Fraction(1, 3), "c": Fraction(1, 2)}, "E = 60: 10, 20, 30"),
    )

    by: Literal["claims"] = "claims"
    claims: Mapping[str, PositiveAmount]
    rule: Literal["proportional", "cea", "cel", "talmud"]

    def sharers(self) -> tuple[str, ...]:
        return tuple(self.claims)

    def partners_named(self) -> set[str]:
        return {*self.claims, *super().partners_named()}

    def figures(self, facts: Facts) -> Mapping[str, Fraction]:
        names = in_order((p for p in self.claims if facts.may_share(p)), facts)
        awards = divide(self.rule, [self.claims[p] for p in names], facts.amount, facts.currency)
        return dict(zip(names, awards, strict=True))

    def title(self) -> str:
        return _WORDS[self.rule]

    def figure_text(self, partner: str, facts: Facts) -> str:
        award = money_text(self.figures(facts)[partner], facts.currency)
        claim, amount = money_text(self.claims[partner], facts.currency), money_text(facts.amount, facts.currency)
        return f"{award} (claim {claim}) of {amount} = "
