"""What may be posted, reversed, closed: the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace

import pytest
from sqlalchemy import Connection, Engine

from ledger import posting, refusals, service, store
from ledger.errors import PoolbookError, Refused
from ledger.model import UNIT, Book, Entry, Period, Posting
from tests.conftest import NOW, make_book, spending

D = dt.date


def refused(conn: Connection, book: Book, *entries: Entry) -> list[tuple[type[PoolbookError], int | None]]:
    """The faults of a refused post, each with the position of its entry."""
    before = store.head(conn, book)
    with pytest.raises(Refused) as caught:
        service.post(conn, book, entries, NOW)
    assert store.head(conn, book) == before
    assert not store.find(conn, book, "expenditure", "inv-sound")
    for fault in caught.value.faults:
        assert fault.message
        assert fault.advice
    return [(type(fault), fault.index) for fault in caught.value.faults]


def test_numbers_are_gapless_and_balances_follow(conn: Connection, book: Book) -> None:
    posted = service.post(conn, book, [spending("a", 100), spending("b", 250)], NOW)
    assert posted.numbers == (1, 2)
    service.post(conn, book, [spending("c", 5, D(2024, 7, 1))], NOW)
    assert [r.number for r in store.all_entries(conn, book)] == [1, 2, 3]
    assert {row["account"]: row["amount"] for row in store.balances(conn, book)} == {
        "assets:bank:core": -355, "expenses:beds": 355}
    assert service.verify(conn, book) == []


def test_what_is_read_is_what_was_posted(conn: Connection, book: Book) -> None:
    entry = Entry("expenditure", D(2024, 5, 1), "inv \\ 1\t", "Zwölf Betten\nund 'mehr' \\N", (
        Posting("expenses:beds", 100, "core", "council", "beds", "base", "staff", "case 7 \\", 3 * UNIT),
        Posting("assets:bank:core", -100, "core")), '{"note": "a\\nb"}', None, "FY2024-Q1")
    service.post(conn, book, [entry], NOW)
    found = store.find(conn, book, "expenditure", "inv \\ 1\t")
    assert found is not None
    assert found.entry == entry
    assert found.recorded_at == NOW
    assert found.period == "FY2024-Q1"
    assert store.entry(conn, book, found.number) == found


def test_the_same_again_is_skipped(conn: Connection, book: Book) -> None:
    first = service.post(conn, book, [spending("a", 100)], NOW)
    again = service.post(conn, book, [spending("a", 100), spending("b", 1), spending("b", 1)], NOW)
    assert again.numbers == (first.numbers[0], 2, 2)
    assert again.skipped == 2
    assert store.head(conn, book).entries == 2


def test_the_same_again_is_skipped_though_its_period_has_closed(conn: Connection, book: Book) -> None:
    service.post(conn, book, [spending("a", 100)], NOW)
    service.close_period(conn, book, "FY2024-Q1", NOW)
    assert service.post(conn, book, [spending("a", 100)], NOW).skipped == 1


def test_refusals_name_every_fault_and_its_entry(conn: Connection, book: Book) -> None:
    service.post(conn, book, [spending("old", 100)], NOW)
    lopsided = replace(spending("x", 100), postings=(Posting("expenses:beds", 100, "core"),
                                                     Posting("assets:bank:core", -99, "core")))
    between = replace(spending("y", 100), postings=(Posting("expenses:beds", 100, "core"),
                                                    Posting("assets:bank:core", -100, "carers")))
    alone = replace(spending("z", 100), postings=(Posting("expenses:beds", 100, "core"),))
    unknown = replace(spending("u", 100), postings=(Posting("expenses:bed", 100, "core"),
                                                    Posting("assets:bank:core", -100, "core")))
    malformed = replace(spending("m", 100), postings=(Posting("Expenses beds", 100, "core"),
                                                      Posting("assets:bank:core", -100, "core")))
    nothing = replace(spending("n", 100), postings=(Posting("expenses:beds", 0, "core"),))
    assert refused(
        conn, book, spending("inv-sound", 1), lopsided, between, alone, unknown, malformed, nothing,
        spending(" ", 1), spending("old", 101), spending("late", 1, D(2025, 1, 1)),
        replace(spending("b", 1), memo="\0"),
        replace(spending("huge", 1), postings=(Posting("expenses:beds", 10**16, "core"),
                                               Posting("assets:bank:core", -10**16, "core"))),
        replace(spending("about", 1), belongs_to="FY1999-Q1"), replace(spending("undo", 1), reverses=99),
    ) == [
        (refusals.Unbalanced, 1), (refusals.UnbalancedInFund, 2), (refusals.UnbalancedInFund, 2),
        (refusals.TooFewPostings, 3), (refusals.AccountUnknown, 4), (refusals.AccountMalformed, 5),
        (refusals.PostingEmpty, 6), (refusals.ReferenceMissing, 7), (refusals.ReferenceReused, 8),
        (refusals.PeriodUnknown, 9), (refusals.TextUnusable, 10), (refusals.QuantityTooLarge, 11),
        (refusals.QuantityTooLarge, 11), (refusals.PeriodNameUnknown, 12), (refusals.EntryUnknown, 13)]


def test_an_unknown_account_comes_with_the_one_that_was_meant(conn: Connection, book: Book) -> None:
    entry = replace(spending("u", 100), postings=(Posting("expenses:bed", 100), Posting("assets:bank:core", -100)))
    with pytest.raises(Refused) as caught:
        service.post(conn, book, [entry], NOW)
    assert "did you mean expenses:beds?" in str(caught.value)


def test_a_reversal_nets_out_in_the_cells_of_the_original(conn: Connection, book: Book) -> None:
    number = service.post(conn, book, [spending("a", 100)], NOW).numbers[0]
    undone = service.reverse(conn, book, number, D(2024, 7, 2), "undo a", "wrong supplier", NOW)
    assert undone.entry.reverses == number
    assert undone.entry.kind == "reversal"
    assert {(m.kind, m.period, m.amount) for m in store.movements(conn, book) if m.account == "expenses:beds"} == {
        ("expenditure", 202401, 100), ("expenditure", 202402, -100)}
    assert {row["amount"] for row in store.balances(conn, book)} == {0}
    again = service.reverse(conn, book, number, D(2024, 7, 2), "undo a", "wrong supplier", NOW)
    assert again.number == undone.number
    with pytest.raises(Refused, match="already been reversed"):
        service.reverse(conn, book, number, D(2024, 7, 2), "undo a twice", "", NOW)
    with pytest.raises(refusals.EntryUnknown):
        service.reverse(conn, book, 77, D(2024, 7, 2), "undo nothing", "", NOW)
    assert service.verify(conn, book) == []


def test_two_reversals_of_one_entry_in_one_call_are_refused(conn: Connection, book: Book) -> None:
    service.post(conn, book, [spending("a", 100)], NOW)
    pair = [replace(spending(f"undo {n}", -100), kind="reversal", reverses=1) for n in (1, 2)]
    assert refused(conn, book, *pair) == [(refusals.AlreadyReversed, 1)]


def test_a_closed_period_takes_no_entry_until_it_is_reopened(conn: Connection, book: Book) -> None:
    closed = service.close_period(conn, book, "FY2024-Q1", NOW, "year to date agreed")
    assert (closed.entry.kind, closed.entry.reference, closed.entry.postings) == ("close", "FY2024-Q1 #1", ())
    assert refused(conn, book, spending("late", 1)) == [(refusals.PeriodClosed, 0)]
    late = replace(spending("late", 1, D(2024, 7, 1)), belongs_to="FY2024-Q1")
    service.post(conn, book, [late], NOW)
    service.reopen_period(conn, book, "FY2024-Q1", "an invoice was lost", NOW)
    service.post(conn, book, [spending("now", 1)], NOW)
    assert service.close_period(conn, book, "FY2024-Q1", NOW).entry.reference == "FY2024-Q1 #2"
    assert [p.closed for p in store.periods(conn, book)] == [True, False, False]
    assert [m.entry.kind for m in store.memoranda(conn, book, ["close", "reopen"])] == ["close", "reopen", "close"]
    assert service.verify(conn, book) == []


def test_periods_close_in_order_and_reopen_in_reverse(conn: Connection, book: Book) -> None:
    def faults(call: str, *args: object) -> list[type[PoolbookError]]:
        with pytest.raises(Refused) as caught:
            getattr(service, call)(conn, book, *args)
        return [type(fault) for fault in caught.value.faults]

    assert faults("close_period", "FY2024-Q2", NOW) == [refusals.PeriodOrder]
    assert faults("reopen_period", "FY2024-Q1", "why", NOW) == [refusals.PeriodAlready]
    service.close_period(conn, book, "FY2024-Q1", NOW)
    assert faults("close_period", "FY2024-Q1", NOW) == [refusals.PeriodAlready]
    service.close_period(conn, book, "FY2024-Q2", NOW)
    assert faults("reopen_period", "FY2024-Q1", "why", NOW) == [refusals.PeriodOrder]
    assert faults("reopen_period", "FY2024-Q2", " ", NOW) == [refusals.ReasonMissing]
    with pytest.raises(refusals.PeriodNameUnknown):
        service.close_period(conn, book, "FY2029-Q1", NOW)


def test_the_calendar_is_fixed_once_made(conn: Connection, book: Book) -> None:
    quarters = store.periods(conn, book)
    service.add_periods(conn, book, quarters)
    fourth = Period(202404, "FY2024-Q4", D(2025, 1, 1), D(2025, 3, 31))
    service.add_periods(conn, book, [*quarters, fourth])
    assert len(store.periods(conn, book)) == 4
    for wrong in (replace(fourth, ends=D(2025, 3, 30)), Period(202405, "X", D(2025, 3, 31), D(2025, 4, 30))):
        with pytest.raises(refusals.PeriodOverlap):
            service.add_periods(conn, book, [wrong])


def test_memoranda_and_statistical_lines_need_no_money(conn: Connection, book: Book) -> None:
    note = Entry("forecast", D(2024, 5, 1), "f1", "Winter will cost more", details='{"amount":5}')
    days = Entry("activity", D(2024, 5, 1), "d1", postings=(
        Posting("expenses:beds", 0, service="beds", units=4 * UNIT),))
    service.post(conn, book, [note, days], NOW)
    assert [r.entry for r in store.memoranda(conn, book, ["forecast"], D(2024, 5, 1), D(2024, 5, 1))] == [note]
    assert store.balances(conn, book, by=("service",)) == [
        {"service": "beds", "debit": 0, "credit": 0, "amount": 0, "units": 4 * UNIT}]
    assert service.verify(conn, book) == []


def test_partnerships_share_a_database_and_nothing_else(engine: Engine) -> None:
    with engine.begin() as conn:
        a, b = make_book(conn, "a"), make_book(conn, "b")
        service.post(conn, a, [spending("x", 1)], NOW)
        assert service.post(conn, b, [spending("x", 2)], NOW).numbers == (1,)
        assert service.list_books(conn) == [a, b]
        assert service.open_book(conn, "b", lock=True) == b
        with pytest.raises(refusals.PartnershipExists):
            service.create(conn, "a", "A", "GBP")
        with pytest.raises(refusals.PartnershipUnknown):
            service.open_book(conn, "c")


def test_time_recorded_goes_forward_whatever_the_clock(conn: Connection, book: Book) -> None:
    service.post(conn, book, [spending("a", 1)], NOW)
    service.post(conn, book, [spending("b", 1)], NOW - dt.timedelta(hours=1))
    assert [r.recorded_at for r in store.all_entries(conn, book)] == [NOW, NOW + dt.timedelta(microseconds=1)]


def test_many_entries_go_in_several_batches(conn: Connection, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "BATCH", 1000)
    heard: list[int] = []
    service.post(conn, book, [spending(f"r{i}", i + 1) for i in range(2500)], NOW, heard.append)
    assert heard == [1000, 2000, 2500]
    assert service.post(conn, book, [spending(f"r{i}", i + 1) for i in range(2500)], NOW).skipped == 2500
    assert service.verify(conn, book) == []


def test_who_stops_it_amid_several_batches_leaves_nothing_and_no_thread(engine: Engine,
                                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "BATCH", 100)

    def stop(_written: int) -> None:
        assert [one.name for one in threading.enumerate() if one.name.startswith("poolbook-bulk")], "it makes the next"
        raise KeyboardInterrupt

    with engine.begin() as conn:
        book = make_book(conn)
    with pytest.raises(KeyboardInterrupt), engine.begin() as conn:
        service.post(conn, book, [spending(f"r{i}", 1) for i in range(350)], NOW, stop)
    assert not [one.name for one in threading.enumerate() if one.name.startswith("poolbook-bulk")]
    with engine.connect() as conn:
        assert store.head(conn, book).entries == 0


def test_a_refusal_leaves_nothing_behind_even_if_the_caller_commits(engine: Engine) -> None:
    with engine.begin() as conn:
        book = make_book(conn)
        with pytest.raises(Refused):
            service.post(conn, book, [spending("sound", 1), spending("old", 1, D(1999, 1, 1))], NOW)
    with engine.connect() as conn:
        assert store.head(conn, book).entries == 0
        assert store.movements(conn, book) == []
