"""Step `recover`: recovery actions already agreed reduce indicative and forecast calls, not the final one."""

from __future__ import annotations

from pydantic import ConfigDict

from allocation.model import Example, Facts, Situation, Taken
from allocation.step import Step
from allocation.terms import PositiveAmount, Terms
from ledger.money import grouped

_FACTS = Facts(("a", "b"), ("a", "b"))


class Plan(Terms):
    """`{plan: x}`: what the recovery plan is to save in the year."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    plan: PositiveAmount


class Recover(Step):
    name = "recover"
    words = ("Savings of a recovery plan already agreed are taken off what partners are told to expect. The final call "
             "follows what was really spent, so this step takes nothing there.")
    formula = "take = min(rest, plan) while indicative or forecast; 0 in the final call"
    source = "AGREEMENTS 2.2; recovery plans of integration boards"
    sides = frozenset({"overspend"})
    examples = (
        Example({"recover": {"plan": "60"}}, Situation("overspend", 100_00, 100_00, _FACTS, final=False),
                {"columns": {"recovered": 60_00}}),
        Example({"recover": {"plan": "60"}}, Situation("overspend", 100_00, 100_00, _FACTS, final=True),
                {"columns": {}}),
    )

    recover: Plan

    def take(self, situation: Situation) -> Taken:
        if situation.final:
            return Taken("the final call follows what was spent; the recovery plan reduces it no further")
        amount = min(situation.offered, max(self.recover.plan - situation.before, 0))
        return Taken(f"the recovery plan is to save {grouped(self.recover.plan, situation.facts.currency)}",
                     columns={"recovered": amount})
