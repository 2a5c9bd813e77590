"""The pack in its formats: as kept, the same bytes each time, tagged, neutral, marked on every page."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from fractions import Fraction
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest

from commissioning.negotiation.options import growth_of, work
from exports.pack.build import sheets
from exports.pack.faces import DRAWN
from exports.pack.html import to_html
from exports.pack.model import MARK
from exports.pack.pdf import to_pdf
from exports.pack.plots import Scale, plotted
from exports.pack.xlsx import to_xlsx
from exports.view import Table
from exports.words import Kind
from tests.exports.structure import structure
from tests.negotiation.dumps import GOLDENS, spoken
from tests.negotiation.samples import chances, division, small, weighed


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.name)
def test_it_is_as_kept(path: Path) -> None:
    assert GOLDENS[path]() == path.read_text(encoding="utf-8"), (
        "if this is meant: python -m tests.negotiation.renew, then read the diff")


def test_no_clock_in_any_format() -> None:
    code = ("import hashlib; from exports.pack.faces import DRAWN; from tests.negotiation.samples import small;"
            "pack = small(); print([hashlib.sha256(draw(pack)).hexdigest() for draw in DRAWN.values()])")
    began = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True,
                              env={"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": ":".join(sys.path)})
             for seed, zone in (("1", "UTC"), ("2", "Pacific/Auckland"))]
    told = {one.communicate()[0] for one in began}
    assert all(one.returncode == 0 for one in began)
    assert len(told) == 1


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
    said, _cut, after = spoken().lower().partition("what each method does, in plain words")
    said += after.partition("weights and sources")[2]
    assert len(after) > 1000, "what methods do is said in the words of their own files"
    assert not re.search(r"\b(fair|unfair|generous|excessive|reasonable|unfortunately|wins?|los(es|er)|winner)\b", said)


def test_a_change_is_never_a_bare_sign_in_a_table() -> None:
    kinds = {column.kind for table in sheets(small()) for column in table.columns if column.head.startswith("Change")}
    assert kinds == {Kind.CHANGE}


def test_what_follows_from_chances_stands_beside_the_options() -> None:
    """Every partner under every option, with the figures of its exposure; the seed and what was stated are printed."""
    tables = {table.name: table for table in sheets(small())}
    rows = {(row[0], row[1]): row for row in tables["Exposure"].rows}
    assert len(rows) == 3 * 3
    for n, option in enumerate(("Today", "higher", "shares")):
        for one in chances().exposures[n].partners:
            name = next(p.name for p in weighed().worked[0].statement.partners if p.id == one.partner)
            assert rows[name, option][2:5] == (one.call.p10, one.call.p50, one.call.p90)
            assert rows[name, option][6] == one.transfer
    assert ("Reablement at home", "demand", "normal around 2%, standard deviation 5%",
            "price of Community beds by 0.6") in tables["Chances"].rows
    assert "Seed 7, 200 years drawn" in tables["Chances"].note
    assert tables["Limits reached"].rows[0][0] == "reserve general exhausted"


def test_nine_ways_to_divide_stand_side_by_side_with_the_test_of_coalitions() -> None:
    tables = {table.name: table for table in sheets(small())}
    ways = tables["Ways to divide"]
    assert [row[0] for row in ways.rows] == [one.method.title() for one in division().columns]
    assert len(ways.rows) == 9
    assert all(sum(value for value in row[1:4] if isinstance(value, int)) == 900_000_00 for row in ways.rows)
    nucleolus = next(row for row in ways.rows if row[0] == "Nucleolus")
    assert nucleolus[4] == "nobody"
    assert all(len(str(row[1])) > 150 for row in tables["In plain words"].rows), "a paragraph each"


def test_later_years_follow_from_stated_growth() -> None:
    """Four percent, then two and a half on that: 6.6 percent more than this year."""
    tables = {table.name: table for table in sheets(small())}
    years = tables["Years"]
    assert list(dict.fromkeys(row[0] for row in years.rows)) == [
        "FY2024", "FY2025, all costs +4.0%", "FY2026, all costs +6.6%"]
    grown = next(line for line in weighed().years if line.year == "FY2026")
    option = weighed().worked[2].option
    assert grown.due[2] == work(option, growth_of(option, Fraction("6.6"))).due
    assert ("growth of all costs in FY2025, in percent", "4", "4", "4", "Medium-term plan", "1 July 2026",
            "no") in tables["Weights"].rows


# --- PDF

def test_pdf_is_tagged() -> None:
    reader, elements = structure(to_pdf(small()))
    root: Any = reader.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("en-GB", True)
    roles = [str(element["/S"]) for element in elements]
    assert roles.count("/H1") == 1
    figures = [element for element in elements if element["/S"] == "/Figure"]
    assert len(figures) == 2 + 3 * 3, "small multiples, ranges; two waterfalls and a tornado for each partner"
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
    assert {sheet.oddFooter and sheet.oddFooter.center.text for sheet in book.worksheets} == {MARK}
    formulas = [row[2].value for row in book["Workbook checks"].iter_rows(min_row=5)]
    assert len(formulas) > 20
    assert all(str(formula).startswith("=IF(") for formula in formulas)


def test_words_from_outside_are_never_formulas() -> None:
    """An offer that begins with an equals sign stays text."""
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(small())))
    cell = next(cell for row in book["Offers"].iter_rows() for cell in row if cell.value == "=accept()")
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_workbook_has_a_described_chart_of_every_picture() -> None:
    with zipfile.ZipFile(io.BytesIO(to_xlsx(small()))) as book:
        drawings, charts = ([book.read(name).decode() for name in book.namelist() if re.fullmatch(pattern, name)]
                            for pattern in (r"xl/drawings/drawing\d+\.xml", r"xl/charts/chart\d+\.xml"))
    said = re.findall(r' descr="([^"]*)"', "".join(drawings))
    assert len(said) == len(charts) == 3 + 3 + 3 * (2 + 1), "a partner: change, exposure, two waterfalls, a tornado"
    assert all(len(words) > 40 for words in said)
    assert all("<c:min" in chart or "<min" in chart for chart in charts), "every scale is stated"


def test_charts_draw_what_their_tables_hold() -> None:
    """Each waterfall's steps lead from its first amount to its last; scales hold every amount."""
    sheets_of = {one.table.name: one for one in plotted(small())}
    found = 0
    for partner, due in weighed().worked[2].due.items():
        one = sheets_of[f"{partner} waterfalls"]
        for plot in one.plots:
            first, *steps, last = one.table.rows[slice(*plot.rows)]
            owed, ends = first[2], last[2]
            assert isinstance(owed, int)
            assert isinstance(ends, int)
            assert owed + sum(as_whole(row[4]) - as_whole(row[5]) for row in steps) == ends
            levels = [owed, ends, *(as_whole(row[3]) for row in steps)]
            assert plot.scale.low <= min(levels)
            assert max(levels) <= plot.scale.high
            found += 1
        assert ends == due
    assert found == 6


def as_whole(value: object) -> int:
    assert isinstance(value, int)
    return value


@pytest.mark.parametrize(("amounts", "beyond", "scale"), [
    ((0, 97), 0, Scale(0, 100, 20)), ((0, 97, -40), 0, Scale(-50, 100, 50)), ((0,), 30, Scale(0, 1, 1)),
    ((5_127_000, 5_228_487), 25, Scale(5_100_000, 5_300_000, 50_000)), ((-3, -1), 0, Scale(-3, -1, 1))])
def test_a_scale_has_round_ends_and_holds_all(amounts: tuple[int, ...], beyond: int, scale: Scale) -> None:
    assert Scale.of(amounts, beyond) == scale


# --- page

class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.described: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.seen and self.seen[-1][0] == "desc" and data.strip():
            self.described.append(data)


def test_page_has_described_pictures_and_no_scripts() -> None:
    page = _Page()
    page.feed(to_html(small()))
    pictures = [attributes for tag, attributes in page.seen if tag == "svg"]
    assert len(pictures) == 11
    assert len(page.described) == len(pictures)
    assert all(len(words) > 40 for words in page.described)
    assert not [tag for tag, attributes in page.seen if tag in ("script", "img", "link") or "onload" in attributes]
    ids = [attributes["id"] for _, attributes in page.seen if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_there_are_three_drawn_formats() -> None:
    assert list(DRAWN) == ["xlsx", "pdf", "html"]
