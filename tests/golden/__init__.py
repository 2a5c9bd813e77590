"""The faces of the sample statements as they should be; changed only by `python -m tests.golden.renew`, and read."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import openpyxl
import pypdf

from commissioning.statement import Statement
from exports.html import to_html
from exports.pdf import to_pdf
from exports.statement import to_json
from exports.xlsx import to_xlsx
from tests.exports.samples import SAMPLES

FOLDER = Path(__file__).parent


def cells(statement: Statement) -> str:
    """Every cell of the workbook that holds something: sheet, place, value, number format."""
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(statement)))
    lines = []
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            lines += [f"{sheet.title}!{cell.coordinate}\t{cell.value!s}\t{cell.number_format}"
                      for cell in row if cell.value is not None]
    return "\n".join(lines) + "\n"


def spoken(statement: Statement) -> str:
    """The text of the PDF, page by page."""
    pages = pypdf.PdfReader(io.BytesIO(to_pdf(statement))).pages
    return "\n\f\n".join("\n".join(line.strip() for line in page.extract_text().splitlines()) for page in pages) + "\n"


DUMPS: Mapping[str, Callable[[Statement], str]] = {
    "json": to_json, "cells.txt": cells, "html": to_html, "pdf.txt": spoken}


def goldens() -> Iterator[tuple[Path, str]]:
    """Each golden file, and what it should hold now."""
    for name, sample in SAMPLES.items():
        for suffix, dump in DUMPS.items():
            yield FOLDER / f"{name}.{suffix}", dump(sample())
