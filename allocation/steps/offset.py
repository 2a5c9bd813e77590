"""Step `offset`: underspends on other services reduce the overspend, before anybody is asked for money."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from allocation.model import Example, Facts, Situation, Taken, Usable
from allocation.step import Step
from ledger.money import grouped, split

_FACTS = Facts(("a", "b"), ("a", "b"))


class Others(BaseModel):
    """`{services: […]}`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    services: tuple[str, ...]


class Offset(Step):
    name = "offset"
    words = ("Underspends on the listed services reduce the overspend. It takes at most the net underspend of the rule "
             "that covers them; that rule, which comes later in the file, sees them as used.")
    formula = "take = min(rest, Σ underspends listed, net underspend of their rule)"
    source = "AGREEMENTS 2.2 and 2.7"
    sides = frozenset({"overspend"})
    examples = (
        Example({"offset": {"services": ["beds", "day"]}},
                Situation("overspend", 100_00, 100_00, _FACTS,
                          usable=(Usable({"beds": 30_00, "day": 30_00, "other": 50_00}, net=40_00),)),
                {"columns": {"offset": 40_00}, "used": {"beds": 20_00, "day": 20_00}}),
    )

    offset: Others

    def services_named(self) -> set[str]:
        return set(self.offset.services)

    def take(self, situation: Situation) -> Taken:
        used: dict[str, int] = {}
        for rule in situation.usable:
            listed = {s: amount for s, amount in rule.underspends.items() if s in self.offset.services and amount > 0}
            left = situation.offered - sum(used.values())
            amount = min(left, sum(listed.values()), max(rule.net, 0))
            if amount > 0:
                used.update(zip(listed, split(amount, list(listed.values())), strict=True))
        currency = situation.facts.currency
        said = ", ".join(f"{s} {grouped(amount, currency)}" for s, amount in used.items()) or "none"
        return Taken(f"underspends used: {said}", columns={"offset": sum(used.values())}, used=used)
