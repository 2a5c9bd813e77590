"""Whoever gets past the triggers is found by the verification, which says where."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Connection, Engine

from ledger import service, store
from ledger.model import Book, Head
from tests.conftest import NOW, make_book, spending
from tests.ledger.test_migrations import triggers

TAMPERED = {
    "an amount": ("UPDATE posting SET amount = amount + 1 WHERE number = 2 AND line = 1", "entry 2 (b) was altered"),
    "both amounts": ("UPDATE posting SET amount = amount * 2 WHERE number = 2", "entry 2 (b) was altered"),
    "a date": ("UPDATE entry SET effective_date = '2024-04-06' WHERE number = 1", "entry 1 (a) was altered"),
    "a memo": ("UPDATE entry SET memo = 'Chairs' WHERE number = 3", "entry 3 (c) was altered"),
    "a cell": ("UPDATE cell SET service = 'chairs' WHERE service = 'beds'", "entry 1 (a) was altered"),
    "an account": ("UPDATE account SET path = 'expenses:x' WHERE path = 'expenses:beds'", "entry 1 (a) was altered"),
    "a hash": ("UPDATE entry SET content_hash = prior.content_hash FROM entry AS prior "
               "WHERE entry.number = 2 AND prior.number = 1", "entry 2 (b) was altered"),
    "the period": ("UPDATE entry SET period_number = 202402 WHERE number = 1", "filed in FY2024-Q2"),
    "a seal": ("UPDATE batch SET hash = prev_hash WHERE batch_number = 2", "the chain breaks in batch 2"),
    "the last entry": ("DELETE FROM entry WHERE number = 3", "entries 3 to 3 are missing"),
    "an entry between": ("DELETE FROM entry WHERE number = 2", "entries 2 to 2 are missing"),
    "a line": ("DELETE FROM posting WHERE number = 3 AND line = 2", "entry 3 should have 2 postings"),
    "a seal gone": ("DELETE FROM batch WHERE batch_number = 1", "batch 2 does not follow batch 0"),
    "a balance": ("UPDATE movement SET debit = debit + 7 WHERE debit > 0", "the balance of expenses:beds"),
    "a balance gone": ("DELETE FROM movement WHERE debit > 0", "the balance of expenses:beds"),
    "an entry filed elsewhere": ("UPDATE entry SET batch_number = 1 WHERE number = 3", "entry 3 is filed under"),
}


@pytest.fixture
def unguarded(engine: Engine) -> Book:
    """Sound books of three entries in two batches, on a database whose triggers somebody has dropped."""
    with engine.begin() as conn:
        made = make_book(conn)
        service.post(conn, made, [spending("a", 100), spending("b", 20)], NOW)
        service.post(conn, made, [spending("c", 3)], NOW)
        assert service.verify(conn, made, [store.head(conn, made)]) == []
        for name, table in triggers(conn).items():
            conn.exec_driver_sql(f"DROP TRIGGER {name}" + (f" ON {table}" if conn.dialect.name != "sqlite" else ""))
        if conn.dialect.name != "sqlite":
            conn.exec_driver_sql("SET session_replication_role = replica")
    return made


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_found(engine: Engine, unguarded: Book, what: str) -> None:
    sql, words = TAMPERED[what]
    with engine.connect() as conn:
        blind(conn)
        assert conn.exec_driver_sql(sql).rowcount > 0
        found = service.verify(conn, unguarded)
    assert any(words in finding for finding in found), found


def blind(conn: Connection) -> None:
    """Switches foreign keys off, as whoever tampers would."""
    if conn.dialect.name == "sqlite":
        conn.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
    else:
        conn.exec_driver_sql("SET session_replication_role = replica")


def test_rewritten_books_are_found_by_a_head_noted_before(conn: Connection, book: Book) -> None:
    service.post(conn, book, [spending("a", 100)], NOW)
    noted = Head(1, "ab" * 32)
    assert service.verify(conn, book, [noted]) == [
        "the chain over the first 1 entries is not the one that was noted before"]
    assert service.verify(conn, book, [Head(9, "ab" * 32)]) == [
        "a head was noted after 9 entries, but the books hold fewer"]
    assert service.verify(conn, book, [Head(0, "00" * 32)]) == []


def test_the_chain_is_the_same_on_both_databases(sqlite_engine: Engine, postgres_engine: Engine) -> None:
    heads = []
    for engine in (sqlite_engine, postgres_engine):
        with engine.begin() as conn:
            book = make_book(conn)
            service.post(conn, book, [spending("ä", 100), spending("b", 1, dt.date(2024, 7, 1))], NOW)
            service.reverse(conn, book, 1, dt.date(2024, 7, 2), "r", "wrong", NOW)
            service.close_period(conn, book, "FY2024-Q1", NOW)
            heads.append(store.head(conn, book))
    assert heads[0] == heads[1]
