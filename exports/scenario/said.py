"""A scenario workbook in the reader's language: titles, heads, notes and labels are said again.

Names, paths and what formulas reckon stay; so do the sheets' own names, of which formulas and refusals speak. When a
workbook comes back, its cells are compared in the language that its labels are in, whoever reads it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from exports.language import ENGLISH, WORKBOOK, language, languages, speaking
from exports.retold import retold
from exports.scenario.model import Formula, Sheet, Value

TOLD_BY = "Inputs"
"""The sheet whose note tells the language of a workbook."""
NAMING = ("Contents", "Checks")
"""Those that name other sheets, in their first column."""
_TEXT = re.compile(r'"([^"]*)"')


def said(text: str) -> str:
    """A label in the language in force."""
    return retold(text, WORKBOOK)


def sheets_said(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The sheets in the language in force."""
    if language() == ENGLISH:
        return list(sheets)
    return [_sheet(sheet) for sheet in sheets]


def tongue(sheets: Sequence[Sheet], note: str) -> str:
    """The language of a workbook in which the note of `TOLD_BY` reads so; English where it is none that we write."""
    english = next(sheet.note for sheet in sheets if sheet.name == TOLD_BY)
    for tag in languages():
        with speaking(tag):
            if said(english).split() == note.split():
                return tag
    return ENGLISH


def _sheet(sheet: Sheet) -> Sheet:
    first = 1 if sheet.name in NAMING else 0
    rows = sheet.rows if sheet.name == "Base" else [
        [*row[:first], *map(_value, row[first:])] for row in sheet.rows]
    return replace(sheet, title=said(sheet.title), note=said(sheet.note), rows=rows,
                   columns=tuple(replace(column, head=said(column.head)) for column in sheet.columns))


def _value(value: Value) -> Value:
    if isinstance(value, Formula):
        return replace(value, text=_TEXT.sub(lambda found: f'"{said(found[1])}"', value.text))
    return said(value) if isinstance(value, str) else value
