"""Rows that stood in a workbook or another file, as the CSV of events, each on the line where it stood."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from commissioning.events.model import COLUMNS

Numbered = tuple[int, Mapping[str, str]]
"""The number of a row where it stood, and its cells by the columns of events."""


def aligned(rows: Iterable[Numbered]) -> str:
    """The CSV: empty lines stand for those between, so that a fault's line is the row's own number."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    at = 1
    for number, cells in rows:
        assert number > at, "rows are numbered upwards from 2"
        out.write("\n" * (number - at - 1))
        writer.writerow([" ".join(cells.get(column, "").split()) for column in COLUMNS])
        at = number
    return out.getvalue()
