"""What several callers' journal entries go through on their way into one commit, each as if it had come alone.

Nothing here refuses anybody. A request that would be refused, repeated, or made to wait for a second person is left to
the ordinary way (`api.asking`), which does and says what there is to say, alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from api.access import keys
from api.access.rights import Caller
from api.bodies import Given
from api.posting.entries import entries_of
from api.shapes.base import Ledger
from api.shapes.entries import EntriesPosted, EntryIn, EntryPosted
from commissioning import store as agreements
from commissioning.agreement.model import Agreement
from commissioning.closing.known import read_kept
from commissioning.proposals import store as proposals_store
from commissioning.proposals.model import Actor
from commissioning.proposals.rules import waits
from commissioning.proposals.store import Recording
from ledger import bulk, exchange, posting, store
from ledger.errors import Refused
from ledger.model import Book, Entry, Head, Posted
from ledger.posting import Standing, Together

STATUS = 201


@dataclass(frozen=True, slots=True)
class Asked:
    """One caller's request to post entries: with which key, what exactly, and when."""

    bearer: str
    given: Given
    sent: list[EntryIn]
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """What one caller hears once all is committed; `made`: the first and the last entry that are new."""

    body: bytes
    caller: Caller
    made: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Known:
    """What was read under a seal, and holds while it is the last: whoever changes any of it leaves another.

    It also holds where the chain only went on from there with the same `changes`: how often the calendar was changed
    by then, and how many agreements had been applied.
    """

    book: Book
    standing: Standing
    agreement: Agreement
    changes: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Ready:
    place: int
    asked: Asked
    caller: Caller
    entries: list[Entry]


def post_together(conn: Connection, secret: bytes, partnership: str, asked: Sequence[Asked], known: Known | None, *,
                  new: bool = False) -> tuple[list[Answered | None], Known | None]:
    """Posts what can be posted at once, and ends the caller's transaction; None for whoever must come alone.

    With it comes what is known from now on. `new`: nobody is taken to repeat what was asked before, and nothing is
    looked up for it; if somebody does, the database refuses the whole, and the caller begins again without it.
    """
    answers: list[Answered | None] = [None] * len(asked)
    bearers = list(dict.fromkeys(one.bearer for one in asked))
    now = max(one.now for one in asked)
    of = known.book if known else store.book(conn, partnership)
    book, seal, *found = exchange.answers(conn, [
        store.asks_lock(conn, of), store.asks_last_batch(of),
        *(keys.asks_good(secret, bearer, now) for bearer in bearers)])
    known = _known(conn, book, seal, known)
    if known is None:
        return answers, None
    used = set() if new else _used(conn, book, asked)
    ready = _ready(asked, _callers(book, dict(zip(bearers, found, strict=True))), used, known, book)
    good = _good(conn, book, ready, known.standing, new=new)
    if not ready:
        return answers, known
    with bulk.committed(conn):
        shares, stands = good.write(conn, max(one.asked.now for one in ready))
        for one, share in zip(ready, shares, strict=True):
            body = answer(one.asked.sent, share.posted, share.head).model_dump_json(by_alias=True).encode()
            answers[one.place] = Answered(body, one.caller, share.made)
        _record(conn, book, ready, answers)
    return answers, replace(known, standing=stands)


def _record(conn: Connection, book: Book, done: Sequence[_Ready], answers: Sequence[Answered | None]) -> None:
    """Keeps who posted what, and every answer for whoever repeats the request."""
    pairs = [(one, found) for one in done if (found := answers[one.place]) is not None]
    proposals_store.record_all(conn, book, [
        Recording(*found.made, Actor(one.caller.actor, one.caller.person), one.asked.now)
        for one, found in pairs if found.made])
    store.remember_all(conn, book, [(given.key, given.fingerprint, STATUS, found.body, one.asked.now)
                                    for one, found in pairs if (given := one.asked.given).key is not None])


def answer(sent: Sequence[EntryIn], posted: Posted, head: Head, *, dry_run: bool = False) -> EntriesPosted:
    """What a caller hears of entries posted: their numbers, and where the books stand after them."""
    items = [EntryPosted(id=number, reference=one.reference) for number, one in zip(posted.numbers, sent, strict=True)]
    return EntriesPosted(posted=len(sent) - posted.skipped, skipped=posted.skipped, entries=items,
                         ledger=Ledger(entries=head.entries, head=head.hash), dry_run=dry_run)


def _known(conn: Connection, book: Book, seal: store.Sealed | None, before: Known | None) -> Known | None:
    """What holds now; None where no agreement is in force."""
    if before is not None and before.standing.seal == seal:
        return before
    last = before.standing.seal if before is not None else None
    calendar, applied, *follows = exchange.answers(conn, [
        store.asks_changes(book), agreements.asks_applied(book), *([store.asks_follows(book, last)] if last else [])])
    if before is not None and follows == [True] and before.changes == (calendar, applied):  # others have only posted
        return replace(before, book=book, standing=replace(before.standing, seal=seal))
    text = agreements.agreement_text(conn, book)
    return None if text is None else Known(book, posting.standing(conn, book, seal), read_kept(text),
                                           (calendar, applied))


def _callers(book: Book, found: Mapping[str, keys.Key | None]) -> Mapping[str, Caller]:
    """By key, those callers who may post in these books now."""
    return {bearer: key.caller for bearer, key in found.items()
            if key is not None and key.partnership_key in (keys.EVERY, book.key) and "post" in key.caller.rights}


def _used(conn: Connection, book: Book, asked: Sequence[Asked]) -> set[str]:
    return store.remembered_keys(conn, book, [one.given.key for one in asked if one.given.key is not None])


def _ready(asked: Sequence[Asked], callers: Mapping[str, Caller], used: Collection[str], known: Known,
           book: Book) -> list[_Ready]:
    """The requests that can be done at once: by who may, for the first time, of entries that wait for nobody."""
    terms, taken, found = known.agreement.partnership.four_eyes, set(used), []
    for place, one in enumerate(asked):
        caller = callers.get(one.bearer)
        if caller is None or one.given.key in taken:
            continue
        try:
            entries = entries_of(one.sent, known.agreement)
        except Refused:
            continue
        if terms is not None and waits(entries, terms, known.standing.head.entries, book.currency):
            continue
        if one.given.key is not None:
            taken.add(one.given.key)
        found.append(_Ready(place, one, caller, entries))
    return found


def _good(conn: Connection, book: Book, ready: list[_Ready], stands: Standing, *, new: bool) -> Together:
    """All that the books accept; what they refuse is taken out of `ready`."""
    while True:
        try:
            return posting.together(conn, book, [one.entries for one in ready], stands, new=new)
        except Refused as refused:
            places = [place for place, one in enumerate(ready) for _ in one.entries]
            out = {places[fault.index] for fault in refused.faults if fault.index is not None}
            assert out, "the books say which entry they refuse"
            ready[:] = [one for place, one in enumerate(ready) if place not in out]
