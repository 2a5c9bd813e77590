"""The pack in its formats: as kept, the same bytes each time, tagged, neutral, marked on every page."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest

from exports.pack.build import sheets
from exports.pack.faces import DRAWN
from exports.pack.html import to_html
from exports.pack.model import MARK
from exports.pack.pdf import to_pdf
from exports.pack.xlsx import to_xlsx
from exports.view import Table
from exports.words import Kind
from tests.exports.structure import structure
from tests.negotiation.dumps import GOLDENS, spoken
from tests.negotiation.samples import small


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.name)
def test_it_is_as_kept(path: Path) -> None:
    assert GOLDENS[path]() == path.read_text(encoding="utf-8"), (
        "if this is meant: python -m tests.negotiation.renew, then read the diff")


def test_no_clock_in_any_format() -> None:
    code = ("import hashlib; from exports.pack.faces import DRAWN; from tests.negotiation.samples import small;"
            "print([hashlib.sha256(draw(small())).hexdigest() for draw in DRAWN.values()])")
    runs = {subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                           env={"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": ":".join(sys.path)}).stdout
            for seed, zone in (("1", "UTC"), ("2", "Pacific/Auckland"))}
    assert len(runs) == 1


def test_tables_foot() -> None:
    """Every total is the sum of its rows, every change the difference of its amounts."""
    found = 0
    for table in sheets(small()):
        for i, column in enumerate(table.columns):
            if column.summed and table.total:
                rows = [value for row in table.rows if isinstance(value := row[i], int)]
                assert table.total[i] == sum(rows), table.name
                found += 1
        for foot in table.foots:
            for row in (*table.rows, *([table.total] if table.total else [])):
                plus, minus = (sum(value for i in some if isinstance(value := row[i], int))
                               for some in (foot.plus, foot.minus))
                assert plus - minus == row[foot.result], (table.name, foot.words)
                found += 1
    assert found > 50


def test_what_is_asked_for_is_there() -> None:
    names = {table.name for table in sheets(small())}
    assert {"Options", "Same total", "Changes", "Outturns", "Break-even", "Caps and floors", "Sensitivity Today",
            "Services and partners", "Weights", "Principles", "Offers", "Checks", "nhs options"} <= names
    checks = next(table for table in sheets(small()) if table.name == "Checks")
    assert {row[1] for row in checks.rows} == {"Holds"}
    weights = next(table for table in sheets(small()) if table.name == "Weights")
    assert any("DISPUTED by NHS Northshire: it rests on the population of 2019" in row for row in weights.rows)


def test_every_partners_page_has_the_same_layout_and_words() -> None:
    """With names and figures taken out, the pages are the same text, and none of it judges."""
    def bare(text: str, name: str, partner: str) -> str:
        return re.sub(r"[\d,.]+", "#", text.replace(name, "NAME").replace(partner, "ID"))
    made, pages = small(), []
    for page in made.pages:
        name = page.heading.removeprefix(f"{MARK}: ")
        pages.append([(bare(part.caption, name, page.name), [column.head for column in part.columns], part.note)
                      if isinstance(part, Table) else (type(part).__name__, part.caption) for part in page.parts])
    assert len(pages) == 3
    assert pages[0] == pages[1] == pages[2]
    said = spoken().lower()
    assert not re.search(r"\b(fair|unfair|generous|excessive|reasonable|unfortunately|wins?|los(es|er)|winner)\b", said)


def test_a_change_is_never_a_bare_sign_in_a_table() -> None:
    kinds = {column.kind for table in sheets(small()) for column in table.columns if column.head.startswith("Change")}
    assert kinds == {Kind.CHANGE}


# --- PDF

def test_pdf_is_tagged() -> None:
    reader, elements = structure(to_pdf(small()))
    root: Any = reader.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("en-GB", True)
    roles = [str(element["/S"]) for element in elements]
    assert roles.count("/H1") == 1
    figures = [element for element in elements if element["/S"] == "/Figure"]
    assert len(figures) == 1 + 3 * 3, "small multiples; two waterfalls and a tornado for each partner"
    assert all(len(str(element["/Alt"])) > 40 for element in figures)
    levels = [int(role[2]) for role in roles if re.fullmatch(r"/H\d", role)]
    assert all(after - before <= 1 for before, after in pairwise(levels)), "no level is skipped"
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()


def test_every_page_says_without_prejudice_and_each_partner_begins_one() -> None:
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(to_pdf(small()))).pages]
    assert all(MARK in text.splitlines()[-1] or f"{MARK}. Page" in text for text in pages)
    own = [text for text in pages if text.startswith(f"{MARK}: ")]
    assert len(own) == 3
    assert len(pages) == next(n for n, text in enumerate(pages) if text in own) + 3, "one page each"


# --- workbook

def test_workbook_is_marked_and_checks_itself() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(small())))
    assert {sheet.oddFooter.center.text for sheet in book.worksheets} == {MARK}
    formulas = [row[2].value for row in book["Workbook checks"].iter_rows(min_row=5)]
    assert len(formulas) > 20
    assert all(str(formula).startswith("=IF(") for formula in formulas)


def test_words_from_outside_are_never_formulas() -> None:
    """An offer that begins with an equals sign stays text."""
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(small())))
    cell = next(cell for row in book["Offers"].iter_rows() for cell in row if cell.value == "=accept()")
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


# --- page

class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_page_has_described_pictures_and_no_scripts() -> None:
    page = _Page()
    page.feed(to_html(small()))
    pictures = [attributes for tag, attributes in page.seen if tag == "svg"]
    assert len(pictures) == 10
    assert all(len(attributes["aria-label"] or "") > 40 for attributes in pictures)
    assert not [tag for tag, attributes in page.seen if tag in ("script", "img", "link") or "onload" in attributes]
    ids = [attributes["id"] for _, attributes in page.seen if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_there_are_three_drawn_formats() -> None:
    assert list(DRAWN) == ["xlsx", "pdf", "html"]
