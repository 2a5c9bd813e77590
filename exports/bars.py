"""A bullet chart as a ReportLab drawing: dark bars in pale ones, lines of plan, numbers on the marks and beside them.

Geometry is measured on paper and so uses floats; every printed figure comes ready from the view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth

from exports.axis import Scale, place, scale
from exports.view import Bar, Chart
from exports.words import plain

SIZE, SMALL, LINE_HEIGHT = 8.0, 7.0, 9.5
THICK, WIDE = 9.0, 14.0  # of a dark bar and of the pale one round it
FOOT, HEAD = 14.0, 12.0  # for the axis below and the heads above
DONE, WHOLE, OUTLINE, PLAN, LIMIT = (HexColor(c) for c in ("#12436D", "#E3E7EB", "#6F7780", "#F46A25", "#0B0C0C"))
INK, GRID, WHITE = HexColor("#0B0C0C"), HexColor("#D0D4D8"), HexColor("#FFFFFF")


@dataclass(frozen=True, slots=True)
class _Laid:
    """Where bars begin, how long a unit of money is, where each column of words ends; currency and typefaces."""

    start: float
    per_unit: float
    axis: Scale
    ends: tuple[float, ...]
    currency: str
    regular: str
    bold: str

    def across(self, amount: int) -> float:
        return self.start + max(amount, 0) * self.per_unit


def drawing(chart: Chart, currency: str, width: float, regular: str, bold: str) -> Drawing:
    """The chart, as wide as asked and as high as its labels need."""
    label_width = min(0.30 * width, max(stringWidth(bar.label, regular, SIZE) for bar in chart.bars) + 6)
    lines = [simpleSplit(_cut(bar.label, regular, label_width - 6), regular, SIZE, label_width - 6)
             for bar in chart.bars]
    heights = [max(WIDE + 6, len(label) * LINE_HEIGHT + 5) for label in lines]
    columns = [max(stringWidth(words, bold, SIZE) for words in (head, *(bar.printed[i] for bar in chart.bars))) + 8
               for i, head in enumerate(chart.heads or [""] * len(chart.bars[0].printed))]
    largest = max(max(bar.done, bar.plan, bar.whole or 0, bar.limit or 0, 0) for bar in chart.bars)
    axis = scale(largest, currency)
    ends = tuple(width - sum(columns[i + 1:]) for i in range(len(columns)))
    laid = _Laid(label_width, (width - label_width - sum(columns) - 4) / axis.top, axis, ends, currency, regular, bold)
    head = HEAD if any(chart.heads) else 0.0
    found = Drawing(width, sum(heights) + FOOT + head)
    _axis(found, laid, found.height - head)
    _words(found, chart.heads, found.height - 9, laid)
    y = found.height - head
    for bar, label, height in zip(chart.bars, lines, heights, strict=True):
        y -= height
        _bar(found, bar, label, y + height / 2, laid)
    return found


def _cut(label: str, regular: str, room: float) -> str:
    """A label whose words each fit into the room; a longer word is cut where the room ends."""
    words = []
    for word in label.split():
        while stringWidth(word, regular, SIZE) > room:
            fits = next((n for n in range(len(word) - 1, 1, -1) if stringWidth(word[:n], regular, SIZE) <= room), 1)
            words.append(word[:fits])
            word = word[fits:]
        words.append(word)
    return " ".join(words)


def _axis(found: Drawing, laid: _Laid, top: float) -> None:
    for tick, words in laid.axis.ticks:
        found.add(Line(laid.across(tick), 11, laid.across(tick), top, strokeColor=GRID, strokeWidth=0.5))
        found.add(String(laid.across(tick), 2, words, fontName=laid.regular, fontSize=SMALL, fillColor=INK,
                         textAnchor="middle"))


def _bar(found: Drawing, bar: Bar, label: Sequence[str], middle: float, laid: _Laid) -> None:
    """One bullet with its label, its lines and its numbers."""
    for number, text in enumerate(label):
        base = middle + (len(label) / 2 - number - 1) * LINE_HEIGHT + 2.2
        found.add(String(0, base, text, fontName=laid.regular, fontSize=SIZE, fillColor=INK))
    if bar.whole is not None:
        found.add(_filled(laid.start, middle - WIDE / 2, laid.across(bar.whole) - laid.start, WIDE, WHOLE, OUTLINE))
    found.add(_filled(laid.start, middle - THICK / 2, laid.across(bar.done) - laid.start, THICK, DONE))
    _amount(found, bar, middle, laid)
    if bar.limit is not None:
        _line(found, laid.across(bar.limit), middle, WHITE, 3.6)  # so that it stands out on a dark bar too
        _line(found, laid.across(bar.limit), middle, LIMIT, 1.6)
    _line(found, laid.across(bar.plan), middle, PLAN, 2.2)
    _words(found, bar.printed, middle - 2.8, laid)


def _line(found: Drawing, x: float, middle: float, color: Color, width: float) -> None:
    found.add(Line(x, middle - WIDE / 2 - 1.5, x, middle + WIDE / 2 + 1.5, strokeColor=color, strokeWidth=width))


def _words(found: Drawing, words: Sequence[str], base: float, laid: _Laid) -> None:
    for end, text in zip(laid.ends, words, strict=False):
        found.add(String(end, base, text, fontName=laid.bold, fontSize=SIZE, fillColor=INK, textAnchor="end"))


def _filled(x: float, y: float, width: float, height: float, color: Color, stroke: Color | None = None) -> Rect:
    rect = Rect(x, y, max(width, 0.1), height)
    rect.fillColor, rect.strokeColor, rect.strokeWidth = color, stroke, 0.6
    return rect


def _amount(found: Drawing, bar: Bar, middle: float, laid: _Laid) -> None:
    """The amount in white on its bar, or beside it on white."""
    text = plain(bar.done, laid.currency)
    size = stringWidth(text, laid.regular, SMALL)
    lines = [laid.across(amount) - laid.start for amount in (bar.plan, bar.limit, bar.whole) if amount is not None]
    at, inside = place(size, laid.across(bar.done) - laid.start, lines, laid.across(laid.axis.top) - laid.start)
    if not inside:
        found.add(_filled(laid.start + at - 1.5, middle - THICK / 2, size + 3, THICK, WHITE))
    found.add(String(laid.start + at, middle - 2.5, text, fontName=laid.regular, fontSize=SMALL,
                     fillColor=WHITE if inside else INK))
