"""Several questions put to PostgreSQL in one exchange, where each by itself would wait for the answer to the last.

They are asked in their order, each sees what others committed before it, and a lock that one of them waits for holds
for those after it: it is as if they had been asked one after the other, but for the time it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Select
from sqlalchemy.engine.interfaces import Compiled, Dialect


@dataclass(frozen=True, slots=True)
class Question:
    """A statement that is written once, what it is asked about, and what its rows say."""

    statement: Select[Any]
    facts: Mapping[str, Any]
    said: Callable[[Sequence[Any]], Any]


def answers(conn: Connection, questions: Sequence[Question]) -> list[Any]:
    """What each question's rows say, in the order of the questions; raises what a reading of them raises."""
    if conn.dialect.name == "postgresql":
        found = _exchanged(conn, questions)
    else:
        found = [conn.execute(one.statement, dict(one.facts)).all() for one in questions]
    return [one.said(rows) for one, rows in zip(questions, found, strict=True)]


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement as the driver takes it, and how the columns that it answers become ours."""

    sql: str
    compiled: Compiled
    made: Mapping[int, Callable[[Any], Any]]  # by the place of the column; most are as they come


_WRITTEN: WeakKeyDictionary[Select[Any], _Written] = WeakKeyDictionary()


def _exchanged(conn: Connection, questions: Sequence[Question]) -> list[Sequence[Any]]:
    from psycopg.rows import namedtuple_row

    driver: Any = conn.connection.driver_connection
    written = [_written(one.statement, conn.dialect) for one in questions]
    cursors = []
    with driver.pipeline():
        for one, how in zip(questions, written, strict=True):
            cursor = driver.cursor(row_factory=namedtuple_row)
            cursor.execute(how.sql, how.compiled.construct_params(dict(one.facts)))
            cursors.append(cursor)
    return [_rows(cursor.fetchall(), how.made) for cursor, how in zip(cursors, written, strict=True)]


def _written(statement: Select[Any], dialect: Dialect) -> _Written:
    found = _WRITTEN.get(statement)
    if found is None:
        makers = enumerate(column.type.result_processor(dialect, None) for column in statement.selected_columns)
        compiled = statement.compile(dialect=dialect)
        found = _Written(str(compiled), compiled, {place: made for place, made in makers if made})
        _WRITTEN[statement] = found
    return found


def _rows(rows: Sequence[Any], made: Mapping[int, Callable[[Any], Any]]) -> Sequence[Any]:
    return [type(row)._make(made[place](value) if place in made else value for place, value in enumerate(row))
            for row in rows] if made else rows
