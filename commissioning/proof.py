"""Is what is kept beside the books what the chain covers? Statements, agreements, and what follows from these.

The entry that recorded a document holds its SHA-256. Whatever stands in the tables without being in an entry itself
(an issue's moment, the order of agreements, the calendar, the currency) is compared with what is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection

from commissioning import store
from commissioning.closing.known import read_kept
from commissioning.store import Issued
from ledger import store as books_store
from ledger.errors import Refused
from ledger.model import Book, Recorded


def digest(text: str) -> str:
    """The SHA-256 by which the chain covers a document that is kept beside it."""
    return hashlib.sha256(text.encode()).hexdigest()


def findings(conn: Connection, book: Book) -> list[str]:
    """What is wrong with the documents kept beside the books, in words; empty when all is sound."""
    notes = {one.number: one for one in books_store.memoranda(conn, book, ("statement", "agreement"))}
    issues, agreements = store.issues(conn, book), store.agreements(conn, book)
    found = [*_statements(issues, notes), *_agreements(agreements, notes)]
    kept = {one.entry_number for one in issues} | {number for number, _ in agreements}
    found += [f"the {one.entry.kind} that entry {number} recorded ({one.entry.reference}) is gone"
              for number, one in notes.items() if number not in kept]
    if agreements and not found:
        found += _calendar(conn, book, [text for _, text in agreements])
    return found


def _statements(issues: Iterable[Issued], notes: dict[int, Recorded]) -> Iterator[str]:
    for one in issues:
        name = f"statement {one.period_number}, issue {one.issue}"
        note = notes.get(one.entry_number)
        says = _says(note, "statement")
        document = _data(one.document)
        if says.get("sha256") != digest(one.document):
            yield f"{name}: not the document that the chain covers"
        elif (says.get("issue"), says.get("period")) != (one.issue, (document.get("period") or {}).get("id")) or (
                note is None or note.period != says.get("period")):
            yield f"{name}: entry {one.entry_number} recorded another one"
        elif _moment(document.get("known_at")) != one.known_at:
            yield f"{name}: kept as issued at {one.known_at}, but the document says {document.get('known_at')}"


def _agreements(agreements: Iterable[tuple[int, str]], notes: dict[int, Recorded]) -> Iterator[str]:
    before = 0
    for number, text in agreements:
        if _says(notes.get(number), "agreement").get("sha256") != digest(text):
            yield f"the agreement applied by entry {number}: not the file that the chain covers"
        if number <= before:
            yield f"the agreement applied by entry {number} is kept out of turn: after that of entry {before}"
        before = number


def _calendar(conn: Connection, book: Book, texts: list[str]) -> Iterator[str]:
    """The partnership and its periods, which the agreements name."""
    try:
        first, last = read_kept(texts[0]).partnership, read_kept(texts[-1])
    except Refused as refused:
        yield f"the agreement applied last cannot be read any more: {refused.faults[0].message}"
        return
    if (book.id, book.name, book.currency) != (first.id, first.name, last.currency):
        yield (f"the books are kept as {book.id}, {book.name}, in {book.currency}; the agreements say {first.id}, "
               f"{first.name}, in {last.currency}")
    known = {p.id: (p.number, p.starts, p.ends) for year in {p.number // 100 for p in books_store.periods(conn, book)}
             for p in last.calendar.year(year).periods()}
    for period in books_store.periods(conn, book):
        if known.get(period.id) != (period.number, period.starts, period.ends):
            yield f"the period {period.id} is kept as {period.starts} to {period.ends}, not as the agreement has it"


def _says(note: Recorded | None, kind: str) -> dict[str, Any]:
    """What a memorandum of that kind records; nothing where there is none."""
    return _data(note.entry.details) if note is not None and note.entry.kind == kind else {}


def _data(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _moment(text: object) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(str(text))
    except ValueError:
        return None
