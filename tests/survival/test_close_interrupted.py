"""A close that is killed at any of its steps has not happened; one that was committed has, with its statement.

A year's last close works out shares, posts them with what fell due, issues the statement, keeps it, and closes. A
process is killed before the first statement that it sends to the database, another before the second, and so on
until one gets to the end.
"""

from __future__ import annotations

import itertools
import os
import signal

import pytest
from sqlalchemy import Engine, event

from api.database import connect, reading
from commissioning import service
from commissioning import store as statements
from commissioning.books.figures import SHARE
from commissioning.events.reading import read_csv
from exports.statement import to_json
from ledger import service as books
from ledger import store
from tests.api.conftest import EVENTS
from tests.survival import scene
from tests.survival.worker import PROCESSES

LAST = "FY2024-Q4"
BEFORE = ("FY2024-Q1", "FY2024-Q2", "FY2024-Q3")


def close_until(url: str, step: int) -> None:
    """Closes the year's last period, but is killed before its statement number `step`; the last one is the commit."""
    engine, steps = connect(url), itertools.count(1)

    def here(*_: object) -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "commit"):
        event.listen(engine, moment, here)
    with engine.begin() as conn:
        service.close(conn, books.open_book(conn, scene.ID), LAST, scene.NOW, to_json)
    here()


def ended(url: str, step: int) -> int | None:
    process = PROCESSES.Process(target=close_until, args=(url, step))
    process.start()
    process.join()
    return process.exitcode


@pytest.fixture
def year(engine: Engine) -> Engine:
    """A year with an overspend to share, closed but for its last period."""
    with engine.begin() as conn:
        book = service.apply(conn, scene.agreement(), "agreement.yaml", scene.NOW).book
        events, faults = read_csv(EVENTS + "2025-01-10,expenditure,beds,,,9000.01,INV-3,\n", "GBP")
        assert not faults
        service.import_events(conn, book, events, scene.NOW)
        for period in BEFORE:
            service.close(conn, book, period, scene.NOW, to_json)
    return engine


def state(engine: Engine) -> tuple[object, ...]:
    """All that a close changes: the books, the periods, the statements."""
    scene.locked(engine)
    with reading(engine).begin() as conn:
        book = books.open_book(conn, scene.ID)
        assert service.verify(conn, book) == []
        return (store.head(conn, book), store.movements(conn, book), store.periods(conn, book),
                statements.issues(conn, book))


@pytest.mark.slow
def test_a_close_killed_at_any_step_has_not_happened(year: Engine) -> None:
    url = year.url.render_as_string(hide_password=False)
    before = state(year)
    for step in itertools.count(1):
        died = ended(url, step) == -signal.SIGKILL
        if state(year) != before:
            break
        assert died, "it got to its end and yet nothing has happened"
    assert died, "the last step is after the commit"
    assert step > 40, "a close is many steps"
    with reading(year).begin() as conn:
        book = books.open_book(conn, scene.ID)
        assert [p.closed for p in store.periods(conn, book)[:4]] == [True] * 4
        assert service.issued(conn, book, LAST).issue == 1
        assert any(one.entry.kind == SHARE for one in store.entries(conn, book)), "shares were posted"
    assert ended(url, 10_000) == 1, "closed already"
