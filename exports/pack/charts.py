"""The pictures of a pack as ReportLab drawings, which the PDF draws and the page shows as SVG.

Geometry is measured on paper and so uses floats; every printed figure comes ready.
"""

from __future__ import annotations

from typing import Literal

from reportlab.graphics.shapes import Drawing, Line, Polygon, Rect, String
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth

from exports.pack.model import Multiples, Picture, Ranges, Tornado, Waterfall
from exports.pdf import BOLD, REGULAR
from exports.words import MINUS, plain

MORE, LESS, TOTAL, INK, PALE = (HexColor(c) for c in ("#F46A25", "#12436D", "#3D3D3D", "#0B0C0C", "#A285D1"))
WHITE, GREY = HexColor("#FFFFFF"), HexColor("#505A5F")
SIZE, ROW = 8.0, 15.0


def drawing(picture: Picture, currency: str, width: float) -> Drawing:
    """The drawing of a picture, as wide as it is told."""
    if isinstance(picture, Waterfall):
        return _waterfall(picture, currency, width)
    if isinstance(picture, Multiples):
        return _multiples(picture, currency, width)
    return _ranges(picture, currency, width) if isinstance(picture, Ranges) else _tornado(picture, currency, width)


def change_words(amount: int, currency: str) -> str:
    """A change as it is printed on a mark: `+12.00`, `−12.00`."""
    return f"{'+' if amount > 0 else MINUS if amount < 0 else ''}{plain(abs(amount), currency)}"


def _text(found: Drawing, x: float, y: float, text: str, anchor: Literal["start", "middle", "end"] = "start",
          bold: bool = False, size: float = SIZE) -> None:
    found.add(String(x, y, text, fontName=BOLD if bold else REGULAR, fontSize=size, fillColor=INK, textAnchor=anchor))


def _bar(found: Drawing, x: float, y: float, width: float, height: float, color: Color) -> None:
    rect = Rect(x, y, width, height)
    rect.fillColor, rect.strokeColor = color, None
    found.add(rect)


def _waterfall(picture: Waterfall, currency: str, width: float) -> Drawing:
    """Totals at both ends, cut so that the steps between them can be seen; each step from where the last one ended."""
    marks = [picture.first, *picture.steps, picture.last]
    slot = width / len(marks)
    bar = min(slot * 0.62, 62)
    foot = max(len(simpleSplit(words, REGULAR, SIZE, slot - 4)) for words, _ in marks) * (SIZE + 1.5) + 4
    levels = [picture.first[1]]
    for _, amount in picture.steps:
        levels.append(levels[-1] + amount)
    low, high = min(levels), max(levels)
    stub = 26.0
    room = picture.tall - stub - 14
    found = Drawing(width, picture.tall + foot)

    def at(amount: int) -> float:
        return foot + stub + (room * (amount - low) / (high - low) if high > low else room / 2)
    for n, (words, amount) in enumerate(marks):
        x = slot * n + (slot - bar) / 2
        for i, line in enumerate(simpleSplit(words, REGULAR, SIZE, slot - 4)):
            _text(found, slot * n + slot / 2, foot - SIZE - 2 - i * (SIZE + 1.5), line, "middle")
        if n in (0, len(marks) - 1):
            top = at(amount)
            _bar(found, x, foot, bar, top - foot, TOTAL)
            found.add(Polygon([x, foot + 10, x + bar, foot + 14, x + bar, foot + 18, x, foot + 14], fillColor=WHITE,
                              strokeColor=None))
            _text(found, x + bar / 2, top + 4, plain(amount, currency), "middle", bold=True, size=SIZE - 0.5)
        else:
            before, after = at(levels[n - 1]), at(levels[n])
            _bar(found, x, min(before, after), bar, max(abs(after - before), 0.8), MORE if amount > 0 else LESS)
            _text(found, x + bar / 2, max(before, after) + 4, change_words(amount, currency), "middle", bold=True,
                  size=SIZE - 0.5)
        if n < len(marks) - 1:
            level = at(levels[min(n, len(levels) - 1)])
            found.add(Line(x + bar, level, x + slot, level, strokeColor=GREY, strokeWidth=0.5, strokeDashArray=[2, 2]))
    found.add(Line(0, foot, width, foot, strokeColor=GREY, strokeWidth=0.6))
    return found


def _multiples(picture: Multiples, currency: str, width: float) -> Drawing:
    """One small chart a partner, three in a row, all on one scale."""
    across, gap = 3, 14.0
    each = (width - gap * (across - 1)) / across
    options = len(picture.charts[0][1])
    names = [simpleSplit(name, BOLD, SIZE + 0.5, each)[:3] for name, _ in picture.charts]
    head = 8 + max(map(len, names)) * 10
    height = head + options * ROW + 8
    rows = -(-len(picture.charts) // across)
    found = Drawing(width, rows * height)
    largest = max((abs(amount) for _, some in picture.charts for _, amount in some), default=0) or 1
    label = min(each * 0.3, max(stringWidth(option, REGULAR, SIZE) for option, _ in picture.charts[0][1]) + 4)
    printed = max(stringWidth(change_words(amount, currency), REGULAR, SIZE)
                  for _, some in picture.charts for _, amount in some) + 4
    half = (each - label - printed) / 2
    for n, (_, some) in enumerate(picture.charts):
        x, top = (each + gap) * (n % across), (rows - n // across) * height
        for i, line in enumerate(names[n]):
            _text(found, x, top - 10 - i * 10, line, bold=True, size=SIZE + 0.5)
        zero = x + label + half
        for i, (option, amount) in enumerate(some):
            y = top - head - (i + 1) * ROW + 4
            long = half * abs(amount) / largest
            _text(found, x, y + 1, simpleSplit(option, REGULAR, SIZE, label)[0])
            _bar(found, zero if amount > 0 else zero - long, y - 1, long, 9, MORE if amount > 0 else LESS)
            _text(found, x + each, y + 1, change_words(amount, currency), "end")
        found.add(Line(zero, top - head, zero, top - head - options * ROW, strokeColor=INK, strokeWidth=0.7))
    return found


def _tornado(picture: Tornado, currency: str, width: float) -> Drawing:
    """For each input two bars from a common middle: what it does a tenth lower, and a tenth higher."""
    label = width * 0.36
    printed = max((stringWidth(change_words(amount, currency), REGULAR, SIZE - 0.5)
                   for _, *some in picture.bars for amount in some), default=0) + 4
    half = (width - label - 2 * printed) / 2
    zero = label + printed + half
    largest = max((abs(amount) for _, *some in picture.bars for amount in some), default=0) or 1
    lines = [simpleSplit(words, REGULAR, SIZE, label - 6) for words, _, _ in picture.bars]
    heights = [max(19.0, len(some) * (SIZE + 1.5) + 6) for some in lines]
    found = Drawing(width, max(sum(heights), 4))
    y = found.height
    for (_, low, high), some, height in zip(picture.bars, lines, heights, strict=True):
        y -= height
        middle = y + height / 2
        for i, line in enumerate(some):
            _text(found, 0, middle + (len(some) / 2 - i - 1) * (SIZE + 1.5) + 2, line)
        for amount, base, color in ((low, middle + 0.5, PALE), (high, middle - 8.5, LESS)):
            long = half * abs(amount) / largest
            _bar(found, zero if amount > 0 else zero - long, base, long, 8, color)
            end = zero + long + 2 if amount > 0 else zero - long - 2
            _text(found, end, base + 1.2, change_words(amount, currency), "start" if amount > 0 else "end",
                  size=SIZE - 0.5)
    found.add(Line(zero, 0, zero, found.height, strokeColor=INK, strokeWidth=0.7))
    return found


def _ranges(picture: Ranges, currency: str, width: float) -> Drawing:
    """Under each partner's name a row an option: the low figure, a bar with a mark in it, and the high figure."""
    label = min(width * 0.2, max(stringWidth(option, REGULAR, SIZE) for _, some in picture.charts
                                 for option, *_amounts in some) + 6)
    amounts = [amount for _, some in picture.charts for _option, *found in some for amount in found]
    printed = max(stringWidth(change_words(amount, currency), REGULAR, SIZE - 0.5) for amount in amounts) + 4
    low, high = min(0, *amounts), max(0, *amounts)
    left, room = label + printed + 4, width - label - 2 * printed - 8
    found = Drawing(width, sum(14 + ROW * len(some) + 4 for _, some in picture.charts))

    def at(amount: int) -> float:
        return left + (room * (amount - low) / (high - low) if high > low else room / 2)
    y = found.height
    for name, some in picture.charts:
        y -= 14
        _text(found, 0, y + 3, simpleSplit(name, BOLD, SIZE + 0.5, width)[0], bold=True, size=SIZE + 0.5)
        top = y
        for option, least, middle, most in some:
            y -= ROW
            _text(found, 0, y + 4, simpleSplit(option, REGULAR, SIZE, label)[0])
            _bar(found, at(least), y + 3, max(at(most) - at(least), 1.5), 8, PALE)
            _bar(found, at(middle) - 1.2, y + 1, 2.4, 12, LESS)
            _text(found, label + printed, y + 4, change_words(least, currency), "end", size=SIZE - 0.5)
            _text(found, width, y + 4, change_words(most, currency), "end", size=SIZE - 0.5)
        found.add(Line(at(0), top, at(0), y, strokeColor=INK, strokeWidth=0.7))
        y -= 4
    return found
