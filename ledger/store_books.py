"""Partnerships, their calendars, accounts and cells, as the books have them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text

from ledger import refusals, visibility
from ledger.chain import CellWords
from ledger.exchange import Question
from ledger.model import Book, Period
from ledger.tables import WORDS, account, partnership, period, period_status

_NEW_BOOKS = 0x626F6F6B  # the number of a lock: any will do
_BOOKS = select(*partnership.c["partnership_key", "id", "name", "currency"])
_OF_ID = _BOOKS.where(partnership.c.id == bindparam("of"))
_OF_KEY = _BOOKS.where(partnership.c.partnership_key == bindparam("of"))
_CHANGES = select(
    select(func.count()).where(period.c.partnership_key == bindparam("of")).scalar_subquery()
    + select(func.count()).where(period_status.c.partnership_key == bindparam("of")).scalar_subquery())
_LOCKED = _OF_KEY.with_for_update(key_share=True)  # by number: what is spread over servers is locked by nothing else


def books(conn: Connection) -> list[Book]:
    """Every partnership in the database, by id."""
    return sorted((Book(*row) for row in conn.execute(_BOOKS)), key=lambda found: found.id)


def book(conn: Connection, id_: str) -> Book:
    """The partnership of that id; refuses an unknown one."""
    found = conn.execute(_OF_ID, {"of": id_}).all()
    if not found:
        raise refusals.PartnershipUnknown(partnership=id_)
    return Book(*found[0])


def lock(conn: Connection, of: Book) -> Book:
    """Queues behind other writers of the same partnership (SQLite queued them at BEGIN IMMEDIATE); it as it is then."""
    return of if conn.dialect.name == "sqlite" else _one(of, conn.execute(_LOCKED, {"of": of.key}).all())


def asks_lock(conn: Connection, of: Book) -> Question:
    """What `lock` asks, to be asked together with what follows."""
    return Question(_OF_KEY if conn.dialect.name == "sqlite" else _LOCKED, {"of": of.key}, partial(_one, of))


def _one(of: Book, rows: Sequence[Any]) -> Book:
    found = Book(*rows[0]) if rows else None
    if found is None or found.id != of.id:  # other books have been put in the place of those we knew
        raise refusals.PartnershipUnknown(partnership=of.id)
    return found


def lock_new(conn: Connection) -> None:
    """Queues behind others who may be opening books of the same id just now."""
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(_NEW_BOOKS)))  # a role may take it that may not lock tables


def status_steps(conn: Connection, of: Book) -> dict[int, int]:
    """By period number, how often its status has changed: odd means closed."""
    c = period_status.c
    rows = conn.execute(select(c.period_number, func.max(c.seq)).where(c.partnership_key == of.key)
                        .group_by(c.period_number))
    return {row[0]: row[1] for row in rows}


def periods(conn: Connection, of: Book) -> list[Period]:
    """The calendar in order, each period open or closed."""
    steps = status_steps(conn, of)
    rows = conn.execute(select(*period.c["number", "id", "starts", "ends"]).where(period.c.partnership_key == of.key)
                        .order_by(period.c.number))
    return [Period(number, id_, starts, ends, steps.get(number, 0) % 2 == 1) for number, id_, starts, ends in rows]


def asks_changes(of: Book) -> Question:
    """How often the calendar has been changed: periods added, closed, reopened. It only ever grows."""
    return Question(_CHANGES, {"of": of.key}, lambda rows: int(rows[0][0]))


def accounts(conn: Connection, of: Book) -> list[str]:
    """Every account by path, in order of the path."""
    return sorted(conn.scalars(select(account.c.path).where(account.c.partnership_key == of.key,
                                                            visibility.path(of.partner))))


def account_keys(conn: Connection, of: Book, paths: Iterable[str]) -> dict[str, int]:
    """The keys of those of these accounts that exist."""
    sql = """SELECT a.path, a.account_key FROM {given} JOIN account a
             ON a.partnership_key = :partnership_key AND a.path = given.path"""
    return {row[0]: row[1] for row in _joined(conn, of, sql, ("path",), [(path,) for path in paths])}


def cell_keys(conn: Connection, of: Book, cells: Iterable[CellWords]) -> dict[CellWords, int]:
    """The keys of those of these cells that exist."""
    same = " AND ".join(f"c.{word} = given.{word}" for word in WORDS)
    sql = f"""SELECT given.path, {', '.join(f'c.{word}' for word in WORDS)}, c.cell_key FROM {{given}}
              JOIN account a ON a.partnership_key = :partnership_key AND a.path = given.path
              JOIN cell c ON c.partnership_key = :partnership_key AND c.account_key = a.account_key AND {same}"""  # noqa: S608
    found = _joined(conn, of, sql, ("path", *WORDS), cells)
    return {(r[0], r[1], r[2], r[3], r[4], r[5], r[6]): r[7] for r in found}


def contents(conn: Connection, of: Book, kind: str, references: Iterable[str]) -> dict[str, tuple[int, bytes]]:
    """Number and content hash, by reference, of those entries of a kind that exist."""
    postgresql = """SELECT e.reference, e.number, e.content_hash FROM {given} CROSS JOIN LATERAL (
      SELECT * FROM entry WHERE partnership_key = :partnership_key AND kind = :kind AND reference = given.reference
      LIMIT 1) e"""  # each looked up in the index: what a join would do is left to what is known of the table
    sqlite = """SELECT e.reference, e.number, e.content_hash FROM {given} JOIN entry e
      ON e.partnership_key = :partnership_key AND e.kind = :kind AND e.reference = given.reference"""
    found = _joined(conn, of, postgresql if conn.dialect.name == "postgresql" else sqlite, ("reference",),
                    [(ref,) for ref in references], kind=kind)
    return {row[0]: (row[1], bytes(row[2])) for row in found}


def _joined(conn: Connection, of: Book, sql: str, columns: Sequence[str], rows: Iterable[Sequence[str]],
            **more: str) -> Iterator[Any]:
    """Joins texts that are handed over to the tables, thousands at a time instead of a question each."""
    items = list(rows)
    for start in range(0, len(items), 10_000):
        given, facts = _given(conn.dialect.name, columns, items[start:start + 10_000])
        yield from conn.execute(text(sql.format(given=given)), {"partnership_key": of.key, **facts, **more})


def _given(dialect: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, dict[str, Any]]:
    if dialect == "postgresql":
        arrays = ", ".join(f"CAST(:given_{name} AS text[])" for name in columns)
        facts = {f"given_{name}": [row[i] for row in rows] for i, name in enumerate(columns)}
        return f"unnest({arrays}) AS given({', '.join(columns)})", facts
    picks = ", ".join(f"json_extract(value, '$[{i}]') AS {name}" for i, name in enumerate(columns))
    # Without OFFSET 0, SQLite would flatten this and might read the whole table to meet a few rows.
    return f"(SELECT {picks} FROM json_each(:given) LIMIT -1 OFFSET 0) AS given", {"given": json.dumps(rows)}  # noqa: S608
