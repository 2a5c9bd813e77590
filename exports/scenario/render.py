"""Draws the workbook: styles, protection, validations, the cover, contents, notes, summary with chart, and checks.

Follows the UK guidance on spreadsheets (no merged cells, one named table a sheet, Arial 12, notes on a sheet of their
own). The same base gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import math
from copy import copy
from typing import Any

from openpyxl import Workbook as Xlsx
from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import Rule
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.properties import CalcProperties
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from commissioning.scenario.base import to_document
from exports.archive import repeatable
from exports.scenario import inputs as input_columns
from exports.scenario.chart import chart
from exports.scenario.model import FIRST, Column, Entry, Formula, Frozen, Sheet, Value
from exports.scenario.pages import TEMPLATE, Page, pages
from exports.scenario.said import said, sheets_said
from exports.scenario.shows import with_figures
from exports.scenario.workbook import Workbook
from exports.words import counted, tag
from exports.xlsx import safe
from ledger.language import _
from ledger.money import decimals

PLAIN, BOLD = Font(name="Arial", size=12), Font(name="Arial", size=12, bold=True)
TITLE, HEAD = Font(name="Arial", size=16, bold=True), Font(name="Arial", size=12, bold=True, color="FFFFFF")
LINK = Font(name="Arial", size=12, color="12436D", underline="single")
BLUE, YELLOW, PALE_RED = (PatternFill("solid", fgColor=c) for c in ("12436D", "FFF7CC", "F6D7D2"))
EDGE = Side(style="thin", color="505A5F")
BOX = Border(EDGE, EDGE, EDGE, EDGE)
LINE = Border(bottom=Side("thin", color="B1B4B6"))
WHEN = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
OPEN = Protection(locked=False)
MARKS = "=+-@\t"
"""With what a text may begin that programs would take for a formula."""


def to_xlsx(made: Workbook) -> bytes:
    """The workbook's bytes."""
    book = Xlsx()
    book.remove(book.worksheets[0])
    sheets = sheets_said(pages(made))
    for one in sheets:
        sheet = book.create_sheet(one.name)
        if one.columns:
            _table(sheet, one, made)
        else:
            _lines(sheet, one)
        if isinstance(one, Page):
            _page(sheet, one, made)
        _finish(sheet, one, made)
    for name, ref in made.book.names.items():
        book.defined_names[name] = DefinedName(name, attr_text=str(ref))
    _about(book, made)
    out = io.BytesIO()
    book.save(out)
    return repeatable(with_figures(out.getvalue(), sheets), WHEN)


def _about(book: Xlsx, made: Workbook) -> None:
    terms = made.base.agreement.partnership
    book.calculation = CalcProperties(fullCalcOnLoad=True)
    book.security = WorkbookProtection(lockStructure=True)
    book.properties.title = safe(said(f"{terms.name}: scenario of {made.base.period.id[:6]}"))
    book.properties.creator, book.properties.language = "Poolbook", tag()
    book.properties.created = book.properties.modified = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - set by repeatable()
    digest = hashlib.sha256(to_document(made.base).encode()).hexdigest()
    for name, value in (("poolbook-template", TEMPLATE), ("poolbook-base", digest)):
        book.custom_doc_props.append(  # type: ignore[attr-defined]
            StringProperty(name=name, value=value))


# ----------------------------------------------------------------------------------------------------- tables

def _table(sheet: Worksheet, one: Sheet, made: Workbook) -> None:
    """One table: head, rows, its name, and for inputs what may be typed."""
    _heading(sheet, one.title, one.note)
    for n, column in enumerate(one.columns, 1):
        cell = _put(sheet, FIRST, n, column.head, HEAD)
        side = _side(column) if n > 1 else "left"
        cell.fill = BLUE
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal=side, indent=_indent(n, side))
        sheet.column_dimensions[get_column_letter(n)].width = column.width
    sheet.row_dimensions[FIRST].height = 34
    styles: dict[tuple[int, type], Any] = {}  # a style is put together once for each column and kind of cell
    for r, row in enumerate(one.rows, FIRST + 1):
        tall = 1
        for n, value in enumerate(row, 1):
            column = one.columns[n - 1]
            cell = _value(sheet, r, n, value)
            key = (n, type(value))
            if key not in styles:
                _dress(cell, n, column, value, made)
                styles[key] = cell._style  # type: ignore[attr-defined]
            cell._style = copy(styles[key])  # type: ignore[attr-defined]
            if isinstance(value, str) and column.kind == "text":
                cell.quotePrefix = value[:1] in MARKS and value != ""
                tall = max(tall, math.ceil(len(value) * 0.9 / column.width))
        if tall > 1:
            sheet.row_dimensions[r].height = 16.0 * tall
    if one.name == "Inputs":
        _decimals(sheet, made)
        _validations(sheet, made)
    if one.rows:
        last = f"{get_column_letter(len(one.columns))}{one.last_row}"
        table = Table(displayName=f"T_{one.name}", ref=f"A{FIRST}:{last}")
        table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
        sheet.add_table(table)


def _indent(n: int, side: str) -> int:
    """Words stand a little off from the figures before them."""
    return 1 if n > 1 and side == "left" else 0


def _decimals(sheet: Worksheet, made: Workbook) -> None:
    """Each input shows as many decimals as it may have: two at least where it may have more."""
    for r, lever in enumerate(made.levers.values(), FIRST + 1):
        places = "." + "0" * min(lever.places, 2) + "#" * (lever.places - 2) if lever.places else ""
        for n in (input_columns.BASELINE, input_columns.SCENARIO, input_columns.SCENARIO + 1):
            sheet.cell(r, n + 1).number_format = f"#,##0{places}"


def _side(column: Column) -> str:
    return "left" if column.kind == "text" else "right"


def _format(column: Column, made: Workbook) -> str:
    places = decimals(made.base.agreement.currency)
    digits = "#,##0" + ("." + "0" * places if places else "")
    return {"money": f"{digits};[Red]-{digits};{digits}", "whole": "#,##0", "number": "#,##0",
            "exact": "0.000000000000", "percent": "0.0%"}.get(column.kind, "")


def _dress(cell: Cell, n: int, column: Column, value: Value, made: Workbook) -> None:
    """The look of a cell: inputs yellow, boxed and open, constants red, the rest plain; amounts to the right."""
    side = _side(column) if n > 1 else "left"
    cell.font = BOLD if isinstance(value, Frozen) else PLAIN
    cell.border = BOX if isinstance(value, Entry) else LINE
    cell.alignment = Alignment(wrap_text=column.kind == "text", vertical="top", horizontal=side,
                               indent=_indent(n, side))
    if isinstance(value, Entry):
        cell.fill, cell.protection = YELLOW, OPEN
    if isinstance(value, Frozen):
        cell.fill = PALE_RED
    if shape := _format(column, made):
        cell.number_format = shape


def _value(sheet: Worksheet, row: int, column: int, value: Value) -> Cell:
    """Writes a value; text stays text, whatever it begins with."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    if isinstance(value, Formula):
        cell.value = value.text
    elif isinstance(value, Entry | Frozen):
        cell.value = value.value
    elif isinstance(value, str):
        cell.value = safe(value)
        cell.data_type = "s"
    else:
        cell.value = value
    return cell


def _put(sheet: Worksheet, row: int, column: int, value: str, font: Font) -> Cell:
    """Writes words outside of a table."""
    cell = _value(sheet, row, column, value)
    cell.quotePrefix = value[:1] in MARKS and value != ""
    cell.font = font
    return cell


def _link(cell: Cell, sheet: str) -> None:
    """A link within the workbook: with a location and no target, so that nothing of the file points outside."""
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"{sheet}!A1")
    cell.font = LINK


def _heading(sheet: Worksheet, title: str, note: str) -> None:
    _put(sheet, 1, 1, title, TITLE)
    _put(sheet, 2, 1, note, PLAIN)
    back = _put(sheet, 3, 1, _("Back to the contents"), LINK)
    _link(back, "Contents")


def _validations(sheet: Worksheet, made: Workbook) -> None:
    """What may be typed into each input, and what is said when it is something else: one rule a kind of input."""
    kinds: dict[tuple[str, int, int, int], DataValidation] = {}
    for r, lever in enumerate(made.levers.values(), FIRST + 1):
        key = ("list", 0, 0, 0) if lever.form == "switch" else ("number", lever.places, lever.low, lever.high)
        if key not in kinds:
            kinds[key] = _rule(*key)
            sheet.add_data_validation(kinds[key])
        kinds[key].add(f"{get_column_letter(input_columns.SCENARIO + 1)}{r}")
    for rule in kinds.values():  # the formula of a rule is about its first cell, and moves with it
        first = str(rule.sqref).split()[0].split(":")[0]
        rule.formula1 = str(rule.formula1).replace("CELL", first)


def _rule(kind: str, places: int, low: int, high: int) -> DataValidation:
    if kind == "list":
        return DataValidation("list", formula1='"1,0"', allow_blank=False, showErrorMessage=True, showInputMessage=True,
                              errorTitle=_("On or off"), error=_("Choose 1 (on) or 0 (off)."),
                              promptTitle=_("On or off"), prompt=_("1: the step runs. 0: it takes nothing."))
    form = (_("A number from {low} to {high}, with at most {places} decimals.") if places else
            _("A number from {low} to {high}, without decimals."))
    words = form.format(low=counted(low), high=counted(high), places=places)
    return DataValidation("custom", formula1=f"AND(ISNUMBER(CELL),CELL>={low},CELL<={high},ROUND(CELL,{places})=CELL)",
                          allow_blank=False, showErrorMessage=True, showInputMessage=True, errorTitle=_("Input"),
                          error=words, promptTitle=_("Input"), prompt=words)


# ------------------------------------------------------------------------------------------------------ pages

def _page(sheet: Worksheet, page: Page, made: Workbook) -> None:
    """What a page has beside its table: links, the chart, and checks that are seen."""
    for row, target in page.links.items():
        cell = sheet.cell(row, 1)
        assert isinstance(cell, Cell)
        _link(cell, target)
    if page.chart:
        chart(sheet, page, made)
    if page.name == "Checks":
        red = Rule(type="cellIs", operator="equal", formula=['"CHECK"'], dxf=DifferentialStyle(
            font=Font(bold=True, color="942514"), fill=PatternFill("solid", bgColor="F6D7D2")))
        sheet.conditional_formatting.add(f"D{FIRST + 1}:D{FIRST + len(page.rows)}", red)


def _lines(sheet: Worksheet, page: Sheet) -> None:
    """Labels with their texts; the first is the title."""
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 34, 96
    for r, row in enumerate(page.rows, 1):
        for n, value in enumerate(row, 1):
            cell = _value(sheet, r, n, value)
            cell.font = TITLE if r == 1 else BOLD if n == 1 else PLAIN
            cell.alignment = Alignment(wrap_text=n == 2, vertical="top", horizontal="left")
        text = row[1] if isinstance(row[1], str) else ""
        sheet.row_dimensions[r].height = 24 if r == 1 else 16.0 * max(1, math.ceil(len(text) * 1.1 / 96)) + 2


def _finish(sheet: Worksheet, one: Sheet, made: Workbook) -> None:
    """Protection without a password, A4 landscape, heads that stay and repeat, a footer."""
    protection = sheet.protection
    protection.sheet, protection.formatColumns, protection.formatRows = True, False, False
    protection.autoFilter = protection.sort = False
    sheet.sheet_view.showGridLines = False
    setup = sheet.page_setup
    setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight = "landscape", 9, 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    if one.name == "Inputs":
        sheet.print_area = f"A1:{input_columns.PRINTED}{one.last_row}"
    if one.name == "Results":  # the last column is for other workbooks
        sheet.print_area = f"A1:{get_column_letter(len(one.columns) - 1)}{one.last_row}"
    if one.name == "Base":  # its text is for Poolbook
        sheet.print_area = f"A1:B{FIRST + 2}"
    if one.columns:
        sheet.print_title_rows = f"{FIRST}:{FIRST}"
        sheet.freeze_panes = f"C{FIRST + 1}" if len(one.columns) > 3 else f"A{FIRST + 1}"
    footer = sheet.oddFooter
    assert footer is not None
    assert footer.left is not None
    assert footer.right is not None
    footer.left.text = safe(f"{made.base.agreement.partnership.id} {made.base.period.id[:6]}, &A")
    footer.right.text = _("Page {page} of {pages}").format(page="&P", pages="&N")
