"""Step `absorb`: one partner bears it, as a first loss or, with `up_to`, as a collar."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from allocation.model import Example, Facts, Situation, Taken
from allocation.step import Step
from ledger.money import grouped


class Bearer(BaseModel):
    """`{partner: p}`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    partner: str


class Absorb(Step):
    name = "absorb"
    words = "One partner bears (or, of an underspend, keeps) it alone. With `up_to` it is a first loss."
    formula = "take = min(rest, up_to), all on the partner"
    source = "AGREEMENTS 2.2"
    examples = (
        Example({"absorb": {"partner": "council"}, "up_to": "100000"},
                Situation("overspend", 160_000_00, 100_000_00, Facts(("council", "nhs"), ("council", "nhs"))),
                {"partners": {"council": 100_000_00}}),
    )

    absorb: Bearer

    def partners_named(self) -> set[str]:
        return {self.absorb.partner}

    def take(self, situation: Situation) -> Taken:
        who = self.absorb.partner
        amount = grouped(situation.offered, situation.facts.currency)
        said = f"{who} bears {amount} alone" if situation.side == "overspend" else f"{who} keeps {amount} alone"
        return Taken(said, partners={who: situation.offered})
