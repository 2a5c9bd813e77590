"""A workbook as it was made shows the baseline to whoever does not calculate, and is known to be as it was made."""

from __future__ import annotations

import io
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from openpyxl import load_workbook

from api.commands.scenario import base_of_case
from exports.scenario.back import read_back
from exports.scenario.model import Formula, Sheet
from exports.scenario.pages import pages
from exports.scenario.render import to_xlsx
from exports.scenario.results import figures
from exports.scenario.shows import with_figures
from exports.scenario.workbook import Workbook, workbook
from ledger.money import to_text
from tests.scenario.calculators import calculated
from tests.scenario.damage import cell, packed

CASE = Path(__file__).parents[2] / "examples" / "northshire-2024"


@cache
def made() -> Workbook:
    return workbook(base_of_case(CASE))


@cache
def content() -> bytes:
    return to_xlsx(made())


def test_results_show_the_engines_baseline() -> None:
    book = load_workbook(io.BytesIO(content()), data_only=True)
    said = {figure.path: Decimal(to_text(figure.amount, "GBP")) for figure in figures(made().baseline.statement)}
    found = {path: Decimal(str(book["Results"][f"E{ref.row}"].value)) for path, ref in made().results().items()}
    assert found == said
    assert book.defined_names["out_partners_nhs_liability"].attr_text.startswith("Results!$E$")


def test_the_summary_shows_it_too() -> None:
    rows = load_workbook(io.BytesIO(content()), data_only=True)["Summary"].iter_rows(min_row=6, values_only=True)
    told = {row[0]: tuple(row[1:9]) for row in rows if row[0]}
    for p in made().baseline.statement.partners:
        due, share, left = (float(to_text(amount, "GBP")) for amount in (
            p.liability, p.share_of_variance, p.settlement))
        assert told[p.name] == (due, due, 0, 0, share, share, 0, left)


def test_what_it_shows_is_what_its_formulas_come_to() -> None:
    """As another program reckons them: else a reader would see one figure, and another after opening it."""
    said = {path: value.shows for path, ref in made().results().items()
            if isinstance(value := made().book.value(ref), Formula)}
    assert {path: int(shows * 100) for path, shows in said.items() if shows is not None} == calculated(made(), {})


def test_it_has_not_been_calculated() -> None:
    """Though it shows figures: none of them is compared until a program has reckoned."""
    assert set(read_back(content()).shown.values()) == {None}
    ref = made().results()["totals.actual"]
    change = made().book.value(made().book.sheets["Results"].ref(5, ref.row))
    assert isinstance(change, Formula)
    reckoned = cell("Results", f"F{ref.row}", f'<c r="F{ref.row}"STYLE><f>{change.text[1:]}</f><v>0</v></c>')
    shown = read_back(reckoned(content())).shown
    assert {path for path, amount in shown.items() if amount is not None} == {"totals.actual"}
    assert shown["totals.actual"] == made().baseline.statement.totals.actual


def test_a_figure_without_its_cell_is_no_workbook() -> None:
    results = next(sheet for sheet in pages(made()) if sheet.name == "Results")
    bare = packed({"xl/worksheets/sheet1.xml": b"<worksheet/>"})
    with pytest.raises(AssertionError, match="beside formulas"):
        with_figures(bare, [Sheet("Results", "", "", results.columns, results.rows)])
