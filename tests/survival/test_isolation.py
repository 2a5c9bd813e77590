"""Writers who waited for others decide by what they find then, and time goes forward along the chain."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, text

from api.database import connect, reading
from commissioning import service
from commissioning.events.reading import read_objects
from exports.statement import to_json
from ledger import service as books
from ledger import store
from ledger.model import Book
from tests.conftest import make_book, spending
from tests.survival import scene

SECOND = dt.timedelta(seconds=1)
NIGHT = "night: {fund: carers, lead: council, budget: 0}"
LATER = scene.agreement(9_000).replace("respite: {", f"{NIGHT}\n      respite: {{")


def import_for_the_new_service(conn: Connection, book: Book) -> None:
    event = {"date": "2024-05-01", "event": "expenditure", "service": "night", "reference": "N-1", "amount": "1.00"}
    events, faults = read_objects([event], "GBP")
    assert not faults
    service.import_events(conn, book, events, scene.NOW)


def close(conn: Connection, book: Book) -> None:
    document = service.close(conn, book, "FY2024-Q1", scene.NOW, to_json).document
    assert '"night"' in document, "the statement is of the agreement in force"


def begun(url: str) -> tuple[Engine, Book]:
    scene.prepare(url)
    engine = connect(url)
    with engine.begin() as conn:
        return engine, books.open_book(conn, scene.ID)


def waiting(url: str, count: int = 1) -> None:
    """Until so many others wait for a lock."""
    with psycopg.connect(url, autocommit=True) as conn:
        while True:
            row = conn.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                               "AND datname = current_database()").fetchone()
            if row is not None and row[0] >= count:
                return
            time.sleep(0.01)


@pytest.mark.parametrize("act", [import_for_the_new_service, close], ids=lambda act: act.__name__)
def test_who_waited_for_a_new_version_goes_by_it(postgres_url: str, act: Callable[[Connection, Book], None]) -> None:
    engine, book = begun(postgres_url)
    faults: list[Exception] = []

    def other() -> None:
        try:
            with engine.begin() as conn:
                act(conn, book)
        except Exception as fault:
            faults.append(fault)

    with engine.begin() as conn:
        service.apply(conn, LATER, "agreement.yaml", scene.NOW)
        thread = threading.Thread(target=other)
        thread.start()
        waiting(postgres_url)
    thread.join()
    engine.dispose()
    assert not faults, faults[0]


def test_a_statement_is_of_a_moment_that_says_which_entries_it_knew(engine: Engine) -> None:
    """Its request came before those of others, whose turn came first; and before one's, whose turn came next."""
    with engine.begin() as conn:
        book = service.apply(conn, scene.agreement(), "agreement.yaml", scene.NOW).book
        posted(conn, book, "E-1", scene.NOW + 2 * SECOND)
    with engine.begin() as conn:
        issued = service.close(conn, book, "FY2024-Q1", scene.NOW + SECOND, to_json)
        known = books_known(conn, book, issued.known_at)
    with engine.begin() as conn:
        posted(conn, book, "E-2", scene.NOW)
    with reading(engine).begin() as conn:
        assert issued.known_at > scene.NOW + 2 * SECOND
        assert {"E-1"} == references(conn, book, issued.known_at)
        assert books_known(conn, book, issued.known_at) == known
        assert {"E-1", "E-2"} == references(conn, book, scene.NOW + 3 * SECOND)


def posted(conn: Connection, book: Book, reference: str, now: dt.datetime) -> None:
    event = {"date": "2024-08-01", "event": "expenditure", "service": "beds", "reference": reference, "amount": "1.00"}
    service.import_events(conn, book, read_objects([event], "GBP")[0], now)


def references(conn: Connection, book: Book, known_at: dt.datetime) -> set[str]:
    return {one.entry.reference for one in store.entries(conn, book, kinds=["expenditure"], known_at=known_at)}


def books_known(conn: Connection, book: Book, known_at: dt.datetime) -> list[dict[str, Any]]:
    return store.balances(conn, book, known_at=known_at)


def test_postgresql_writes_at_read_committed_whatever_the_server_says(postgres_url: str) -> None:
    """At REPEATABLE READ a close and a post could both succeed."""
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        conn.execute("ALTER ROLE postgres SET default_transaction_isolation = 'serializable'")
    try:
        engine = connect(postgres_url)
        with engine.begin() as conn:
            assert conn.scalar(text("SHOW transaction_isolation")) == "read committed"
            book = make_book(conn)
            books.post(conn, book, [spending("I-1", 100)], scene.NOW)
        with reading(engine).begin() as conn:
            assert conn.scalar(text("SHOW transaction_isolation")) == "repeatable read"
            assert conn.scalar(text("SHOW transaction_read_only")) == "on"
        engine.dispose()
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as conn:
            conn.execute("ALTER ROLE postgres RESET default_transaction_isolation")


def test_a_reader_sees_one_state_while_others_write(engine: Engine) -> None:
    with engine.begin() as conn:
        book = make_book(conn)
    with reading(engine).begin() as conn:
        before = store.head(conn, book)
        with engine.begin() as other:
            books.post(other, book, [spending("I-1", 100)], scene.NOW)
        assert store.head(conn, book) == before
        assert store.balances(conn, book) == []
    with reading(engine).begin() as conn:
        assert store.head(conn, book).entries == 1


def test_a_writer_on_sqlite_waits_from_its_first_word_on(sqlite_url: str) -> None:
    """A transaction that began by reading could not wait: it would be told at once that the database is locked."""
    first, second = connect(sqlite_url), connect(sqlite_url)
    with first.begin() as conn:
        book = make_book(conn)
    done: list[str] = []

    def other() -> None:
        with second.begin() as conn:
            head = store.head(conn, book)
            books.post(conn, book, [spending("I-2", 100)], scene.NOW)
            done.append(f"second after {head.entries}")

    with first.begin() as conn:
        thread = threading.Thread(target=other)
        thread.start()
        time.sleep(0.2)
        books.post(conn, book, [spending("I-1", 100)], scene.NOW)
        done.append("first")
    thread.join()
    assert done == ["first", "second after 1"]
    first.dispose()
    second.dispose()
