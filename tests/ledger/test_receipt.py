"""A receipt holds by itself, with an older one and against the books; whatever was bent in it or in them is found."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from ledger import chain, service, store, tables
from ledger.chain import CellWords
from ledger.merkle import Tree
from ledger.model import Book, Entry, Posting
from ledger.receipt import Claim, Receipt, Seen, Since, faults_alone, faults_between, in_order, sign, signed_text
from ledger.receipt_books import BooksUnsound, SinceUnknown, faults_in_books, make
from ledger.receipt_file import ReceiptUnreadable, from_json, to_data, to_json
from ledger.refusals import EntryUnknown
from tests.conftest import NOW, make_book, spending
from tests.ledger.test_proof import blind

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
LATER = NOW + dt.timedelta(days=1)


def given_for(count: int, *seen: int, since: int | None = None, bent: int | None = None,
              key: Ed25519PrivateKey = KEY, partnership: str = "northshire") -> Receipt:
    """A receipt over so many invented entries; `bent`: one of them is another."""
    entries = [entry_of(i, 1 if i == bent else 0) for i in range(1, count + 1)]
    hashes = [chain.content(entry, {}) for entry in entries]
    tree = Tree(hashes)
    claim = Claim(partnership, "GBP", count, tree.root, chain.fold(chain.START, hashes),
                  NOW + dt.timedelta(minutes=count), key.public_key().public_bytes_raw())
    link = None if since is None else Since(since, tuple(tree.consistency(since)))
    shown = tuple(Seen(n, entries[n - 1], tuple(tree.inclusion(n - 1))) for n in seen)
    return Receipt(claim, sign(claim, key), shown, link)


def entry_of(number: int, more: int = 0) -> Entry:
    words = {"partner": "nhs", "source": "base", "case": "Ä 7", "units": 1_500_000} if number % 2 else {}
    return Entry("expenditure", dt.date(2024, 4, 5), f"INV-{number}", "Beds", (
        Posting("expenses:beds", number + more, "core", service="beds", cost_class="pay", **words),
        Posting("assets:bank:core", -number - more, "core", kind="payment" if number % 3 else "")),
        '{"amount":1}' if number % 2 else "", 1 if number > 1 else None, "FY2024-Q1" if number % 2 else "")


# ------------------------------------------------------------------------------------------------ by itself, as a file

def test_a_receipt_holds_by_itself_and_goes_through_its_file() -> None:
    receipt = given_for(9, 1, 2, 9, since=4)
    assert faults_alone(receipt) == []
    assert faults_alone(receipt, pinned=receipt.claim.key) == []
    assert from_json(to_json(receipt)) == receipt


def test_what_is_signed_is_said_in_lines() -> None:
    claim = given_for(3).claim
    assert signed_text(claim).decode().splitlines() == [
        "poolbook.receipt/1", "partnership: northshire", "currency: GBP", "entries: 3", f"root: {claim.root.hex()}",
        f"head: {claim.head.hex()}", "moment: 2024-10-01T09:03:00.000000Z", f"key: {claim.key.hex()}"]


def test_another_key_than_the_one_noted_is_found() -> None:
    receipt = given_for(3, key=OTHER)
    assert len(faults_alone(receipt, pinned=KEY.public_key().public_bytes_raw())) == 1


def leaves_of(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of every value in a document."""
    if isinstance(data, dict | list):
        items = data.items() if isinstance(data, dict) else enumerate(data)
        return [found for key, value in items for found in leaves_of(value, (*path, key))]
    return [path]


def bend(value: Any, at: int) -> Any:
    """The value with one digit or letter changed, of the same kind."""
    if isinstance(value, int):
        return value + 1
    at %= len(value)
    return value[:at] + ("1" if value[at] != "1" else "2") + value[at + 1:]


@given(st.data(), st.integers(0, 10_000))
def test_a_receipt_with_one_character_changed_is_refused_or_found(data: st.DataObject, at: int) -> None:
    """Everything in the file counts: what is signed, what is shown, and each proof."""
    receipt = given_for(9, 2, 5, since=4)
    document = json.loads(to_json(receipt))
    path = data.draw(st.sampled_from(leaves_of(document)))
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = bend(place[path[-1]], at)
    try:
        bent = from_json(json.dumps(document))
    except ReceiptUnreadable:
        return
    assert bent != receipt
    assert faults_alone(bent) or faults_between(given_for(4), bent)


def without(document: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != key}


DOCUMENT = to_data(given_for(5, 3, since=2))
NONSENSE: dict[str, object] = {
    "no object": [], "another format": {**DOCUMENT, "format": "poolbook.receipt/2"},
    "a key too many": {**DOCUMENT, "note": ""}, "a root too short": {**DOCUMENT, "root": DOCUMENT["root"][2:]},
    "entries as text": {**DOCUMENT, "entries": "5"}, "entries below none": {**DOCUMENT, "entries": -1},
    "entries beyond any books": {**DOCUMENT, "entries": 2**70}, "a float": {**DOCUMENT, "entries": 5.0},
    "a moment without its zone": {**DOCUMENT, "moment": "2024-10-01T09:00:00"},
    "a moment in another form": {**DOCUMENT, "moment": "2024-10-01T10:00:00.000000+01:00"},
    "a name over two lines": {**DOCUMENT, "partnership": "a\nentries: 9"},
    "half a character": {**DOCUMENT, "partnership": "\ud800"},
    "an unknown currency": {**DOCUMENT, "currency": "GBX", "seen": DOCUMENT["seen"]},
    "a proof without end": {**DOCUMENT, "since": {"entries": 2, "proof": ["ab" * 32] * 65}},
    "a day that is none": {**DOCUMENT, "seen": [{**DOCUMENT["seen"][0], "content": {
        **DOCUMENT["seen"][0]["content"], "date": "2024-02-30"}}]},
    **{f"no {key}": without(DOCUMENT, key) for key in DOCUMENT if key != "since"}}


@pytest.mark.parametrize("what", NONSENSE)
def test_what_is_no_receipt_is_refused(what: str) -> None:
    with pytest.raises(ReceiptUnreadable):
        from_json(json.dumps(NONSENSE[what]))


@pytest.mark.parametrize("text", ["", "{", "null", '{"entries": 1, "entries": 1}', "[" * 100_000, "1" * 5000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ReceiptUnreadable):
        from_json(text)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(list(DOCUMENT)), inner, max_size=10), max_leaves=20))
def test_nonsense_never_raises_anything_but_the_refusal(found: Any) -> None:
    for document in (found, {**DOCUMENT, **found} if isinstance(found, dict) else found):
        try:
            receipt = from_json(json.dumps(document))
        except ReceiptUnreadable:
            continue
        faults_alone(receipt)
        faults_between(given_for(2), receipt)


# ---------------------------------------------------------------------------------------------- with an older receipt

def test_a_later_receipt_continues_an_earlier_one() -> None:
    old, new = given_for(5, 2), given_for(12, 12, since=5)
    assert in_order([new, old]) == [old, new]
    assert faults_between(old, new) == []
    assert faults_between(old, given_for(5)) == []


@pytest.mark.parametrize(("new", "words"), [
    (given_for(12, since=5, bent=2), "do not begin with the 5 entries"),
    (given_for(5, bent=2), "not of the same ones"),
    (given_for(12), "has no proof since the 5 entries"), (given_for(12, since=4), "has no proof since the 5 entries"),
    (replace(given_for(4), claim=replace(given_for(4).claim, moment=LATER)), "books never get shorter"),
    (given_for(12, since=5, key=OTHER), "signed by different keys"),
    (given_for(12, since=5, partnership="southshire"), "the other of southshire"),
])
def test_what_does_not_continue_is_found(new: Receipt, words: str) -> None:
    found = faults_between(given_for(5), new)
    assert len(found) == 1
    assert words in found[0]


# ---------------------------------------------------------------------------------------------------- with the books

@pytest.fixture
def filled(conn: Connection, book: Book) -> Book:
    """Four entries: one batch of three at NOW, and one LATER."""
    service.post(conn, book, [spending("a", 100), spending("b", 20), spending("c", 3)], NOW)
    service.post(conn, book, [spending("d", 4)], LATER)
    return book


def test_the_books_give_a_receipt_and_still_are_what_it_says(conn: Connection, filled: Book) -> None:
    old = make(conn, filled, [2, 4, 2], KEY, LATER)
    assert (old.claim.entries, [seen.number for seen in old.seen]) == (4, [2, 4])
    assert old.claim.head.hex() == store.head(conn, filled).hash
    assert faults_alone(old) == []
    service.post(conn, filled, [spending(f"e{i}", i) for i in range(1, 30)], LATER + dt.timedelta(days=1))
    new = make(conn, filled, [33], KEY, LATER + dt.timedelta(days=2), since=old.claim.entries)
    assert faults_alone(new) == faults_between(old, new) == faults_in_books(conn, filled, [old, new]) == []


def test_empty_books_give_a_receipt(conn: Connection, book: Book) -> None:
    empty = make(conn, book, [], KEY, NOW)
    service.post(conn, book, [spending("a", 100)], LATER)
    later = make(conn, book, [1], KEY, LATER, since=0)
    assert faults_alone(empty) == faults_between(empty, later) == faults_in_books(conn, book, [empty, later]) == []


def test_a_clock_that_went_back_does_not_date_a_receipt_before_its_entries(conn: Connection, filled: Book) -> None:
    receipt = make(conn, filled, [], KEY, NOW)
    assert receipt.claim.moment == LATER
    assert faults_in_books(conn, filled, [receipt]) == []


def test_what_cannot_be_shown_is_refused(conn: Connection, filled: Book) -> None:
    with pytest.raises(EntryUnknown):
        make(conn, filled, [5], KEY, NOW)
    with pytest.raises(SinceUnknown):
        make(conn, filled, [], KEY, NOW, since=5)


Rewrite = Callable[[Connection, Book], None]


def amount(conn: Connection, book: Book) -> None:
    """An old invoice becomes dearer by a pound, on both lines and in the balances."""
    conn.exec_driver_sql("UPDATE posting SET amount = amount + 100 WHERE number = 2 AND line = 1")
    conn.exec_driver_sql("UPDATE posting SET amount = amount - 100 WHERE number = 2 AND line = 2")
    conn.exec_driver_sql("UPDATE movement SET debit = debit + 100 WHERE debit > 0")
    conn.exec_driver_sql("UPDATE movement SET credit = credit + 100 WHERE credit > 0")


def memo(conn: Connection, book: Book) -> None:
    conn.exec_driver_sql("UPDATE entry SET memo = 'Chairs' WHERE number = 1")


def last_two_gone(conn: Connection, book: Book) -> None:
    """The last entry is cut off, with its batch and what it moved."""
    conn.exec_driver_sql("DELETE FROM posting WHERE number = 4")
    conn.exec_driver_sql("DELETE FROM entry WHERE number = 4")
    conn.exec_driver_sql("DELETE FROM batch WHERE batch_number = 2")
    conn.exec_driver_sql("UPDATE movement SET debit = debit - 4, batch_number = 1 WHERE debit > 0")
    conn.exec_driver_sql("UPDATE movement SET credit = credit - 4, batch_number = 1 WHERE credit > 0")


def later_moment(conn: Connection, book: Book) -> None:
    """The last batch is said to have been recorded a year later than it was."""
    conn.execute(tables.batch.update().where(tables.batch.c.batch_number == 2).values(
        recorded_at=LATER + dt.timedelta(days=365)))


def cover_up(conn: Connection, book: Book) -> None:
    """Works out every hash and every seal anew, so that the chain fits what the entries say now."""
    contents = {}
    framed: dict[CellWords, str] = {}
    for item in list(store.all_entries(conn, book)):
        contents[item.number] = chain.content(item.entry, framed)
        conn.execute(tables.entry.update().where(tables.entry.c.number == item.number).values(
            content_hash=contents[item.number]))
    link = chain.START
    for seal in store.batches(conn, book):
        before, link = link, chain.fold(link, [contents[n] for n in range(seal.first, seal.last + 1)])
        conn.execute(tables.batch.update().where(tables.batch.c.batch_number == seal.number).values(
            prev_hash=before, hash=link))


def unguard(conn: Connection) -> None:
    """Takes every trigger away and switches foreign keys off, as somebody with full rights can."""
    blind(conn)
    sqlite = conn.dialect.name == "sqlite"
    sql = ("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'" if sqlite else
           "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
    for name, table in conn.exec_driver_sql(sql).all():
        conn.exec_driver_sql(f"DROP TRIGGER {name}" + ("" if sqlite else f" ON {table}"))


@pytest.fixture
def seized(engine: Engine) -> tuple[Book, Receipt]:
    """Books of four entries with a receipt that left the house, before somebody takes the triggers away."""
    with engine.begin() as conn:
        book = make_book(conn)
        service.post(conn, book, [spending("a", 100), spending("b", 20), spending("c", 3)], NOW)
        service.post(conn, book, [spending("d", 4)], LATER)
        receipt = make(conn, book, [2], KEY, LATER)
        assert faults_in_books(conn, book, [receipt]) == service.verify(conn, book) == []
    return book, receipt


@pytest.mark.parametrize(("rewrite", "words"), [
    (amount, "entry 2 (b) of the books is not what it shows"), (memo, "are not the ones that it was given for"),
    (last_two_gone, "entries are gone"), (later_moment, "the books say that it was recorded later")])
def test_books_rewritten_without_a_trace_are_found_by_an_old_receipt(
        engine: Engine, seized: tuple[Book, Receipt], rewrite: Rewrite, words: str) -> None:
    """Whoever has full rights changes what is old and works out every hash, seal and balance anew: `verify` alone is
    satisfied, and the receipt is not. Nor is it by the next receipt that the rewritten books give."""
    book, receipt = seized
    with engine.connect() as conn:
        unguard(conn)
        rewrite(conn, book)
        cover_up(conn, book)
        assert service.verify(conn, book) == []
        found = faults_in_books(conn, book, [receipt])
        assert any(words in fault for fault in found), found
        if rewrite in (amount, memo):
            service.post(conn, book, [spending("e", 5)], LATER)
            next_one = make(conn, book, [], KEY, LATER, since=4)
            assert faults_alone(next_one) == []
            assert len(faults_between(receipt, next_one)) == 1


@pytest.mark.parametrize("rewrite", [amount, memo])
def test_books_altered_and_not_covered_up_give_no_receipt(engine: Engine, seized: tuple[Book, Receipt],
                                                          rewrite: Rewrite) -> None:
    book, receipt = seized
    with engine.connect() as conn:
        unguard(conn)
        rewrite(conn, book)
        assert any("was altered" in finding for finding in service.verify(conn, book))
        assert faults_in_books(conn, book, [receipt])
        with pytest.raises(BooksUnsound):
            make(conn, book, [1, 2], KEY, LATER)
        conn.exec_driver_sql("UPDATE entry SET content_hash = prior.content_hash FROM entry AS prior "
                             "WHERE entry.number = 3 AND prior.number = 1")
        with pytest.raises(BooksUnsound):
            make(conn, book, [], KEY, LATER)


def test_a_receipt_of_other_books_is_told_apart(conn: Connection, filled: Book) -> None:
    receipt = make(conn, filled, [], KEY, LATER)
    other = make_book(conn, "southshire")
    assert "these books are of southshire" in faults_in_books(conn, other, [receipt])[0]
