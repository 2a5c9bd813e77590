"""The small pack as text: every cell of its workbook, and what its PDF says page by page."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pypdf

from exports.pack.pdf import to_pdf
from exports.pack.xlsx import to_xlsx
from tests.negotiation.samples import small

FOLDER = Path(__file__).parent


def cells() -> str:
    """Every cell that holds something: sheet, place, value."""
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(small())))
    return "".join(f"{sheet.title}!{cell.coordinate}\t{cell.value!s}\n" for sheet in book.worksheets
                   for row in sheet.iter_rows() for cell in row if cell.value is not None)


def spoken() -> str:
    """The text of the PDF, page by page."""
    pages = pypdf.PdfReader(io.BytesIO(to_pdf(small()))).pages
    return "\n\f\n".join("\n".join(line.strip() for line in page.extract_text().splitlines()) for page in pages) + "\n"


GOLDENS: Mapping[Path, Callable[[], str]] = {FOLDER / "small.cells.txt": cells, FOLDER / "small.pdf.txt": spoken}
