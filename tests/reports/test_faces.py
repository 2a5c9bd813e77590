"""The files of a report: the same bytes again, CSV by the book, metadata that says what is in them, sound PDF."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from dataclasses import replace
from typing import Any

import openpyxl
import pikepdf
import pypdf
import pytest

from exports.reports import faces
from exports.reports.catalogue import REPORTS
from exports.reports.model import Report
from ledger.money import decimals
from tests.reports.examples import KEPT, kept, report

REPORTS_KEPT = [pytest.param(one, id="-".join(filter(None, one[1:]))) for one in KEPT]
Kept = tuple[str, str, str, str]


@pytest.mark.parametrize("one", REPORTS_KEPT)
def test_made_again_it_is_the_same_bytes(one: Kept) -> None:
    assert faces.files(kept(*one)) == faces.files(kept(*one))


@pytest.mark.parametrize("one", REPORTS_KEPT)
def test_metadata_says_what_every_file_and_column_is(one: Kept) -> None:
    made = kept(*one)
    files = faces.files(made)
    about = json.loads(files.pop(f"{made.stem}-metadata.json"))
    s = made.asked.statement
    assert {file["name"]: file["sha256"] for file in about["poolbook:files"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert about["poolbook:ledger"] == {"entries": s.entries, "head": s.head}
    assert (about["poolbook:period"]["id"], about["poolbook:issue"]) == (s.period, s.issue)
    assert about["dc:title"] == made.view.title
    for table in about["tables"]:
        rows = list(csv.reader(io.StringIO(files[table["url"]].decode(), newline=""), strict=True))
        columns = table["tableSchema"]["columns"]
        assert rows[0] == [column["name"] for column in columns]
        assert len(rows) - 1 == table["poolbook:rows"]
        assert table["poolbook:sha256"] == hashlib.sha256(files[table["url"]]).hexdigest()
        for i, column in enumerate(columns):
            assert column["titles"]
            assert len(column["dc:description"]) > 3
            fits([row[i] for row in rows[1:]], column, s.currency)


def fits(cells: list[str], column: dict[str, Any], currency: str) -> None:
    """Every cell is what the column's datatype says."""
    places = decimals(currency)
    forms = {"decimal": rf"-?\d+(\.\d{{{places}}}|\.\d)?", "integer": r"-?\d+", "boolean": "true|false",
             "date": r"\d{4}-\d\d-\d\d", "string": r"(?s).*"}
    assert all(re.fullmatch(forms[column["datatype"]], cell) for cell in cells if cell), column
    assert (column["datatype"] == "decimal") == ("poolbook:unit" in column)


def test_csv_keeps_to_rfc_4180_and_runs_nothing() -> None:
    made = report("northshire-2024", "FY2024-M12", "reserves")
    sheet = replace(made.sheets[0], rows=(("=1+1", "a,\"b\"\r\nc", *made.sheets[0].rows[0][2:]),))
    text = faces.to_csv(made, sheet).decode()
    assert text.count("\r\n") == text.count("\n") == 3, "a line break within quotes stays one"
    (row,) = list(csv.DictReader(io.StringIO(text, newline="")))
    assert row["reserve"] == "'=1+1"
    assert row["partner"] == "a,\"b\"\r\nc"


def test_only_the_formats_asked_for_are_made() -> None:
    made = report("northshire-2024", "FY2024-M12", "reserves")
    assert list(faces.files(made, ("pdf",))) == ["reserves-FY2024-M12.pdf", "reserves-FY2024-M12-metadata.json"]


@pytest.mark.parametrize("one", REPORTS_KEPT)
def test_the_workbook_has_every_table_with_live_totals(one: Kept) -> None:
    made = kept(*one)
    book = openpyxl.load_workbook(io.BytesIO(faces.to_xlsx(made)))
    assert book.sheetnames[0] == "Cover"
    assert len(book.sheetnames) == len(made.sheets) + 2, "cover, tables, checks of the workbook itself"
    totalled = [sheet for sheet in made.sheets if sheet.table().total]
    sums = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row
            if str(cell.value).startswith("=SUM(")]
    assert len(sums) == sum(field.summed and field.shown for sheet in totalled for field in sheet.fields)


@pytest.mark.parametrize("one", REPORTS_KEPT)
def test_the_pdf_is_tagged_and_in_order(one: Kept) -> None:
    made = kept(*one)
    with pikepdf.open(io.BytesIO(faces.to_pdf(made))) as pdf:
        root = pdf.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang).startswith("en")
        assert root.ViewerPreferences.DisplayDocTitle
        assert str(pdf.docinfo.Title) == made.view.title
        roles = list(walk(root.StructTreeRoot.K))
    heads = [role for role, _scope in roles if re.fullmatch(r"H\d", role)]
    assert heads[0] == "H1"
    assert set(heads[1:]) == {"H2"}, "one title, and a heading for every table"
    assert len(heads) == 2 + sum(sheet.brief for sheet in made.sheets)
    tables = sum(1 for sheet in made.sheets if sheet.brief and sheet.rows)
    assert sum(role == "Table" for role, _scope in roles) >= tables
    assert {scope for role, scope in roles if role == "TH"} == {"/Column", "/Row"}


def walk(element: Any) -> Any:
    """Every element's role, with the scope of a table's heads."""
    attributes = element.get("/A")
    yield str(element.S).lstrip("/"), str(attributes.get("/Scope")) if attributes is not None else ""
    for kid in element.get("/K", []):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield from walk(kid)


def text_of(made: Report) -> str:
    pages = pypdf.PdfReader(io.BytesIO(faces.to_pdf(made))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize("partner", ["council", "nhs", "district"])
@pytest.mark.parametrize("period", ["FY2024-M11", "FY2024-M12", "FY2025-M12"])
def test_a_notice_is_one_page_with_all_that_is_needed_to_pay(period: str, partner: str) -> None:
    made = report("northshire-2024", period, "settlement-notice", partner)
    with pikepdf.open(io.BytesIO(faces.to_pdf(made))) as pdf:
        assert len(pdf.pages) == 1
    said = text_of(made)
    issue = made.asked.statement.issue
    assert f"NORTHSHIRE/{period}/{issue}/{partner.upper()}" in said
    assert "How the amount was worked out" in said
    assert "Schedule 3, paragraph 4" in said or "Section 75" in said or "Deed of variation" in said


def test_what_a_notice_asks_for() -> None:
    final = report("northshire-2024", "FY2024-M12", "settlement-notice", "nhs")
    assert final.view.verdict[0] == ("NHS Northshire is asked to pay £340,000.00 by 4 February 2026. "
                                     "Please quote NORTHSHIRE/FY2024-M12/1/NHS.")
    owing = report("northshire-2024", "FY2024-M11", "settlement-notice", "nhs")
    assert "is asked to pay £450,000.00" in owing.view.verdict[0]
    ahead = report("northshire-2024", "FY2024-M11", "settlement-notice", "district")
    assert ahead.view.verdict[0] == "Nothing is to be paid now, by Ashford Vale District Council or to it."


def test_a_report_says_how_it_reads_what_the_agreement_does_not_say() -> None:
    made = report("northshire-2024", "FY2024-M12", "partner-accounts", "nhs")
    said = " ".join(made.view.verdict)
    assert "principal for every service: nothing else was stated" in said
    assert "No VAT regime was stated" in said
    assert "30 days" in text_of(report("northshire-2024", "FY2024-M12", "settlement-notice", "nhs"))


def test_every_report_is_in_the_pages_of_the_command_line() -> None:
    from api.cli.reports import report as command

    assert all(name in (command.help or "") for name in REPORTS)


def test_the_page_about_reports_names_each_and_its_commands_work() -> None:
    from pathlib import Path

    from api.cli.reports import report as command

    page = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE) == list(REPORTS)
    options = {option for one in command.params for option in one.opts}
    assert set(re.findall(r"(?<!-)(--[a-z][a-z-]+)", page)) <= options
