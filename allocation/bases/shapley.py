"""Share basis `shapley`: what each partner adds to the cost, on average over every order of joining."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import factorial
from typing import Literal

from pydantic import field_validator

from allocation.basis import Basis
from allocation.model import Example, Facts
from allocation.terms import Number, carry, number_text
from ledger.errors import PoolbookError
from ledger.language import Said

MOST_PARTIES = 12
_SHOWN = 3
Coalition = frozenset[str]


class CoalitionMissing(PoolbookError):
    code = "coalition-missing"
    what = "the cost of {missing} is missing: {count} parties need {needed} costs, one for every coalition"
    remedy = "state the cost of each party alone and of every combination, named like a+b"


class CoalitionWrong(PoolbookError):
    code = "coalition-wrong"
    what = "{key!r} does not name a coalition: {fault}"
    remedy = "join the names of different partners by a plus sign, like a+b, and state each coalition once"


class CoalitionsTooMany(PoolbookError):
    code = "coalitions-too-many"
    what = "{count} parties have {needed} coalitions; costs can be stated for at most {most} parties"
    remedy = "let several partners count as one party in a group, or share by another basis"


class ShapleyNegative(PoolbookError):
    code = "shapley-negative"
    what = "these costs give {party} the Shapley value {value}, which is below zero"
    remedy = "check the costs of coalitions with {party}: on average it makes them cheaper, and no share is negative"


def coalitions(costs: Mapping[str, Fraction]) -> dict[Coalition, Fraction]:
    """Costs by coalition. Raises `CoalitionWrong` for a key that names none, or one that is stated already."""
    found: dict[Coalition, Fraction] = {}
    for key, cost in costs.items():
        names = [name.strip() for name in key.split("+")]
        if not all(names):
            raise CoalitionWrong(key=key, fault=Said("a name is empty"))
        if len(set(names)) < len(names):
            raise CoalitionWrong(key=key, fault=Said("a name stands in it twice"))
        if frozenset(names) in found:
            raise CoalitionWrong(key=key, fault=Said("the same coalition is stated before, in another order of names"))
        found[frozenset(names)] = cost
    return found


def complete(costs: Mapping[Coalition, Fraction]) -> tuple[str, ...]:
    """The parties by name. Raises `CoalitionsTooMany`, or `CoalitionMissing` naming which."""
    parties = tuple(sorted({name for coalition in costs for name in coalition}))
    needed = 2 ** len(parties) - 1
    if len(parties) > MOST_PARTIES:
        raise CoalitionsTooMany(count=len(parties), needed=f"{needed:,}", most=MOST_PARTIES)
    missing = ["+".join(some) for size in range(1, len(parties) + 1) for some in combinations(parties, size)
               if frozenset(some) not in costs]
    if missing or not parties:
        shown, more = ", ".join(missing[:_SHOWN]), len(missing) - _SHOWN
        raise CoalitionMissing(missing=Said("{shown} and {more} more", shown=shown, more=more) if more > 0
                               else shown or Said("every coalition"), count=len(parties), needed=needed)
    return parties


def shapley_values(costs: Mapping[Coalition, Fraction]) -> dict[str, Fraction]:
    """φ_i for complete costs: the weighted mean of what i adds to each coalition of others. They total c(all).

    Shapley, A value for n-person games (1953). A coalition S adds c(S)·(|S|−1)!(n−|S|)!/n! to each member and takes
    c(S)·|S|!(n−|S|−1)!/n! from everybody else, which is the same sum with each cost read once.
    """
    parties = complete(costs)
    n = len(parties)
    values = dict.fromkeys(parties, Fraction(0))
    for coalition, cost in costs.items():
        size = len(coalition)
        given = cost * Fraction(factorial(size - 1) * factorial(n - size), factorial(n))
        taken = cost * Fraction(factorial(size) * factorial(n - size - 1), factorial(n)) if size < n else Fraction(0)
        for party in parties:
            values[party] += given if party in coalition else -taken
    assert sum(values.values()) == costs[frozenset(parties)], "Shapley values total the cost of all together"
    return values


class Shapley(Basis):
    name = "shapley"
    words = ("In proportion to the Shapley value of stated costs: what each partner would cost alone, in every "
             "combination, and all together. Whoever adds little to the others pays little.")
    formula = "φ_i = Σ_S∌i |S|!(n−|S|−1)!/n! · (c(S∪i) − c(S)); w_i = φ_i / c(all)"
    source = "AGREEMENTS 2.1; L. S. Shapley, A value for n-person games (1953)"
    examples = (
        Example({"by": "shapley", "costs": {"a": "10", "b": "12", "a+b": "17"}}, Facts(("a", "b"), ("a", "b")),
                {"a": Fraction(15, 34), "b": Fraction(19, 34)},
                "a adds 10 when first and 5 when second: 7.5; b adds 12 or 7: 9.5; together 17"),
        Example({"by": "shapley", "costs": {"a": "6", "b": "12", "c": "18", "a+b": "12", "c+a": "18", "b+c": "18",
                                            "a+b+c": "18"}}, Facts(("a", "b", "c"), ("a", "b", "c")),
                {"a": Fraction(1, 9), "b": Fraction(5, 18), "c": Fraction(11, 18)},
                "a runway: its first 6 are shared by three, the next 6 by two, the last 6 fall on c: 2, 5, 11"),
    )

    by: Literal["shapley"] = "shapley"
    costs: Mapping[str, Number]

    @field_validator("costs")
    @classmethod
    def _complete(cls, costs: Mapping[str, Fraction]) -> Mapping[str, Fraction]:
        try:
            values = shapley_values(coalitions(costs))
        except PoolbookError as fault:
            raise carry(fault) from None
        for party, value in values.items():
            if value < 0:
                raise carry(ShapleyNegative(party=party, value=f"−{number_text(-value)}"))
        return costs

    @cached_property
    def values(self) -> Mapping[str, Fraction]:
        """The Shapley value of each party."""
        return shapley_values(coalitions(self.costs))

    def sharers(self) -> tuple[str, ...]:
        return tuple(self.values)

    def partners_named(self) -> set[str]:
        return {*self.values, *super().partners_named()}

    def figures(self, facts: Facts) -> Mapping[str, Fraction]:
        return self.values

    def title(self) -> str:
        return "by the Shapley value of the stated costs"

    def figure_text(self, partner: str, facts: Facts) -> str:
        whole = sum(self.values.values(), Fraction(0))
        return f"{number_text(self.values[partner])} of {number_text(whole)} = "
