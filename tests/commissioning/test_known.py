"""Statements and balances at a day, as known at a moment: late items, and drafts, which are what a close gives."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from api.commands.files import read_events, read_text
from commissioning import service
from commissioning.closing import drafts
from commissioning.events.reading import read_objects
from commissioning.statement import Statement
from exports.present import present
from exports.statement import from_json, to_json
from ledger import store
from ledger.errors import Refused
from tests.commissioning.books import NOW, QUARTERS, Pool, agreement, cost, paid, pool, version

ROOT = Path(__file__).parents[2]
CASES = ("scottish-borders-2018", "boiler-on-prescription", "discharge-fees-sweden", "maia-france", "northshire-2024",
         "hospital-district-finland")


def day(number: int) -> dt.datetime:
    """A moment of the test's own calendar of recording."""
    return NOW + dt.timedelta(days=number)


def take_in(made: Pool, number: int, *events: dict[str, Any], **options: Any) -> None:
    read, unreadable = read_objects(events, made.book.currency)
    service.import_events(made.conn, made.book, read, day(number), unreadable=unreadable, **options)


def close(made: Pool, number: int, period: str) -> Statement:
    return from_json(service.close(made.conn, made.book, period, day(number), to_json).document)


def figures(statement: Statement) -> Statement:
    """A statement without what says when and how it came about."""
    return replace(statement, indicative=True, issue=0, known_at=NOW, entries=0, head="")


def totals(statement: Statement) -> dict[str, int]:
    return {line.id: line.actual for line in statement.services}


@pytest.fixture
def life(books: Engine) -> Iterator[Pool]:
    """Day 1: 25 on home. Day 2: the first quarter closes. Day 3: 7 more for it, late. Day 5: the second closes."""
    with pool(books) as made:
        take_in(made, 1, cost("2024-05-01", "home", 25), paid("2024-05-02", "council", 10))
        close(made, 2, "FY2024-Q1")
        take_in(made, 3, cost("2024-05-09", "beds", 7), late=True)
        take_in(made, 4, cost("2024-08-01", "home", 3))
        close(made, 5, "FY2024-Q2")
        yield made


def draft(made: Pool, period: str, known_at: dt.datetime | None = None) -> Statement:
    before = made.head
    found = drafts.draft(made.conn, made.book, period, day(9), known_at)
    assert made.head == before, "nothing is posted"
    assert found.issue == drafts.DRAFT
    assert found.indicative
    assert all(check.holds for check in found.checks), found.checks
    return found


@pytest.mark.parametrize(("period", "number", "wanted"), [
    ("FY2024-Q1", 0, {"home": 0, "beds": 0}), ("FY2024-Q1", 1, {"home": 2500, "beds": 0}),
    ("FY2024-Q1", 9, {"home": 2500, "beds": 0}), ("FY2024-Q2", 2, {"home": 2500, "beds": 0}),
    ("FY2024-Q2", 3, {"home": 2500, "beds": 700}), ("FY2024-Q2", 4, {"home": 2800, "beds": 700}),
    ("FY2024-Q4", 4, {"home": 2800, "beds": 700})])
def test_a_statement_at_any_period_as_known_at_any_moment(life: Pool, period: str, number: int,
                                                          wanted: dict[str, int]) -> None:
    """A late item stands in the period in which it was posted, from the day on which it was recorded."""
    found = draft(life, period, day(number))
    assert totals(found) == wanted
    assert (found.known_at, found.entries) == (day(number), store.last_known(life.conn, life.book, day(number)))
    assert found.head == store.head_at(life.conn, life.book, found.entries).hash


def test_a_draft_is_known_no_later_than_now(life: Pool) -> None:
    assert draft(life, "FY2024-Q3", day(99)).known_at == day(9)
    assert draft(life, "FY2024-Q3").entries == life.head.entries


def test_before_the_first_agreement_there_is_nothing_to_draft(life: Pool) -> None:
    with pytest.raises(Refused) as refused:
        drafts.draft(life.conn, life.book, "FY2024-Q1", day(9), NOW - dt.timedelta(days=1))
    assert [fault.code for fault in refused.value.faults] == ["agreement-later"]


def test_the_agreement_of_a_draft_is_that_of_its_moment(books: Engine) -> None:
    with pool(books) as made:
        dearer = agreement(version(), version(id="s75b", effective="2024-10-01", signed="2024-09-12", services={
            "home": {"fund": "core", "lead": "council", "budget": 80},
            "beds": {"fund": "core", "lead": "nhs", "budget": 20}}))
        service.apply(made.conn, json.dumps(dearer), "agreement.yaml", day(3))
        assert [a.id for a in draft(made, "FY2024-Q4", day(2)).agreements] == ["s75"]
        assert [a.id for a in draft(made, "FY2024-Q4", day(3)).agreements] == ["s75", "s75b"]


def asked(made: Pool, period: str, **wanted: Any) -> Statement:
    return from_json(drafts.issued_or_draft(made.conn, made.book, period, day(9), to_json, **wanted).document)


def test_what_was_issued_comes_first_and_a_draft_where_there_was_none_yet(life: Pool) -> None:
    assert asked(life, "FY2024-Q1").issue == 1
    assert asked(life, "FY2024-Q1", known_at=day(2)).issue == 1
    assert asked(life, "FY2024-Q1", known_at=day(1)).issue == 0
    assert asked(life, "FY2024-Q1", as_draft=True).issue == 0
    assert asked(life, "FY2024-Q3", known_at=day(9)).issue == 0
    for wanted in ({}, {"issue": 2}, {"issue": 1, "known_at": day(1)}):
        with pytest.raises(Refused):
            asked(life, "FY2024-Q3" if not wanted else "FY2024-Q1", **wanted)


def test_a_draft_says_that_it_was_never_issued(life: Pool) -> None:
    view = present(draft(life, "FY2024-Q3"))
    assert view.status == "Draft"
    assert view.standing.startswith("Draft, never issued")
    assert "a draft" in view.reference
    assert ("Issue", "none: a draft") in view.ledger


@pytest.mark.parametrize("case", CASES)
def test_a_draft_is_to_the_penny_what_the_close_then_issues(books: Engine, case: str) -> None:
    """For every period of a case: as a draft just before its close, and again from the end, as known just before."""
    folder = ROOT / "examples" / case
    text = read_text(folder / "agreement.yaml")
    with books.connect() as conn:
        book = service.apply(conn, text, "agreement.yaml", NOW).book
        terms = service.current(conn, book)
        events, _ = read_events(sorted(folder.glob("*.csv")), terms.currency)
        service.import_events(conn, book, events, NOW)
        year, last = terms.calendar.year_of(terms.versions()[0].effective), max(event.date for event in events)
        periods = [p for y in range(year.number, last.year + 1) for p in terms.calendar.year(y).periods()
                   if p.starts <= last]
        issued = []
        for number, period in enumerate(periods, 1):
            before = drafts.draft(conn, book, period.id, day(number))
            after = from_json(service.close(conn, book, period.id, day(number), to_json).document)
            assert figures(before) == figures(after), period.id
            issued.append((number, period.id, after))
        for number, name, after in issued:
            again = drafts.draft(conn, book, name, day(999), day(number) - dt.timedelta(seconds=1))
            assert figures(again) == figures(after), name


@pytest.mark.parametrize(("at", "number", "wanted"), [
    (dt.date(2024, 6, 30), 2, 0), (dt.date(2024, 6, 30), 9, 0), (dt.date(2024, 7, 1), 2, 0),
    (dt.date(2024, 7, 1), 3, 700), (dt.date(2024, 7, 1), 9, 700), (None, 3, 700), (None, 2, 0)])
def test_a_late_item_counts_from_the_day_it_is_posted_and_from_when_it_was_known(
        life: Pool, at: dt.date | None, number: int, wanted: int) -> None:
    rows = store.balances(life.conn, life.book, at=at, known_at=day(number), by=("account",))
    assert {row["account"]: row["amount"] for row in rows}.get("expenses:beds", 0) == wanted


def test_movements_as_they_were_are_those_of_a_ledger_that_stopped_there(books: Engine) -> None:
    """At every number of entries, what is taken off leaves what an independent sum of the postings gives."""
    with pool(books) as made:
        for number, quarter in enumerate(QUARTERS, 1):
            take_in(made, number, cost(f"2024-0{number + 3}-05", "home", number), late=number > 1)
            close(made, number, quarter)
        for upto in range(made.head.entries + 1):
            sums: dict[tuple[str, ...], int] = {}
            for one in store.entries(made.conn, made.book, upto=upto):
                for p in one.entry.postings:
                    key = (p.account, p.kind or one.entry.kind, p.fund, p.partner, p.service, p.source, one.period)
                    sums[key] = sums.get(key, 0) + p.amount
            names = {p.number: p.id for p in store.periods(made.conn, made.book)}
            found = {(m.account, m.kind, m.fund, m.partner, m.service, m.source, names[m.period]): m.amount
                     for m in store.movements(made.conn, made.book, upto=upto)}
            assert found == sums
