"""The inputs' sheet: every lever on a row, its baseline beside what the scenario says, and both in whole units."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from commissioning.scenario.values import Lever
from exports.scenario.bench import Bench
from exports.scenario.model import Column, Entry, Formula, Sheet

BASELINE, SCENARIO, RECKONED = 5, 6, 8
PRINTED = "H"  # the last column that is printed; those after it are for the formulas and for other workbooks
_COLUMNS = (Column("Number", "whole", 9), Column("Group", width=16), Column("Input", width=48),
            Column("Whose", width=38), Column("Unit", width=16), Column("Baseline", "number", 18),
            Column("Scenario", "number", 18), Column("Change", "number", 16), Column("As reckoned", "whole", 19),
            Column("At least", "number", 20), Column("At most", "number", 20), Column("Name", width=54))


def inputs(bench: Bench) -> Sheet:
    """Writes the sheet, and tells the bench where each input stands."""
    sheet = bench.book.sheet(Sheet(
        "Inputs", "Inputs", "Change only the bordered yellow cells of the column Scenario; all else follows.",
        _COLUMNS))
    for number, lever in enumerate(bench.levers.values(), 1):
        row = sheet.next_row
        here = sheet.ref(SCENARIO, row)
        name = bench.book.name("in", lever.path, here)
        value = shown(lever, lever.baseline)
        sheet.add(number, lever.group, lever.words, lever.who, lever.unit, value, Entry(value, lever.path),
                  Formula(f"={here}-{sheet.ref(BASELINE, row)}"), Formula(f"=ROUND({here}*{10**lever.places},0)"),
                  Decimal(lever.low), Decimal(lever.high), name)
        bench.cells[lever.path] = sheet.ref(RECKONED, row)
    return sheet


def shown(lever: Lever, value: Fraction) -> Decimal:
    """A value as its cell shows it."""
    whole = value * lever.scale
    assert whole.denominator == 1, f"{lever.path} has no more decimals than its cell"
    return Decimal(whole.numerator).scaleb(-lever.places)
