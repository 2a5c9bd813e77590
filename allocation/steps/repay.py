"""Step `repay`: a partner covers an overspend now and is repaid over later years."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from allocation.model import Example, Facts, Situation, Taken
from allocation.step import Step
from ledger.money import grouped, split


class Lender(BaseModel):
    """`{partner: p, years: n}`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    partner: str
    years: Annotated[int, Field(ge=1, le=30)]


class Repay(Step):
    name = "repay"
    words = "One partner covers it now; the pool owes it back in equal parts over the stated number of later years."
    formula = "take = rest, all on the partner; repaid take/n a year, largest remainder, the earlier years first"
    source = "AGREEMENTS 2.2; Argyll and Bute 2018/19, where the council was to be repaid by the integration board"
    sides = frozenset({"overspend"})
    examples = (
        Example({"repay": {"partner": "council", "years": "3"}},
                Situation("overspend", 100_00, 100_00, Facts(("council", "nhs"), ("council", "nhs"))),
                {"partners": {"council": 100_00}, "repayable": {"council": 100_00}}),
    )

    repay: Lender

    def partners_named(self) -> set[str]:
        return {self.repay.partner}

    def take(self, situation: Situation) -> Taken:
        who, years = self.repay.partner, self.repay.years
        parts = ", ".join(grouped(part, situation.facts.currency) for part in split(situation.offered, [1] * years))
        return Taken(f"{who} covers it now and is repaid over the next {years} years: {parts}",
                     partners={who: situation.offered}, repayable={who: situation.offered}, years=years)
