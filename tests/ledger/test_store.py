"""What the books answer: filters, balances at a day and as known at a moment, on both databases."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ledger import refusals, service, store
from ledger.constraints import as_domain_error, translated
from ledger.model import Book
from tests.conftest import NOW, spending

D = dt.date
LATER = NOW + dt.timedelta(days=1)


@pytest.fixture
def filled(conn: Connection, book: Book) -> Book:
    """Three entries known at NOW, one in each quarter and one more in the first; a fourth known only LATER."""
    service.post(conn, book, [spending("a", 100, D(2024, 4, 5)), spending("b", 20, D(2024, 6, 30)),
                              spending("c", 3, D(2024, 7, 1))], NOW)
    service.post(conn, book, [spending("d%_", 1000, D(2024, 4, 6))], LATER)
    return book


def beds(rows: list[dict[str, object]]) -> object:
    return next((row["amount"] for row in rows if row["account"] == "expenses:beds"), 0)


@pytest.mark.parametrize(("at", "known_at", "amount"), [
    (None, None, 1123), (None, NOW, 123), (None, NOW - dt.timedelta(seconds=1), 0),
    (D(2024, 4, 4), None, 0), (D(2024, 4, 5), None, 100), (D(2024, 4, 6), None, 1100), (D(2024, 4, 6), NOW, 100),
    (D(2024, 6, 29), None, 1100), (D(2024, 6, 30), None, 1120), (D(2024, 7, 1), None, 1123),
    (D(2024, 6, 30), NOW, 120), (D(2030, 1, 1), NOW, 123), (D(2020, 1, 1), None, 0), (D(2024, 4, 5), LATER, 100)])
def test_balances_at_a_day_as_known_at_a_moment(conn: Connection, filled: Book, at: dt.date | None,
                                                known_at: dt.datetime | None, amount: int) -> None:
    assert beds(store.balances(conn, filled, at=at, known_at=known_at)) == amount


def test_balances_break_down_by_any_words(conn: Connection, filled: Book) -> None:
    rows = store.balances(conn, filled, by=("period", "service"))
    assert [(r["period"], r["service"], r["amount"]) for r in rows] == [
        (202401, "", -1120), (202401, "beds", 1120), (202402, "", -3), (202402, "beds", 3)]


def test_movements_by_period_and_by_day_agree(conn: Connection, filled: Book) -> None:
    assert store.movements(conn, filled, 202401, 202401) == store.dated_movements(
        conn, filled, D(2024, 4, 1), D(2024, 6, 30))
    assert store.movements(conn, filled) == store.dated_movements(conn, filled, D(2024, 1, 1), D(2024, 12, 31))
    assert [m.amount for m in store.dated_movements(conn, filled, D(2024, 4, 5), D(2024, 4, 5))] == [-100, 100]
    assert store.movements(conn, filled, 202403) == []


@pytest.mark.parametrize(("filters", "numbers"), [
    ({}, [1, 2, 3, 4]), ({"account": "expenses"}, [1, 2, 3, 4]), ({"account": "expenses:bed"}, []),
    ({"account": "assets:bank:core", "service": "beds"}, []), ({"service": "beds", "fund": "core"}, [1, 2, 3, 4]),
    ({"partner": "nhs"}, []), ({"kinds": ["expenditure"]}, [1, 2, 3, 4]), ({"kinds": []}, []),
    ({"start": D(2024, 6, 30), "end": D(2024, 7, 1)}, [2, 3]), ({"reference": "b"}, [2]),
    ({"text": "BEDS"}, [1, 2, 3, 4]),
    ({"text": "%_"}, [4]), ({"after": 1, "limit": 2}, [2, 3]), ({"known_at": NOW}, [1, 2, 3])])
def test_entries_meet_every_filter(conn: Connection, filled: Book, filters: dict[str, object],
                                   numbers: list[int]) -> None:
    found = store.entries(conn, filled, **filters)  # type: ignore[arg-type]
    assert [r.number for r in found] == numbers
    assert all(len(r.entry.postings) == 2 for r in found)


@pytest.mark.parametrize("wanted", ["ÅNGSTRÖM", "ångström", "Ångström", "NGSTR", "ngstr", "beds 50%_", "BEDS 50%"])
@pytest.mark.parametrize("limit", [None, 10])
def test_words_are_found_in_small_and_capital_letters(conn: Connection, book: Book, wanted: str,
                                                      limit: int | None) -> None:
    service.post(conn, book, [replace(spending("a", 100), memo="Beds 50%_ Ångström"), spending("b", 20)], NOW)
    assert [r.number for r in store.entries(conn, book, text=wanted, limit=limit)] == [1]


def test_entries_are_found_by_reference_and_number(conn: Connection, filled: Book) -> None:
    assert [r.number for r in store.find_reference(conn, filled, "c")] == [3]
    assert store.find(conn, filled, "receipt", "c") is None
    with pytest.raises(refusals.EntryUnknown):
        store.entry(conn, filled, 5)
    with pytest.raises(refusals.EntryUnknown):
        store.entry(conn, filled, 10**30)


def test_a_request_is_remembered_once(conn: Connection, book: Book) -> None:
    assert store.remembered(conn, book, "k") is None
    store.remember(conn, book, "k", b"hash", 201, b"{}", NOW)
    assert store.remembered(conn, book, "k") == store.Remembered(b"hash", 201, b"{}")
    with pytest.raises(refusals.IdempotencyKeyReused), translated():
        store.remember(conn, book, "k", b"other", 201, b"{}", NOW)


def test_a_fault_of_the_database_itself_is_not_taken_for_a_refusal(conn: Connection, book: Book) -> None:
    with pytest.raises(DBAPIError) as caught:
        conn.exec_driver_sql("SELECT * FROM nowhere")
    assert isinstance(as_domain_error(caught.value), refusals.DatabaseFailed)
