"""The statement as a PDF for people who have ten minutes: verdict and chart first, then tables, working and checks.

A4 upright, tagged for screen readers, fonts embedded; the same statement gives the same bytes. Lengths are points.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any, cast
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor, white
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, KeepTogether, PageTemplate, Spacer
from reportlab.platypus import Paragraph as Plain
from reportlab.platypus import Table as ReportLabTable

from commissioning.statement import Statement
from exports.bars import drawing
from exports.fit import Fitted, fit
from exports.present import present
from exports.tagged import Figure, TableTags, TaggedCanvas, Words
from exports.view import Chart, KeyFigure, Step, Table, View
from exports.words import WORDS, Kind, cell, tag
from ledger.language import _, ngettext

SIDE, TOP, FOOT = 15 * mm, 14 * mm, 16 * mm
WIDTH = A4[0] - 2 * SIDE
BLUE, INK, MID, LINE, PALE = (HexColor(c) for c in ("#12436D", "#0B0C0C", "#505A5F", "#C9CED3", "#EEF1F4"))
FILLS = {"Red": HexColor("#F6D7D2"), "Amber": HexColor("#FFF2D3"), "Green": HexColor("#DDF1EC"),
         "FAILS": HexColor("#F6D7D2")}
REGULAR, BOLD = "LiberationSans", "LiberationSans-Bold"
PAD = 3.5
TINY = 7.5  # the size of the foot's words
TOGETHER = 10  # rows that are kept on one page

BODY = ParagraphStyle("body", fontName=REGULAR, fontSize=9.5, leading=12.6, textColor=INK, spaceAfter=3)
LEAD = ParagraphStyle("lead", BODY, fontName=BOLD, fontSize=11, leading=14.5, spaceAfter=4)
TITLE = ParagraphStyle("title", BODY, fontName=BOLD, fontSize=17, leading=21, spaceAfter=2)
HEADING = ParagraphStyle("heading", BODY, fontName=BOLD, fontSize=11.5, leading=14, spaceBefore=7, spaceAfter=3)
AGAIN = ParagraphStyle("again", HEADING, fontSize=9.5, leading=12, spaceBefore=7, spaceAfter=3)
SMALL = ParagraphStyle("small", BODY, fontSize=8, leading=10.2, textColor=MID, spaceBefore=2, spaceAfter=2)
CELL = ParagraphStyle("cell", BODY, fontSize=8, leading=10, spaceAfter=0)
CELL_RIGHT = ParagraphStyle("cellright", CELL, alignment=TA_RIGHT)
STEP = ParagraphStyle("step", BODY, fontSize=8, leading=10.2, spaceAfter=2.5)
FIGURE = ParagraphStyle("figure", BODY, fontName=BOLD, fontSize=15, leading=18, textColor=BLUE, spaceAfter=0)


def to_pdf(statement: Statement) -> bytes:
    """The PDF's bytes; the same for the same statement."""
    view = present(statement)
    return drawn(view, statement.name or statement.partnership, statement.known_at, lambda: _story(view))


def drawn(view: View, author: str, when: dt.datetime, story: Callable[[], list[Flowable]]) -> bytes:
    """A document with the view's title, standing and reference, and what `story` tells; `when` is its only date."""
    fonts()
    out = io.BytesIO()
    frame = Frame(SIDE, FOOT, WIDTH, A4[1] - TOP - FOOT, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    document = BaseDocTemplate(out, pagesize=A4, title=view.title, author=author, subject=view.standing,
                               creator="Poolbook", lang=tag(), invariant=1, initialFontName=REGULAR)
    document.addPageTemplates(PageTemplate("page", [frame]))
    document.build(story(), canvasmaker=partial(_Page, title=view.title, lang=tag(), view=view, when=_universal(when)))
    return out.getvalue()


def _universal(when: dt.datetime) -> dt.datetime:
    return when.astimezone(dt.UTC) if when.tzinfo else when


@cache
def fonts() -> None:
    """Registers the embedded typeface once."""
    folder = Path(__file__).parent / "fonts"
    for name, file in ((REGULAR, "LiberationSans-Regular.ttf"), (BOLD, "LiberationSans-Bold.ttf")):
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


class _Page(TaggedCanvas):
    """A canvas that puts the statement's reference and "page x of y" at the foot of each page.

    How many pages there are is known last: each page refers to a form, and the forms are drawn before saving.
    """

    def __init__(self, filename: Any, *, view: View, **rest: Any) -> None:
        super().__init__(filename, **rest)
        self.view, self.pages = view, 0

    def showPage(self) -> None:  # noqa: N802 - ReportLab's name
        self.pages += 1
        self.begin()
        self.saveState()
        self.setStrokeColor(LINE)
        self.line(SIDE, FOOT - 4 * mm, A4[0] - SIDE, FOOT - 4 * mm)
        self.setFillColor(MID)
        self.doForm(_number_form(self.pages))
        self.setFont(REGULAR, TINY)
        room = WIDTH - pdfmetrics.stringWidth(self._number(999, 999), REGULAR, TINY) - 6 * mm
        for i, line in enumerate(simpleSplit(self.view.reference, REGULAR, TINY, room)[:2]):
            self.drawString(SIDE, FOOT - 8 * mm - 9 * i, line)
        self.restoreState()
        self.end()
        super().showPage()

    def _number(self, page: int, pages: int) -> str:
        return _("{status}. Page {page} of {pages}").format(status=self.view.status, page=page, pages=pages)

    def save(self) -> None:
        """Draws each page's number, now that there is a last page; then all the rest."""
        if len(self._code):
            self.showPage()
        for page in range(1, self.pages + 1):
            self.beginForm(_number_form(page))
            self.setFillColor(MID)
            self.setFont(REGULAR, TINY)
            self.drawRightString(A4[0] - SIDE, FOOT - 8 * mm, self._number(page, self.pages))
            self.endForm()
        super().save()


def _number_form(page: int) -> str:
    return f"number{page}"


def _story(view: View) -> list[Flowable]:
    """Everything in reading order."""
    story = [*opening(view), *_decisions(view), *section(view.asked, view.currency)]
    if view.chart:
        story.append(KeepTogether(_chart(view.chart, view.currency)))
    for table in view.tables:
        if table.brief:
            story += section(table, view.currency)
    return [*story, *_working(view), *facts(view)]


def opening(view: View) -> list[Flowable]:
    """Title, standing, verdict and the three figures."""
    verdict = [Words(escape(text), LEAD if number == 0 else BODY) for number, text in enumerate(view.verdict)]
    return [Words(escape(view.title), TITLE, "H1", 0), Words(escape(view.standing), SMALL), Spacer(0, 4), *verdict,
            Spacer(0, 5), _KeyFigures(view.figures)]


def _decisions(view: View) -> list[Flowable]:
    """What the board is asked to decide."""
    items = [Words(escape(text), BODY) for text in view.decisions]
    return [KeepTogether([Words(escape(_("Decision asked")), HEADING, "H2", 1), *items])]


class _KeyFigures(Flowable):
    """The three figures side by side, each with its label and its measure."""

    def __init__(self, figures: tuple[KeyFigure, ...]) -> None:
        super().__init__()
        self.gap, self.inset = 4 * mm, 3 * mm
        self.each = (WIDTH - self.gap * (len(figures) - 1)) / len(figures)
        self.cells = [[Words(escape(figure.label), CELL), Words(escape(figure.figure), _shrunk(figure.figure, self.each
                       - 2 * self.inset)), Words(escape(figure.note), CELL)] for figure in figures]

    def wrap(self, *_available: float) -> tuple[float, float]:
        inner = self.each - 2 * self.inset
        self.height = 2 * 2 * mm + max(sum(words.wrap(inner, 1000)[1] for words in cell) for cell in self.cells)
        return WIDTH, self.height

    def draw(self) -> None:
        canvas = self.canv
        assert isinstance(canvas, TaggedCanvas)
        for number, cell_words in enumerate(self.cells):
            left = number * (self.each + self.gap)
            canvas.begin()
            canvas.setFillColor(PALE)
            canvas.rect(left, 0, self.each, self.height, stroke=0, fill=1)
            canvas.setFillColor(BLUE)
            canvas.rect(left, 0, 2, self.height, stroke=0, fill=1)
            canvas.end()
            y = self.height - 2 * mm
            for words in cell_words:
                y -= words.height
                words.drawOn(canvas, left + self.inset, y)


def _shrunk(text: str, room: float) -> ParagraphStyle:
    """The figure's style, smaller where the amount is long, so that it stays on one line."""
    size = min(FIGURE.fontSize, FIGURE.fontSize * room / max(pdfmetrics.stringWidth(text, BOLD, FIGURE.fontSize), 1))
    return ParagraphStyle("figure", FIGURE, fontSize=size * 0.99)


def _chart(chart: Chart, currency: str, level: int = 2) -> list[Flowable]:
    return [Words(escape(chart.heading), HEADING if level == 2 else AGAIN, f"H{level}", level - 1),
            Figure(drawing(chart, currency, WIDTH, REGULAR, BOLD), chart.alternative, REGULAR),
            Words(escape(chart.caption), SMALL, "Caption")]


def _measure(text: str, bold: bool) -> float:
    return float(pdfmetrics.stringWidth(text, BOLD if bold else REGULAR, CELL.fontSize)) + 0.2


def section(table: Table, currency: str, level: int = 2) -> list[Flowable]:
    """A heading with its table, in several pieces where it is too wide, the note, and the table's chart."""
    chart = [KeepTogether(_chart(table.chart, currency, level + 1))] if table.chart else []
    return [*_tabled(table, currency, level), *chart]


def _tabled(table: Table, currency: str, level: int) -> list[Flowable]:
    heading = Words(escape(table.heading), HEADING, f"H{level}", level - 1)
    if not table.rows:
        return [KeepTogether([heading, Words(escape(table.empty or _("None in this period.")), BODY)])]
    pieces: list[list[Flowable]] = [[_continued(table, fitted), _grid(table, fitted, currency)]
                                    for fitted in fit(table, currency, WIDTH, _measure, PAD)]
    pieces[0][0] = heading
    if table.note:
        pieces[-1].append(Words(escape(table.note), SMALL))
    if len(table.rows) <= TOGETHER:
        return [KeepTogether(piece) for piece in pieces]
    return [flowable for piece in pieces for flowable in (CondPageBreak(45 * mm), *piece)]


def _continued(table: Table, fitted: Fitted) -> Words:
    """What stands over a further piece of a table: the name of its group of columns."""
    groups = {table.columns[i].group for i in fitted.columns[1:]}
    group = groups.pop() if len(groups) == 1 else ""
    return Words(escape(_("{table}, {columns}").format(table=table.name, columns=group.lower() or _(
        "further columns"))), AGAIN, "P")


class Grid(ReportLabTable):
    """A table whose rows stay whole on a page, but for one that is taller than a page."""

    def split(self, width: Any, height: Any) -> Any:
        self.wrap(width, height)
        heights: list[float] = cast(Any, self)._rowHeights
        self.splitInRow = int(heights[0] + max(heights[1:], default=0) > A4[1] - TOP - FOOT)
        return super().split(width, height)


def _grid(table: Table, fitted: Fitted, currency: str) -> Grid:
    """The columns of a table that stand side by side."""
    kinds = [table.columns[i].kind for i in fitted.columns]
    head = [_cell(table.columns[i].head, table.columns[i].kind, head=True) for i in fitted.columns]
    body = [[_cell(cell(row[i], kind, currency), kind) for i, kind in zip(fitted.columns, kinds, strict=True)]
            for row in table.rows]
    style: list[Any] = [
        ("FONTNAME", (0, 0), (-1, -1), REGULAR),
        ("BACKGROUND", (0, 0), (-1, 0), BLUE), ("LINEBELOW", (0, 1), (-1, -1), 0.4, LINE),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"), ("VALIGN", (0, 1), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 1.8), ("BOTTOMPADDING", (0, 0), (-1, -1), 2.4),
        ("LEFTPADDING", (0, 0), (-1, -1), PAD), ("RIGHTPADDING", (0, 0), (-1, -1), PAD)]
    rows = list(table.rows)
    if table.total:
        rows.append(table.total)
        body.append([_cell(cell(table.total[i], kind, currency), kind, bold=True)
                     for i, kind in zip(fitted.columns, kinds, strict=True)])
        style += [("LINEABOVE", (0, -1), (-1, -1), 1, INK), ("BACKGROUND", (0, -1), (-1, -1), PALE)]
    for r, row in enumerate(rows, 1):
        style += [("BACKGROUND", (c, r), (c, r), FILLS[str(row[i])]) for c, i in enumerate(fitted.columns)
                  if c and isinstance(row[i], str) and row[i] in FILLS]
    return Grid([head, *body], colWidths=list(fitted.widths), repeatRows=1, style=style, hAlign="LEFT",
                renderCB=cast(Any, TableTags(table.caption)))


def _cell(text: str, kind: Kind, head: bool = False, bold: bool = False) -> Plain:
    style = CELL if kind in WORDS else CELL_RIGHT
    if head:
        style = ParagraphStyle("head", style, fontName=BOLD, textColor=white)
    elif bold:
        style = ParagraphStyle("total", style, fontName=BOLD)
    return Plain(escape(text), style)


def _working(view: View) -> list[Flowable]:
    """Each step of the calculation, with its clause, in words."""
    heading = Words(escape(view.working.heading), HEADING, "H2", 1)
    if not view.steps:
        return [KeepTogether([heading, Words(escape(view.working.empty), BODY)])]
    shown = [step for step in view.steps if not step.detail]
    steps = [Words(escape(view.working.note), SMALL), *(_step(step) for step in shown)]
    if left := len(view.steps) - len(shown):
        steps.append(Words(escape(ngettext(
            "The workbook and the page also show {count} step that had nothing to share or only spread budgets and "
            "variances over the services.", "The workbook and the page also show the {count} steps that had nothing to "
            "share or only spread budgets and variances over the services.", left).format(count=left)), SMALL))
    return [KeepTogether([heading, *steps[:2]]), *steps[2:]]


def _step(step: Step) -> Words:
    clause = f" ({escape(step.clause)})" if step.clause else ""
    return Words(f"<b>{step.number}. {escape(step.name)}</b>{clause}. {escape(step.sum)} {escape(step.because)}", STEP)


def facts(view: View) -> list[Flowable]:
    """Where the ledger stood, and the notes on the figures."""
    said = " ".join(f"<b>{escape(label)}:</b> {escape(text)}." for label, text in view.ledger)
    printed = " ".join(table.note for table in view.tables if table.brief)
    notes = " ".join(note for note in view.notes if note not in printed)
    return [KeepTogether([Words(escape(_("Where the ledger stood, and notes")), HEADING, "H2", 1), Words(said, STEP),
                          Words(escape(notes), STEP)])]
