"""Share basis `fixed`: percentages written in the agreement."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from allocation.basis import Basis
from allocation.model import Example, Facts
from allocation.terms import Percentages


class Fixed(Basis):
    name = "fixed"
    words = "Each partner has the percentage that the agreement states. The percentages total exactly 100."
    formula = "w_i = percent_i / 100"
    source = "AGREEMENTS 2.1; a lead-commissioning section 75 agreement usually states such percentages in a schedule"
    examples = (
        Example({"by": "fixed", "percent": {"council": "51", "nhs": "49"}},
                Facts(("council", "nhs"), ("council", "nhs")),
                {"council": Fraction(51, 100), "nhs": Fraction(49, 100)}),
        Example({"by": "fixed", "percent": {"a": "100/3", "b": "100/3", "c": "100/3"}}, Facts(("a", "b", "c"), ("a",)),
                {"a": Fraction(1, 3), "b": Fraction(1, 3), "c": Fraction(1, 3)}, "an exact third is written 100/3"),
    )

    by: Literal["fixed"] = "fixed"
    percent: Percentages

    def sharers(self) -> tuple[str, ...]:
        return tuple(self.percent)

    def idle(self) -> tuple[str, ...]:
        return tuple(partner for partner, percent in self.percent.items() if percent == 0)

    def partners_named(self) -> set[str]:
        return {*self.percent, *super().partners_named()}

    def figures(self, facts: Facts) -> Mapping[str, Fraction]:
        return self.percent

    def title(self) -> str:
        return "by the percentages of the agreement"
