"""All faces: the same bytes each time, none imported before it is asked for, each safe against what it is given."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from html.parser import HTMLParser

import openpyxl
import pytest

from exports.faces import FORMATS
from exports.html import to_html
from exports.xlsx import to_xlsx
from tests.exports.samples import SAMPLES, hostile, interim, small


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_same_bytes_each_time(name: str, sample: str) -> None:
    assert FORMATS[name].render(SAMPLES[sample]()) == FORMATS[name].render(SAMPLES[sample]())


def test_no_clock_in_any_face() -> None:
    """Bytes are the same in another process, with another hash seed, at another time zone."""
    code = ("import hashlib; from exports.faces import FORMATS; from tests.exports.samples import interim;"
            "print([hashlib.sha256(f.render(interim())).hexdigest() for f in FORMATS.values()])")
    runs = {subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                           env={"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": ":".join(sys.path)}).stdout
            for seed, zone in (("1", "UTC"), ("2", "Pacific/Auckland"))}
    assert len(runs) == 1


def test_formats_are_imported_when_first_asked_for() -> None:
    code = "import sys, exports.faces, exports.journal; print('reportlab' in sys.modules or 'openpyxl' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_suffixes_and_media_types() -> None:
    assert {name: face.suffix for name, face in FORMATS.items()} == {name: f".{name}" for name in FORMATS}
    assert FORMATS["pdf"].media_type == "application/pdf"


# --- workbook


def test_workbook_has_totals_as_formulas_and_named_tables() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(interim())))
    assert book.sheetnames[0] == "Cover"
    sheet = book["Services"]
    assert sheet["B11"].value == "=SUM(B5:B10)"
    assert sheet.freeze_panes == "B5"
    assert sheet.print_title_rows == "$4:$4"
    setup = sheet.page_setup
    assert (setup.orientation, setup.paperSize, setup.fitToWidth) == ("landscape", 9, 1)
    assert sheet["D5"].number_format == '"£"#,##0.00" over";"£"#,##0.00" under";"£"#,##0.00'
    tables = [table for sheet in book.worksheets for table in sheet.tables]
    assert len(tables) == len(set(tables)) == len(book.sheetnames) - 1
    assert not [sheet.title for sheet in book.worksheets if sheet.merged_cells.ranges]
    assert {cell.font.name for sheet in book.worksheets for row in sheet.iter_rows() for cell in row
            if cell.value is not None} == {"Arial"}


def test_workbook_checks_cover_every_total() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(interim())))
    formulas = [row[2].value for row in book["Workbook checks"].iter_rows(min_row=5)]
    assert all(str(formula).startswith("=IF(") for formula in formulas)
    totals = [cell.coordinate for sheet in book.worksheets for row in sheet.iter_rows() for cell in row
              if str(cell.value).startswith("=SUM(")]
    assert len([formula for formula in formulas if "SUMPRODUCT" not in str(formula)]) == len(totals)


@pytest.mark.parametrize("sample", SAMPLES)
def test_workbook_text_is_never_a_formula(sample: str) -> None:
    """Only our own sums and checks are formulas; every other text that looks like one is quoted."""
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(SAMPLES[sample]())))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert str(cell.value).startswith(("=SUM(", "=IF("))
                elif isinstance(cell.value, str) and cell.value[:1] in "=+-@":
                    assert cell.quotePrefix, cell.coordinate


def test_workbook_keeps_hostile_words_as_they_are() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(hostile())))
    assert book["Services"]["A5"].value == "-1+1"
    assert book["Partners"]["A5"].value.startswith('=HYPERLINK("')
    assert book["Partners"]["A5"].data_type == "s"


def test_workbook_carries_no_date_of_its_own() -> None:
    with zipfile.ZipFile(io.BytesIO(to_xlsx(small()))) as file:
        assert {info.date_time[0] for info in file.infolist()} == {1980}
        assert b"2019-04-08T09:30:00Z" in file.read("docProps/core.xml")


# --- page


class _Page(HTMLParser):
    """What a reader of a page meets: open tags, headings, heads of tables, ids."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for seen, attributes in self.seen if seen == tag]


@pytest.mark.parametrize("sample", SAMPLES)
def test_page_is_whole_and_accessible(sample: str) -> None:
    page = _Page(to_html(SAMPLES[sample]()))
    assert page.open == []
    assert page.all("html") == [{"lang": "en-GB"}]
    assert len(page.all("h1")) == 1
    assert len(page.all("title")) == 1 + len(page.all("svg"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert {head.get("scope") for head in page.all("th")} == {"col", "row"}
    assert not page.all("script")
    assert not page.all("link")
    assert not page.all("img")
    ids = [attributes["id"] for _, attributes in page.seen if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = {attributes.get("aria-labelledby") or "" for _, attributes in page.seen}
    assert {name for names in wanted for name in names.split()} <= set(ids)


def test_page_escapes_what_it_is_given() -> None:
    page = to_html(hostile())
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
