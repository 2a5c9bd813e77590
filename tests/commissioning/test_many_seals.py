"""Where every entry has a seal of its own, as over HTTP, a question reads no more of them than it asks about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from commissioning.proposals import store as proposals_store
from commissioning.proposals.model import Actor
from commissioning.proposals.store import Recording
from ledger import service, store
from tests.conftest import NOW, make_book, spending
from tests.ledger.test_marks import Question, looked_at

SEALS = 600
QUESTIONS: dict[str, Question] = {
    "head": store.head,
    "last known, early": lambda conn, book: store.last_known(conn, book, at(5)),
    "last known, late": lambda conn, book: store.last_known(conn, book, at(SEALS)),
    "first recordings": lambda conn, book: proposals_store.recordings(conn, book, 0, 5),
    "recordings far on": lambda conn, book: proposals_store.recordings(conn, book, SEALS // 2, 5),
    "who recorded one entry": lambda conn, book: proposals_store.recordings(conn, book, SEALS - 1, 1)}


def at(number: int) -> dt.datetime:
    """When an entry was recorded: a minute after the one before it."""
    return NOW + dt.timedelta(minutes=number)


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    """In a transaction on books of many seals, of whose tables the database has no statistics."""
    with engine.begin() as connection:
        book = make_book(connection)
        for number in range(1, SEALS + 1):
            service.post(connection, book, [spending(f"n{number}", 100 + number)], at(number))
        proposals_store.record_all(connection, book, [
            Recording(n, n + 1, Actor("key", "Ada"), at(n + 1)) for n in range(1, SEALS, 2)])
        yield connection


def test_no_more_seals_are_read_than_a_question_asks(conn: Connection) -> None:
    book = service.open_book(conn, "northshire")
    for words, ask in QUESTIONS.items():
        assert looked_at(conn, book, ask) < 60, words


def test_what_is_found_among_many_seals(conn: Connection) -> None:
    book = service.open_book(conn, "northshire")
    known = {moment: store.last_known(conn, book, at(0) + dt.timedelta(seconds=moment))
             for moment in (0, 59, 60, 119, 120, 60 * SEALS, 10**6)}
    assert known == {0: 0, 59: 0, 60: 1, 119: 1, 120: 2, 60 * SEALS: SEALS, 10**6: SEALS}
    found = {after: [(one.first, one.last) for one in proposals_store.recordings(conn, book, after, 2)]
             for after in (0, 1, 2, SEALS - 2, SEALS - 1, SEALS)}
    assert found == {0: [(1, 2), (3, 4)], 1: [(1, 2), (3, 4)], 2: [(3, 4), (5, 6)],
                     SEALS - 2: [(SEALS - 1, SEALS)], SEALS - 1: [(SEALS - 1, SEALS)], SEALS: []}
