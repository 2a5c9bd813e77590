"""Draws a sheet to be filled in: drop-downs from a sheet of lists, checked dates and amounts, text that stays text.

The same form gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import math
from decimal import Decimal

from openpyxl import Workbook as Xlsx
from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import Rule
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from exports.archive import repeatable
from exports.entry_template.model import HEAD, Field, Form
from exports.language import locale
from exports.xlsx import safe
from ledger.language import _
from ledger.money import decimals

PLAIN, BOLD = Font(name="Arial", size=12), Font(name="Arial", size=12, bold=True)
TITLE, WHITE = Font(name="Arial", size=16, bold=True), Font(name="Arial", size=12, bold=True, color="FFFFFF")
BLUE, PALE = PatternFill("solid", fgColor="12436D"), PatternFill("solid", fgColor="F3F2F1")
NEEDED = PatternFill("solid", bgColor="FFF7CC")
LINE = Border(bottom=Side("thin", color="B1B4B6"))
WHEN = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
LISTS = "Lists"


def to_xlsx(form: Form) -> bytes:
    """The workbook's bytes."""
    book = Xlsx()
    sheet = book.worksheets[0]
    sheet.title = form.sheet
    _head(sheet, form)
    _rows(sheet, form)
    last = HEAD + max(len(form.rows) + form.spare, 1)
    table = Table(displayName=f"T_{form.sheet}", ref=f"A{HEAD}:{get_column_letter(len(form.fields))}{last}")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    sheet.add_table(table)
    lists = book.create_sheet(LISTS)
    ranges = _lists(lists, form)
    for n, field in enumerate(form.fields, 1):
        _validate(sheet, form, field, get_column_letter(n), last, ranges)
    if form.needs:
        _colour(sheet, form, last, ranges)
    for one in (sheet, lists):
        _printed(one, form)
    book.properties.title, book.properties.creator = safe(f"{form.partnership}: {form.title}"), "Poolbook"
    book.properties.language = str(locale()).replace("_", "-")
    for name, value in (("poolbook-template", form.template), ("poolbook-partnership", form.partnership)):
        book.custom_doc_props.append(StringProperty(name=name, value=value))  # type: ignore[attr-defined]
    out = io.BytesIO()
    book.save(out)
    return repeatable(out.getvalue(), WHEN)


def _put(sheet: Worksheet, row: int, column: int, text: str, font: Font = PLAIN) -> Cell:
    """Writes words that stay words, whatever they begin with."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    cell.value = safe(text)
    cell.data_type = "s"
    cell.quotePrefix = text[:1] in tuple("=+-@\t")
    cell.font = font
    return cell


def _head(sheet: Worksheet, form: Form) -> None:
    _put(sheet, 1, 1, form.title, TITLE)
    for n, text in enumerate(form.about[:HEAD - 2], 2):
        _put(sheet, n, 1, text)
    for n, field in enumerate(form.fields, 1):
        cell = _put(sheet, HEAD, n, field.head, WHITE)
        cell.fill = BLUE
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal=_side(field))
        sheet.column_dimensions[get_column_letter(n)].width = field.width
    sheet.row_dimensions[1].height, sheet.row_dimensions[HEAD].height = 24, 24
    sheet.freeze_panes = f"A{HEAD + 1}"
    sheet.print_title_rows = f"{HEAD}:{HEAD}"


def _side(field: Field) -> str:
    return "right" if field.kind in ("money", "number") else "left"


def _format(field: Field, currency: str) -> str:
    places = decimals(currency)
    digits = "#,##0" + ("." + "0" * places if places else "")
    return {"money": digits, "number": "General", "date": "yyyy-mm-dd"}.get(field.kind, "@")


def _rows(sheet: Worksheet, form: Form) -> None:
    """The rows that are told, and empty ones in the right form, so that 0012 stays 0012."""
    blank: dict[str, str] = {}
    for r, row in enumerate([*form.rows, *[blank] * form.spare], HEAD + 1):
        for n, field in enumerate(form.fields, 1):
            text = row.get(field.name, "")
            if field.kind in ("money", "number", "date") and text:
                cell = sheet.cell(r, n)
                assert isinstance(cell, Cell)
                cell.value = dt.date.fromisoformat(text) if field.kind == "date" else Decimal(text)
                cell.font = PLAIN
            elif text:
                cell = _put(sheet, r, n, text)
            else:
                cell = sheet.cell(r, n)
                cell.font = PLAIN
            cell.number_format = _format(field, form.currency)
            cell.border = LINE
            cell.alignment = Alignment(wrap_text=field.kind == "long", vertical="top", horizontal=_side(field))
            if field.locked:
                cell.fill = PALE
        if row:  # programs do not make a row taller by themselves for text that wraps
            sheet.row_dimensions[r].height = 16.0 * max(_lines(row.get(field.name, ""), field) for field in form.fields)


def _lines(text: str, field: Field) -> int:
    """How many lines a text takes in its column."""
    return max(1, math.ceil(len(text) * 1.15 / field.width)) if field.kind == "long" else 1


def _lists(sheet: Worksheet, form: Form) -> dict[str, str]:
    """Writes each list with what its words stand for, and after them what each choice needs; answers their ranges."""
    _put(sheet, 1, 1, _("Lists for the drop-downs"), TITLE)
    _put(sheet, 2, 1, _("These are the pool's own, from its agreement. Change nothing here."))
    ranges, column = {}, 1
    for name, choices in form.lists.items():
        titles = (form.heads.get(name, name), _("stands for"))
        for n, title in enumerate(titles):
            head = _put(sheet, HEAD, column + n, title, WHITE)
            head.fill = BLUE
            sheet.column_dimensions[get_column_letter(column + n)].width = 22 + 14 * n
        for r, choice in enumerate(choices, HEAD + 1):
            for n, text in enumerate(choice):
                _put(sheet, r, column + n, text)
        letter = get_column_letter(column)
        ranges[name] = f"{LISTS}!${letter}${HEAD + 1}:${letter}${HEAD + max(len(choices), 1)}"
        column += 3
    sheet.protection.sheet = True
    if form.needs:
        _needs(sheet, form, column, ranges)
    return ranges


def _needs(sheet: Worksheet, form: Form, first: int, ranges: dict[str, str]) -> None:
    """Beside the list that decides, an x for each column that a choice needs, in the order of the form's columns."""
    for n, field in enumerate(form.fields):
        head = _put(sheet, HEAD, first + n, field.head, WHITE)
        head.fill = BLUE
        letter = get_column_letter(first + n)
        for r, (choice, _words) in enumerate(form.lists[form.decides], HEAD + 1):
            if field.name in form.needs.get(choice, ()):
                _put(sheet, r, first + n, "x")
        ranges[f"needs {field.name}"] = f"{LISTS}!${letter}${HEAD + 1}:${letter}${HEAD + len(form.lists[form.decides])}"


def _validate(sheet: Worksheet, form: Form, field: Field, letter: str, last: int, ranges: dict[str, str]) -> None:
    """What may be typed into a column, and what is said before and after."""
    rule: DataValidation | None = None
    if field.locked:
        return
    if field.choices and form.lists.get(field.choices):
        rule = DataValidation("list", formula1=ranges[field.choices], error=_("Choose one from the list."))
        rule.errorStyle = "warning" if field.open_list else "stop"
    elif field.kind == "date":
        start, end = (dt.date.fromisoformat(day) for day in form.dates)
        rule = DataValidation("date", operator="between",
                              formula1=f"DATE({start.year},{start.month},{start.day})",
                              formula2=f"DATE({end.year},{end.month},{end.day})",
                              error=_("Type a date, for example {example}.").format(example="2024-04-30"))
    elif field.kind == "money":
        cell, places = f"{letter}{HEAD + 1}", decimals(form.currency)
        rule = DataValidation("custom", formula1=f"AND(ISNUMBER({cell}),ROUND({cell},{places})={cell})", error=_(
            "Type an amount in digits, with at most {places} decimals.").format(places=places))
    elif field.kind == "number":
        rule = DataValidation("decimal", operator="between", formula1="-999999999999", formula2="999999999999",
                              error=_("Type a number in digits."))
    elif field.prompt:
        rule = DataValidation("textLength", operator="lessThanOrEqual", formula1="32000",
                              error=_("This text is too long."))
    if rule is None:
        return
    rule.allow_blank, rule.showErrorMessage, rule.errorTitle = True, True, field.head
    if field.prompt:
        rule.showInputMessage, rule.promptTitle, rule.prompt = True, field.head, field.prompt[:250]
    sheet.add_data_validation(rule)
    rule.add(f"{letter}{HEAD + 1}:{letter}{last}")


def _colour(sheet: Worksheet, form: Form, last: int, ranges: dict[str, str]) -> None:
    """An empty cell that the row's choice needs is yellow until it is filled in."""
    names = [field.name for field in form.fields]
    chosen = f"${get_column_letter(names.index(form.decides) + 1)}{HEAD + 1}"
    for n, field in enumerate(form.fields, 1):
        letter = get_column_letter(n)
        if not any(field.name in needed for needed in form.needs.values()):
            continue
        need = f'IFERROR(INDEX({ranges[f"needs {field.name}"]},MATCH({chosen},{ranges[form.decides]},0)),"")="x"'
        rule = Rule(type="expression", formula=[f'AND({chosen}<>"",{letter}{HEAD + 1}="",{need})'],
                    dxf=DifferentialStyle(fill=NEEDED))
        sheet.conditional_formatting.add(f"{letter}{HEAD + 1}:{letter}{last}", rule)


def _printed(sheet: Worksheet, form: Form) -> None:
    """A4 landscape, as wide as the page, heads on every page, a footer."""
    sheet.sheet_view.showGridLines = False
    setup = sheet.page_setup
    setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight = "landscape", 9, 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    footer = sheet.oddFooter
    assert footer is not None
    assert footer.left is not None
    assert footer.right is not None
    footer.left.text = safe(f"{form.partnership}, &A")
    footer.right.text = "&P / &N"
