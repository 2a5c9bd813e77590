"""How entries reach the tables, many at a time: COPY on PostgreSQL, many rows a statement on SQLite.

PostgreSQL refuses COPY to a role that row-level security applies to, as it does to the server's; such a role inserts
from arrays, which takes a little longer. So do few entries, for which it takes less. Rows are handed over by columns:
what is the same all the way down, as most of a batch is, need be written only once.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, count
from typing import Any

from sqlalchemy import Connection, text

from ledger.chain import CellWords
from ledger.model import Entry
from ledger.tables import Moment

Columns = Sequence[Sequence[Any]]
Insert = Callable[[Any], None]
"""Puts rows into a table over the driver's connection that it is called with."""
Way = Callable[[str, Mapping[str, str], Columns], Insert]
"""Makes them ready: of a table, the types of its columns, and these."""

# The columns and their types on PostgreSQL.
ENTRY = {"partnership_key": "int4", "number": "int8", "batch_number": "int4", "kind": "text", "effective_date": "date",
         "period_number": "int4", "reference": "text", "memo": "text", "details": "text", "reverses": "int8",
         "belongs_to": "int4", "line_count": "int4", "content_hash": "bytea"}
POSTING = {"partnership_key": "int4", "number": "int8", "line": "int4", "cell_key": "int4", "amount": "int8",
           "case_ref": "text", "units": "int8"}

FEW = 500  # entries, for which COPY's exchange of messages costs more than it saves
ROWS = 500  # in one statement on SQLite; thirteen columns times this stays far below its limit on variables
_MOMENT = Moment()
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


def write(conn: Connection, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """Inserts the entries of each chunk, then their postings, and hands it back for the seal that makes it stand.

    While the database has one to do, the next is made ready for it.
    """
    driver: Any = conn.connection.driver_connection
    chunk = next(chunks, None)
    with ThreadPoolExecutor(1, "poolbook-bulk") as aside:  # without a thread until there is a second chunk
        ready = _ready(_way(conn, chunk), chunk) if chunk else []
        while chunk:
            following = next(chunks, None)
            coming = aside.submit(_ready, _way(conn, following), following) if following else None
            for insert_in in ready:
                insert_in(driver)
            yield chunk
            chunk, ready = following, coming.result() if coming else []


def _way(conn: Connection, chunk: Chunk) -> Way:
    if conn.dialect.name != "postgresql":
        return _rows
    driver: Any = conn.connection.driver_connection
    few = len(chunk.entries) < FEW or driver.pgconn.pipeline_status  # inside `committed` there is no COPY
    return _unnest if few or _row_security(conn) else _copy


def _ready(way: Way, chunk: Chunk) -> list[Insert]:
    """The chunk as the database takes it, which asks nothing of the database."""
    inserts = [way("entry", ENTRY, _entries(chunk))]
    if any(entry.postings for entry in chunk.entries):  # some say something without money
        inserts.append(way("posting", POSTING, _postings(chunk)))
    return inserts


@contextmanager
def committed(conn: Connection) -> Iterator[None]:
    """Inside the block writes are sent without waiting for each other's end, and the commit behind them.

    PostgreSQL's pipeline: the one wait, for the commit, tells what failed, and where anything did, all is undone. The
    caller's own commit then finds nothing to do; on SQLite it is what commits. Nothing may be read inside.
    """
    if conn.dialect.name != "postgresql":
        yield
        return
    driver: Any = conn.connection.driver_connection
    with driver.pipeline():
        yield
        driver.commit()


def insert(conn: Connection, table: str, columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Inserts rows of a table beside the books; of each column, keyed first, its type on PostgreSQL."""
    driver: Any = conn.connection.driver_connection
    if conn.dialect.name == "postgresql":
        _unnest(table, columns, list(zip(*rows, strict=True)), next(iter(columns)))(driver)
    else:
        _rows(table, columns, list(zip(*rows, strict=True)))(driver)


def moment(conn: Connection, at: dt.datetime) -> Any:
    """A moment as `insert` takes it."""
    return _MOMENT.process_bind_param(at, conn.dialect)


def _row_security(conn: Connection) -> bool:
    """Whether row-level security applies to this connection's role; asked once a connection."""
    if "row_security" not in conn.info:
        conn.info["row_security"] = conn.scalar(text("SELECT row_security_active('entry')"))
    return bool(conn.info["row_security"])


def _entries(chunk: Chunk) -> Columns:
    """The columns of ENTRY, in its order."""
    entries, rows = chunk.entries, len(chunk.entries)
    filed = [chunk.filed[e.date] for e in entries]
    return ([chunk.partnership_key] * rows, range(chunk.first, chunk.first + rows), [chunk.batch_number] * rows,
            [e.kind for e in entries], [date for date, _ in filed], [period for _, period in filed],
            [e.reference for e in entries], [e.memo for e in entries], [e.details for e in entries],
            [e.reverses for e in entries], [chunk.late_for[e.belongs_to] for e in entries],
            [len(e.postings) for e in entries], chunk.digests)


def _postings(chunk: Chunk) -> Columns:
    """The columns of POSTING, in its order."""
    entries, cells = chunk.entries, chunk.cells
    postings = [p for e in entries for p in e.postings]
    return ([chunk.partnership_key] * len(postings),
            [number for number, e in enumerate(entries, chunk.first) for _ in e.postings],
            [line for e in entries for line in range(1, len(e.postings) + 1)],
            [cells[p.account, p.kind or e.kind, p.fund, p.partner, p.service, p.source, p.cost_class]
             for e in entries for p in e.postings],
            [p.amount for p in postings], [p.case for p in postings], [p.units for p in postings])


def _alike(column: Sequence[Any]) -> bool:
    """Whether a column says the same in every row."""
    return column.count(column[0]) == len(column)


def _unnest(table: str, types: Mapping[str, str], columns: Columns, each: str = "number") -> Insert:
    """One statement with an array for each column; one that is the same in all rows is handed over once.

    The column `each` differs in each row, or is an array all the same: there must be one.
    """
    taken: list[str] = []
    arrays: list[str] = []
    values: list[Any] = []
    alike: list[Any] = []
    for (name, one), column in zip(types.items(), columns, strict=True):
        same = name != each and _alike(column)
        taken.append(f"%s::{one}" if same else name)
        (alike if same else values).append(column[0] if same else _array(column, one))
        arrays += [] if same else [f"%s::{one}[]"]
    names = ", ".join(name for name in taken if name in types)
    sql = (f"INSERT INTO {table} ({', '.join(types)}) SELECT {', '.join(taken)} "  # noqa: S608
           f"FROM unnest({', '.join(arrays)}) AS given({names})")

    def insert_in(driver: Any) -> None:
        with driver.cursor() as cursor:
            cursor.execute(sql, [*alike, *values])

    return insert_in


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


def _copy(table: str, types: Mapping[str, str], columns: Columns) -> Insert:
    lines = "".join(f"{line}\n" for line in map("\t".join, zip(*(map(_copied, columns, types.values())), strict=True)))

    def insert_in(driver: Any) -> None:
        with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(types)}) FROM STDIN") as copy:
            copy.write(lines)

    return insert_in


def _copied(column: Sequence[Any], type_: str) -> Sequence[str]:
    """A column in COPY's own text."""
    if type_ == "bytea":
        return [f"\\\\x{value.hex()}" for value in column]
    if type_ != "text":
        return [_NULL if value is None else str(value) for value in column]
    return [value.translate(_ESCAPES) for value in column] if _SPECIAL("".join(column)) else column


def _rows(table: str, types: Mapping[str, str], columns: Columns) -> Insert:
    """Statements of `ROWS` rows: SQLite guards each statement that a trigger may abort by copying the pages that it
    touches, and so copies them once for many rows. What all rows have alike is handed over once a statement."""
    rows = len(columns[0])
    alike = tuple(rows > 1 and _alike(column) for column in columns)
    shared = [column[0] for column, same in zip(columns, alike, strict=True) if same]
    other = [column for column, same in zip(columns, alike, strict=True) if not same]

    def insert_in(driver: Any) -> None:
        for start in range(0, rows, ROWS):
            some = min(ROWS, rows - start)
            values = chain.from_iterable(zip(*(column[start:start + some] for column in other), strict=True))
            driver.execute(_statement(table, tuple(types), alike, some), [*shared, *values])

    return insert_in


@lru_cache(maxsize=64)
def _statement(table: str, columns: Sequence[str], alike: Sequence[bool], rows: int) -> str:
    """INSERT of so many rows; the parameters are first those that all rows have alike, then those of each row."""
    number = count(1)
    shared = [f"?{next(number)}" if same else "" for same in alike]
    values = ", ".join(f"({', '.join(one or f'?{next(number)}' for one in shared)})" for _ in range(rows))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values}"  # noqa: S608
