"""Who gains: an outcome's units better than its baseline, valued, and split among those who gain from it.

Beside what each partner paid it shows a saving in one pocket that another pays for. Source: AGREEMENTS 2.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from allocation.terms import Number, Percentages, PositiveAmount, Rule, number_text
from ledger.money import grouped, round_half_up, split

UNIT = 10**6


@dataclass(frozen=True, slots=True)
class Valued:
    """An outcome to date: units in millionths (`measured` None: nothing yet), money in minor units.

    `better`: units better than the baseline to date; negative: worse. `gains` total `value`.
    """

    measured: int | None
    baseline: Fraction
    better: Fraction
    value: int
    gains: Mapping[str, int]
    because: str
    expected: int | None = None  # what the target would be worth to date; None where there is none


@dataclass(frozen=True, slots=True)
class OutcomeExample:
    """A worked example: units measured in millionths, the part of the year that has run, what comes of it."""

    terms: Mapping[str, Any]
    measured: int | None
    part: Fraction
    value: int
    gains: Mapping[str, int]
    words: str = ""


_TERMS = {"id": "admissions", "service": "reablement", "indicator": "emergency admissions", "unit": "admissions",
          "better": "lower", "baseline": "3000", "target": "2850", "value_per_unit": "1490",
          "gains": {"nhs": "70", "household": "30"}}


class Outcome(Rule):
    """`outcomes: [{…}]` of an agreement. Those who gain need not be partners."""

    name = "outcome"
    words = ("The indicator's units are summed over the year and set against the baseline, which runs with the year. "
             "Each unit better than the baseline is worth `value_per_unit`, split by `gains`. Worse than the baseline "
             "is a loss, and shown as one. Until something has been measured there is no value.")
    formula = ("better = ±(measured − baseline · part of the year), − where lower is better; value = better · value "
               "per unit, rounded half up; gain_i = value · percent_i, largest remainder")
    source = "AGREEMENTS 2.5"
    examples = (
        OutcomeExample(_TERMS, 2_900 * UNIT, Fraction(1), 149_000_00, {"nhs": 104_300_00, "household": 44_700_00},
                       "100 admissions fewer in the year, at 1,490.00 each"),
        OutcomeExample(_TERMS, 760 * UNIT, Fraction(1, 4), -14_900_00, {"nhs": -10_430_00, "household": -4_470_00},
                       "760 in the first quarter, where 750 is a quarter of the baseline: a loss"),
        OutcomeExample(_TERMS, None, Fraction(1, 4), 0, {"nhs": 0, "household": 0}, "nothing has been measured yet"),
        OutcomeExample({"id": "jobs", "service": "coaching", "indicator": "people in work", "unit": "people",
                        "better": "higher", "baseline": "0", "target": "40", "value_per_unit": "0.05",
                        "gains": {"a": "100/3", "b": "100/3", "c": "100/3"}}, 2 * UNIT, Fraction(1), 10,
                       {"a": 4, "b": 3, "c": 3}),
    )

    id: str
    service: str
    indicator: str
    unit: str = ""
    better: Literal["lower", "higher"]
    baseline: Number
    target: Number | None = None
    value_per_unit: PositiveAmount
    gains: Percentages


def value(outcome: Outcome, measured: int | None, part: Fraction, currency: str) -> Valued:
    """What an outcome is worth to date, and to whom.

    `measured`: the units of the year's `outcome` events to date, summed, in millionths; None where there is no event.
    `part`: the part of the year that has run, 0 to 1, by which the annual baseline counts.
    """
    baseline = outcome.baseline * part
    if measured is None:
        return Valued(None, baseline, Fraction(0), 0, dict.fromkeys(outcome.gains, 0), "nothing has been measured yet",
                      _expected(outcome, part))
    gap = baseline - Fraction(measured, UNIT)
    better = gap if outcome.better == "lower" else -gap
    worth = round_half_up(better * outcome.value_per_unit)
    size = split(abs(worth), list(outcome.gains.values()))
    gains = {who: part if worth >= 0 else -part for who, part in zip(outcome.gains, size, strict=True)}
    assert sum(gains.values()) == worth, "the gains total the value"
    return Valued(measured, baseline, better, worth, gains, _because(outcome, measured, part, better, currency),
                  _expected(outcome, part))


def _expected(outcome: Outcome, part: Fraction) -> int | None:
    """The value at the target, for the part of the year that has run."""
    if outcome.target is None:
        return None
    gap = outcome.baseline - outcome.target if outcome.better == "lower" else outcome.target - outcome.baseline
    return round_half_up(gap * part * outcome.value_per_unit)


def _because(outcome: Outcome, measured: int, part: Fraction, better: Fraction, currency: str) -> str:
    """«baseline 3000 · 1/4 = 750, measured 760: 10 admissions worse, at 1,490.00; nhs 70, household 30 percent»."""
    run = "" if part == 1 else f" · {number_text(part)} of the year = {number_text(outcome.baseline * part)}"
    said = ", ".join(f"{who} {number_text(percent)}" for who, percent in outcome.gains.items())
    return (f"baseline {number_text(outcome.baseline)}{run}, measured {number_text(Fraction(measured, UNIT))}: "
            f"{number_text(abs(better))} {outcome.unit or 'units'} {'better' if better >= 0 else 'worse'}, at "
            f"{grouped(outcome.value_per_unit, currency)}; {said} percent")
