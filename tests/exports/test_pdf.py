"""The PDF of a statement: tagged as PDF/UA-1 asks, read in order by machines, and of a few pages."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise

import pikepdf
import pytest

from commissioning.statement import Note
from exports.extract import for_partner
from exports.pdf import to_pdf
from exports.present import present
from tests.exports.samples import SAMPLES, interim, small, wide

HEADINGS = ("H1", "H2", "H3", "H4")


@dataclass(frozen=True)
class Tag:
    """One element of the structure tree, with the text of the marks right under it, and what is inside."""

    role: str
    element: pikepdf.Dictionary
    marks: tuple[tuple[int, int], ...]  # page and number of each
    kids: tuple[Tag, ...]

    def below(self) -> Iterator[Tag]:
        yield self
        for kid in self.kids:
            yield from kid.below()

    def all(self, role: str) -> list[Tag]:
        return [tag for tag in self.below() if tag.role == role]

    @property
    def attributes(self) -> pikepdf.Dictionary:
        found = self.element.get("/A", pikepdf.Dictionary())
        assert isinstance(found, pikepdf.Dictionary)
        return found


@cache
def made(sample: str) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(to_pdf(SAMPLES[sample]())))


def tree(pdf: pikepdf.Pdf) -> Tag:
    pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}

    def read(element: pikepdf.Object) -> Tag:
        assert isinstance(element, pikepdf.Dictionary)
        kids = element.get("/K", pikepdf.Array())
        found = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
        marks = tuple((pages[kid.Pg.objgen], int(kid.MCID)) for kid in found if kid.get("/Type") == "/MCR")
        return Tag(str(element.S)[1:], element, marks, tuple(read(kid) for kid in found if "/S" in kid))

    return read(pdf.Root.StructTreeRoot.K)


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_document_says_what_it_is(sample: str) -> None:
    pdf, statement = made(sample), SAMPLES[sample]()
    assert pdf.Root.MarkInfo.Marked
    assert pdf.Root.Lang == "en-GB"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert statement.name in str(pdf.docinfo.Title)
    with pdf.open_metadata() as about:
        assert statement.name in about["dc:title"]
        assert about["pdfuaid:part"] == "1"
    made_at = datetime.strptime(str(pdf.docinfo.CreationDate)[2:16], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    assert made_at == statement.known_at.replace(microsecond=0)
    with pdf.open_outline() as outline:
        (top,) = outline.root
        titles = [item.title for item in top.children]
    view = present(statement)
    assert top.title == view.title
    assert titles == ["Decision asked", view.asked.heading, *([view.chart.heading] if view.chart else []),
                      *(table.heading for table in view.tables if table.brief), view.working.heading,
                      "Where the ledger stood, and notes"]


@pytest.mark.parametrize("sample", SAMPLES)
def test_headings_come_in_order(sample: str) -> None:
    levels = [int(tag.role[1]) for tag in tree(made(sample)).below() if tag.role in HEADINGS]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_figure_says_its_numbers(sample: str) -> None:
    figures = tree(made(sample)).all("Figure")
    view = present(SAMPLES[sample]())
    charts = [chart for chart in (view.chart, *(t.chart for t in view.tables if t.brief)) if chart]
    assert [str(figure.element.Alt) for figure in figures] == [chart.alternative for chart in charts]
    for chart in charts:
        for bar in chart.bars:
            assert bar.label in chart.alternative
            assert all(words in chart.alternative for words in bar.printed)
    assert all(len(figure.attributes.BBox) == 4 for figure in figures)


@pytest.mark.parametrize("sample", SAMPLES)
def test_tables_have_heads_and_even_rows(sample: str) -> None:
    """The first row is of column heads, each row begins with its own; also where a table runs over pages."""
    tables = tree(made(sample)).all("Table")
    assert tables
    for table in tables:
        assert [part.role for part in table.kids] == ["THead", "TBody"]
        head, body = table.kids[0].kids, table.kids[1].kids
        assert len(head) == 1
        assert {cell.role for cell in head[0].kids} == {"TH"}
        assert {str(cell.attributes.Scope) for cell in head[0].kids} == {"/Column"}
        for row in body:
            assert [cell.role for cell in row.kids] == ["TH", *["TD"] * (len(head[0].kids) - 1)]
            assert row.kids[0].attributes.Scope == "/Row"
        assert str(table.attributes.Summary)


@pytest.mark.parametrize("sample", SAMPLES)
def test_marks_are_read_in_the_order_in_which_they_are_drawn(sample: str) -> None:
    """Nothing is skipped, nothing is read twice, and no page is read before the one before it."""
    pdf = made(sample)
    read = [mark for tag in tree(pdf).below() for mark in tag.marks]
    assert len(read) == len(set(read))
    assert [page for page, _ in read if page] == sorted(page for page, _ in read if page)
    for number, page in enumerate(pdf.pages):
        drawn = [int(word) for word in re.findall(rb"MCID (\d+)", page.Contents.read_bytes())]
        assert sorted(mark for at, mark in read if at == number) == drawn


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_is_drawn_is_tagged_or_an_artifact(sample: str) -> None:
    """Every page's drawing operators stand between BDC or BMC and EMC."""
    for page in made(sample).pages:
        depth = 0
        for instruction in pikepdf.parse_content_stream(page):
            name = str(instruction.operator)
            depth += (name in ("BDC", "BMC")) - (name == "EMC")
            assert depth in (0, 1)
            if name in ("Tj", "TJ", "S", "f", "f*", "B", "b", "re"):
                assert depth == 1, f"{name} outside of what is marked"


def test_every_font_is_embedded() -> None:
    fonts = [font for page in made("interim").pages for font in page.Resources.Font.values()]
    assert fonts
    assert all("/FontFile2" in font.FontDescriptor for font in fonts)


@pytest.mark.parametrize("sample", ["small", "interim"])
def test_an_ordinary_pool_has_a_few_pages(sample: str) -> None:
    assert len(made(sample).pages) <= 4


def text(data: bytes) -> str:
    """What `pdftotext` reads, page by page, with line ends as spaces."""
    found = subprocess.run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True)
    return " ".join(found.stdout.decode().replace("\f", " ").split())


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not on this machine")
@pytest.mark.parametrize("sample", SAMPLES)
def test_text_reads_in_order(sample: str) -> None:
    """Title, verdict, decisions, asked, chart, then each printed table, the working and the notes."""
    view = present(SAMPLES[sample]())
    said = text(to_pdf(SAMPLES[sample]()))
    wanted = [view.title, view.standing, *view.verdict, "Decision asked", *view.decisions, view.asked.heading,
              *([view.chart.heading] if view.chart else []), *(t.heading for t in view.tables if t.brief),
              view.working.heading, "Where the ledger stood, and notes"]
    at = 0
    for words in wanted:
        place = said.find(" ".join(words.split()), at)
        assert place >= 0, f"{words!r} is not after what comes before it"
        at = place
    pages = len(made(sample).pages)
    assert f"Page {pages} of {pages}" in said


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not on this machine")
def test_every_service_and_partner_is_there() -> None:
    statement = wide()
    said = text(to_pdf(statement))
    for name in [line.name for line in statement.services] + [line.name for line in statement.partners]:
        assert name in said


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not on this machine")
def test_words_longer_than_a_page_run_over_pages() -> None:
    """An explanation stands in a table and a decision in a paragraph: both are printed to their ends."""
    small_one = small()
    day, service = small_one.ends, small_one.services[0].id
    notes = (Note("explanation", day, service, "Long winters closed wards. " * 500 + "So far the wards."),
             Note("decision", day, "", "Decide on the next winter. " * 500 + "So far the decision."))
    data = to_pdf(replace(small_one, notes=notes))
    said = text(data)
    for often, last in (("Decide on the next winter.", "So far the decision."),
                        ("Long winters closed wards.", "So far the wards.")):
        assert last in said
        assert said.count(often) > 480, "but for the few that run over the end of a page"
    for table in tree(pikepdf.open(io.BytesIO(data))).all("Table"):
        assert len({len(row.kids) for part in table.kids for row in part.kids}) == 1, "every row has all columns"


def test_an_extract_shows_no_other_partner() -> None:
    statement = interim()
    data = to_pdf(for_partner(statement, "icb"))
    pdf = pikepdf.open(io.BytesIO(data))
    words = str(pdf.docinfo.Title) + "".join(str(tag.element.get("/Alt", "")) for tag in tree(pdf).below())
    assert "extract for NHS Westmere ICB" in words
    if shutil.which("pdftotext"):
        said = text(data)
        assert "Oakdale" not in said
        assert "Westmere Council" not in said
        assert "other partners' own figures are left out" in said


def test_a_changed_statement_changes_the_file() -> None:
    assert to_pdf(small()) == to_pdf(small())
    assert to_pdf(small()) != to_pdf(interim())
