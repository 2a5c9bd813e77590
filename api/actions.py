"""The changes that can be asked for, each done from what is kept of a request: at once, or after its approval.

HTTP and the command line both ask through here; so what is approved is done by the same code as what did not wait.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import nlargest
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from api.refusals import EntryNotReversible
from commissioning import service
from commissioning.bank.rows import Accepted, refuse_posted
from commissioning.books.intake import Progress
from commissioning.events.model import KINDS, Event
from commissioning.events.reading import csv_events, read_objects
from commissioning.proposals.model import Request
from commissioning.proposals.service import Done
from commissioning.service import Applied, Imported
from commissioning.store import Issued
from exports.extract import digests
from exports.present import present
from exports.statement import from_json, to_json
from ledger import service as books
from ledger import store
from ledger.errors import PoolbookError, Refused
from ledger.model import Period, Posted, Recorded
from ledger.money import grouped
from ledger.refusals import AlreadyReversed

if TYPE_CHECKING:  # the shapes of HTTP, for which the command line need not wait
    from api.shapes.entries import EntryIn

MOST_TOLD = 20  # entries or events that are told one by one
Content = Mapping[str, Any]


def do(conn: Connection, partnership: str, request: Request, now: dt.datetime) -> Done[Any]:
    """Makes the change that a kept request asks for, in the caller's transaction."""
    return ACTIONS[request.kind](conn, partnership, request.content, now)


# Requests

def entries_request(sent: Sequence[EntryIn]) -> Request:
    """Journal entries as they were sent."""
    return Request("entries", {"entries": [one.model_dump(mode="json") for one in sent]})


def events_request(*, files: Sequence[tuple[str, str]] = (), objects: Sequence[Mapping[str, Any]] | None = None,
                   late: bool = False, accept_good: bool = False) -> Request:
    """Events as CSV files (name and text), or as a list of objects."""
    given: Content = {"files": [list(file) for file in files]} if objects is None else {"events": list(objects)}
    return Request("events", {**given, "late": late, "accept_good": accept_good})


def bank_request(file: str, taken: Accepted, *, late: bool) -> Request:
    """Events that stand for lines of the bank, which are looked for in the books when these are posted."""
    asked = events_request(files=[(file, taken.events)], late=late)
    return Request(asked.kind, {**asked.content, "bank_lines": taken.lines})


# What each does

def entries(conn: Connection, partnership: str, sent: Sequence[EntryIn], now: dt.datetime) -> Done[Posted]:
    """Posts journal entries, all or none."""
    from api.posting.entries import entries_of

    book = books.open_book(conn, partnership)
    posted = books.post(conn, book, entries_of(sent, service.current(conn, book)), now)
    return Done(posted, lambda: [f"{one.date} {one.reference}{f': {one.memo}' if one.memo else ''}"
                                 for one in sent[:MOST_TOLD]])


def events(conn: Connection, partnership: str, content: Content, now: dt.datetime, *,
           progress: Progress | None = None) -> Done[Imported]:
    """Posts events, all or none; with `accept_good` those without a fault."""
    book = books.open_book(conn, partnership)
    agreement = service.current(conn, book)
    accept_good, currency = content["accept_good"], agreement.currency
    if "bank_lines" in content:
        refuse_posted(conn, book, agreement, content["bank_lines"], file=content["files"][0][0])
    faults: list[PoolbookError] = []
    largest: list[Event] = []
    found = _noting(_read(content, currency, faults, whole=not accept_good), largest)
    done = service.import_events(conn, book, found, now, late=content["late"], accept_good=accept_good,
                                 unreadable=faults, progress=progress)
    return Done(done, lambda: _events_words(largest, done, currency))


def _noting(events: Iterable[Event], largest: list[Event]) -> Iterator[Event]:
    """The events, a few at a time; those of the largest amounts so far are noted."""
    rest = iter(events)
    while some := list(islice(rest, 1_000)):
        of_money = (event for event in chain(largest, some) if event.amount)
        largest[:] = nlargest(MOST_TOLD, of_money, key=lambda event: abs(event.amount or 0))
        yield from some


def _events_words(largest: Sequence[Event], done: Imported, currency: str) -> list[str]:
    posted, skipped, refused = done.posted, done.skipped, len(done.refused)
    words = [f"{posted:,} event posted" if posted == 1 else f"{posted:,} events posted"]
    if skipped:
        words.append(f"{skipped:,} was there already" if skipped == 1 else f"{skipped:,} were there already")
    if refused:
        words.append(f"{refused:,} row refused and left out" if refused == 1 else
                     f"{refused:,} rows refused and left out")
    return words + [f"{e.date} {e.event} {e.service or e.partner or e.fund} {e.reference}: "
                    f"{grouped(e.amount or 0, currency)}" for e in largest]


def _read(content: Content, currency: str, faults: list[PoolbookError], *, whole: bool) -> Iterable[Event]:
    """The events of a request; the faults of those that cannot be read are added to `faults`."""
    if "events" in content:
        found, wrong = read_objects(content["events"], currency)
        faults += wrong
        return found
    return read_files(content["files"], currency, faults, whole=whole)


def read_files(files: Iterable[tuple[str, str | Iterable[str]]], currency: str, faults: list[PoolbookError], *,
               whole: bool = True) -> Iterator[Event]:
    """The events of several CSV files (name, and text or lines), as they are read; what is wrong goes to `faults`.

    A file that is unreadable as a whole is a fault among them; where files need not be taken `whole`, it is refused
    at once, for its good rows cannot be told from the others.
    """
    for name, given in files:
        lines = io.StringIO(given.removeprefix("\ufeff"), newline="") if isinstance(given, str) else given
        try:
            yield from csv_events(lines, currency, name, faults, whole=whole)
        except Refused as refused:
            if not whole:
                raise
            faults += refused.faults


def reversal(conn: Connection, partnership: str, content: Content, now: dt.datetime) -> Done[Recorded]:
    """Undoes one entry that people made. Under a reference that was named, the same again changes nothing."""
    book, number = books.open_book(conn, partnership), content["number"]
    undone = store.entry(conn, book, number).entry
    if undone.kind != "journal" and undone.kind not in KINDS:
        raise EntryNotReversible(number=number, kind=undone.kind)
    if not content["reference"] and number in store.reversed_by(conn, book, [number]):
        raise AlreadyReversed(number=number)
    date = dt.date.fromisoformat(content["date"]) if content["date"] else undone.date
    made = books.reverse(conn, book, number, date, content["reference"] or f"REV-{number}", content["memo"], now)
    return Done(made, lambda: [f"undoes entry {number} of {undone.date}: {undone.kind} {undone.reference}"])


def agreement(conn: Connection, partnership: str, content: Content, now: dt.datetime) -> Done[Applied]:
    """Puts an agreement file in force."""
    done = service.apply(conn, content["text"], content["file"], now)
    assert done.book.id == partnership, "the file is of the partnership that asks"
    return Done(done, lambda: done.changes)


def close(conn: Connection, partnership: str, content: Content, now: dt.datetime) -> Done[Issued]:
    """Closes a period."""
    issued = service.close(conn, books.open_book(conn, partnership), content["period"], now, to_json,
                           digests)
    return Done(issued, lambda: _close_words(issued), issued.document)


def _close_words(issued: Issued) -> list[str]:
    """The statement's verdict and what it means to each partner."""
    statement = from_json(issued.document)
    figures = []
    for line in statement.partners:
        share, left, settled = (grouped(amount, statement.currency) for amount in
                                (line.share_of_variance, line.outstanding, line.settlement))
        figures += [f"{line.id}: {said}" for said, amount in (
            (f"share of variance {share}", line.share_of_variance), (f"outstanding {left}", line.outstanding),
            (f"settlement {settled}", line.settlement)) if amount]
    return [f"closes {statement.period}, issue {issued.issue}", *present(statement).verdict, *figures]


def reopen(conn: Connection, partnership: str, content: Content, now: dt.datetime) -> Done[list[Period]]:
    """Opens a closed period again, and those after it."""
    found = service.reopen(conn, books.open_book(conn, partnership), content["period"], content["reason"], now)
    return Done(found, lambda: [f"opens {', '.join(one.id for one in found)} again: {content['reason']}"])


def _entries(conn: Connection, partnership: str, content: Content, now: dt.datetime) -> Done[Posted]:
    from api.shapes.entries import EntryIn

    return entries(conn, partnership, [EntryIn.model_validate(one) for one in content["entries"]], now)


ACTIONS: Mapping[str, Callable[[Connection, str, Content, dt.datetime], Done[Any]]] = {
    "entries": _entries, "events": events, "reversal": reversal, "agreement": agreement, "close": close,
    "reopen": reopen,
}
