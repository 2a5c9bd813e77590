"""Share basis `contribution`: in proportion to what each partner contributes."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from pydantic import Field

from allocation.basis import Basis, money_figures, rounded_percents
from allocation.model import Example, Facts
from allocation.terms import number_text

_BORDERS = Facts(("council", "nhs"), ("council", "nhs"), {"council": 4_580_000_000, "nhs": 12_250_000_000})
_OXON = Facts(("council", "ccg"), ("council", "ccg"), {"council": 9_900_000_000, "ccg": 9_600_000_000})


class Contribution(Basis):
    name = "contribution"
    words = ("In proportion to contributions: the full year's cash, in-kind and grant lines of the covered services' "
             "funds (`measure: planned`), or what has been received to date (`measure: paid`). `round_percent: N` uses "
             "the published percentage with N decimals in place of the exact ratio.")
    formula = "w_i = c_i / Σ c"
    source = "AGREEMENTS 2.1; integration schemes under the Public Bodies (Joint Working) (Scotland) Act 2014"
    examples = (
        Example({"by": "contribution"}, _BORDERS, {"council": Fraction(458, 1683), "nhs": Fraction(1225, 1683)},
                "Scottish Borders 2018/19: £45.8m and £122.5m"),
        Example({"by": "contribution", "round_percent": "0"}, _OXON,
                {"council": Fraction(51, 100), "ccg": Fraction(49, 100)},
                "Oxfordshire 2013/14 as published: 51 and 49"),
    )

    by: Literal["contribution"] = "contribution"
    measure: Literal["planned", "paid"] = "planned"
    round_percent: int | None = Field(None, ge=0, le=6)

    def _amounts(self, facts: Facts) -> dict[str, int]:
        source = facts.received if self.measure == "paid" else facts.contributions
        return {partner: source.get(partner, 0) for partner in facts.taking_part}

    def figures(self, facts: Facts) -> Mapping[str, Fraction]:
        amounts = {partner: Fraction(max(amount, 0)) for partner, amount in self._amounts(facts).items()}
        return amounts if self.round_percent is None else rounded_percents(amounts, self.round_percent)

    def title(self) -> str:
        what = "received to date" if self.measure == "paid" else "for the year"
        rounded = "" if self.round_percent is None else f", rounded to {self.round_percent} decimals of a percent"
        return f"in proportion to contributions {what}{rounded}"

    def figure_text(self, partner: str, facts: Facts) -> str:
        text = money_figures(self._amounts(facts), partner, facts.currency)
        return text if self.round_percent is None else f"{text}rounded {number_text(self.figures(facts)[partner])}, "
