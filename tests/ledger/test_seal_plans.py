"""What a seal costs PostgreSQL follows from how many entries it has, whatever the database knows of its tables."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Engine

from ledger import service
from tests.conftest import NOW, make_book, spending

READ = """SELECT coalesce(sum(seq_tup_read + idx_tup_fetch), 0) FROM pg_stat_xact_user_tables
          WHERE relname IN ('entry', 'posting', 'movement', 'batch')"""
LOOKED = """SELECT coalesce(sum(pg_stat_get_xact_tuples_returned(indexrelid)), 0) FROM pg_index
            WHERE indrelid IN ('entry'::regclass, 'posting'::regclass, 'movement'::regclass, 'batch'::regclass)"""


def rows_read(conn: Connection) -> int:
    """Of the books' tables, by this connection, so far."""
    return int(conn.exec_driver_sql(READ).scalar_one())


def looked_at(conn: Connection) -> int:
    """Rows of the books' tables and of their indexes, by this connection, so far."""
    return rows_read(conn) + int(conn.exec_driver_sql(LOOKED).scalar_one())


def posted(conn: Connection, first: int, count: int) -> None:
    book = service.open_book(conn, "northshire")
    service.post(conn, book, [spending(f"n{n}", 100 + n) for n in range(first, first + count)], NOW)


@pytest.mark.parametrize("count", [1, 31, 50, 200])
def test_a_seal_reads_its_own_entries_and_no_others(postgres_engine: Engine, count: int) -> None:
    """On a connection whose plans were made while the tables were all but empty, and of tables never analysed."""
    with postgres_engine.connect() as conn:
        with conn.begin():
            make_book(conn)
        for first in range(0, 12, 2):
            with conn.begin():
                posted(conn, first, 1)
        with conn.begin():
            posted(conn, 100, 3_000)
        with conn.begin():
            before = rows_read(conn)
            posted(conn, 10_000, count)
            read = rows_read(conn) - before
    assert read < 100 + 60 * count


def test_a_seal_reads_no_seals_before_the_last(postgres_engine: Engine) -> None:
    read = []
    with postgres_engine.connect() as conn:
        with conn.begin():
            make_book(conn)
        for number in range(0, 600, 2):
            with conn.begin():
                before = looked_at(conn)
                posted(conn, number, 1)
                read.append(looked_at(conn) - before)
    assert max(read) < 100
