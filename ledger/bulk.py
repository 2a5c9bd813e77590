"""How entries reach the tables, many at a time: COPY on PostgreSQL, executemany on SQLite.

PostgreSQL refuses COPY to a role that row-level security applies to, as it does to the server's; such a role inserts
from arrays, which takes a little longer. So do few entries, for which it takes less.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from sqlalchemy import Connection, text

from ledger.chain import CellWords
from ledger.model import Entry
from ledger.tables import Moment

ENTRY = ("partnership_key", "number", "batch_number", "kind", "effective_date", "period_number", "reference", "memo",
         "details", "reverses", "belongs_to", "line_count", "content_hash")
POSTING = ("partnership_key", "number", "line", "cell_key", "amount", "case_ref", "units")
_ENTRY_TYPES = ("int4", "int8", "int4", "text", "date", "int4", "text", "text", "text", "int8", "int4", "int4", "bytea")
_POSTING_TYPES = ("int4", "int8", "int4", "int4", "int8", "text", "int8")

FEW = 500  # entries, for which COPY's exchange of messages costs more than it saves
ROWS = 500  # in one statement on SQLite; thirteen columns times this stays far below its limit on variables
_NULL = "\\N"
_SPECIAL = re.compile(r"[\\\t\n\r]").search
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """Entries that are numbered, dated into periods and hashed, with the keys of their cells: one batch."""

    partnership_key: int
    first: int
    batch_number: int
    entries: Sequence[Entry]
    digests: Sequence[bytes]
    filed: Mapping[dt.date, tuple[str, int]]  # by date: as text, and the number of the period that holds it
    late_for: Mapping[str, int | None]
    cells: Mapping[CellWords, int]


def write(conn: Connection, chunk: Chunk) -> None:
    """Inserts the entries, then their postings; the seal that makes them stand is the caller's."""
    driver: Any = conn.connection.driver_connection
    if conn.dialect.name == "postgresql" and (len(chunk.entries) < FEW or _row_security(conn)):
        _unnest(driver, "entry", ENTRY, _ENTRY_TYPES, _entry_rows(chunk))
        _unnest(driver, "posting", POSTING, _POSTING_TYPES, _posting_rows(chunk))
    elif conn.dialect.name == "postgresql":
        _copy(driver, "entry", ENTRY, _entry_lines(chunk))
        _copy(driver, "posting", POSTING, _posting_lines(chunk))
    else:
        _insert(driver, "entry", ENTRY, _entry_rows(chunk))
        _insert(driver, "posting", POSTING, _posting_rows(chunk))


@contextmanager
def unasked(conn: Connection) -> Iterator[None]:
    """Inside the block writes are sent without waiting for each other's end, and the last wait tells what failed.

    PostgreSQL's pipeline. Nothing may be read inside, nor more written than `FEW` rows of a table.
    """
    if conn.dialect.name != "postgresql":
        yield
        return
    driver: Any = conn.connection.driver_connection
    with driver.pipeline():
        yield


def insert(conn: Connection, table: str, columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Inserts rows of a table beside the books, in one statement; of each column, keyed first, its PostgreSQL type."""
    driver: Any = conn.connection.driver_connection
    if conn.dialect.name == "postgresql":
        _unnest(driver, table, tuple(columns), tuple(columns.values()), iter(rows), next(iter(columns)))
    else:
        _insert(driver, table, tuple(columns), iter(rows))


def moment(conn: Connection, at: dt.datetime) -> Any:
    """A moment as `insert` takes it."""
    return Moment().process_bind_param(at, conn.dialect)


def _row_security(conn: Connection) -> bool:
    """Whether row-level security applies to this connection's role; asked once a connection."""
    if "row_security" not in conn.info:
        conn.info["row_security"] = conn.scalar(text("SELECT row_security_active('entry')"))
    return bool(conn.info["row_security"])


def _unnest(driver: Any, table: str, columns: Sequence[str], types: Sequence[str],
            rows: Iterator[tuple[Any, ...]], each: str = "number") -> None:
    """One statement with an array for each column; one that is the same in all rows is handed over once.

    The column `each` differs in each row, or is an array all the same: there must be one.
    """
    taken: list[str] = []
    arrays: list[str] = []
    values: list[Any] = []
    alike: list[Any] = []
    for name, one, column in zip(columns, types, zip(*rows, strict=True), strict=False):
        same = name != each and len(set(column)) == 1
        taken.append(f"%s::{one}" if same else name)
        (alike if same else values).append(column[0] if same else _array(column, one))
        arrays += [] if same else [f"%s::{one}[]"]
    if values:
        names = ", ".join(name for name in taken if name in columns)
        sql = (f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(taken)} "  # noqa: S608
               f"FROM unnest({', '.join(arrays)}) AS given({names})")
        with driver.cursor() as cursor:
            cursor.execute(sql, [*alike, *values])


def _array(column: Sequence[Any], type_: str) -> str:
    """The literal of an array, which costs a tenth of what the driver's own way to write one does."""
    if type_ == "bytea":
        return '{"\\\\x' + '","\\\\x'.join(value.hex() for value in column) + '"}'
    if type_ != "text":
        return "{" + ",".join("NULL" if value is None else str(value) for value in column) + "}"
    whole = "\n".join(column)
    if '"' in whole or "\\" in whole:
        column = [value.replace("\\", "\\\\").replace('"', '\\"') for value in column]
    return '{"' + '","'.join(column) + '"}'


def _insert(driver: Any, table: str, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    """Executemany, with `ROWS` rows a statement: SQLite guards each statement that a trigger may abort by copying
    the pages that it touches, and so copies them once for many rows."""
    row = f"({', '.join('?' * len(columns))})"
    start = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608
    last: tuple[Any, ...] = ()

    def full() -> Iterator[tuple[Any, ...]]:
        nonlocal last
        while len(some := tuple(chain.from_iterable(islice(rows, ROWS)))) == ROWS * len(columns):
            yield some
        last = some

    driver.executemany(start + ", ".join([row] * ROWS), full())
    if last:
        driver.execute(start + ", ".join([row] * (len(last) // len(columns))), last)


def _entry_rows(chunk: Chunk) -> Iterator[tuple[Any, ...]]:
    key, batch_number, late_for, filed = chunk.partnership_key, chunk.batch_number, chunk.late_for, chunk.filed
    for number, (e, digest) in enumerate(zip(chunk.entries, chunk.digests, strict=True), chunk.first):
        yield (key, number, batch_number, e.kind, *filed[e.date], e.reference, e.memo, e.details, e.reverses,
               late_for[e.belongs_to], len(e.postings), digest)


def _posting_rows(chunk: Chunk) -> Iterator[tuple[Any, ...]]:
    key, cells = chunk.partnership_key, chunk.cells
    for number, e in enumerate(chunk.entries, chunk.first):
        kind = e.kind
        for line, p in enumerate(e.postings, 1):
            cell = cells[p.account, p.kind or kind, p.fund, p.partner, p.service, p.source, p.cost_class]
            yield key, number, line, cell, p.amount, p.case, p.units


def _copy(driver: Any, table: str, columns: Sequence[str], lines: Iterator[str]) -> None:
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        copy.write("".join(lines))


def _escaped(value: str) -> str:
    return value.translate(_ESCAPES) if _SPECIAL(value) else value


def _entry_lines(chunk: Chunk) -> Iterator[str]:
    key, batch_number, late_for, filed = chunk.partnership_key, chunk.batch_number, chunk.late_for, chunk.filed
    for number, (e, digest) in enumerate(zip(chunk.entries, chunk.digests, strict=True), chunk.first):
        late = late_for[e.belongs_to]
        undone = _NULL if e.reverses is None else e.reverses
        date, period_number = filed[e.date]
        yield (f"{key}\t{number}\t{batch_number}\t{_escaped(e.kind)}\t{date}\t{period_number}\t"
               f"{_escaped(e.reference)}\t{_escaped(e.memo)}\t{_escaped(e.details)}\t"
               f"{undone}\t{_NULL if late is None else late}\t"
               f"{len(e.postings)}\t\\\\x{digest.hex()}\n")


def _posting_lines(chunk: Chunk) -> Iterator[str]:
    key, cells = chunk.partnership_key, chunk.cells
    for number, e in enumerate(chunk.entries, chunk.first):
        kind = e.kind
        for line, p in enumerate(e.postings, 1):
            cell = cells[p.account, p.kind or kind, p.fund, p.partner, p.service, p.source, p.cost_class]
            case = _escaped(p.case) if p.case else ""
            yield f"{key}\t{number}\t{line}\t{cell}\t{p.amount}\t{case}\t{p.units}\n"
