"""`poolbook scenario`: a workbook made, changed, read and turned into a draft agreement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from api.cli import main
from api.commands.scenario import base_of_case
from commissioning.agreement.reading import read_agreement
from commissioning.scenario.base import from_document, to_document
from exports.scenario.render import to_xlsx
from exports.scenario.workbook import workbook
from tests.scenario import damage as do

EXAMPLES = Path(__file__).parents[2] / "examples"
CASE = EXAMPLES / "northshire-2024"


def poolbook(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def told(*words: object) -> Any:
    result = poolbook(*words, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The workbook of the first year, with a higher contribution and a higher cost."""
    path = tmp_path / "s.xlsx"
    assert told("scenario", "new", CASE, "--year", "FY2024", "--out", path)["year"] == "FY2024"
    rows = {row[11].value: row[6].coordinate for row in load_workbook(path)["Inputs"].iter_rows(min_row=6)}
    changed = {rows["in_contributions_1_amount"]: "4900000", rows["in_growth_home_care"]: "10",
               rows["in_rules_core_risk_overspend_2_on"]: "0", rows["in_services_reablement_budget"]: "4100000"}
    path.write_bytes(do.numbers("Inputs", changed)(path.read_bytes()))
    return path


def test_it_says_what_was_changed_and_what_the_engine_makes_of_it(file: Path) -> None:
    data = told("scenario", "read", file, "--case", CASE)
    assert {one["input"]: (one["baseline"], one["scenario"]) for one in data["changes"]} == {
        "contributions.1.amount": ("4800000.00", "4900000.00"), "growth.home-care": ("0.00", "10.00"),
        "rules.core-risk.overspend.2.on": ("1", "0"), "services.reablement.budget": ("4200000.00", "4100000.00")}
    assert data["compared"]["calculated"] == 0
    council = data["partners"]["council"]["liability"]
    assert council["change"] == "71735.54"
    assert poolbook("scenario", "read", file).stdout.count("->") == 4


def test_a_scenario_becomes_a_draft_that_keeps_the_file_as_it_was_written(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "draft.yaml"
    done = told("scenario", "draft", file, "--out", out)
    assert done["left_out"] == ["growth.home-care"]
    before, after = (CASE / "agreement.yaml").read_text(encoding="utf-8"), out.read_text(encoding="utf-8")
    changed = [line for line in after.splitlines() if line not in before.splitlines()]
    assert len(changed) == 4, "the amount, the budget, the step, and that it is not signed"
    assert before.splitlines()[0] in after, "comments stay"
    version = read_agreement(after).versions()[0]
    assert version.signed is None
    assert version.contributions[0].amount == 4_900_000_00
    assert version.rules[0].overspend[1].up_to == 0
    assert yaml.safe_load(after)["agreements"][1] == yaml.safe_load(before)["agreements"][1]


def test_a_fault_names_file_and_cell(file: Path) -> None:
    file.write_bytes(do.number("Inputs", "G7", "12.345")(file.read_bytes()))
    result = poolbook("scenario", "read", file)
    assert result.exit_code == 2
    assert "s.xlsx, Inputs!G7: this input has more than 2 decimal places (12.345)" in result.stderr


def test_percentages_that_miss_100_are_refused_at_their_cell(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    told("scenario", "new", EXAMPLES / "jobcentre-germany", "--out", path)
    rows = {row[11].value: row[6].coordinate for row in load_workbook(path)["Inputs"].iter_rows(min_row=6)}
    cell = rows["in_rules_administration_cost_percent_bund"]
    path.write_bytes(do.number("Inputs", cell, "84.7")(path.read_bytes()))
    result = poolbook("scenario", "read", path)
    assert (result.exit_code, f"s.xlsx, Inputs!{cell}" in result.stderr, "[shares-not-100]" in result.stderr) == (
        2, True, True), result.stderr


def test_the_same_year_gives_the_same_bytes() -> None:
    one, other = (to_xlsx(workbook(base_of_case(CASE))) for _ in range(2))
    assert one == other


def test_a_base_travels_as_a_document() -> None:
    base = base_of_case(CASE)
    assert to_document(from_document(to_document(base), read_agreement)) == to_document(base)


def test_a_year_that_the_agreement_does_not_have_is_refused(tmp_path: Path) -> None:
    result = poolbook("scenario", "new", CASE, "--year", "FY2010", "--out", tmp_path / "s.xlsx")
    assert result.exit_code == 2
    assert "[scenario-year-unknown]" in result.stderr


def test_it_is_protected_named_and_described(tmp_path: Path) -> None:
    """Locked without a password; inputs open, with messages; tables, names, the chart's text; A4 landscape."""
    path = tmp_path / "s.xlsx"
    told("scenario", "new", CASE, "--out", path)
    book = load_workbook(path)
    for sheet in book:
        assert sheet.protection.sheet
        assert sheet.protection.password is None
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) == (
            "landscape", 9, 1)
        assert not sheet.merged_cells.ranges
        assert sheet.title == "Cover" or list(sheet.tables) == [f"T_{sheet.title}"]
    open_cells = [c.coordinate for row in book["Inputs"].iter_rows(min_row=6) for c in row if not c.protection.locked]
    assert open_cells == [f"G{row}" for row in range(6, 6 + len(open_cells))]
    covered = [str(rule.sqref) for rule in book["Inputs"].data_validations.dataValidation if rule.error and rule.prompt]
    assert sum(len(list(book["Inputs"][one])) if ":" in one else 1 for text in covered for one in text.split()) >= len(
        open_cells)
    assert {"out_partners_nhs_liability", "out_totals_actual", "in_contributions_1_amount"} <= set(book.defined_names)
    drawing = do.parts(path.read_bytes())["xl/drawings/drawing1.xml"].decode()
    assert 'descr="Bar chart of the table above' in drawing
