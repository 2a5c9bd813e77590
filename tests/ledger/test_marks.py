"""What was known after any number of entries: marks and the postings since equal what adding everything up says."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.exc import DBAPIError

from api.database import connect
from ledger import service, store
from ledger.constraints import rule_of
from ledger.model import Book, Entry, Posting
from ledger.store_moved import EVERY
from ledger.tables import movement_mark
from tests.conftest import NOW, make_book, postgres_copy

DAYS = [dt.date(2024, 4, 1) + dt.timedelta(days=n) for n in range(270)]
BATCHES = (1, 1499, 700, 100, 2500, 4100, 3)  # the third, the fifth and the sixth go over a multiple of 2,000
UPTO = (0, 1, 700, 1500, 1501, 2200, 2300, 4799, 4800, 8899, 8900, 8903)


def entries(first: int, count: int, rng: random.Random) -> list[Entry]:
    """Invoices and refunds of two services in two funds, on any day of the three quarters."""
    found = []
    for n in range(first, first + count):
        service_name, fund = rng.choice((("beds", "core"), ("reablement", "carers")))
        amount = rng.choice((1, -1)) * rng.randint(1, 10_000)
        found.append(Entry("expenditure", rng.choice(DAYS), f"n{n}", "", (
            Posting(f"expenses:{service_name}", amount, fund, service=service_name, units=rng.randint(0, 3)),
            Posting(f"assets:bank:{fund}", -amount, fund))))
    return found


def post(conn: Connection, book: Book) -> list[Entry]:
    """All batches, a day apart."""
    rng = random.Random(20241122)
    posted: list[Entry] = []
    for day, count in enumerate(BATCHES):
        some = entries(len(posted), count, rng)
        service.post(conn, book, some, NOW + dt.timedelta(days=day))
        posted += some
    return posted


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Book,
                                                                                                    list[Entry]]]:
    """Books that hold all batches, on each database: posted once, since no test here commits."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            path = tmp_path_factory.mktemp("marks") / "books.db"
            shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
            url = f"sqlite:///{path}"
        else:
            url = stack.enter_context(postgres_copy(request.getfixturevalue("postgres_server")))
        engine = connect(url)
        stack.callback(engine.dispose)
        with engine.begin() as conn:
            book = make_book(conn)
            posted = post(conn, book)
        yield engine, book, posted  # never analysed: no question may rest on the database knowing how large tables are


@pytest.fixture
def conn(kept: tuple[Engine, Book, list[Entry]]) -> Iterator[Connection]:
    """A connection in a transaction on those books; rolled back in the end."""
    with kept[0].connect() as connection:
        yield connection


@pytest.fixture
def book(kept: tuple[Engine, Book, list[Entry]]) -> Book:
    return kept[1]


@pytest.fixture
def filled(kept: tuple[Engine, Book, list[Entry]]) -> list[Entry]:
    return kept[2]


def added_up(conn: Connection, book: Book, some: list[Entry]) -> dict[tuple[str, str, int], tuple[int, int, int]]:
    """By account, service and period: debit, credit and units, entry by entry."""
    periods = store.periods(conn, book)
    sums: dict[str, Counter[tuple[str, str, int]]] = {name: Counter() for name in ("debit", "credit", "units")}
    for one in some:
        number = next(p.number for p in periods if p.starts <= one.date <= p.ends)
        for line in one.postings:
            key = (line.account, line.service, number)
            sums["debit" if line.amount > 0 else "credit"][key] += abs(line.amount)
            sums["units"][key] += line.units
    keys = set().union(*sums.values())
    return {key: (sums["debit"][key], sums["credit"][key], sums["units"][key]) for key in keys}


@pytest.mark.parametrize("upto", UPTO)
def test_movements_after_so_many_entries(conn: Connection, book: Book, filled: list[Entry], upto: int) -> None:
    found = store.movements(conn, book, upto=upto)
    assert {(m.account, m.service, m.period): (m.debit, m.credit, m.units) for m in found} == added_up(
        conn, book, filled[:upto])
    second = [m for m in found if m.period == 202402]
    assert store.movements(conn, book, 202402, 202402, upto) == second


def test_balances_at_days_as_known_at_moments(conn: Connection, book: Book, filled: list[Entry]) -> None:
    rng = random.Random(7)
    for _ in range(30):
        at, day = rng.choice([None, *rng.sample(DAYS, 20)]), rng.randrange(len(BATCHES))
        known = filled[:sum(BATCHES[:day + 1])]
        expected: Counter[str] = Counter()
        for one in known:
            if at is None or one.date <= at:
                expected.update({line.account: 0 for line in one.postings})
                for line in one.postings:
                    expected[line.account] += line.amount
        rows = store.balances(conn, book, at=at, known_at=NOW + dt.timedelta(days=day, hours=1))
        assert {row["account"]: row["amount"] for row in rows} == expected, (at, day)


WINDOWS = [(DAYS[0], DAYS[-1]), (DAYS[0], DAYS[90]), (DAYS[0], DAYS[91]), (DAYS[3], DAYS[80]), (DAYS[40], DAYS[41]),
           (DAYS[3], DAYS[265]), (DAYS[45], DAYS[200]), (DAYS[80], DAYS[100]), (DAYS[5], DAYS[5]),
           (dt.date(2020, 1, 1), DAYS[50]), (DAYS[200], dt.date(2030, 1, 1)),
           (dt.date(2030, 1, 1), dt.date(2031, 1, 1))]


@pytest.mark.parametrize("upto", [None, 1500, 5000])
@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_movements_of_days(conn: Connection, book: Book, filled: list[Entry], window: tuple[dt.date, dt.date],
                           upto: int | None) -> None:
    found = store.dated_movements(conn, book, *window, upto)
    assert {(m.account, m.service, m.period): (m.debit, m.credit, m.units) for m in found} == added_up(
        conn, book, [one for one in filled[:upto] if window[0] <= one.date <= window[1]])


@pytest.mark.parametrize("upto", [None, 1500, 5000])
def test_totals_are_movements_in_one_sum(conn: Connection, book: Book, filled: list[Entry], upto: int | None) -> None:
    expected: dict[tuple[str, str, str], Counter[str]] = {}
    for m in store.movements(conn, book, last=202402, upto=upto):
        expected.setdefault((m.account, m.fund, m.service), Counter()).update(
            {"debit": m.debit, "credit": m.credit, "units": m.units})
    found = store.totals(conn, book, 202402, upto)
    assert {(m.account, m.fund, m.service): Counter(debit=m.debit, credit=m.credit, units=m.units)
            for m in found} == expected
    assert {m.period for m in found} == {202402}
    assert [m.account for m in found] == sorted(m.account for m in found)


Question = Callable[[Connection, Book], object]
QUESTIONS: dict[str, tuple[Question, float]] = {  # and about how many rows it may look at, for each entry posted
    "balances": (lambda conn, book: store.balances(conn, book), 0.1),
    "balances at a day": (lambda conn, book: store.balances(conn, book, at=DAYS[60]), 3),
    "balances known then": (lambda conn, book: store.balances(
        conn, book, known_at=NOW + dt.timedelta(days=4, hours=1)), 10),
    "at a day, known then": (lambda conn, book: store.balances(
        conn, book, at=DAYS[60], known_at=NOW + dt.timedelta(days=4, hours=1)), 10),
    "movements of days": (lambda conn, book: store.dated_movements(conn, book, DAYS[3], DAYS[200], 5000), 10),
    "movements of whole periods": (lambda conn, book: store.dated_movements(conn, book, DAYS[0], DAYS[182]), 0.1),
    "totals": (lambda conn, book: store.totals(conn, book, 202402), 0.1),
    "memoranda": (lambda conn, book: store.memoranda(conn, book, ("forecast", "fault"), DAYS[0], DAYS[-1], 8000), 0.1),
    "entries of a rare kind": (lambda conn, book: store.entries(conn, book, kinds=["reapportionment"], upto=8000), 0.1),
    "late entries": (lambda conn, book: store.entries(conn, book, start=DAYS[0], end=DAYS[-1], late=True), 0.1),
    "reversals": (lambda conn, book: store.reversals(conn, book, [3, 5000], DAYS[-1], 8000), 0.1)}


@pytest.mark.parametrize("words", QUESTIONS)
def test_no_more_is_looked_at_than_a_question_asks(conn: Connection, book: Book, filled: list[Entry],
                                                   words: str) -> None:
    ask, most = QUESTIONS[words]
    assert looked_at(conn, book, ask) < most * len(filled)


def looked_at(conn: Connection, book: Book, ask: Question) -> float:
    """About how many rows the database handled: what its plans gave on or left out; of SQLite its steps by twenty."""
    if conn.dialect.name == "sqlite":
        steps: list[None] = []
        driver = conn.connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(lambda: steps.append(None), 20)
        ask(conn, book)
        driver.set_progress_handler(None, 0)
        return len(steps)
    asked: list[tuple[str, Any]] = []
    event.listen(conn, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    ask(conn, book)
    plans = [conn.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", facts).scalar_one()
             for sql, facts in tuple(asked)]
    return sum(handled(plan[0]["Plan"]) for plan in plans)


def handled(node: dict[str, Any]) -> float:
    """The rows that a plan and the plans below it gave on or left out."""
    per_loop = node["Actual Rows"] + sum(node.get(f"Rows Removed by {one}", 0) for one in ("Filter", "Join Filter"))
    return float(per_loop * node["Actual Loops"]) + sum(map(handled, node.get("Plans", ())))


def test_marks_stand_where_the_books_went_over_and_hold_only_what_changed(conn: Connection, book: Book,
                                                                          filled: list[Entry]) -> None:
    c = movement_mark.c
    rows = conn.execute(select(c.batch_number, func.count()).group_by(c.batch_number).order_by(c.batch_number)).all()
    assert [row[0] for row in rows] == [3, 5, 6]
    assert all(row[1] == 4 * 3 for row in rows), "four cells in three quarters"
    assert EVERY == 2000
    assert service.verify(conn, book) == []


def refused(conn: Connection, sql: str) -> str:
    with pytest.raises(DBAPIError) as caught, conn.begin_nested():
        conn.exec_driver_sql(sql)
    return rule_of(caught.value)


def test_a_mark_is_neither_changed_nor_made_up(conn: Connection, book: Book, filled: list[Entry]) -> None:
    assert refused(conn, "UPDATE movement_mark SET debit = debit + 1") == "movement_mark_no_update"
    assert refused(conn, "DELETE FROM movement_mark") == "movement_mark_no_delete"
    made_up = "INSERT INTO movement_mark SELECT partnership_key, cell_key, period_number, 7, debit, credit, units FROM "
    assert refused(conn, f"{made_up} movement") == "mark_by_seal", "batch 7 goes over nothing"
    older = made_up.replace(" 7,", " 4,")
    assert refused(conn, f"{older} movement_mark WHERE batch_number = 3") == "mark_by_seal"


def test_verify_finds_a_mark_that_was_altered(conn: Connection, book: Book, filled: list[Entry]) -> None:
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql("DROP TRIGGER movement_mark_no_update")
    else:
        conn.exec_driver_sql("ALTER TABLE movement_mark DISABLE TRIGGER USER")
    conn.exec_driver_sql("UPDATE movement_mark SET debit = debit + 1 WHERE batch_number = 5 AND cell_key = 1")
    assert service.verify(conn, book) == ["a balance kept at the mark of batch 5 is missing or altered",
                                          "a balance kept at the mark of batch 5 does not follow from the postings"]


FILTERS: tuple[dict[str, object], ...] = (
    {}, {"service": "beds"}, {"fund": "carers", "start": DAYS[100], "end": DAYS[120]}, {"account": "assets:bank"},
    {"account": "expenses", "end": DAYS[3]}, {"start": DAYS[200]}, {"service": "nothing"}, {"text": "n77"},
    {"service": "beds", "text": "N123"}, {"kinds": ["refund"]}, {"account": "assets:bank", "upto": 4321},
    {"service": "beds", "known_at": NOW + dt.timedelta(days=3)}, {"start": dt.date(2030, 1, 1)})


@pytest.mark.parametrize("filters", FILTERS, ids=str)
@pytest.mark.parametrize(("limit", "many"), [(3, 16), (3, 1), (250, 16), (250, 0)])
def test_pages_put_together_are_the_whole(conn: Connection, book: Book, filled: list[Entry], filters: dict[str, object],
                                          limit: int, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.store_entries._MANY_CELLS", many)
    whole = [one.number for one in store.entries(conn, book, **filters)]  # type: ignore[arg-type]
    found: list[int] = []
    while len(found) < min(len(whole) + 1, 8 * limit):
        last = found[-1] if found else 0
        page = store.entries(conn, book, after=last, limit=limit, **filters)  # type: ignore[arg-type]
        found += [one.number for one in page]
        if len(page) < limit:
            break
    assert found == whole[:len(found)]
    assert len(found) >= min(len(whole), 8 * limit)
