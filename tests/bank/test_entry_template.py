"""The workbook of entries: made the same each time, filled in, saved by LibreOffice, read back; faults have cells."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from commissioning.agreement.reading import read_agreement
from commissioning.events.model import COLUMNS, KINDS
from exports.entry_template.entries import FIELDS, MEANINGS, needs_of, read_entries, template
from exports.scenario.guard import MOST_BYTES
from ledger.errors import Refused
from tests.cli.conftest import AGREEMENT, StartLedger, faults
from tests.scenario.calculators import SOFFICE, converted
from tests.scenario.damage import bomb, packed, parts

POOL = read_agreement(AGREEMENT, "agreement.yaml")
HEAD = 5
ROWS = [{"date": "2024-05-20", "event": "expenditure", "service": "beds", "amount": 1234.56, "reference": "0012"},
        {"date": "2024-05-21", "event": "contribution", "partner": "nhs", "fund": "core", "amount": 1500,
         "reference": "=RCT", "note": "Quarter 2"},
        {"date": "2024-05-22", "event": "activity", "service": "beds", "partner": "council", "units": 7.5,
         "reference": "A-1"}]


def sheet_of(book: openpyxl.Workbook) -> Worksheet:
    found = book["Events"]
    assert isinstance(found, Worksheet)
    return found


def filled_in(content: bytes, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The workbook with rows typed into it, from its first empty one."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = sheet_of(book)
    heads = {str(cell.value).lower().replace(" ", "_"): cell.column for cell in sheet[HEAD]}
    for number, row in enumerate(rows, HEAD + 1):
        for name, value in row.items():
            given = dt.date.fromisoformat(value) if name == "date" and value[:2] == "20" else value
            cell = sheet.cell(number, heads[name], given)
            if isinstance(given, str):
                cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refused(content: bytes) -> list[str]:
    with pytest.raises(Refused) as caught:
        read_entries(content)
    return [fault.lines()[0] for fault in caught.value.faults]


def test_every_column_and_kind_of_event_is_there_with_what_it_needs() -> None:
    assert {name for name, *_ in FIELDS} == set(COLUMNS)
    assert set(MEANINGS) == set(KINDS)
    assert needs_of("expenditure") == ("date", "event", "reference", "service", "amount")
    assert "amount" not in needs_of("activity")


def test_it_is_the_same_each_time_and_offers_the_pools_own_words() -> None:
    content = template(POOL)
    assert content == template(POOL)
    book = openpyxl.load_workbook(io.BytesIO(content))
    lists, sheet = book["Lists"], sheet_of(book)
    words = {str(cell.value) for row in lists.iter_rows(min_row=HEAD + 1) for cell in row if cell.value}
    assert words >= {"beds", "respite", "council", "nhs", "core", "base", "expenditure", "NHS Millbrook"}
    rules = {rule.type: rule for rule in sheet.data_validations.dataValidation}
    assert set(rules) == {"list", "date", "custom", "decimal", "textLength"}
    lists_used = [rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert len(lists_used) == 6  # no cost classes in this agreement
    assert all(rule.startswith("Lists!$") for rule in lists_used)
    assert sheet["F6"].number_format == "@"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert list(sheet.tables) == ["T_Events"]
    assert sheet.conditional_formatting


def test_what_was_typed_comes_back_on_its_own_line() -> None:
    filled, text = read_entries(filled_in(template(POOL), ROWS))
    lines = text.splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert lines[1:HEAD] == [""] * (HEAD - 1)
    assert lines[HEAD] == "2024-05-20,expenditure,,beds,,,1234.56,,,,,,,0012,"
    assert lines[HEAD + 1] == "2024-05-21,contribution,core,,nhs,,1500,,,,,,,=RCT,Quarter 2"
    assert lines[HEAD + 2] == "2024-05-22,activity,,beds,council,,,7.5,,,,,,A-1,"
    assert filled.cell(8, "amount") == "Events!E8"


@pytest.mark.skipif(not SOFFICE, reason="LibreOffice is not installed")
@pytest.mark.parametrize("form_", ["xlsx:Calc MS Excel 2007 XML"])
def test_saved_by_libreoffice_it_says_the_same(tmp_path: Path, form_: str) -> None:
    given = tmp_path / "entries.xlsx"
    given.write_bytes(filled_in(template(POOL), ROWS))
    out = tmp_path / "out"
    out.mkdir()
    converted([given], form_, out)
    (saved,) = out.iterdir()
    assert saved.read_bytes() != given.read_bytes()
    assert read_entries(saved.read_bytes())[1] == read_entries(given.read_bytes())[1]


def test_columns_may_change_places_and_others_be_added() -> None:
    book = openpyxl.load_workbook(io.BytesIO(filled_in(template(POOL), ROWS)))
    sheet = sheet_of(book)
    sheet.insert_cols(1)
    sheet["A5"], sheet["A6"] = "Checked by", "Ann"
    out = io.BytesIO()
    book.save(out)
    filled, text = read_entries(out.getvalue())
    assert text == read_entries(filled_in(template(POOL), ROWS))[1]
    assert filled.columns["date"] == "B"


def changed(**cells: Any) -> bytes:
    """The filled-in workbook with some cells of the first row changed, by address."""
    book = openpyxl.load_workbook(io.BytesIO(filled_in(template(POOL), ROWS)))
    for address, value in cells.items():
        sheet_of(book)[address] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def renamed() -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(template(POOL)))
    sheet_of(book).title = "Sheet1"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(name: str, content: bytes = b"x") -> bytes:
    return packed({**parts(template(POOL)), name: content})


DAMAGE: dict[str, tuple[bytes, str]] = {
    "a formula": (changed(E6="=B6*2"), "Events!E6: this cell holds a formula (=B6*2)"),
    "a broken reference": (changed(E6="#REF!"), "Events!E6: this cell holds #REF!, which is no value"),
    "a time of day": (changed(A6=45432.5), "Events!A6: this cell holds 45432.5, which is no date"),
    "no heads": (changed(A5="Day", B5="What", F5="Number"), "the sheet has no column date"),
    "a head twice": (changed(G5="Amount"), "Events!G5: the column amount is there twice"),
    "another sheet": (renamed(), "the workbook has no sheet Events"),
    "macros": (with_part("xl/vbaProject.bin"), "[workbook-active-content]"),
    "a link": (with_part("xl/externalLinks/externalLink1.xml"), "[workbook-external-link]"),
    "a bomb": (bomb(template(POOL)), "[workbook-unpacks-too-large]"),
    "no workbook": (b"date,event\n", "[workbook-unreadable]"),
    "too large": (b"x" * (MOST_BYTES + 1), "[workbook-too-large]"),
    "a far cell": (changed(XFD1048576="x"), "Events!XFD1048576"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_and_attacks_are_refused_by_cell_or_cause(name: str) -> None:
    content, wanted = DAMAGE[name]
    assert wanted in "\n".join(refused(content))


def test_the_command_line_writes_it_and_reads_it_with_cell_level_faults(ledger_at: StartLedger) -> None:
    ledger = ledger_at("applied")
    ledger.done("template", "--out", "entries.xlsx")
    made = (ledger.folder / "entries.xlsx").read_bytes()
    file = ledger.folder / "typed.xlsx"
    file.write_bytes(filled_in(made, [
        ROWS[0], {**ROWS[1], "partner": "nsh"}, {**ROWS[2], "date": "tomorrow"}, {**ROWS[0], "amount": 1.234},
        {"date": "2024-05-20", "event": "expenditure", "reference": "9", "amount": 1}]))
    before = ledger.state()
    found = faults(ledger("import", file, "--json"))
    assert [(one["code"], one["place"]) for one in found] == [
        (code, {"file": "typed.xlsx", "field": cell}) for code, cell in (
            ("partner-unknown", "Events!D7"), ("date-unreadable", "Events!A8"), ("amount-too-fine", "Events!E9"),
            ("field-missing", "Events!C10"))]
    assert ledger.state() == before
    told = ledger("import", file).stderr
    assert "typed.xlsx, Events!A8: 'tomorrow' is not a date" in told
    result = ledger("import", file, "--accept-good-rows", "mend.csv", "--json")
    assert result.exit_code == 2
    assert len((ledger.folder / "mend.csv").read_text(encoding="utf-8").splitlines()) == 5
    assert ledger.done("import", ledger.write("again.csv", "date,event,service,amount,reference",
                                              "2024-05-20,expenditure,beds,1234.56,0012"))["skipped"] == 1


def test_a_whole_workbook_goes_in_and_a_second_time_changes_nothing(ledger_at: StartLedger) -> None:
    ledger = ledger_at("applied")
    file = ledger.folder / "typed.xlsx"
    file.write_bytes(filled_in(template(POOL), ROWS))
    assert ledger.done("import", file)["posted"] == 3
    assert ledger.done("import", file) == {"posted": 0, "skipped": 3, "refused": []}
