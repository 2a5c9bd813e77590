"""Activity: the estimate stands until somebody's actual share is off by strictly more than the tolerance."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.errors import NothingToShareBy, SharesNot100
from allocation.model import Facts
from tests.allocation.test_bases_shares import read, refusal

NAMES = ("a", "b", "c")
ESTIMATE = {"a": "50", "b": "30", "c": "20"}
UNITS = st.lists(st.integers(0, 10**9), min_size=3, max_size=3)


def given_units(*units: int) -> Facts:
    return Facts(NAMES, NAMES, units=dict(zip(NAMES, units, strict=True)))


def shares(facts: Facts, **terms: Any) -> list[Fraction]:
    found = read(by="activity", **terms).shares(facts)
    return [100 * found.get(name, Fraction(0)) for name in NAMES]


@given(UNITS, st.integers(0, 20))
def test_it_is_the_estimate_or_the_units(units: list[int], tolerance: int) -> None:
    found = shares(given_units(*units), estimate=ESTIMATE, tolerance_points=str(tolerance))
    if not any(units):
        assert found == [50, 30, 20]
        return
    actual = [Fraction(100 * u, sum(units)) for u in units]
    off = any(abs(x - int(e)) > tolerance for x, e in zip(actual, ESTIMATE.values(), strict=True))
    assert found == (actual if off else [50, 30, 20])


@given(UNITS.filter(any), st.integers(1, 10**6), st.integers(0, 2))
def test_more_units_are_no_smaller_actual_share(units: list[int], more: int, who: int) -> None:
    grown = [u + more * (i == who) for i, u in enumerate(units)]
    assert shares(given_units(*grown))[who] >= shares(given_units(*units))[who]


def test_the_tolerance_is_strict_and_the_estimate_falls_for_all() -> None:
    terms = {"estimate": ESTIMATE, "tolerance_points": "5"}
    assert shares(given_units(55, 27, 18), **terms) == [50, 30, 20]
    assert shares(given_units(551, 270, 179), **terms) == [Fraction("55.1"), 27, Fraction("17.9")]


def test_the_tolerance_is_tested_before_rounding() -> None:
    terms = {"estimate": ESTIMATE, "tolerance_points": "5", "round_percent": 0}
    assert shares(given_units(5504, 2700, 1796), **terms) == [55, 27, 18]
    assert shares(given_units(5496, 2700, 1804), **terms) == [50, 30, 20]


def test_without_a_tolerance_any_difference_counts() -> None:
    assert shares(given_units(501, 300, 199), estimate=ESTIMATE)[0] == Fraction("50.1")


def test_budgets_are_shared_by_the_estimate_whatever_is_used() -> None:
    facts = given_units(1, 1, 1)
    assert read(by="activity", estimate=ESTIMATE).budget_shares(facts) == {
        "a": Fraction(1, 2), "b": Fraction(3, 10), "c": Fraction(1, 5)}
    assert read(by="activity").budget_shares(facts) == dict.fromkeys(NAMES, Fraction(1, 3))
    assert read(by="activity").budget_shares(given_units(0, 0, 0)) is None


def test_without_an_estimate_and_without_units_else_decides() -> None:
    with pytest.raises(NothingToShareBy):
        shares(given_units(0, 0, 0))
    assert shares(given_units(0, 0, 0), **{"else": "equal"}) == [Fraction(100, 3)] * 3


def test_who_uses_units_shares_even_without_a_contribution_line() -> None:
    facts = replace(given_units(1, 0, 1), taking_part=("a", "b"))
    assert shares(facts) == [50, 0, 50]
    assert shares(facts, estimate={"a": "50", "b": "50"}) == [50, 0, 50]


def test_a_net_return_counts_as_no_units() -> None:
    assert shares(given_units(10, -5, 10)) == [50, 0, 50]


def test_the_estimate_totals_100() -> None:
    assert isinstance(refusal(by="activity", estimate={"a": "50", "b": "49"}), SharesNot100)


def test_the_working_says_why() -> None:
    basis = read(by="activity", unit="visits", estimate=ESTIMATE, tolerance_points="5")
    assert basis.explain(given_units(0, 0, 0)).startswith("no visits yet, so the estimate stands: a 50.0000 %")
    assert "are within 5 points of the estimate, which stands: a 50.0000 %" in basis.explain(given_units(51, 30, 19))
    assert basis.explain(given_units(60_000_000, 30_000_000, 10_000_000)) == (
        "the share of a differs by more than 5 points from its estimate of 50 %, so actual visits count: "
        "a 60 of 100 = 60.0000 %; b 30 of 100 = 30.0000 %; c 10 of 100 = 10.0000 %")
    assert read(by="activity", round_percent=0).explain(given_units(2_500_000, 0, 1_000_000)) == (
        "a 2.5 of 3.5 = rounded 71, 71.0000 %; c 1 of 3.5 = rounded 29, 29.0000 %")
