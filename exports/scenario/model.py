"""Cells, addresses and names: a workbook as plain data, before anything draws it and after somebody sends it back.

Workings are whole minor units; only inputs and results are in the currency. A constant that stands where a formula
should be carries its reason, and every cell that looks at one carries it on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from openpyxl.utils import get_column_letter

FIRST = 5  # the row of a table's head, under title, note and a way back
ADDRESS = re.compile(r"([A-Za-z]+)!\$([A-Z]+)\$(\d+)(?::\$([A-Z]+)\$(\d+))?")
MOST_TERMS, MOST_LETTERS = 60, 4_000  # of one sum, so that no formula grows beyond what programs take (8,192 letters)


@dataclass(frozen=True, slots=True)
class Ref:
    """One cell."""

    sheet: str
    column: str
    row: int

    def __str__(self) -> str:
        return f"{self.sheet}!${self.column}${self.row}"

    @property
    def address(self) -> str:
        """The cell as people write it."""
        return f"{self.sheet}!{self.column}{self.row}"


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula, with its leading equals sign; `shows`: what it comes to in the baseline, where the file says so."""

    text: str
    shows: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Frozen:
    """A constant in the place of a formula, and why it stands there."""

    value: int
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell for people to change: its baseline value, and the input's path."""

    value: Decimal
    path: str


Value = str | int | Decimal | Formula | Frozen | Entry | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its kind (text | pence | money | number | percent | whole | exact) and its width."""

    head: str
    kind: str = "text"
    width: int = 16


@dataclass
class Sheet:
    """One sheet with one table: rows below the head, each with a value for every column."""

    name: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: list[list[Value]] = field(default_factory=list)

    @property
    def next_row(self) -> int:
        return FIRST + 1 + len(self.rows)

    @property
    def last_row(self) -> int:
        return FIRST + len(self.rows)

    def add(self, *values: Value) -> int:
        """Adds a row; answers its number."""
        assert len(values) == len(self.columns), f"a row of {self.name} fills its columns"
        self.rows.append(list(values))
        return self.last_row

    def ref(self, column: int, row: int) -> Ref:
        return Ref(self.name, get_column_letter(column + 1), row)

    def span(self, column: int) -> str:
        """A whole column of the table, as formulas write it."""
        letter = get_column_letter(column + 1)
        return f"{self.name}!${letter}${FIRST + 1}:${letter}${max(self.last_row, FIRST + 1)}"


@dataclass
class Book:
    """All sheets in order, and the names that others may link to."""

    sheets: dict[str, Sheet] = field(default_factory=dict)
    names: dict[str, Ref] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)  # the same names as programs compare them
    checks: list[tuple[str, str, str]] = field(default_factory=list)  # a sheet, what must hold, and a formula that is 0

    def sheet(self, sheet: Sheet) -> Sheet:
        self.sheets[sheet.name] = sheet
        return sheet

    def name(self, prefix: str, path: str, ref: Ref) -> str:
        """Names a cell by a path: `out_partners_nhs_liability`. Names differ even where programs ignore case."""
        plain = f"{prefix}_{re.sub(r'[^A-Za-z0-9_]', '_', path)}"
        found, number = plain, 2
        while found.lower() in self.taken:
            found, number = f"{plain}_{number}", number + 1
        self.taken.add(found.lower())
        self.names[found] = ref
        return found

    def value(self, ref: Ref) -> Value:
        sheet = self.sheets[ref.sheet]
        return sheet.rows[ref.row - FIRST - 1][_number(ref.column)]

    def reasons(self) -> dict[tuple[str, str, int], frozenset[str]]:
        """Every cell that depends on a constant standing for a formula, with the reasons."""
        if not any(isinstance(value, Frozen) for sheet in self.sheets.values() for row in sheet.rows for value in row):
            return {}
        found: dict[tuple[str, str, int], frozenset[str]] = {}
        looked_at_by: dict[tuple[str, str, int], list[tuple[str, str, int]]] = {}
        for sheet in self.sheets.values():
            for i, row in enumerate(sheet.rows, FIRST + 1):
                for n, value in enumerate(row):
                    here = (sheet.name, get_column_letter(n + 1), i)
                    if isinstance(value, Frozen):
                        found[here] = frozenset([value.reason])
                    elif isinstance(value, Formula):
                        for there in cells_in(value.text):
                            looked_at_by.setdefault(there, []).append(here)
        open_ = list(found)
        while open_:
            cell = open_.pop()
            for after in looked_at_by.get(cell, ()):
                known = found.get(after, frozenset())
                if not found[cell] <= known:
                    found[after] = known | found[cell]
                    open_.append(after)
        return found


def cells_in(formula: str) -> Iterable[tuple[str, str, int]]:
    """Every cell that a formula looks at."""
    for sheet, column, row, to_column, to_row in ADDRESS.findall(formula):
        first, last = _number(column), _number(to_column or column)
        for n in range(first, last + 1):
            for r in range(int(row), int(to_row or row) + 1):
                yield sheet, get_column_letter(n + 1), r


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


# --------------------------------------------------------------------------------------------- formulas in pieces

Term = Ref | str | int
"""A cell, or a piece of a formula."""


def plus(terms: Sequence[Term]) -> str:
    """The sum of cells, as a piece of a formula; nothing is 0."""
    return "+".join(str(term) for term in terms) or "0"


def short_sums(terms: Iterable[Term]) -> Iterator[list[Term]]:
    """Cells in groups that are each short enough for one formula."""
    group: list[Term] = []
    letters = 0
    for term in terms:
        letters += len(str(term)) + 1
        if group and (len(group) == MOST_TERMS or letters > MOST_LETTERS):
            yield group
            group, letters = [], len(str(term)) + 1
        group.append(term)
    yield group


def half_up(piece: str, over: int, under: int) -> str:
    """piece × over ÷ under rounded half away from zero, exactly, for whole numbers whose parts stay below 2^53."""
    if over == under:
        return piece
    size = f"ABS({piece})"
    whole = f"INT({size}/{under})"
    rest = f"({size}-{whole}*{under})"
    return f"SIGN({piece})*({whole}*{over}+INT((2*{rest}*{over}+{under})/{2 * under}))"


def times_half_up(piece: str, factor: str, under: int) -> str:
    """piece × factor ÷ under rounded half away from zero, where `factor` is a cell (not negative)."""
    size = f"ABS({piece})"
    whole = f"INT({size}/{under})"
    rest = f"({size}-{whole}*{under})"
    return f"SIGN({piece})*({whole}*{factor}+INT((2*{rest}*{factor}+{under})/{2 * under}))"
