"""Outcomes: worked examples, refusals, and gains that always total the value."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from allocation.outcome import UNIT, Outcome, OutcomeExample, value

TERMS: dict[str, Any] = dict(Outcome.examples[0].terms)


def outcome(**changes: Any) -> Outcome:
    return Outcome.model_validate({**TERMS, **changes}, context={"currency": "GBP"})


@pytest.mark.parametrize("example", Outcome.examples, ids=range(len(Outcome.examples)))
def test_worked_example(example: OutcomeExample) -> None:
    terms = Outcome.model_validate(dict(example.terms), context={"currency": "GBP"})
    found = value(terms, example.measured, example.part, "GBP")
    assert (found.value, found.gains) == (example.value, example.gains)


@pytest.mark.parametrize(("changes", "where"), [
    ({"gains": {"nhs": "70", "household": "20"}}, "gains"), ({"gains": {}}, "gains"), ({"better": "less"}, "better"),
    ({"baseline": "-1"}, "baseline"), ({"value_per_unit": "-1"}, "value_per_unit"), ({"basline": "1"}, "basline")])
def test_what_is_refused(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(ValidationError) as caught:
        outcome(**changes)
    assert caught.value.errors()[0]["loc"] == (where,)


def test_the_words_carry_the_sum() -> None:
    assert value(outcome(), 760 * UNIT, Fraction(1, 4), "GBP").because == (
        "baseline 3000 · 0.25 of the year = 750, measured 760: 10 admissions worse, at 1,490.00; "
        "nhs 70, household 30 percent")


def test_boiler_on_prescription_one_pays_and_others_gain() -> None:
    """Visits to the doctor fall by 33.3 percent, exactly a third of 600."""
    terms = outcome(baseline="600", value_per_unit="42", gains={"nhs": "100"})
    assert value(terms, 400 * UNIT, Fraction(1), "GBP").gains == {"nhs": 8_400_00}
    bills = outcome(baseline="0", better="higher", value_per_unit="30", gains={"household": "100"})
    assert value(bills, 12 * UNIT, Fraction(1), "GBP").gains == {"household": 360_00}


@given(measured=st.integers(0, 10**10), quarters=st.integers(0, 4), percent=st.integers(0, 100),
       better=st.sampled_from(["lower", "higher"]))
def test_gains_total_the_value_and_better_is_never_worth_less(measured: int, quarters: int, percent: int,
                                                              better: str) -> None:
    terms = outcome(better=better, gains={"nhs": str(percent), "household": str(100 - percent)})
    part = Fraction(quarters, 4)
    found = value(terms, measured, part, "GBP")
    assert sum(found.gains.values()) == found.value
    further = value(terms, measured + UNIT, part, "GBP")
    assert (further.value < found.value) == (better == "lower")
