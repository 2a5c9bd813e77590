"""Shapley values: against the mean over all orders of joining, and the axioms that define them."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.bases.shapley import (
    CoalitionMissing,
    CoalitionsTooMany,
    CoalitionWrong,
    ShapleyNegative,
    shapley_values,
)
from allocation.model import Facts
from tests.allocation.test_bases_shares import read, refusal, subsets

FOUR = ("a", "b", "c", "d")
Costs = dict[frozenset[str], Fraction]
GAMES = st.lists(st.integers(0, 100), min_size=15, max_size=15).map(
    lambda sizes: {frozenset(key): Fraction(size) for key, size in zip(subsets(FOUR), sizes, strict=True)})


def by_orders(costs: Costs) -> dict[str, Fraction]:
    """The definition: what each adds to those who joined before it, on average over every order."""
    values, orders = dict.fromkeys(FOUR, Fraction(0)), list(permutations(FOUR))
    for order in orders:
        for i, name in enumerate(order):
            before = costs[frozenset(order[:i])] if i else Fraction(0)
            values[name] += (costs[frozenset(order[:i + 1])] - before) / len(orders)
    return values


@given(GAMES)
def test_the_mean_over_all_orders_of_joining(costs: Costs) -> None:
    assert shapley_values(costs) == by_orders(costs)


@given(GAMES)
def test_efficiency(costs: Costs) -> None:
    assert sum(shapley_values(costs).values()) == costs[frozenset(FOUR)]


@given(GAMES)
def test_symmetry(costs: Costs) -> None:
    """Two who add the same to every coalition of others have the same value."""
    swap = {"a": "b", "b": "a"}
    even = {key: (cost + costs[frozenset(swap.get(n, n) for n in key)]) / 2 for key, cost in costs.items()}
    values = shapley_values(even)
    assert values["a"] == values["b"]


@given(GAMES)
def test_whoever_adds_nothing_pays_nothing(costs: Costs) -> None:
    null = {key: costs[key - {"d"}] if key != {"d"} else Fraction(0) for key in costs}
    assert shapley_values(null)["d"] == 0


@given(GAMES, GAMES)
def test_additivity(first: Costs, second: Costs) -> None:
    together = shapley_values({key: first[key] + second[key] for key in first})
    one, two = shapley_values(first), shapley_values(second)
    assert together == {name: one[name] + two[name] for name in FOUR}


def test_the_missing_coalition_is_named() -> None:
    fault = refusal(by="shapley", costs={"a": "10", "b": "12", "c": "9", "b+a": "17", "b+c": "15", "a+b+c": "20"})
    assert isinstance(fault, CoalitionMissing)
    assert fault.message.startswith("the cost of a+c is missing: 3 parties need 7 costs")
    assert isinstance(refusal(by="shapley", costs={}), CoalitionMissing)


@pytest.mark.parametrize("key", ["b+a", "a+a", "a+", "+", " b + a "])
def test_a_key_names_one_coalition_once(key: str) -> None:
    assert isinstance(refusal(by="shapley", costs={"a": "10", "b": "12", "a+b": "17", key: "17"}), CoalitionWrong)


def test_a_value_below_zero_is_refused() -> None:
    fault = refusal(by="shapley", costs={"a": "0", "b": "10", "a+b": "4"})
    assert isinstance(fault, ShapleyNegative)
    assert fault.facts == {"party": "a", "value": "−3"}


def test_at_most_twelve_parties() -> None:
    names = tuple(f"p{i:02d}" for i in range(12))
    twelve = {"+".join(key): str(len(key)) for key in subsets(names)}
    shares = read(by="shapley", costs=twelve).shares(Facts(names, names))
    assert set(shares.values()) == {Fraction(1, 12)}
    assert isinstance(refusal(by="shapley", costs={**twelve, "p99": "1"}), CoalitionsTooMany)
