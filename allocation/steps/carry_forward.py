"""Step `carry_forward`: an underspend is added to next year's budget of the stated services."""

from __future__ import annotations

from allocation.model import Example, Facts, Situation, Taken
from allocation.step import Step
from allocation.steps.offset import Others
from ledger.money import grouped


class CarryForward(Step):
    name = "carry_forward"
    words = ("The underspend is kept and added to next year's budget of the listed services, in proportion to what "
             "each of them has left over (in proportion to their budgets where none has).")
    formula = "take = rest; next year's budget_s + take · u_s / Σ u"
    source = "AGREEMENTS 2.2"
    sides = frozenset({"underspend"})
    examples = (
        Example({"carry_forward": {"services": ["beds"]}},
                Situation("underspend", 80_00, 80_00, Facts(("a", "b"), ("a", "b"))),
                {"columns": {"carried_forward": 80_00}, "carried": ("beds",)}),
    )

    carry_forward: Others

    def services_named(self) -> set[str]:
        return set(self.carry_forward.services)

    def take(self, situation: Situation) -> Taken:
        return Taken(f"{grouped(situation.offered, situation.facts.currency)} is added to next year's budget of "
                     f"{', '.join(self.carry_forward.services)}",
                     columns={"carried_forward": situation.offered}, carried=self.carry_forward.services)
