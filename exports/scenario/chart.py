"""The summary's chart: each partner's amount due, baseline beside scenario, with alternative text."""

from __future__ import annotations

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.worksheet.worksheet import Worksheet

from exports.described import describe
from exports.scenario.model import FIRST
from exports.scenario.pages import Page
from exports.scenario.workbook import Workbook
from ledger.language import _

COLOURS = ("A285D1", "12436D")


def chart(sheet: Worksheet, page: Page, made: Workbook) -> None:
    """Adds the chart below the table."""
    count = len(page.rows)
    drawn = BarChart()
    drawn.type, drawn.grouping = "bar", "clustered"
    drawn.title = _("Amount due for the year ({currency})").format(currency=made.base.agreement.currency)
    drawn.height, drawn.width = min(6 + 1.3 * count, 24), 30
    drawn.add_data(Reference(sheet, min_col=2, max_col=3, min_row=FIRST, max_row=FIRST + count), titles_from_data=True)
    drawn.set_categories(Reference(sheet, min_col=1, min_row=FIRST + 1, max_row=FIRST + count))
    for series, colour in zip(drawn.series, COLOURS, strict=True):
        series.graphicalProperties.solidFill = colour
        series.graphicalProperties.line.solidFill = "FFFFFF"
    drawn.y_axis.numFmt, drawn.y_axis.delete, drawn.x_axis.delete = "#,##0", False, False
    drawn.x_axis.scaling.orientation = "maxMin"
    drawn.y_axis.majorGridlines = ChartLines(GraphicalProperties(ln=LineProperties(solidFill="D9D9D9")))
    drawn.legend.position = "b"
    describe(drawn, _("Amount due"), _(
        "Bar chart of the table above: for each partner two bars, the amount due for the year in the baseline and in "
        "the scenario, in {currency}.").format(currency=made.base.agreement.currency))
    sheet.add_chart(drawn, f"A{FIRST + count + 3}")
