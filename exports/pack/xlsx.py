"""A negotiation pack as a workbook: a cover, one table a sheet, live totals and checks."""

from __future__ import annotations

from exports import xlsx
from exports.pack.build import sheets
from exports.pack.model import MARK, Pack


def to_xlsx(made: Pack) -> bytes:
    """The workbook's bytes; the same for the same pack."""
    return xlsx.drawn(made.view, sheets(made), made.when, MARK)
