"""Random histories on SQLite and on PostgreSQL beside a model: never a difference, in figures, refusals or hashes.

`POOLBOOK_PROPERTIES=search` looks for new histories, for longer.
"""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Connection, create_engine, make_url

from api.database import connect, reading
from commissioning import service
from commissioning.events.reading import read_objects
from commissioning.proposals import service as proposals_service
from commissioning.proposals.model import Actor, Proposal, Request
from commissioning.proposals.service import Done
from exports.statement import to_json
from ledger import service as books
from ledger import store
from ledger.errors import PoolbookError, Refused
from ledger.model import Book, Entry, Posting
from tests.survival import scene
from tests.survival.model import BANK, BEDS, PROVIDERS, QUARTERS, Codes, Lines, Model

AGREEMENT = """\
poolbook: 1
partnership: {{id: millbrook, name: Millbrook, currency: GBP, year_starts: 04-01{four_eyes}}}
partners:
  council: {{name: Millbrook Council}}
  nhs: {{name: NHS Millbrook}}
agreements:
  - id: s75
    reference: Section 75
    effective: 2024-04-01
    signed: 2024-03-01
    funds:
      core: {{kind: pooled, host: council}}
    contributions:
      - {{fund: core, partner: council, source: base, amount: 4000, instalments: quarterly}}
      - {{fund: core, partner: nhs, source: base, amount: 6000, instalments: quarterly}}
    services:
      beds: {{fund: core, lead: nhs, budget: {budget}}}
    rules:
      - id: core-risk
        reference: Schedule 3
        applies_to: {{fund: core}}
        overspend: [{{share: {{by: contribution}}}}]
        underspend: [{{return: {{by: contribution}}}}]
"""
ANN, BEN = Actor("key:1", "ann"), Actor("key:2", "ben")
LARGE = 5_000_00  # pence; entries above it wait where two people keep the books
STARTS = [dt.date(2024, 4, 1), dt.date(2024, 7, 1), dt.date(2024, 10, 1), dt.date(2025, 1, 1)]
NAMES = [f"FY2024-Q{n}" for n in range(1, QUARTERS + 1)]
_numbers = itertools.count(1)

quarters = st.integers(0, QUARTERS - 1)
references = st.integers(1, 12).map(lambda n: f"R-{n}")  # few, so that they meet
amounts = st.one_of(st.integers(1, 9), st.integers(1, 20_000_00))
EVENTS: dict[str, Callable[[int], tuple[dict[str, str], Lines]]] = {
    "expenditure": lambda pence: ({"service": "beds"}, ((BEDS, pence), (PROVIDERS, -pence))),
    "refund": lambda pence: ({"service": "beds"}, ((BANK, pence), (BEDS, -pence))),
    "contribution": lambda pence: ({"partner": "nhs", "fund": "core"},
                                   ((BANK, pence), ("assets:contributions-receivable:nhs", -pence))),
}


Change = Callable[[Model], Codes]
Work = Callable[[Connection, Book, dt.datetime], Any]


def importing(kind: str, reference: str, quarter: int, pence: int, words: dict[str, str], *, late: bool) -> Work:
    event = {"date": STARTS[quarter].isoformat(), "event": kind, "reference": reference,
             "amount": f"{pence // 100}.{pence % 100:02}", **words}

    def work(conn: Connection, book: Book, now: dt.datetime) -> Any:
        events, faults = read_objects([event], "GBP")
        assert not faults
        return service.import_events(conn, book, events, now, late=late)
    return work


class Ledger:
    """One database, that can be copied and gone back to."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = connect(url)

    def do(self, work: Callable[[Connection, Book], Any]) -> Any:
        """What came of it, or the codes with which it was refused; then nothing has changed."""
        before = self.read(store.head)
        try:
            with self.engine.begin() as conn:
                return work(conn, books.open_book(conn, scene.ID))
        except Refused as refused:
            codes = frozenset(fault.code for fault in refused.faults)
        except PoolbookError as error:
            codes = frozenset([error.code])
        assert self.read(store.head) == before
        return codes

    def read(self, what: Callable[[Connection, Book], Any]) -> Any:
        with reading(self.engine).begin() as conn:
            return what(conn, books.open_book(conn, scene.ID))

    def open(self, url: str) -> None:
        self.engine.dispose()
        self.url = url
        self.engine = connect(url)


class Databases:
    """Where new databases come from: each kind's copies of the one that is given."""

    def __init__(self, sqlite_template: Path, maintenance: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pb-machine-"))
        self.template = f"sqlite:///{sqlite_template}"
        self.maintenance = create_engine(maintenance, isolation_level="AUTOCOMMIT")
        self.made: list[str] = []

    def sqlite(self, url: str) -> str:
        """By SQLite's backup, which may run while others write."""
        path = self.folder / f"{next(_numbers)}.db"
        source, target = (sqlite3.connect(p) for p in (url.removeprefix("sqlite:///"), path))
        source.backup(target)
        source.close()
        target.close()
        return f"sqlite:///{path}"

    def postgresql(self, url: str | None) -> str:
        name = f"pb_machine_{os.getpid()}_{next(_numbers)}"
        template = f"pb_template_{os.getpid()}" if url is None else make_url(url).database
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        self.made.append(name)
        return self.maintenance.url.set(database=name).render_as_string(hide_password=False)

    def close(self) -> None:
        for name in self.made:
            self._sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        self.maintenance.dispose()
        shutil.rmtree(self.folder)

    def _sql(self, statement: str) -> None:
        with self.maintenance.connect() as conn:
            conn.exec_driver_sql(statement)


class History(RuleBasedStateMachine):
    """What may happen to a pool, in any order."""

    four_eyes = ""

    def __init__(self, databases: Databases) -> None:
        super().__init__()
        self.databases, self.model = databases, Model()
        self.sqlite = Ledger(databases.sqlite(databases.template))
        self.postgresql = Ledger(databases.postgresql(None))
        self.both = (self.sqlite, self.postgresql)
        self.copies: list[tuple[str, str, Any]] = []
        self.clock = scene.NOW
        for ledger in self.both:
            with ledger.engine.begin() as conn:
                service.apply(conn, self.agreement(10_000), "agreement.yaml", self.clock)

    def agreement(self, budget: int) -> str:
        return AGREEMENT.format(budget=f"{budget}.00", four_eyes=self.four_eyes)

    def teardown(self) -> None:
        for ledger in self.both:
            assert ledger.read(service.verify) == []
            ledger.engine.dispose()

    def expect(self, change: Change, work: Work) -> None:
        """Does it on both, and on the model: all refuse it with the same codes, or none does."""
        codes = change(self.model)
        found = self.on_both(work)
        if codes:
            assert found == codes
        else:
            assert not isinstance(found, frozenset), f"refused: {found}"

    def on_both(self, work: Work) -> Any:
        self.clock += dt.timedelta(seconds=1)
        found = [ledger.do(lambda conn, book: work(conn, book, self.clock)) for ledger in self.both]
        assert found[0] == found[1], "the databases differ"
        return found[0]

    @rule(kind=st.sampled_from(list(EVENTS)), reference=references, quarter=quarters, pence=amounts)
    def an_event(self, kind: str, reference: str, quarter: int, pence: int) -> None:
        words, lines = EVENTS[kind](pence)
        self.expect(lambda model: model.post(kind, reference, quarter, lines, "event-in-closed-period"),
                    importing(kind, reference, quarter, pence, words, late=False))

    @precondition(lambda self: not self.model.closed[-1])
    @rule(reference=references, quarter=quarters, pence=amounts)
    def a_late_event(self, reference: str, quarter: int, pence: int) -> None:
        words, lines = EVENTS["expenditure"](pence)
        reference = f"late {reference}"
        if ("expenditure", reference) not in self.model.made:
            self.expect(lambda model: model.late("expenditure", reference, quarter, lines),
                        importing("expenditure", reference, quarter, pence, words, late=True))

    @rule(reference=references, quarter=quarters, pence=amounts, off=st.sampled_from([0, 0, 0, 1]),
          account=st.sampled_from([BEDS, BEDS, BEDS, "expenses:beds too"]))
    def a_journal_entry(self, reference: str, quarter: int, pence: int, off: int, account: str) -> None:
        lines = ((account, pence), (BANK, -pence - off))
        entry = Entry("journal", STARTS[quarter], reference, "By hand", (
            Posting(account, pence, "core", service="beds"), Posting(BANK, -pence - off, "core")))
        self.expect(lambda model: model.post("journal", reference, quarter, lines),
                    lambda conn, book, now: books.post(conn, book, [entry], now))

    @precondition(lambda self: self.model.made)
    @rule(data=st.data(), quarter=quarters, how=st.sampled_from(["undo", "undo", "annul"]))
    def a_reversal(self, data: st.DataObject, quarter: int, how: str) -> None:
        kind, reference = data.draw(st.sampled_from(sorted(self.model.made) + sorted(self.model.undone) * 3))
        by = f"{how} {kind} {reference}"

        def work(conn: Connection, book: Book, now: dt.datetime) -> Any:
            undone = store.find(conn, book, kind, reference)
            assert undone is not None
            return books.reverse(conn, book, undone.number, STARTS[quarter], by, "", now)

        self.expect(lambda model: model.reverse(kind, reference, quarter, by), work)

    @rule(quarter=quarters)
    def a_close(self, quarter: int) -> None:
        self.expect(lambda model: model.close(quarter),
                    lambda conn, book, now: service.close(conn, book, NAMES[quarter], now, to_json))

    @precondition(lambda self: not self.model.closed[-1])
    @rule()
    def the_next_close(self) -> None:
        self.a_close(self.model.closed.index(False))

    @precondition(lambda self: not self.model.closed[-1])
    @rule()
    def the_year_closes(self) -> None:
        for quarter in range(self.model.closed.index(False), QUARTERS):
            self.a_close(quarter)

    @rule(quarter=quarters, reason=st.sampled_from(["an invoice was missing", "an invoice was missing", ""]))
    def a_reopening(self, quarter: int, reason: str) -> None:
        self.expect(lambda model: model.reopen(quarter, reason),
                    lambda conn, book, now: service.reopen(conn, book, NAMES[quarter], reason, now))

    @precondition(lambda self: not self.model.closed[-1])
    @rule(pounds=st.integers(9_000, 10_000))
    def a_version(self, pounds: int) -> None:
        text = self.agreement(pounds)
        self.expect(lambda model: model.agree(pounds * 100),
                    lambda conn, _book, now: service.apply(conn, text, "agreement.yaml", now).changes)

    @rule()
    def a_backup(self) -> None:
        self.postgresql.engine.dispose()  # nobody may be connected to a database that is copied
        self.copies.append((self.databases.sqlite(self.sqlite.url), self.databases.postgresql(self.postgresql.url),
                            copy.deepcopy(self.known())))

    @precondition(lambda self: self.copies)
    @rule(data=st.data())
    def a_restore(self, data: st.DataObject) -> None:
        sqlite, postgresql, known = self.copies[data.draw(st.integers(0, len(self.copies) - 1))]
        self.sqlite.open(self.databases.sqlite(sqlite))
        self.postgresql.open(self.databases.postgresql(postgresql))
        self.know(copy.deepcopy(known))

    def known(self) -> Any:
        """What goes into a copy beside the books."""
        return self.model

    def know(self, known: Any) -> None:
        self.model = known

    @invariant()
    def the_books_are_those_of_the_model(self) -> None:
        wanted = {account: amount for account, amount in self.model.balances.items() if amount}
        for ledger in self.both:
            found = {row["account"]: row["amount"] for row in ledger.read(store.balances) if row["amount"]}
            assert found == wanted
            assert [p.closed for p in ledger.read(store.periods)][:QUARTERS] == self.model.closed
        assert self.sqlite.read(store.head) == self.postgresql.read(store.head), "one history, one hash"


@dataclass
class Waiting:
    """A proposal: what it would do, to the model and to the books, and in which state of the model it was made."""

    change: Change
    work: Work
    made_in: Model
    verdict: str = ""


class FourEyesHistory(History):
    """The same where closes, reopenings, reversals, versions and large entries wait for a second person."""

    four_eyes = f", four_eyes: {{entries_above: {LARGE // 100}}}"

    def __init__(self, databases: Databases) -> None:
        self.waiting: list[Waiting] = []
        super().__init__(databases)

    def known(self) -> Any:
        return self.model, [replace(one) for one in self.waiting]

    def know(self, known: Any) -> None:
        self.model, self.waiting = known

    def expect(self, change: Change, work: Work) -> None:
        """What waits changes nothing; the rest is done at once."""
        after = copy.deepcopy(self.model)
        codes = change(after)
        number = len(self.waiting)
        found = self.on_both(lambda conn, _book, now: proposals_service.attempt(
            conn, scene.ID, lambda: Request("test", {"number": number}), done(work, now), ANN, now))
        if codes or not self.model.waits(after, LARGE):
            assert found == codes if codes else isinstance(found, Done), found
            self.model = self.model if codes else after
        else:
            assert isinstance(found, Proposal), found
            assert found.number == number + 1
            self.waiting.append(Waiting(change, work, copy.deepcopy(self.model)))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), who=st.sampled_from([0, 1, 1, 1]))
    def an_approval(self, data: st.DataObject, who: int) -> None:
        number, one = self._drawn(data)
        after = copy.deepcopy(self.model)
        codes = change_codes(one, who, after)
        found = self.on_both(lambda conn, book, now: proposals_service.approve(
            conn, book, number, (ANN, BEN)[who], now, lambda conn, _request: done(one.work, now)(conn)))
        if codes:
            assert found == codes
        elif found == frozenset(["proposal-outdated"]):
            assert self.model != one.made_in, "nothing has changed since it was made"
        else:
            assert not isinstance(found, frozenset), found
            one.verdict, self.model = "approved", after

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), who=st.sampled_from([0, 1]), reason=st.sampled_from(["not this year", ""]))
    def a_rejection(self, data: st.DataObject, who: int, reason: str) -> None:
        number, one = self._drawn(data)
        codes = {"proposal-decided"} if one.verdict else {"rejection-reason-missing"} if who and not reason else set()
        found = self.on_both(lambda conn, book, now: proposals_service.reject(
            conn, book, number, (ANN, BEN)[who], reason, now))
        if codes:
            assert found == codes
        else:
            one.verdict = "rejected" if who else "withdrawn"
            assert found.status == one.verdict

    def _drawn(self, data: st.DataObject) -> tuple[int, Waiting]:
        """A proposal, an open one if there is any, three times out of four."""
        opened = [n for n, one in enumerate(self.waiting) if not one.verdict]
        number = data.draw(st.sampled_from(opened * 3 + list(range(len(self.waiting)))))
        return number + 1, self.waiting[number]


def change_codes(one: Waiting, who: int, after: Model) -> Codes:
    """With which codes an approval must be refused; `after` is then what it would lead to, if it is not."""
    if one.verdict:
        return frozenset(["proposal-decided"])
    return one.change(after) if who else frozenset(["maker-cannot-approve"])


def done(work: Work, now: dt.datetime) -> Callable[[Connection], Done[Any]]:
    return lambda conn: Done(work(conn, books.open_book(conn, scene.ID), now), told)


def told() -> list[str]:
    return ["what was asked for"]


_SEARCH = os.environ.get("POOLBOOK_PROPERTIES") == "search"


@pytest.mark.slow
@pytest.mark.parametrize("history", [History, FourEyesHistory])
def test_no_history_finds_a_difference(history: type[History], sqlite_template: Path, postgres_server: str) -> None:
    databases = Databases(sqlite_template, postgres_server)
    # A failing history is told as it is; making it small takes hundreds of tries, and is for the search.
    phases = [phase for phase in Phase if _SEARCH or phase is not Phase.shrink]
    how = settings(max_examples=200 if _SEARCH else 8, stateful_step_count=40 if _SEARCH else 24, deadline=None,
                   derandomize=not _SEARCH, phases=phases, suppress_health_check=list(HealthCheck), print_blob=True)
    try:
        run_state_machine_as_test(lambda: history(databases), settings=how)  # type: ignore[arg-type]
    finally:
        databases.close()
