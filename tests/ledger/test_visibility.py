"""What one partner sees of shared books, in numbers, texts, sums and searches; the same on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, Engine, literal, select

from ledger import service, store, visibility
from ledger.errors import PoolbookError
from ledger.model import Book
from tests.conftest import NOW, make_book
from tests.ledger.partners import DAY, SECRET, partners_entries

COUNCIL = ["shared-1", "council-1", "(withheld)", "(withheld)", "shared-note"]


@pytest.fixture
def shared(engine: Engine) -> Iterator[tuple[Connection, Book]]:
    """Books with what is common, what is the council's, what is the NHS's and what is both's."""
    with engine.connect() as conn:
        book = make_book(conn)
        service.open_accounts(conn, book, ["assets:contributions-receivable:nhs", f"income:contributions:nhs:{SECRET}",
                                           "assets:contributions-receivable:council"])
        service.post(conn, book, partners_entries(), NOW)
        yield conn, book


def test_entries_as_one_partner_sees_them(shared: tuple[Connection, Book]) -> None:
    conn, book = shared
    council = replace(book, partner="council")
    found = store.entries(conn, council)
    assert [one.entry.reference for one in found] == COUNCIL
    assert [one.number for one in found] == [1, 2, 4, 5, 6]
    both, for_nhs = found[2:4]
    assert [(p.partner, p.amount) for p in both.entry.postings] == [("council", 123), ("council", -123)]
    assert [p.amount for p in for_nhs.entry.postings] == [500, -500]
    assert {one.content_hash == "" for one in (both, for_nhs)} == {True}
    assert SECRET not in repr(found)
    assert [one.number for one in store.all_entries(conn, council)] == [1, 2, 6]
    assert [one.number for one in store.entries(conn, replace(book, partner="nhs"))] == [1, 3, 4, 5, 6, 7, 10]
    assert [one.number for one in store.entries(conn, replace(book, partner="ccg"))] == [1, 5, 6]
    assert len(store.entries(conn, book)) == 10


@pytest.mark.parametrize("number", [3, 7, 8, 9, 10, 99])
def test_what_is_anothers_is_not_there(shared: tuple[Connection, Book], number: int) -> None:
    conn, book = shared
    with pytest.raises(PoolbookError, match=f"no entry {number}"):
        store.entry(conn, replace(book, partner="council"), number)


def test_a_search_does_not_find_what_is_withheld(shared: tuple[Connection, Book]) -> None:
    conn, book = shared
    council = replace(book, partner="council")
    for one in partners_entries():
        if SECRET in one.reference:
            assert store.find(conn, council, one.kind, one.reference) is None
            assert store.find_reference(conn, council, one.reference) == []
            assert store.entries(conn, council, reference=one.reference) == []
            assert store.find(conn, book, one.kind, one.reference) is not None
    assert store.entries(conn, council, text=SECRET.lower()) == []
    assert store.entries(conn, council, text="withheld") == []
    assert store.entries(conn, council, partner="nhs") == []
    assert store.entries(conn, council, account="assets:contributions-receivable:nhs") == []
    assert [one.number for one in store.memoranda(conn, council, ["fault", "forecast", "reversal", "release"])] == [6]


def test_sums_are_over_the_lines_that_are_seen(shared: tuple[Connection, Book]) -> None:
    """From kept sums, from the lines of a cut period, and taken back to a moment before: always the same lines."""
    conn, book = shared
    council = replace(book, partner="council")
    by = ("account", "partner", "source", "case")[:3]
    whole = store.balances(conn, council, by=by)
    assert whole == store.balances(conn, council, by=by, at=DAY)
    assert whole == store.balances(conn, council, by=by, at=dt.date(2024, 6, 30))
    assert store.balances(conn, council, by=by, known_at=NOW - dt.timedelta(days=1)) == []
    beds = sum(one["amount"] for one in whole if one["account"] == "expenses:beds")
    assert beds == 500 + 500 + 123 + 123
    assert SECRET not in repr(whole)
    assert SECRET not in repr(store.movements(conn, council))
    assert SECRET not in repr(store.dated_movements(conn, council, DAY, DAY))
    assert SECRET in repr(store.movements(conn, book))


def test_accounts_that_are_of_another_are_not_listed(shared: tuple[Connection, Book]) -> None:
    conn, book = shared
    found = store.accounts(conn, replace(book, partner="council"))
    assert "assets:contributions-receivable:council" in found
    assert not [path for path in found if ":nhs" in path]


@pytest.mark.parametrize(("path", "owner"), [
    ("assets:contributions-receivable:nhs", "nhs"), ("assets:due-from:a", "a"), ("liabilities:due-to:a:b", "a"),
    ("reserves:general:nhs", "nhs"), ("reserves:carry-forward:a", "a"), ("reserves:general", ""),
    ("income:contributions:nhs:NHS minimum", "nhs"), ("income:cost-share:nhs", "nhs"), ("assets:bank:nhs", ""),
    ("expenses:nhs", ""), ("assets:due-fromage:nhs", ""), ("income:other:nhs", ""),
    ("liabilities:recipients:area-1", "area-1"), ("assets:due-from", ""), ("assets:claims:ministry", "ministry"),
    ("RESERVES:general:nhs", ""), ("expenses:reserves:general:nhs", ""),
])
def test_whom_an_account_is_of(conn: Connection, path: str, owner: str) -> None:
    assert conn.scalar(select(visibility.owner_of(literal(path)))) == owner


def test_the_account_says_whom_it_is_of_as_a_posting_over_http_is_told() -> None:
    """Where a journal entry's account fills in the partner, the account is that partner's, and the other way round."""
    from commissioning.agreement.account_words import NAMED_BY

    named = {path for path, word in NAMED_BY.items() if word == "partner"}
    assert named | {"assets:claims", "liabilities:recipients"} == set(visibility.NAMES_OWNER)
