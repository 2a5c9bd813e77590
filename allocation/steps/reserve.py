"""Step `reserve`: draws on a reserve, from each partner of origin in proportion to its balance."""

from __future__ import annotations

from allocation.model import Example, Facts, Situation, Taken
from allocation.step import Step
from ledger.money import grouped, split

_FACTS = Facts(("council", "nhs"), ("council", "nhs"))
_HELD = {"general": {"council": 1_200_000_00, "nhs": 800_000_00}}


class Reserve(Step):
    name = "reserve"
    words = ("Draws on the reserve as far as it lasts. Each partner of origin gives in proportion to its balance; no "
             "partner is asked for new money.")
    formula = "take = min(rest, balance, up_to); from partner i: take · b_i / Σ b"
    source = "AGREEMENTS 2.2; reserves by partner of origin as in the Norrtälje and integration-board agreements"
    sides = frozenset({"overspend"})
    examples = (
        Example({"reserve": "general", "up_to": "250000"},
                Situation("overspend", 900_000_00, 250_000_00, _FACTS, _HELD),
                {"columns": {"reserves": 250_000_00}, "origins": {"council": 150_000_00, "nhs": 100_000_00}}),
        Example({"reserve": "general"}, Situation("overspend", 3_000_000_00, 3_000_000_00, _FACTS, _HELD),
                {"columns": {"reserves": 2_000_000_00}, "origins": {"council": 1_200_000_00, "nhs": 800_000_00}}),
    )

    reserve: str

    def reserves_named(self) -> set[str]:
        return {self.reserve}

    def take(self, situation: Situation) -> Taken:
        found = situation.balances.get(self.reserve, {})
        balances = {p: max(b, 0) for p, b in found.items()}
        held = max(sum(found.values()), 0)
        amount = min(situation.offered, held)
        parts = dict(zip(balances, split(amount, list(balances.values())), strict=True)) if amount else {}
        currency = situation.facts.currency
        because = (f"reserve {self.reserve} holds {grouped(held, currency)}"
                   + "".join(f"; {p} {grouped(b, currency)}" for p, b in balances.items() if b)
                   + f"; drawn in that proportion: {grouped(amount, currency)}")
        return Taken(because, columns={"reserves": amount}, reserve=self.reserve, origins=parts)
