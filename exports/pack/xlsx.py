"""A negotiation pack as a workbook: a cover, one table a sheet, live totals and checks."""

from __future__ import annotations

from openpyxl import Workbook

from exports import xlsx
from exports.pack.build import sheets
from exports.pack.model import MARK, Pack
from exports.pack.plot_xlsx import draw
from exports.pack.plots import plotted
from ledger.language import _


def to_xlsx(made: Pack) -> bytes:
    """The workbook's bytes; the same for the same pack."""
    pictures = plotted(made)
    tables = (*sheets(made), *(one.table for one in pictures))

    def charts(book: Workbook) -> None:
        for sheet, one in zip(book.worksheets[1 + len(tables) - len(pictures):], pictures, strict=False):
            draw(sheet, one, made.view.currency)

    return xlsx.drawn(made.view, tables, made.when, _(MARK), charts)
