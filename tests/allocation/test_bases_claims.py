"""Claims: the four rules of division give the literature's numbers and keep its properties."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.division import RULES, ClaimsExceeded, divide
from allocation.model import Facts
from tests.allocation.test_bases_shares import read

ESTATES = st.lists(st.integers(0, 1000), min_size=1, max_size=6).flatmap(
    lambda claims: st.tuples(st.just(claims), st.fractions(0, sum(claims), max_denominator=7)))
ANY = pytest.mark.parametrize("rule", sorted(RULES))


@pytest.mark.parametrize(("estate", "awards"), [
    (100, ["100/3", "100/3", "100/3"]), (200, ["50", "75", "75"]), (300, ["50", "100", "150"]),
    (400, ["50", "125", "225"]), (600, ["100", "200", "300"])])
def test_the_marriage_contracts_of_the_talmud(estate: int, awards: list[str]) -> None:
    assert divide("talmud", [100, 200, 300], estate) == [Fraction(award) for award in awards]


def test_the_contested_garment() -> None:
    assert divide("talmud", [200, 100], 200) == [150, 50]
    assert divide("cea", [200, 100], 200) == [100, 100]
    assert divide("cel", [200, 100], 200) == [150, 50]


@ANY
@given(given_=ESTATES)
def test_awards_use_up_the_estate_and_keep_to_claims(rule: str, given_: tuple[list[int], Fraction]) -> None:
    claims, estate = given_
    awards = divide(rule, claims, estate)
    assert sum(awards) == estate
    assert all(0 <= award <= claim for award, claim in zip(awards, claims, strict=True))
    for i, j in ((i, j) for i in range(len(claims)) for j in range(len(claims)) if claims[i] <= claims[j]):
        assert awards[i] <= awards[j], "who claims more is awarded no less"
        assert claims[i] - awards[i] <= claims[j] - awards[j], "and loses no less"


@ANY
@given(given_=ESTATES)
def test_a_larger_estate_takes_from_nobody(rule: str, given_: tuple[list[int], Fraction]) -> None:
    claims, estate = given_
    more = divide(rule, claims, (estate + sum(claims)) / 2)
    assert all(a <= b for a, b in zip(divide(rule, claims, estate), more, strict=True))


@given(given_=ESTATES)
def test_duals(given_: tuple[list[int], Fraction]) -> None:
    """The Talmud divides gains and losses alike; equal awards of a gain are equal losses of the rest."""
    claims, estate = given_
    for rule, dual in (("talmud", "talmud"), ("proportional", "proportional"), ("cea", "cel"), ("cel", "cea")):
        losses = divide(dual, claims, sum(claims) - estate)
        assert divide(rule, claims, estate) == [d - x for d, x in zip(claims, losses, strict=True)]


@given(a=st.integers(1, 1000), b=st.integers(1, 1000), part=st.fractions(0, 1, max_denominator=9))
def test_for_two_the_talmud_divides_what_is_contested(a: int, b: int, part: Fraction) -> None:
    estate = (a + b) * part
    left, right = max(estate - b, Fraction(0)), max(estate - a, Fraction(0))
    contested = (estate - left - right) / 2
    assert divide("talmud", [a, b], estate) == [left + contested, right + contested]


def test_more_than_all_claims_is_refused() -> None:
    facts = Facts(("a", "b"), ("a", "b"), amount=1_500_000)
    basis = read(by="claims", claims={"a": "10000", "b": "4000"}, rule="talmud")
    with pytest.raises(ClaimsExceeded) as caught:
        basis.shares(facts)
    assert caught.value.message == "15,000.00 is to be divided among claims that total only 14,000.00"
    assert "up_to: 14000.00" in caught.value.advice
    assert basis.budget_shares(facts) is None


def test_the_working_names_award_and_claim() -> None:
    basis = read(by="claims", claims={"a": "100", "b": "200", "c": "300"}, rule="talmud")
    said = basis.explain(Facts(("a", "b", "c"), ("a", "b", "c"), amount=100_00))
    assert said.startswith("a 33.33… (claim 100.00) of 100.00 = 33.3333… %; b 33.33… (claim 200.00)")
