"""What a seal costs PostgreSQL follows from how many entries it has, whatever the database knows of its tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import pytest
from sqlalchemy import Connection, Engine

from ledger import service, store
from tests.conftest import NOW, make_book, spending

READ = """SELECT coalesce(sum(seq_tup_read + idx_tup_fetch), 0) FROM pg_stat_xact_user_tables
          WHERE relname IN ('entry', 'posting', 'movement', 'batch')"""
LOOKED = """SELECT coalesce(sum(pg_stat_get_xact_tuples_returned(indexrelid)), 0) FROM pg_index
            WHERE indrelid IN ('entry'::regclass, 'posting'::regclass, 'batch'::regclass)"""

BY_CELL = "SELECT pg_stat_get_xact_numscans('ix_posting_cell'::regclass)"


def rows_read(conn: Connection) -> int:
    """Of the books' tables, by this connection, so far."""
    return int(conn.exec_driver_sql(READ).scalar_one())


def looked_at(conn: Connection) -> int:
    """Rows of the books' tables and of the indexes of those that never change, by this connection, so far."""
    return rows_read(conn) + int(conn.exec_driver_sql(LOOKED).scalar_one())


def posted(conn: Connection, first: int, count: int) -> None:
    book = service.open_book(conn, "northshire")
    service.post(conn, book, [spending(f"n{n}", 100 + n) for n in range(first, first + count)], NOW)


def planned_early(conn: Connection) -> None:
    """Three thousand entries, on a connection whose plans were made while the tables were all but empty."""
    with conn.begin():
        make_book(conn)
    for first in range(0, 12, 2):
        with conn.begin():
            posted(conn, first, 1)
    with conn.begin():
        posted(conn, 100, 3_000)


@pytest.mark.parametrize("count", [1, 31, 50, 200])
def test_a_seal_reads_its_own_entries_and_no_others(postgres_engine: Engine, count: int) -> None:
    """Of tables never analysed."""
    with postgres_engine.connect() as conn:
        planned_early(conn)
        with conn.begin():
            before = rows_read(conn)
            posted(conn, 10_000, count)
            read = rows_read(conn) - before
    assert read < 100 + 60 * count


def looked_at_by_each(engine: Engine, firsts: Iterable[int], count: int, analysed: Collection[int]) -> Iterator[int]:
    """What each batch of so many entries looks at; the tables are analysed before some."""
    with engine.connect() as conn:
        with conn.begin():
            make_book(conn)
        for first in firsts:
            if first in analysed:
                with conn.begin():
                    conn.exec_driver_sql("ANALYZE")
            with conn.begin():
                before = looked_at(conn)
                posted(conn, first, count)
                yield looked_at(conn) - before


@pytest.mark.parametrize("analysed", [False, True])
def test_a_seal_reads_no_seals_before_the_last(postgres_engine: Engine, analysed: bool) -> None:
    """Nor where the database knows its tables, and has plans for any number that follow from what it knows."""
    read = list(looked_at_by_each(postgres_engine, range(0, 1_500, 2), 1, [1_400] if analysed else []))
    assert max(read[-50:]) < 100


def test_a_mark_reads_the_seals_since_the_one_before_once(postgres_engine: Engine) -> None:
    """A hundred seals between marks, and each mark of two balances."""
    read = list(looked_at_by_each(postgres_engine, range(0, 2000 * 12, 20), 20, [2000 * 6, 2000 * 11]))
    assert max(read[-100:]) < 900, "the last holds twelve times the seals of the first"


@pytest.mark.parametrize("count", [1, 16, 49])
def test_a_seal_of_few_looks_at_each_of_its_postings_alone(postgres_engine: Engine, count: int) -> None:
    """Neither at each entry for each posting, nor in an index that it would have to read whole."""
    with postgres_engine.connect() as conn:
        planned_early(conn)
        with conn.begin():
            before = looked_at(conn), conn.exec_driver_sql(BY_CELL).scalar_one()
            posted(conn, 10_000, count)
            after = looked_at(conn), conn.exec_driver_sql(BY_CELL).scalar_one()
    assert after[0] - before[0] < 60 + 50 * count
    assert after[1] == before[1], "the index of cells leads to the postings of an account, not to those of an entry"


def test_a_page_of_entries_looks_at_their_postings_and_no_others(postgres_engine: Engine) -> None:
    """Of tables never analysed; PostgreSQL before 18 would go through the index of cells, and read all postings."""
    with postgres_engine.connect() as conn:
        planned_early(conn)
        with conn.begin():
            book, before = service.open_book(conn, "northshire"), looked_at(conn)
            assert len(store.entries(conn, book, after=1_000, limit=50)) == 50
            assert looked_at(conn) - before < 2_000, "of six thousand"
