"""What a statement shows to people, before it is drawn: words, key figures, chart and tables with their totals.

The workbook, the PDF and the page all draw from one `View`, so that none of them computes a figure of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from exports.words import Kind, Value


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading and kind. Columns of one `group` stay together where a table is too wide for a page.

    `key` names the column in whatever language its head is.
    """

    head: str
    kind: Kind = Kind.TEXT
    group: str = ""
    summed: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Foot:
    """What must hold in each row and in the total: the `plus` columns less the `minus` ones equal `result`."""

    words: str
    plus: tuple[int, ...]
    minus: tuple[int, ...]
    result: int


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; the first column names the row. `heading` says the message, `name` is short.

    `total` has a value for each column (None where a sum means nothing). `brief`: also in the printed statement.
    `key` names the table in whatever language its name is. `chart` shows the same figures.
    """

    name: str
    heading: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    total: tuple[Value, ...] | None = None
    foots: tuple[Foot, ...] = ()
    note: str = ""
    brief: bool = True
    empty: str = ""
    key: str = ""
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the three figures on the first page: what it is, the amount, and what it is measured against."""

    label: str
    figure: str
    note: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bullet of a chart, in minor units: a dark bar in a pale one, an orange line, a black one, and words beside.

    `done` is printed on the dark bar. `whole` is the pale bar and `limit` the black line, where there are such.
    """

    label: str
    done: int
    plan: int
    printed: tuple[str, ...]
    whole: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A bullet chart, with the same facts in words for those who cannot see it. `heads` stand over the words beside."""

    heading: str
    caption: str
    alternative: str
    bars: tuple[Bar, ...]
    heads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the calculation in words that can be checked with a pocket calculator.

    `detail`: it has nothing to do or only spreads a result over services; the printed statement leaves it out.
    """

    number: int
    name: str
    clause: str
    sum: str
    because: str
    detail: bool


@dataclass(frozen=True, slots=True)
class View:
    """A statement as people read it, from the title to the ledger head."""

    title: str
    status: str
    standing: str
    verdict: tuple[str, ...]
    figures: tuple[KeyFigure, ...]
    asked: Table
    chart: Chart | None
    tables: tuple[Table, ...]
    working: Table
    steps: tuple[Step, ...]
    notes: tuple[str, ...]
    ledger: tuple[tuple[str, str], ...]
    currency: str
    reference: str
    decisions: tuple[str, ...] = ()  # what the board is asked to decide, each a sentence or more

