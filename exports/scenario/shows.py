"""Puts the baseline beside formulas in a fresh file, so that readers that do not calculate show figures."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from decimal import Decimal

from openpyxl.utils import get_column_letter

from exports.scenario.model import FIRST, Formula, Sheet

_CELL = re.compile(r'(<c r="([A-Z]+[0-9]+)"[^>]*><f>[^<]*</f>)<v(?: ?/>|></v>)')
"""A formula without a value, as it has just been written."""


def with_figures(workbook: bytes, sheets: Sequence[Sheet]) -> bytes:
    """The workbook, of these sheets in order, with what its formulas come to where they say so."""
    known = {f"xl/worksheets/sheet{n}.xml": shown for n, sheet in enumerate(sheets, 1) if (shown := _shown(sheet))}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, _filled(data.decode(), known[name]).encode() if name in known else data)
    return out.getvalue()


def _shown(sheet: Sheet) -> dict[str, Decimal]:
    """The figures of a table, by address."""
    return {f"{get_column_letter(n)}{r}": value.shows for r, row in enumerate(sheet.rows, FIRST + 1)
            for n, value in enumerate(row, 1) if isinstance(value, Formula) and value.shows is not None}


def _filled(xml: str, shown: dict[str, Decimal]) -> str:
    """A sheet's text with its figures; every one of them finds its cell."""
    found: set[str] = set()

    def put(match: re.Match[str]) -> str:
        if match[2] not in shown:
            return match[0]
        found.add(match[2])
        return f"{match[1]}<v>{shown[match[2]]:f}</v>"

    text = _CELL.sub(put, xml)
    assert found == set(shown), "figures stand beside formulas of the sheet"
    return text
