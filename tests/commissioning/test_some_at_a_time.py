"""Events are posted some at a time: it is the same as all at once, and no more are read than are about to be posted."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from commissioning import service
from commissioning.books import intake
from commissioning.events.reading import csv_events
from ledger.errors import PoolbookError, Refused
from tests.commissioning.books import NOW, Data, agreement, cost, pool
from tests.commissioning.test_language import event

EVENTS = (cost("2024-05-01", "home", 10), event("reversal", "2024-06-05", "R", against="2024-05-02 beds"),
          event("virement", "2024-05-01", "V", service="home", amount=-20), cost("2024-05-02", "beds", 20),
          event("accrual", "2024-06-28", "A", service="beds", amount=7),
          event("commitment", "2024-04-05", "K", service="beds", amount=30), cost("2024-05-03", "home", 30),
          cost("2025-05-04", "home", 5), event("virement", "2024-05-01", "V", service="beds", amount=20),
          cost("2024-05-05", "beds", 8, against="K"), cost("2024-05-01", "home", 10))


@pytest.fixture(params=[1, 2, 3, 20_000])
def at_a_time(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(intake, "MANY", request.param)
    return int(request.param)


def posted(books: Engine, *events: Data) -> tuple[int, int, object]:
    with pool(books, agreement()) as made:
        done = made.take_in(*events)
        assert service.verify(made.conn, made.book) == []
        return done.posted, done.skipped, made.balances()


def test_what_comes_of_it_is_the_same(books: Engine, at_a_time: int) -> None:
    done = posted(books, *EVENTS)
    assert done[:2] == (10, 1)
    assert done[2] == {"expenses:home": 4500, "expenses:beds": 800, "liabilities:providers": -5300}


@pytest.mark.parametrize("wrong", [
    cost("2024-05-09", "bed", 1), cost("1999-05-09", "beds", 1), cost("2024-05-01", "home", 11),
    event("virement", "2024-05-01", "V", service="beds", amount=1), event("reversal", "2024-06-05", "X", against="?"),
    event("fest", "2024-05-01", "F")])
def test_one_fault_anywhere_keeps_all_out(books: Engine, at_a_time: int, wrong: Data) -> None:
    for place in (0, 5, len(EVENTS)):
        with pool(books, agreement()) as made:
            before = made.head
            with pytest.raises(Refused) as refused:
                made.take_in(*EVENTS[:place], wrong, *EVENTS[place:])
            assert made.head == before
            assert not made.balances()
            assert refused.value.faults


def test_good_rows_are_kept_from_everywhere(books: Engine, at_a_time: int) -> None:
    bad = cost("2024-05-09", "bed", 1)
    with pool(books, agreement()) as made:
        done = made.take_in(bad, *EVENTS[:6], bad, *EVENTS[6:], bad, accept_good=True)
    assert (done.posted, done.skipped) == (10, 1)
    assert [fault.place.line for fault in done.refused] == [1, 8, len(EVENTS) + 3]


def test_no_more_is_read_than_is_about_to_be_posted(books: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MANY", 10)
    heard, ahead = [0], []
    lines = ["date,event,service,amount,reference\n",
             *(f"2024-05-01,expenditure,home,1.00,{n}\n" for n in range(100))]

    def read() -> Iterator[str]:
        for number, line in enumerate(lines):
            ahead.append(number - heard[-1])
            yield line

    with pool(books, agreement()) as made:
        faults: list[PoolbookError] = []
        events = csv_events(read(), "GBP", "many.csv", faults, whole=True)
        done = service.import_events(made.conn, made.book, events, NOW, unreadable=faults, progress=heard.append)
    assert done.posted == 100
    assert heard[1:] == list(range(10, 101, 10))
    assert max(ahead) <= 2 * 10 + 1


def test_what_is_wrong_with_rows_is_known_however_late_they_come(books: Engine, at_a_time: int) -> None:
    text = "date,event,service,amount,reference\n" + "2024-05-01,expenditure,home,1.00,A\n" * 4 + "2024-05-01,fest\n"
    faults: list[PoolbookError] = []
    events = csv_events(io.StringIO(text, newline=""), "GBP", "a.csv", faults, whole=True)
    with pool(books, agreement()) as made:
        with pytest.raises(Refused) as refused:
            service.import_events(made.conn, made.book, events, NOW, unreadable=faults)
        assert not made.balances()
    assert [(fault.code, fault.place.line) for fault in refused.value.faults] == [("row-ragged", 6)]


def test_every_row_that_is_refused_is_told_at_once_and_no_other(books: Engine) -> None:
    """A name that does not exist, a closed period and a total that is not zero; the reversal beside them is sound."""
    with pool(books) as made:
        made.close("FY2024-Q1")
        before = made.head
        with pytest.raises(Refused) as refused:
            made.take_in(event("expenditure", "2024-08-01", "GOOD", service="beds", amount=1),
                         event("expenditure", "2024-08-01", "NAME", service="bedz", amount=1),
                         event("expenditure", "2024-05-01", "LATE", service="beds", amount=1),
                         event("virement", "2024-08-01", "V", service="beds", amount=1),
                         event("reversal", "2024-08-02", "BACK", against="GOOD"))
        assert made.head == before
    assert [(fault.place.line, fault.code) for fault in refused.value.faults] == [
        (2, "service-unknown"), (3, "event-in-closed-period"), (4, "virement-not-zero")]
