"""Reads a filled-in sheet back, guarded: what the cells hold as text, with the cell of everything that is wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from exports.entry_template import refusals as no
from exports.scenario.cells import ADDRESS, Found, open_back
from exports.scenario.guard import Parts, let_in, walk
from ledger.errors import MOST_FAULTS, Place, PoolbookError, Refused
from ledger.language import Said

MOST_ROWS, MOST_COLUMNS, MOST_ABOVE = 20_000, 60, 40
_DAY_0 = {False: dt.date(1899, 12, 30), True: dt.date(1904, 1, 1)}


@dataclass(frozen=True)
class Filled:
    """A sheet that came back: where each column stands, and the rows with something in them, by their numbers."""

    sheet: str
    columns: Mapping[str, str]
    rows: Sequence[tuple[int, Mapping[str, str]]]

    def cell(self, row: int | None, field: str) -> str:
        """The address of a row's field: `Events!D7`; of the row's first cell where it has no such column."""
        return f"{self.sheet}!{self.columns.get(field, 'A')}{row or 1}"

    def in_cells(self, fault: PoolbookError) -> PoolbookError:
        """A fault of a row, with the cell in place of line and column."""
        if fault.place.line is None or "!" in fault.place.field:
            return fault
        place = Place(fault.place.file, None, self.cell(fault.place.line, fault.place.field))
        return type(fault)(place, index=fault.index, **fault.facts)


def read_filled(content: bytes, sheet: str, wanted: Sequence[str], needed: Sequence[str],
                dates: Sequence[str] = ("date",)) -> Filled:
    """The rows of a sheet. `wanted`: the columns that it may have, of which some are needed; others are passed over.

    Raises `Refused` with what keeps the file out, or with every cell that holds no value.
    """
    try:
        parts = let_in(content)
        back = open_back(parts)
        if sheet not in back.sheets:
            raise no.EntrySheetMissing(Place(field=sheet), sheet=sheet)
        cells = _by_row(back.cells(sheet, MOST_ROWS + MOST_ABOVE, MOST_COLUMNS))
        head, columns = _columns(cells, sheet, wanted, needed)
        if sum(1 for row in cells if row > head) > MOST_ROWS:
            raise no.EntryRowsTooMany(Place(field=sheet), limit=f"{MOST_ROWS:,}")
    except PoolbookError as error:
        raise Refused([error]) from None
    day_0 = _DAY_0[_from_1904(parts)]
    faults: list[PoolbookError] = []
    rows = []
    for number in sorted(row for row in cells if row > head):
        told: dict[str, str] = {}
        for name, letter in columns.items():
            found = cells[number].get(letter)
            try:
                told[name] = _text(found, day_0 if name in dates else None) if found else ""
            except PoolbookError as fault:
                faults.append(fault.at(Place(field=f"{sheet}!{letter}{number}")))
        if any(text.strip() for text in told.values()):
            rows.append((number, told))
    if faults:
        raise Refused(faults[:MOST_FAULTS])
    return Filled(sheet, columns, rows)


def _by_row(cells: Mapping[str, Found]) -> dict[int, dict[str, Found]]:
    found: dict[int, dict[str, Found]] = {}
    for address, cell in cells.items():
        place = ADDRESS.fullmatch(address)
        assert place is not None, "addresses are checked where cells are read"
        found.setdefault(int(place[2]), {})[place[1]] = cell
    return found


def _columns(cells: Mapping[int, Mapping[str, Found]], sheet: str, wanted: Sequence[str],
             needed: Sequence[str]) -> tuple[int, dict[str, str]]:
    """The row of column names, and the letter of each column; they may stand in any order."""
    best = 0
    names: dict[str, str] = {}
    for row in sorted(row for row in cells if row <= MOST_ABOVE):
        here = {letter: name for letter, cell in cells[row].items()
                if (name := "_".join(cell.value.casefold().split())) in wanted}
        if len(here) > len(names):
            best, names = row, here
    columns: dict[str, str] = {}
    for letter in sorted(names, key=lambda letter: (len(letter), letter)):
        if names[letter] in columns:
            raise no.EntryColumnTwice(Place(field=f"{sheet}!{letter}{best}"), column=names[letter])
        columns[names[letter]] = letter
    for name in needed:
        if name not in columns:
            raise no.EntryColumnMissing(Place(field=f"{sheet}!{best or 1}:{best or 1}"), column=name)
    return best, columns


def _from_1904(parts: Parts) -> bool:
    """Whether the workbook counts its days from 1904, as some programs on Macintoshes did."""
    said: list[str] = []

    def begin(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "workbookPr":
            said.append(attributes.get("date1904", ""))

    walk("xl/workbook.xml", parts.read("xl/workbook.xml"), begin)
    return any(value in ("1", "true") for value in said)


def _text(found: Found, day_0: dt.date | None) -> str:
    """What a cell says, as text: a number in digits, a day as 2024-04-30."""
    if found.formula:
        raise no.EntryCellFormula(found=found.formula[:60])
    if found.kind == "e":
        raise no.EntryCellWrong(found=found.value[:60], wanted=Said("value"))
    if found.kind != "n" or not found.value.strip():
        return found.value.strip()
    try:
        number = Decimal(repr(float(found.value[:40])))
        if day_0 is not None:
            return str(day_0 + dt.timedelta(days=int(number))) if number == int(number) else _not_a_day(found)
    except (ValueError, InvalidOperation, OverflowError):
        raise no.EntryCellWrong(found=found.value[:60], wanted=Said("number")) from None
    return f"{number.quantize(Decimal(1)) if number == number.to_integral() and abs(number) < 10**20 else number:f}"


def _not_a_day(found: Found) -> str:
    raise no.EntryCellWrong(found=found.value[:60], wanted=Said("date; a time of day does not belong there"))

