"""Step `to_reserve`: an underspend goes into a reserve, owned as stated."""

from __future__ import annotations

from allocation.bases import AnyBasis
from allocation.basis import Basis, shared_out
from allocation.model import Example, Facts, Situation, Taken
from allocation.step import Step
from ledger.money import grouped

_FACTS = Facts(("council", "nhs"), ("council", "nhs"), {"council": 4_000_000_00, "nhs": 6_000_000_00})


class ToReserve(Step):
    name = "to_reserve"
    words = "The underspend is kept in a reserve. Who owns which part of it is stated by a basis."
    formula = "partner i owns take · w_i of what is added"
    source = "AGREEMENTS 2.2"
    sides = frozenset({"underspend"})
    examples = (
        Example({"to_reserve": "general", "owned": {"by": "contribution"}},
                Situation("underspend", 100_000_00, 100_000_00, _FACTS, {"general": {}}),
                {"columns": {"reserves": 100_000_00}, "origins": {"council": 40_000_00, "nhs": 60_000_00}}),
    )

    to_reserve: str
    owned: AnyBasis

    def basis(self) -> Basis:
        return self.owned

    def reserves_named(self) -> set[str]:
        return {self.to_reserve}

    def take(self, situation: Situation) -> Taken:
        parts = shared_out(situation.offered, self.owned, situation.facts)
        said = self.owned.explain(situation.facts) if parts else "nothing"
        return Taken(f"{grouped(situation.offered, situation.facts.currency)} into reserve {self.to_reserve}, owned "
                     f"{self.owned.title()}: {said}",
                     columns={"reserves": situation.offered}, reserve=self.to_reserve, origins=parts)
