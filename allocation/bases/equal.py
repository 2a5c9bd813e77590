"""Share basis `equal`: every partner that takes part has the same share."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from allocation.basis import Basis
from allocation.model import Example, Facts


class Equal(Basis):
    name = "equal"
    words = "Every partner of the fund has the same share, whatever it puts in."
    formula = "w_i = 1/n"
    source = "AGREEMENTS 2.1 and 2.7: a partner of a fund has a contribution line in it"
    examples = (
        Example({"by": "equal"}, Facts(("a", "b", "c"), ("a", "c")), {"a": Fraction(1, 2), "c": Fraction(1, 2)},
                "b has no contribution line in the fund and takes no part"),
    )

    by: Literal["equal"] = "equal"

    def figures(self, facts: Facts) -> Mapping[str, Fraction]:
        return {partner: Fraction(1) for partner in facts.taking_part}

    def title(self) -> str:
        return "equally"
