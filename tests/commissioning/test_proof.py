"""The chain covers agreements, closing, reopening and statements: whatever is kept of these otherwise is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, Engine, text

from commissioning import service
from ledger import service as ledger
from tests.commissioning.books import NOW, Pool, agreement, cost, paid, pool, version
from tests.ledger.test_receipt import unguard

AMENDED = agreement(version(), version(id="s75b", effective="2024-10-01", signed="2024-09-12"))


@pytest.fixture
def year(engine: Engine) -> Iterator[Pool]:
    """Two agreements, a quarter closed, reopened and closed again, and another one closed."""
    with pool(engine) as books:
        books.take_in(cost("2024-05-01", "home", 25), paid("2024-05-01", "council", 10))
        books.close("FY2024-Q1")
        service.reopen(books.conn, books.book, "FY2024-Q1", "an invoice was found", NOW)
        books.take_in(cost("2024-05-02", "beds", 5))
        books.close("FY2024-Q1", "FY2024-Q2")
        books.apply(AMENDED)
        assert service.verify(books.conn, books.book) == []
        books.conn.commit()
        unguard(books.conn)
        yield books


def run(*sql: str) -> Callable[[Connection], None]:
    def do(conn: Connection) -> None:
        for one in sql:
            assert conn.execute(text(one)).rowcount > 0, one
    return do


BENT: dict[str, tuple[Callable[[Connection], None], str]] = {
    "the reason for reopening": (
        run("UPDATE period_status SET reason = 'no reason' WHERE status = 'open'"),
        "FY2024-Q1 is kept as close, reopen (no reason), close, but the chain says close, reopen (an invoice was "
        "found), close"),
    "a reopening gone": (
        run("DELETE FROM period_status WHERE seq > 1"),
        "FY2024-Q1 is kept as close, but the chain says close, reopen (an invoice was found), close"),
    "reopened without a trace": (
        run("DELETE FROM period_status WHERE period_number = 202402"), "FY2024-Q2 is kept as never closed"),
    "closed without a trace": (
        run("UPDATE period_status SET period_number = 202403 WHERE period_number = 202402"),
        "FY2024-Q3 is kept as close, but the chain says never closed"),
    "a document": (
        run("UPDATE statement SET document = replace(document, '25.00', '26.00') WHERE issue = 1 "
            "AND period_number = 202401"),
        "statement 202401, issue 1: not the document that the chain covers"),
    "an issue gone": (
        run("DELETE FROM statement WHERE issue = 1 AND period_number = 202401"), "(FY2024-Q1/1) is gone"),
    "two issues for one": (
        run("UPDATE statement SET entry_number = (SELECT max(entry_number) FROM statement), document = (SELECT "
            "document FROM statement AS s WHERE s.period_number = 202402) WHERE period_number = 202401 AND issue = 2"),
        "statement 202401, issue 2: entry"),
    "the moment of an issue": (
        run("UPDATE statement SET known_at = '2025-06-01T09:00:00.000000+00:00' WHERE issue = 2"),
        "statement 202401, issue 2: kept as issued at"),
    "an agreement": (
        run("UPDATE agreement SET text = replace(text, '60', '61') WHERE seq = 1"),
        "not the file that the chain covers"),
    "the last agreement gone": (run("DELETE FROM agreement WHERE seq = 2"), "the agreement that entry"),
    "the order of agreements": (
        run("UPDATE agreement SET seq = 3 WHERE seq = 1"), "is kept out of turn: after that of entry"),
    "the currency": (run("UPDATE partnership SET currency = 'EUR'"), "in EUR; the agreements say"),
    "the name": (run("UPDATE partnership SET name = 'Southshire'"), "the books are kept as northshire, Southshire"),
    "the calendar": (
        run("UPDATE period SET ends = '2025-01-31' WHERE number = 202403"), "the period FY2024-Q3 is kept as"),
}


@pytest.mark.parametrize("what", BENT)
def test_what_is_kept_otherwise_than_the_chain_says_is_found(year: Pool, what: str) -> None:
    bend, words = BENT[what]
    bend(year.conn)
    found = service.verify(year.conn, ledger.open_book(year.conn, year.book.id))
    assert any(words in finding for finding in found), found


def test_the_note_itself_is_in_the_chain(year: Pool) -> None:
    """Whoever changes the memorandum too is found by its hash."""
    for table, column in (("period_status", "reason"), ("entry", "details")):
        year.conn.execute(text(f"UPDATE {table} SET {column} = replace({column}, 'an invoice', 'nothing')"))
    found = service.verify(year.conn, year.book)
    assert any("was altered" in finding for finding in found), found
