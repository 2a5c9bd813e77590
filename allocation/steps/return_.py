"""Step `return`: an underspend goes back to the partners, ring-fenced money first to its source."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from allocation.bases import AnyBasis
from allocation.basis import Basis, shared_out
from allocation.model import Example, Facts, Situation, Taken
from allocation.step import Step
from ledger.money import grouped, split

_FACTS = Facts(("council", "nhs"), ("council", "nhs"), {"council": 4_000_000_00, "nhs": 6_000_000_00})


class Return(Step):
    name = "return"
    words = ("The underspend goes back to the partners by a basis. With `ring_fenced_first` money that was fenced for "
             "a service and is not used there goes back to its source before the rest is shared.")
    formula = "fenced_i first (at most the underspend), then rest · w_i"
    source = "AGREEMENTS 2.2 and 2.7"
    sides = frozenset({"underspend"})
    examples = (
        Example({"return": {"by": "contribution"}}, Situation("underspend", 1_000_00, 1_000_00, _FACTS),
                {"partners": {"council": 400_00, "nhs": 600_00}}),
        Example({"return": {"by": "equal"}, "ring_fenced_first": "true"},
                Situation("underspend", 1_000_00, 1_000_00, _FACTS, fenced={"nhs": 600_00}),
                {"partners": {"council": 200_00, "nhs": 800_00}}),
    )

    to: AnyBasis = Field(alias="return")
    ring_fenced_first: bool = False

    def basis(self) -> Basis:
        return self.to

    def take(self, situation: Situation) -> Taken:
        facts = situation.facts
        fenced = self._fenced(situation)
        rest = situation.offered - sum(fenced.values())
        parts = shared_out(rest, self.to, facts)
        whole = {p: fenced.get(p, 0) + parts.get(p, 0) for p in facts.partners if p in fenced or p in parts}
        why = self.to.explain(replace(facts, amount=rest)) if parts else ""
        said = f"returned {self.to.title()}: {why}" if parts else "nothing is left to return"
        first = "; ".join(f"{p} {grouped(a, facts.currency)}" for p, a in fenced.items())
        return Taken(f"ring-fenced money not used goes back first ({first}); then {said}" if fenced else said,
                     partners=whole)

    def _fenced(self, situation: Situation) -> dict[str, int]:
        unused = {p: a for p, a in situation.fenced.items() if a > 0} if self.ring_fenced_first else {}
        amount = min(situation.offered, sum(unused.values()))
        return dict(zip(unused, split(amount, list(unused.values())), strict=True)) if amount else {}
