"""Step `performance`: releases money to a partner for results, up to a pot."""

from __future__ import annotations

from fractions import Fraction

from allocation.model import Example, Facts, Situation, Taken
from allocation.step import Step
from allocation.terms import PositiveAmount, Terms, number_text
from ledger.money import grouped, round_half_up


class Result(Terms):
    """`{outcome: id, price: x, pot: y, to: p}`."""

    outcome: str
    price: PositiveAmount
    pot: PositiveAmount
    to: str


class Performance(Step):
    name = "performance"
    words = ("Pays a partner out of the underspend for each unit by which an outcome is better than its baseline, up "
             "to the pot, and never less than nothing.")
    formula = "take = min(rest, pot, price × units better than baseline)"
    source = "AGREEMENTS 2.2; payment for performance in the Better Care Fund of 2015/16"
    sides = frozenset({"underspend"})
    examples = (
        Example({"performance": {"outcome": "visits", "price": "10", "pot": "500", "to": "nhs"}},
                Situation("underspend", 900_00, 900_00, Facts(("council", "nhs"), ("council", "nhs")),
                          better={"visits": Fraction(30)}), {"partners": {"nhs": 300_00}}),
    )

    performance: Result

    def partners_named(self) -> set[str]:
        return {self.performance.to}

    def outcomes_named(self) -> set[str]:
        return {self.performance.outcome}

    def take(self, situation: Situation) -> Taken:
        terms, currency = self.performance, situation.facts.currency
        units = max(situation.better.get(terms.outcome, Fraction(0)), Fraction(0))
        earned = round_half_up(terms.price * units)
        amount = min(situation.offered, max(terms.pot - situation.before, 0), earned)
        return Taken(f"{number_text(units)} units better at {grouped(terms.price, currency)} is "
                     f"{grouped(earned, currency)}, of a pot of {grouped(terms.pot, currency)}",
                     partners={terms.to: amount} if amount else {})
