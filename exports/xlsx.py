"""The statement as a workbook: a cover, one table a sheet, totals as live formulas, and a sheet of checks.

Follows the UK guidance on releasing statistics in spreadsheets: no merged cells, one named table a sheet, notes on
the cover, Arial. Text from an agreement or an event is never taken for a formula.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.workbook.properties import CalcProperties
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table as SheetTable
from openpyxl.worksheet.table import TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from commissioning.statement import Statement
from exports.archive import repeatable
from exports.present import present
from exports.view import Column, Foot, Table, View
from exports.words import SIGNED_WORDS, SYMBOLS, Kind, Value, cell, signed_words, tag
from ledger.language import _
from ledger.money import decimals, to_text

BLUE, PALE, LINE = "12436D", "EEF1F4", "B1B4B6"
PLAIN, BOLD = Font(name="Arial", size=11), Font(name="Arial", size=11, bold=True)
HEAD = Font(name="Arial", size=11, bold=True, color="FFFFFF")
TITLE, HEADING = Font(name="Arial", size=16, bold=True), Font(name="Arial", size=14, bold=True)
LINK = Font(name="Arial", size=11, color=BLUE, underline="single")
FIRST = 4  # the row of a table's head: under the heading, its caption and a way back to the cover
A4 = 230  # characters across a landscape page beyond which print grows too small to read
LONG = 240  # characters of a text that is a paragraph
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def to_xlsx(statement: Statement) -> bytes:
    """The workbook's bytes; the same for the same statement."""
    view = present(statement)
    return drawn(view, (view.asked, *view.tables, view.working), statement.known_at)


def drawn(view: View, tables: Sequence[Table], when: dt.datetime, foot: str = "",
          more: Callable[[Workbook], None] | None = None) -> bytes:
    """A workbook with these tables behind a cover, with `when` as its date; `foot` stands under every printed page.

    `more` draws what else belongs into the book, one sheet for each table after the cover.
    """
    book = Workbook()
    book.calculation = CalcProperties(fullCalcOnLoad=True)
    book.properties.title, book.properties.creator = safe(view.title), "Poolbook"
    book.properties.created = book.properties.modified = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - set by repeatable()
    book.properties.language = tag()
    sheets = [_sheet(book, table, view.currency, number) for number, table in enumerate(tables, 1)]
    _proofs(book, view, sheets)
    _cover(book.worksheets[0], view, sheets)
    for sheet in book.worksheets if foot else ():
        sheet.oddFooter.center.text = foot  # type: ignore[union-attr]
    if more is not None:
        more(book)
    out = io.BytesIO()
    book.save(out)
    return repeatable(out.getvalue(), when)


def safe(text: str) -> str:
    """Text without the control characters that a workbook cannot hold, and within a cell's length."""
    return _NOT_TEXT.sub("\ufffd", text)[:32_000]


def number_format(kind: Kind, currency: str) -> str:
    """The number format of a kind of amount, with the currency, and with words where a sign would mislead."""
    places = decimals(currency)
    digits = "#,##0" + ("." + "0" * places if places else "")
    symbol = f'"{SYMBOLS[currency]}"' if currency in SYMBOLS else f'"{currency} "'
    if kind in SIGNED_WORDS:
        plus, minus = signed_words(kind)
        return f'{symbol}{digits}" {plus}";{symbol}{digits}" {minus}";{symbol}{digits}'
    return f'{symbol}{digits};"\u2212"{symbol}{digits};{symbol}{digits}'


@dataclass(frozen=True, slots=True)
class _Laid:
    """Where a table was put: its sheet, and the rows that hold its body and its total."""

    table: Table
    sheet: Worksheet
    first: int
    last: int
    total: int | None


def _put(sheet: Worksheet, row: int, column: int, value: str | Decimal | int | None, font: Font = PLAIN) -> Cell:
    """Writes a value; text stays text, whatever it begins with."""
    found = sheet.cell(row, column)
    assert isinstance(found, Cell)
    if isinstance(value, str):
        found.value = safe(value)
        found.data_type = "s"
        found.quotePrefix = value[:1] in "=+-@" and value != ""
    else:
        found.value = value
    found.font = font
    return found


def _formula(sheet: Worksheet, row: int, column: int, formula: str, font: Font = PLAIN) -> Cell:
    found = sheet.cell(row, column)
    assert isinstance(found, Cell)
    found.value, found.font = formula, font
    return found


def _amount(value: Value, column: Column, currency: str) -> str | Decimal | int | None:
    """A table's value as a cell holds it: amounts as decimals, everything else as it is."""
    if isinstance(value, int) and column.kind is not Kind.COUNT:
        return Decimal(to_text(value, currency))
    return value if isinstance(value, int) or value is None else cell(value, column.kind, currency)


def _sheet(book: Workbook, table: Table, currency: str, number: int) -> _Laid:
    """One table on a sheet of its own."""
    taken = {sheet.title.lower() for sheet in book.worksheets}
    sheet = book.create_sheet(_sheet_name(table.name, taken))
    _put(sheet, 1, 1, table.heading, HEADING)
    _put(sheet, 2, 1, _("{caption}. Its notes are on the cover.").format(caption=table.caption) if table.note
         else f"{table.caption}.")
    _back(sheet)
    widths = [_width(table, i, currency) for i in range(len(table.columns))]
    heads = _heads(table)
    for i, head in enumerate(heads, 1):
        cell = _put(sheet, FIRST, i, head, HEAD)
        cell.fill = PatternFill("solid", fgColor=BLUE)
        cell.alignment = _align(table.columns[i - 1], "center")
        sheet.column_dimensions[get_column_letter(i)].width = widths[i - 1]
    sheet.row_dimensions[FIRST].height = _height(heads, widths)
    rows = table.rows or ((table.empty or _("None in this period."), *[None] * (len(table.columns) - 1)),)
    for r, row in enumerate(rows, FIRST + 1):
        _row(sheet, r, row, table.columns, currency, widths)
    last = FIRST + len(rows)
    _name_table(sheet, f"T{number}_{re.sub(r'[^A-Za-z0-9]', '_', table.name)}", len(heads), last)
    total = _total(sheet, table, FIRST + 1, last, currency) if table.total else None
    across = math.ceil(sum(widths) / A4)
    _freeze(sheet, across)
    _page(sheet, across)
    return _Laid(table, sheet, FIRST + 1, last, total)


def _name_table(sheet: Worksheet, name: str, columns: int, last: int) -> None:
    """Makes head and body an Excel table that formulas and screen readers know by name."""
    named = SheetTable(displayName=name, ref=f"A{FIRST}:{get_column_letter(columns)}{last}")
    named.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    sheet.add_table(named)


def _heads(table: Table) -> list[str]:
    """Column heads, made unique and without line breaks as a named table demands."""
    seen: dict[str, int] = {}
    heads = []
    for column in table.columns:
        head = " ".join(safe(column.head).split()) or _("Column")
        seen[head.lower()] = seen.get(head.lower(), 0) + 1
        heads.append(head if seen[head.lower()] == 1 else f"{head} {seen[head.lower()]}")
    return heads


def _sheet_name(name: str, taken: set[str]) -> str:
    plain = re.sub(r"[\[\]:*?/\\']", " ", safe(name))[:28].strip() or _("Sheet")
    found, number = plain, 2
    while found.lower() in taken:
        found, number = f"{plain} {number}", number + 1
    return found


def _row(sheet: Worksheet, r: int, row: tuple[Value, ...], columns: tuple[Column, ...], currency: str,
         widths: list[float]) -> None:
    for i, (value, column) in enumerate(zip(row, columns, strict=True), 1):
        cell = _put(sheet, r, i, _amount(value, column, currency))
        cell.alignment = _align(column)
        cell.border = Border(bottom=Side("thin", color=LINE))
        if _is_amount(column):
            cell.number_format = number_format(column.kind, currency)
    sheet.row_dimensions[r].height = _height(
        [value if isinstance(value, str) else "" for value in row], widths)


def _is_amount(column: Column) -> bool:
    return column.kind is Kind.MONEY or column.kind in SIGNED_WORDS


def _align(column: Column, vertical: str = "top") -> Alignment:
    """Words to the left and set off from the figures before them, amounts to the right."""
    if column.kind in (Kind.TEXT, Kind.COUNT):
        return Alignment(wrap_text=True, vertical=vertical, horizontal="left", indent=1)
    return Alignment(wrap_text=True, vertical=vertical, horizontal="right")


def _width(table: Table, i: int, currency: str) -> float:
    """A column's width in characters: amounts never wrap, words wrap at a readable measure."""
    column = table.columns[i]
    values = [row[i] for row in table.rows] + ([table.total[i]] if table.total else [])
    if _is_amount(column):
        longest = max((abs(value) for value in values if isinstance(value, int)), default=0)
        digits = len(f"{longest:,}") + 2 + len(SYMBOLS.get(currency, "XXX "))
        words = max(len(word) + 1 for word in signed_words(column.kind)) if column.kind in SIGNED_WORDS else 0
        longest_word = max((len(word) for word in column.head.split()), default=0)
        return float(max(digits + words + 2, 14, min(longest_word + 4, 24)))
    longest = max((len(str(value)) for value in [column.head, *values] if value is not None), default=10)
    most = 100 if longest > LONG else 64 if column.head in (_("Because"), _("Check")) else 44
    return float(min(max(longest * 1.1 + 3, 12), most))


def _height(texts: list[str], widths: list[float]) -> float:
    """A row's height in points for the most lines that any of its texts wraps to."""
    lines = [len(textwrap.wrap(text, max(int(width) - 1, 4))) for text, width in zip(texts, widths, strict=True)]
    return 15.0 * max(*lines, 1) + 3


def _total(sheet: Worksheet, table: Table, first: int, last: int, currency: str) -> int:
    """The total row, as sums that follow the cells above; what is not a sum stands as text."""
    row = last + 1
    assert table.total is not None
    for i, (column, value) in enumerate(zip(table.columns, table.total, strict=True), 1):
        letter = get_column_letter(i)
        if column.summed:
            put = _formula(sheet, row, i, f"=SUM({letter}{first}:{letter}{last})", BOLD)
            put.number_format = number_format(column.kind, currency)
        else:
            put = _put(sheet, row, i, cell(value, column.kind, currency) or None, BOLD)
        put.alignment = _align(column)
        put.border = Border(top=Side("medium", color="0B0C0C"))
        put.fill = PatternFill("solid", fgColor=PALE)
    return row


def _freeze(sheet: Worksheet, across: int) -> None:
    """Heads and first column stay on the screen and repeat on each printed page."""
    sheet.freeze_panes = f"B{FIRST + 1}"
    sheet.print_title_rows = f"{FIRST}:{FIRST}"
    if across > 1:
        sheet.print_title_cols = "A:A"


def _page(sheet: Worksheet, across: int = 1) -> None:
    """A4 landscape, as wide as `across` pages."""
    sheet.sheet_view.showGridLines = False
    setup = sheet.page_setup
    setup.orientation, setup.paperSize = "landscape", 9
    setup.fitToWidth, setup.fitToHeight = across, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    footer = sheet.oddFooter
    assert footer is not None
    assert footer.left is not None
    assert footer.right is not None
    footer.left.text, footer.right.text = "&A", _("Page {page} of {pages}").format(page="&P", pages="&N")


def _cover_name() -> str:
    return _sheet_name(_("Cover"), set())


def _back(sheet: Worksheet) -> None:
    cell = _put(sheet, 3, 1, _("Back to the cover"), LINK)
    cell.hyperlink = f"#'{_cover_name()}'!A1"
    cell.font = LINK


def _proofs(book: Workbook, view: View, sheets: list[_Laid]) -> None:
    """A sheet of live checks: every row and total that must foot, with OK or CHECK in words."""
    sheet = book.create_sheet(_sheet_name(_("Workbook checks"), set()))
    _put(sheet, 1, 1, _("Checks that this workbook makes on itself"), HEADING)
    _put(sheet, 2, 1, _("Each line is a live formula: OK, or CHECK where an amount was changed or does not foot."))
    _back(sheet)
    for i, head in enumerate((_("Sheet"), _("What must hold"), _("Result")), 1):
        cell = _put(sheet, FIRST, i, head, HEAD)
        cell.fill = PatternFill("solid", fgColor=BLUE)
    row = FIRST
    for laid, words, formula in _all_proofs(view, sheets):
        row += 1
        link = _put(sheet, row, 1, laid.sheet.title, LINK)
        link.hyperlink = f"#'{laid.sheet.title}'!A1"
        link.font = LINK
        _put(sheet, row, 2, words).alignment = Alignment(wrap_text=True, vertical="top")
        _formula(sheet, row, 3, f'=IF({formula},"OK","CHECK")', BOLD)
        sheet.row_dimensions[row].height = _height([words], [70.0])
    if row > FIRST:
        red = Rule(type="cellIs", operator="equal", formula=['"CHECK"'], dxf=DifferentialStyle(
            font=Font(bold=True, color="942514"), fill=PatternFill("solid", bgColor="F6D7D2")))
        sheet.conditional_formatting.add(f"C{FIRST + 1}:C{row}", red)
        _name_table(sheet, "WorkbookChecks", 3, row)
    for letter, width in zip("ABC", (30.0, 70.0, 14.0), strict=True):
        sheet.column_dimensions[letter].width = width
    _freeze(sheet, 1)
    _page(sheet)


def _all_proofs(view: View, sheets: list[_Laid]) -> Iterator[tuple[_Laid, str, str]]:
    """Each check as the table it is about, what must hold, and the formula that tells."""
    places = decimals(view.currency)
    for laid in sheets:
        if not laid.table.rows:
            continue
        for foot in laid.table.foots:
            yield laid, _("In every row {what}").format(what=foot.words), _row_proof(laid, foot, places)
        if laid.total is None or laid.table.total is None:
            continue
        for i, (column, whole) in enumerate(zip(laid.table.columns, laid.table.total, strict=True), 1):
            if column.summed and isinstance(whole, int):
                cell = f"'{laid.sheet.title}'!{get_column_letter(i)}{laid.total}"
                words = _("{column}: the total is the statement's own").format(column=column.head)
                yield laid, words, f"ROUND({cell}-({to_text(whole, view.currency)}),{places})=0"


def _row_proof(laid: _Laid, foot: Foot, places: int) -> str:
    """That no row breaks the rule: a count of the rows whose parts miss their whole."""
    def reach(i: int) -> str:
        letter = get_column_letter(i + 1)
        return f"'{laid.sheet.title}'!{letter}{laid.first}:{letter}{laid.last}"
    parts = "".join([*(f"+{reach(i)}" for i in foot.plus), *(f"-{reach(i)}" for i in foot.minus)])
    return f"SUMPRODUCT(--(ABS(ROUND({parts.removeprefix('+')}-{reach(foot.result)},{places}))>0))=0"


def _cover(sheet: Worksheet, view: View, sheets: list[_Laid]) -> None:
    """Title, verdict, key figures, contents, notes and where the ledger stood."""
    sheet.title = _cover_name()
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 34, 90
    sheet.sheet_view.showGridLines = False
    row = _cover_lines(sheet, 1, [(view.title, "", TITLE), (view.standing, "", BOLD)])
    row = _cover_lines(sheet, row + 1, [(_("What the figures say"), "", HEADING),
                                        *(("", text, PLAIN) for text in view.verdict)])
    row = _cover_lines(sheet, row + 1, [(_("Key figures"), "", HEADING), *(
        (figure.label, f"{figure.figure} ({figure.note})", PLAIN) for figure in view.figures)])
    row = _cover_lines(sheet, row + 1, [(_("Contents"), "", HEADING)])
    contents = [(laid.sheet.title, laid.table.heading) for laid in sheets]
    checks = (_sheet_name(_("Workbook checks"), set()), _("Checks that this workbook makes on itself"))
    for title, heading in [*contents, checks]:
        row = _cover_lines(sheet, row, [(title, heading, PLAIN)])
        link = sheet.cell(row - 1, 1)
        link.hyperlink, link.font = f"#'{title}'!A1", LINK
    row = _cover_lines(sheet, row + 1, [(_("Where the ledger stood"), "", HEADING),
                                        *((label, text, PLAIN) for label, text in view.ledger)])
    own = [(laid.sheet.title, laid.table.note, PLAIN) for laid in sheets
           if laid.table.note and laid.table.note not in " ".join(view.notes)]
    _cover_lines(sheet, row + 1, [(_("Notes"), "", HEADING), *(("", note, PLAIN) for note in view.notes), *own])
    _page(sheet)
    sheet.page_setup.orientation = "portrait"


def _cover_lines(sheet: Worksheet, row: int, lines: list[tuple[str, str, Font]]) -> int:
    """Writes label and text side by side; the row after the last."""
    for label, text, font in lines:
        _put(sheet, row, 1, label or None, BOLD if text and label else font)
        if text:
            _put(sheet, row, 2, text, font)
        for i in (1, 2):
            sheet.cell(row, i).alignment = Alignment(wrap_text=i == 2, vertical="top")
        sheet.row_dimensions[row].height = (_height([text], [90.0]) if text else float(font.size or 11) * 1.6)
        row += 1
    return row
