"""The chart of services as a ReportLab drawing: bars of actual, lines of plan, numbers on the marks.

Geometry is measured on paper and so uses floats; every printed figure comes ready from the view.
"""

from __future__ import annotations

from collections.abc import Callable

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth

from exports.axis import Scale, place, scale
from exports.view import Chart
from exports.words import plain

SIZE, THICK = 8.0, 12.0
ACTUAL, PLAN, INK, GRID = HexColor("#12436D"), HexColor("#F46A25"), HexColor("#0B0C0C"), HexColor("#D0D4D8")
WHITE = HexColor("#FFFFFF")


def drawing(chart: Chart, currency: str, width: float, regular: str, bold: str) -> Drawing:
    """Bars of actual to date, a line for the plan, the amount on each mark and the variance beside it."""
    label_width = min(0.34 * width, max(stringWidth(bar.label, regular, SIZE) for bar in chart.bars) + 6)
    lines = [simpleSplit(bar.label, regular, SIZE, label_width - 6) for bar in chart.bars]
    heights = [max(THICK + 6, len(label) * (SIZE + 1.5) + 5) for label in lines]
    room = max(stringWidth(bar.printed, bold, SIZE) for bar in chart.bars) + 8
    axis = scale(max(max(bar.plan, bar.actual, 0) for bar in chart.bars), currency)
    per_unit = (width - label_width - room) / axis.top
    found = Drawing(width, sum(heights) + 14)
    def across(amount: int) -> float:
        return label_width + max(amount, 0) * per_unit
    _axis(found, axis, across, regular)
    y = found.height
    for bar, label, height in zip(chart.bars, lines, heights, strict=True):
        y -= height
        middle = y + height / 2
        for number, text in enumerate(label):
            base = middle + (len(label) / 2 - number - 1) * (SIZE + 1.5) + 2.2
            found.add(String(0, base, text, fontName=regular, fontSize=SIZE, fillColor=INK))
        found.add(_filled(label_width, middle - THICK / 2, max(across(bar.actual) - label_width, 0.1), THICK, ACTUAL))
        found.add(Line(across(bar.plan), middle - THICK / 2 - 2, across(bar.plan), middle + THICK / 2 + 2,
                       strokeColor=PLAN, strokeWidth=2))
        marks = (label_width, across(bar.actual), across(bar.plan), across(axis.top))
        _amount(found, plain(bar.actual, currency), marks, middle, regular)
        found.add(String(width, middle - 2.8, bar.printed, fontName=bold, fontSize=SIZE, fillColor=INK,
                         textAnchor="end"))
    return found


def _filled(x: float, y: float, width: float, height: float, color: Color) -> Rect:
    rect = Rect(x, y, width, height)
    rect.fillColor, rect.strokeColor = color, None
    return rect


def _axis(found: Drawing, axis: Scale, across: Callable[[int], float], regular: str) -> None:
    for tick, words in axis.ticks:
        found.add(Line(across(tick), 11, across(tick), found.height, strokeColor=GRID, strokeWidth=0.5))
        found.add(String(across(tick), 2, words, fontName=regular, fontSize=7, fillColor=INK, textAnchor="middle"))


def _amount(found: Drawing, text: str, marks: tuple[float, float, float, float], middle: float, regular: str) -> None:
    """The amount in white on its bar, or beside it on white."""
    start, end, plan, limit = marks
    size = stringWidth(text, regular, SIZE - 1)
    at, inside = place(size, end - start, plan - start, limit - start)
    if not inside:
        found.add(_filled(start + at - 1, middle - 5, size + 2, 10, WHITE))
    found.add(String(start + at, middle - 2.5, text, fontName=regular, fontSize=SIZE - 1,
                     fillColor=WHITE if inside else INK))
