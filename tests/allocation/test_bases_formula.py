"""The formula: a base for each, the rest by indicators; refused or scaled where the amount cannot bear the bases."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.bases.formula import (
    BaseAboveAmount,
    Indicator,
    IndicatorTwice,
    IndicatorValueMissing,
    IndicatorWeightsNot1,
    IndicatorZero,
    formula_shares,
)
from allocation.basis import shared_out
from allocation.model import Facts
from ledger.errors import PoolbookError
from tests.allocation.test_bases_shares import read, refusal

TWO = Facts(("ash", "birch"), ("ash", "birch"))


def indicator(weight: str, name: str = "people", **values: str) -> dict[str, Any]:
    return {"name": name, "weight": weight, "values": values}


HALVES = [indicator("0.5", ash="3", birch="1"), indicator("0.5", "need", ash="1", birch="1")]


@given(st.integers(0, 10**6), st.integers(1, 10**7), st.lists(st.integers(1, 1000), min_size=3, max_size=3))
def test_each_has_its_base_and_they_total_the_amount(base: int, amount: int, values: list[int]) -> None:
    names = ("x", "y", "z")
    people = Indicator(name="people", weight=Fraction(1),
                       values={n: Fraction(v) for n, v in zip(names, values, strict=True)})
    shares = formula_shares(names, amount, [people], base=base, scale_base=True)
    assert sum(shares.values()) == 1
    assert all(share * amount >= min(Fraction(base), Fraction(amount, 3)) for share in shares.values())
    ordered = sorted(names, key=lambda n: people.values[n])
    assert [shares[n] for n in ordered] == sorted(shares.values()), "a larger figure is no smaller share"


@given(st.integers(1, 10**6), st.integers(1, 1000))
def test_more_of_an_indicator_is_no_smaller_share(people: int, more: int) -> None:
    def share(figure: int) -> Fraction:
        basis = read(by="formula", base="1", indicators=[indicator("1", ash=str(figure), birch="77")])
        return basis.shares(Facts(TWO.partners, TWO.taking_part, amount=1000))["ash"]

    assert share(people + more) >= share(people)


def test_the_amount_is_set_by_whoever_shares_it() -> None:
    basis = read(by="formula", base="100", indicators=[indicator("1", ash="3", birch="1")])
    assert shared_out(1000_00, basis, TWO) == {"ash": 700_00, "birch": 300_00}
    assert shared_out(200_00, basis, TWO) == {"ash": 100_00, "birch": 100_00}


def test_bases_that_are_more_than_the_amount() -> None:
    terms = {"by": "formula", "base": "600000", "indicators": [indicator("1", ash="3", birch="1")]}
    with pytest.raises(BaseAboveAmount, match=r"600,000.00 for each of 2 parties is more than the 1,000,000.00"):
        shared_out(1_000_000_00, read(**terms), TWO)
    assert shared_out(1_000_000_00, read(**terms, scale_base="true"), TWO) == {"ash": 500_000_00, "birch": 500_000_00}
    assert shared_out(1_000_000_00, read(**{**terms, "base": "500000"}), TWO)["ash"] == 500_000_00


def test_an_amount_that_is_not_known_yet() -> None:
    assert read(by="formula", indicators=HALVES).shares(TWO)["ash"] == Fraction(5, 8)
    with pytest.raises(BaseAboveAmount):
        read(by="formula", base="1", indicators=HALVES).shares(TWO)


def test_recipients_need_not_be_partners() -> None:
    people = Indicator(name="people", weight=Fraction(1), values={"school": Fraction(1), "clinic": Fraction(1)})
    assert formula_shares(("school", "clinic"), 10_00, [people]) == {"school": Fraction(1, 2), "clinic": Fraction(1, 2)}


def test_the_working_can_be_followed_with_a_pocket_calculator() -> None:
    facts = Facts(TWO.partners, TWO.taking_part, amount=1000_00)
    assert read(by="formula", base="100", indicators=HALVES).explain(facts) == (
        "ash (100.00 + 800.00 × (0.5 × 3/4 + 0.5 × 1/2)) / 1,000.00 = 60.0000 %; "
        "birch (100.00 + 800.00 × (0.5 × 1/4 + 0.5 × 1/2)) / 1,000.00 = 40.0000 %")


@pytest.mark.parametrize(("indicators", "error"), [
    ([indicator("0.5", ash="3"), indicator("0.4", "need", ash="3")], IndicatorWeightsNot1),
    ([], IndicatorWeightsNot1),
    ([indicator("0.5", ash="3"), indicator("0.5", ash="3")], IndicatorTwice),
    ([indicator("0.5", ash="3"), indicator("0.5", "need", birch="3")], IndicatorValueMissing),
    ([indicator("1", ash="0", birch="0")], IndicatorZero),
])
def test_indicators_that_are_refused(indicators: list[dict[str, Any]], error: type[PoolbookError]) -> None:
    fault = refusal(by="formula", indicators=indicators)
    assert isinstance(fault, error)
    assert fault.advice
