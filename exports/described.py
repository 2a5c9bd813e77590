"""Alternative text of charts in workbooks, which openpyxl writes none of."""

from __future__ import annotations

from typing import Any

from openpyxl.drawing.properties import NonVisualDrawingProps
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing

_frame: Any = getattr(SpreadsheetDrawing, "_chart_frame")  # noqa: B009 - not among what its types tell


def describe(chart: Any, name: str, words: str) -> None:
    """Gives a chart a name and a text for those who cannot see it, to be written when its workbook is saved."""
    chart.described = (name, words)


def _described(self: Any, index: int) -> Any:
    """The frame of a chart, with the text of the chart where it has one."""
    frame = _frame(self, index)
    name, words = getattr(self.charts[index - 1], "described", ("", ""))
    if words:
        frame.nvGraphicFramePr.cNvPr = NonVisualDrawingProps(id=index + 1, name=name, descr=words)
    return frame


setattr(SpreadsheetDrawing, "_chart_frame", _described)  # noqa: B010
