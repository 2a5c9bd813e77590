"""Share basis `activity`: by the units that each partner has used to date, with an estimate until they differ."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from pydantic import Field, field_validator

from allocation.basis import Basis, rounded_percents
from allocation.errors import SharesNot100
from allocation.groups import in_order
from allocation.model import Example, Facts
from allocation.terms import Number, carry, number_text, percent_text

_TWO = ("council", "nhs")
_ESTIMATE = {"council": "60", "nhs": "40"}
MILLION = 10**6


class Activity(Basis):
    name = "activity"
    words = ("By the units that each partner has used to date, of all covered services together. The `estimate` stands "
             "while there are no units, and for as long as no partner's actual share differs from it by more than "
             "`tolerance_points`; when one does, the actual shares hold for all. Budgets are shared by the estimate.")
    formula = "w_i = u_i / Σ u where |u_i / Σ u − estimate_i| is above the tolerance for any i; else w_i = estimate_i"
    source = "AGREEMENTS 2.1 and 2.7"
    examples = (
        Example({"by": "activity", "unit": "visits", "estimate": _ESTIMATE, "tolerance_points": "5"},
                Facts(_TWO, _TWO, units={"council": 65_000_000, "nhs": 35_000_000}),
                {"council": Fraction(3, 5), "nhs": Fraction(2, 5)},
                "65 of 100 visits differs by 5 points, which is not more than 5: the estimate stands"),
        Example({"by": "activity", "unit": "visits", "estimate": _ESTIMATE, "tolerance_points": "5"},
                Facts(_TWO, _TWO, units={"council": 66_000_000, "nhs": 34_000_000}),
                {"council": Fraction(33, 50), "nhs": Fraction(17, 50)}, "66 of 100: 6 points, the estimate falls"),
        Example({"by": "activity", "unit": "days", "round_percent": "0"},
                Facts(_TWO, _TWO, units={"council": 2_000_000, "nhs": 1_000_000}),
                {"council": Fraction(67, 100), "nhs": Fraction(33, 100)}, "two thirds, as a whole percentage"),
        Example({"by": "activity", "estimate": _ESTIMATE}, Facts(_TWO, _TWO),
                {"council": Fraction(3, 5), "nhs": Fraction(2, 5)}, "no units yet"),
    )

    by: Literal["activity"] = "activity"
    unit: str = ""
    estimate: Mapping[str, Number] = {}
    tolerance_points: Number = Fraction(0)
    round_percent: int | None = Field(None, ge=0, le=6)

    @field_validator("estimate")
    @classmethod
    def _total(cls, estimate: Mapping[str, Fraction]) -> Mapping[str, Fraction]:
        if estimate and sum(estimate.values()) != 100:
            raise carry(SharesNot100(total=number_text(sum(estimate.values(), Fraction(0)))))
        return estimate

    def partners_named(self) -> set[str]:
        return {*self.estimate, *super().partners_named()}

    def _units(self, facts: Facts) -> dict[str, int]:
        """Units to date of whoever takes part, is in the estimate, or has used any; a net return counts as none."""
        names = (*facts.taking_part, *self.estimate, *(p for p, units in facts.units.items() if units > 0))
        return {p: max(facts.units.get(p, 0), 0) for p in in_order(names, facts) if facts.may_share(p)}

    def off(self, facts: Facts) -> str | None:
        """The partner whose actual share differs most from the estimate, if that is by more than the tolerance."""
        units = self._units(facts)
        whole = sum(units.values())
        if not whole:
            return None
        apart = {p: abs(Fraction(100 * u, whole) - self.estimate.get(p, Fraction(0))) for p, u in units.items()}
        most = max(apart, key=lambda p: apart[p])
        return most if apart[most] > self.tolerance_points else None

    def estimate_stands(self, facts: Facts) -> bool:
        """Whether the shares are those of the estimate: for budgets always, else until somebody is off."""
        return bool(self.estimate) and (facts.planning or self.off(facts) is None)

    def figures(self, facts: Facts) -> Mapping[str, Fraction]:
        if self.estimate_stands(facts):
            return self.estimate
        units = {p: Fraction(u) for p, u in self._units(facts).items()}
        return units if self.round_percent is None else rounded_percents(units, self.round_percent)

    def title(self) -> str:
        return f"by {self.unit or 'units'} used to date"

    def explain(self, facts: Facts) -> str:
        return f"{self._why(facts)}{super().explain(facts)}"

    def _why(self, facts: Facts) -> str:
        """Why the estimate stands or falls, in words; nothing where there is none."""
        if not self.estimate:
            return ""
        if facts.planning:
            return "the estimate: "
        units = self._units(facts)
        whole, points = sum(units.values()), number_text(self.tolerance_points)
        if not whole:
            return f"no {self.unit or 'units'} yet, so the estimate stands: "
        off = self.off(facts)
        if off is None:
            used = ", ".join(f"{p} {percent_text(Fraction(u, whole))}" for p, u in units.items())
            return f"{self.unit or 'units'} to date ({used}) are within {points} points of the estimate, which stands: "
        return (f"the share of {off} differs by more than {points} points from its estimate of "
                f"{number_text(self.estimate.get(off, Fraction(0)))} %, so actual {self.unit or 'units'} count: ")

    def figure_text(self, partner: str, facts: Facts) -> str:
        if self.estimate_stands(facts):
            return ""
        units = self._units(facts)
        used, whole = (number_text(Fraction(n, MILLION)) for n in (units[partner], sum(units.values())))
        rounded = "" if self.round_percent is None else f"rounded {number_text(self.figures(facts)[partner])}, "
        return f"{used} of {whole} = {rounded}"
