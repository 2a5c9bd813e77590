"""What one input does to each partner, and where an answer turns: against figures worked out by hand."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from api.commands.scenario import base_of_case
from commissioning.exposure.levers import (
    BreakEven,
    BreakEvenMissing,
    Levers,
    LeverUnknown,
    Measure,
    break_even,
    dues,
    moved,
    named_lever,
    tornado,
)
from commissioning.scenario.base import Base
from commissioning.scenario.levers import levers as all_levers
from tests.commissioning.test_exposure import CAPPED, ROOT, base_with

BEDS = "actual.beds"


def inputs(base: Base) -> Levers:
    return {lever.path: lever for lever in all_levers(base)}


def due_by(base: Base, levers: Levers, path: str, partner: str) -> Measure:
    """What a partner owes, as it follows from one input."""
    lever = named_lever(levers, path)
    return lambda value: dues(base, levers, moved(levers, lever, value, {}))[partner]


def turning(base: Base, partner: str, amount: int) -> BreakEven:
    """The cost of beds at which a partner owes an amount."""
    known = inputs(base)
    due = due_by(base, known, BEDS, partner)
    return break_even(known[BEDS], lambda value: due(value) - amount)


def test_a_tenth_more_or_less_of_an_input(tmp_path: Path) -> None:
    """Beds cost 700: 70 less is returned 60 to 40; of 70 more the reserve has 50, and 20 are shared equally."""
    base = base_with(tmp_path, CAPPED)
    bar, = tornado(base, inputs(base), [BEDS])
    assert (bar.low, bar.high, bar.swing) == (630, 770, 42_00)
    assert bar.changes == {"council": (-42_00, 10_00), "nhs": (-28_00, 10_00)}


def test_the_widest_effect_stands_first(tmp_path: Path) -> None:
    base = base_with(tmp_path, "[{share: {by: fixed, percent: {council: 60, nhs: 40}}}]")
    bars = tornado(base, inputs(base), values={BEDS: Fraction(900)})
    assert [bar.swing for bar in bars] == sorted((bar.swing for bar in bars), reverse=True)
    paths = {bar.lever.path: bar for bar in bars}
    assert not [path for path in paths if path.endswith(".on")]
    share = paths["rules.risk.overspend.1.share.percent.council"]
    assert (share.low, share.high) == (54, 66)
    assert share.changes == {"council": (-12_00, 12_00), "nhs": (12_00, -12_00)}, "the other share moves with it"
    growth = paths["growth.visits"]
    assert (growth.low, growth.high, growth.changes["nhs"]) == (-10, 10, (-12_00, 12_00))


def test_what_cannot_be_worked_out_is_said_beside_its_input(tmp_path: Path) -> None:
    base = base_with(tmp_path, "[{share: {by: claims, claims: {council: 40, nhs: 35}, rule: cea}}]")
    low, = tornado(base, inputs(base), [BEDS], percent=11)
    assert [fault.code for fault in low.refused] == ["claims-exceeded"]
    assert low.changes == {}
    assert low.refused[0].message == "77.00 is to be divided among claims that total only 75.00"
    assert (low.low, low.high) == (623, 777)


def test_every_input_of_an_example_moves(tmp_path: Path) -> None:
    base = base_of_case(ROOT / "examples" / "jobcentre-germany")
    bars = tornado(base, inputs(base))
    assert len(bars) > 10
    assert not [bar.lever.path for bar in bars if bar.refused]


def test_percentages_that_total_100_move_together(tmp_path: Path) -> None:
    base = base_of_case(ROOT / "examples" / "northshire-2024", "FY2024")
    known = inputs(base)
    path = "rules.core-risk.overspend.4.share.percent"
    assert moved(known, known[f"{path}.council"], Fraction(50)) == {
        f"{path}.council": 50, f"{path}.nhs": Fraction("40.91"), f"{path}.district": Fraction("9.09")}
    assert moved(known, known[f"{path}.council"], Fraction(100))[f"{path}.nhs"] == 0


@pytest.mark.parametrize(("partner", "amount", "below", "above"), [
    ("council", 600_00, 700, 700), ("nhs", 440_00, 830, 830),
    ("council", 590_00, "683.33", "683.33"), ("council", 700_00, 890, 890)])
def test_break_even_to_the_penny(tmp_path: Path, partner: str, amount: int, below: str, above: str) -> None:
    """590: of 16.67 that are returned 10.002 are council's, of 16.68 already 10.01. 440: where nhs meets its cap.

    700: nhs bears its 40 of the 140 beyond the reserve, and council the rest.
    """
    base = base_with(tmp_path, CAPPED)
    found, due = turning(base, partner, amount), due_by(base, inputs(base), BEDS, partner)
    assert (found.below, found.above) == (Fraction(below), Fraction(above))
    assert due(found.below) <= amount <= due(found.above)


def test_a_break_even_is_where_the_sign_turns(tmp_path: Path) -> None:
    base = base_with(tmp_path, CAPPED)
    found, due = turning(base, "nhs", 395_55), due_by(base, inputs(base), BEDS, "nhs")
    assert found.above - found.below in (0, Fraction(1, 100))
    assert due(found.below) <= 395_55 <= due(found.above)


def test_two_rules_compared(tmp_path: Path) -> None:
    """nhs bears 30 first and 40 percent of the rest, or half of all: the same at an overspend of 180.

    Rounding makes it the same from 179.96: 30 + 59.984 and 89.98 are both 89.98.
    """
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one = base_with(tmp_path / "one", "[{absorb: {partner: nhs}, up_to: 30}, {share: {by: contribution}}]")
    two = base_with(tmp_path / "two", "[{share: {by: equal}}]")
    known = inputs(one)
    first, second = due_by(one, known, BEDS, "nhs"), due_by(two, inputs(two), BEDS, "nhs")
    found = break_even(known[BEDS], lambda value: first(value) - second(value), Fraction(701), Fraction(1400))
    assert found.below == found.above == Fraction("879.96")


def test_without_a_turn_there_is_no_break_even(tmp_path: Path) -> None:
    base = base_with(tmp_path, CAPPED)
    with pytest.raises(BreakEvenMissing) as caught:
        turning(base, "nhs", 441_00)
    assert caught.value.message == ("actual.beds has no break-even from 0 to 1400: at both ends (-321.00, -1.00) the "
                                    "same side has less")
    with pytest.raises(LeverUnknown, match=r"no input 'actual\.bed'"):
        due_by(base, inputs(base), "actual.bed", "nhs")


def test_the_dues_are_the_statements(tmp_path: Path) -> None:
    base = base_with(tmp_path, CAPPED)
    assert dues(base, inputs(base), {}) == {"council": 600_00, "nhs": 400_00}
