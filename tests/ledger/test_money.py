"""Money: text there and back, and the one way in which a whole is split."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import money
from ledger.errors import PoolbookError

codes = st.sampled_from(sorted(money.CURRENCIES))
amounts = st.integers(-money.LARGEST, money.LARGEST)
weights = st.lists(st.fractions(0, 1000, max_denominator=997), min_size=1, max_size=12).filter(any)


@given(amounts, codes)
def test_text_there_and_back(minor: int, code: str) -> None:
    assert money.to_minor(money.to_text(minor, code), code) == minor


@pytest.mark.parametrize(("text", "code", "error"), [
    ("1.005", "GBP", money.AmountTooFine), ("1.5", "ISK", money.AmountTooFine), ("1,50", "GBP", money.AmountUnreadable),
    ("NaN", "GBP", money.AmountUnreadable), ("1e30", "GBP", money.AmountUnreadable),
    ("10000000000000.01", "GBP", money.AmountTooLarge), ("1", "XXX", money.CurrencyUnknown)])
def test_what_does_not_fit_is_refused_not_rounded(text: str, code: str, error: type[PoolbookError]) -> None:
    with pytest.raises(error):
        money.to_minor(text, code)


@given(amounts, weights)
def test_a_split_sums_to_its_whole_and_each_part_is_within_one_of_its_quota(
        total: int, shares: list[Fraction]) -> None:
    parts = money.split(total, shares)
    assert sum(parts) == total
    for part, share in zip(parts, shares, strict=True):
        assert abs(part - Fraction(total) * share / sum(shares)) < 1
        assert part * total >= 0


@given(amounts, weights)
def test_the_larger_weight_never_gets_less(total: int, shares: list[Fraction]) -> None:
    sizes = [abs(part) for part in money.split(total, shares)]
    for (a, x), (b, y) in zip(zip(shares, sizes, strict=True), list(zip(shares, sizes, strict=True))[1:], strict=False):
        assert a == b or (a < b) == (x <= y) or x == y


@given(st.integers(0, 10**9), st.integers(1, 12))
def test_ties_go_to_the_earlier(total: int, parties: int) -> None:
    assert money.split(total, [1] * parties) == sorted(money.split(total, [1] * parties), reverse=True)


@given(amounts, weights)
def test_a_refund_is_split_as_the_charge_was(total: int, shares: list[Fraction]) -> None:
    assert money.split(-total, shares) == [-part for part in money.split(total, shares)]
