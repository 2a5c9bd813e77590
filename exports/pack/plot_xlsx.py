"""Draws the plots of a pack's workbook as charts beside the tables that they draw from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AbsoluteAnchor
from openpyxl.drawing.text import CharacterProperties, Font, Paragraph, ParagraphProperties
from openpyxl.drawing.xdr import XDRPoint2D, XDRPositiveSize2D
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from exports.described import describe
from exports.pack.plots import Plot, Plotted
from exports.xlsx import FIRST
from ledger.money import to_text

MORE, LESS, TOTAL, PALE, MOST = "F46A25", "12436D", "3D3D3D", "A285D1", "28A197"
PLAIN = "#,##0;\u2212#,##0;0"
COLOURS = {"waterfall": (TOTAL, "", MORE, LESS), "bars": (MORE,), "tornado": (PALE, LESS),
           "ranges": (PALE, LESS, MOST)}
LABELS = {"waterfall": 2, "bars": 2, "tornado": 1, "ranges": 2}
"""The column with the words under each bar; the amounts are in those after it."""
ACROSS = {"waterfall": 2, "bars": 3, "tornado": 1, "ranges": 3}
"""How many charts stand side by side."""
WIDTH, GAP, LINE = 26.0, 0.4, 15.0
"""Of all charts of a row and between two, in centimetres; a row of a sheet, in points."""


def draw(sheet: Worksheet, plotted: Plotted, currency: str) -> None:
    """Puts the charts below the table, all on one printed page."""
    across = max(min(len(plotted.plots), *(ACROSS[plot.kind] for plot in plotted.plots)), 1)
    width = (WIDTH - GAP * (across - 1)) / across
    y = _below(sheet, FIRST + len(plotted.table.rows) + 1)
    for start in range(0, len(plotted.plots), across):
        row = plotted.plots[start:start + across]
        height = max(_height(plot) for plot in row)
        for place, plot in enumerate(row):
            chart: Any = _chart(sheet, plot, len(plotted.table.columns), currency)
            describe(chart, f"{plotted.table.name} {start + place + 1}", plot.described)
            chart.anchor = AbsoluteAnchor(XDRPoint2D(_emu(place * (width + GAP)), _emu(y)),
                                          XDRPositiveSize2D(_emu(width), _emu(height)))
            sheet.add_chart(chart)
        y += height + GAP
    sheet.page_setup.fitToHeight = 1


def _emu(centimetres: float) -> int:
    """A length in the unit of drawings."""
    return round(centimetres * 360_000)


def _below(sheet: Worksheet, row: int) -> float:
    """How far below the top a row ends, in centimetres, with an empty line."""
    points = sum(sheet.row_dimensions[n].height or LINE for n in range(1, row + 1)) + LINE
    return points * 2.54 / 72


def _height(plot: Plot) -> float:
    count = plot.rows[1] - plot.rows[0]
    return 7.5 if plot.kind == "waterfall" else 2.8 + (0.8 if plot.kind == "bars" else 1.4) * count


def _chart(sheet: Worksheet, plot: Plot, columns: int, currency: str) -> BarChart:
    label, top = LABELS[plot.kind], FIRST + 1
    first, last = top + plot.rows[0], top + plot.rows[1] - 1
    chart = BarChart()
    chart.type = "col" if plot.kind == "waterfall" else "bar"
    chart.grouping, chart.overlap = ("stacked", 100) if plot.kind == "waterfall" else ("clustered", None)
    chart.gapWidth = 60
    chart.title = plot.title
    _small(chart)
    for column, colour in zip(range(label + 1, columns + 1), COLOURS[plot.kind], strict=True):
        series = Reference(sheet, min_col=column, min_row=first, max_row=last)
        chart.add_data(series)
        _dress(chart.series[-1], f"'{sheet.title}'!${get_column_letter(column)}${FIRST}", colour, plot.kind)
    chart.set_categories(Reference(sheet, min_col=label, min_row=first, max_row=last))
    _axes(chart, plot, currency)
    return chart


def _small(chart: Any) -> None:
    """A title of the size of a heading beside the table, and not over the bars."""
    font = CharacterProperties(sz=1100, b=True, latin=Font(typeface="Arial"))
    for paragraph in chart.title.tx.rich.p:
        paragraph.pPr = ParagraphProperties(defRPr=font)
        for run in paragraph.r or ():
            run.rPr = font
    chart.title.overlay = False


def _dress(series: Any, head: str, colour: str, kind: str) -> None:
    """Colour, and the head of its column as its name; what only carries other bars is not seen."""
    series.tx = SeriesLabel(strRef=StrRef(head))
    series.invertIfNegative = False
    if colour:
        series.graphicalProperties = GraphicalProperties(solidFill=colour)
        series.graphicalProperties.line.solidFill = "FFFFFF"
    else:
        series.graphicalProperties = GraphicalProperties(noFill=True)
        series.graphicalProperties.line.noFill = True
    if kind in ("bars", "tornado"):
        series.dLbls = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False,
                                     showPercent=False)
        series.dLbls.position, series.dLbls.numFmt = "outEnd", PLAIN
        series.dLbls.txPr = _text()


def _text() -> RichText:
    font = CharacterProperties(sz=900, latin=Font(typeface="Arial"))
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=font), endParaRPr=font)])


def _axes(chart: Any, plot: Plot, currency: str) -> None:
    for axis in (chart.x_axis, chart.y_axis):
        axis.delete, axis.txPr = False, _text()
    chart.x_axis.tickLblPos = "low"
    chart.y_axis.number_format = PLAIN
    chart.y_axis.majorGridlines = ChartLines(GraphicalProperties(ln=LineProperties(solidFill="D9D9D9")))
    if chart.type == "bar":
        chart.x_axis.scaling.orientation, chart.y_axis.crosses = "maxMin", "max"
    low, high, step = (float(Decimal(to_text(end, currency))) for end in (plot.scale.low, plot.scale.high,
                                                                          plot.scale.step))
    chart.y_axis.scaling.min, chart.y_axis.scaling.max, chart.y_axis.majorUnit = low, high, step
    if len(chart.series) > 1 and plot.kind != "waterfall":
        chart.legend.position = "b"
    else:
        chart.legend = None
