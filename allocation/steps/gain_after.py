"""Step `gain_after`: one partner gains only once every other has gained a stated share of its contribution."""

from __future__ import annotations

from fractions import Fraction

from allocation.model import Example, Facts, Situation, Taken
from allocation.step import Step, limit_in_minor
from allocation.steps.share import capped
from allocation.terms import Limit, Terms
from ledger.money import grouped

_FACTS = Facts(("a", "b", "c"), ("a", "b", "c"), {"a": 500_00, "b": 300_00, "c": 200_00})


class After(Terms):
    """`{partner: p, others: "10%"}`; `others` may also be an amount that each other partner gains first."""

    partner: str
    others: Limit


class GainAfter(Step):
    name = "gain_after"
    words = ("The other partners gain first, in proportion to their contributions, until each has gained the stated "
             "share of its own contribution in the year; what is left is the named partner's.")
    formula = "j ≠ p gains up to k · c_j, by c_j; p gains what is left"
    source = "AGREEMENTS 2.2"
    sides = frozenset({"underspend"})
    examples = (
        Example({"gain_after": {"partner": "a", "others": "10%"}}, Situation("underspend", 80_00, 80_00, _FACTS),
                {"partners": {"a": 30_00, "b": 30_00, "c": 20_00}}),
        Example({"gain_after": {"partner": "a", "others": "10%"}}, Situation("underspend", 20_00, 20_00, _FACTS),
                {"partners": {"a": 0, "b": 12_00, "c": 8_00}}),
    )

    gain_after: After

    def partners_named(self) -> set[str]:
        return {self.gain_after.partner}

    def take(self, situation: Situation) -> Taken:
        facts, first = situation.facts, self.gain_after.partner
        others = [p for p in facts.taking_part if p != first and facts.contributions.get(p, 0) > 0]
        wanted = {p: limit_in_minor(self.gain_after.others, facts.contributions[p]) or 0 for p in others}
        gained = {p: situation.so_far.get(p, 0) + situation.borne.get(p, 0) for p in others}
        room = {p: max(wanted[p] - gained[p], 0) for p in others}
        shares = {p: Fraction(facts.contributions[p]) for p in others}
        gains = capped(min(situation.offered, sum(room.values())), shares, room) if others else {}
        left = situation.offered - sum(gains.values())
        said = ", ".join(f"{p} {grouped(amount, facts.currency)}" for p, amount in wanted.items())
        order = [p for p in facts.partners if p in gains or p == first]
        return Taken(f"the others gain first, up to: {said}; {first} gains what is left",
                     partners={p: left if p == first else gains[p] for p in order})
