"""Which entries a receipt shows: those that somebody names, and the ones that recorded statements; for a partner, only
what that partner may see.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from commissioning import refusals, store
from commissioning.known import current
from ledger import store as books_store
from ledger.errors import PoolbookError, Refused
from ledger.model import Book
from ledger.receipt import Receipt
from ledger.refusals import EntryUnknown

DIGITS = 15  # of an entry's number


class NotToBeShown(PoolbookError):
    code = "not-to-be-shown"
    what = "{name!r} is neither an entry's number nor a period"
    remedy = "write for example 12, FY2024-Q1 for its latest statement, or FY2024-Q1/2 for the second issue of it"


def wanted(conn: Connection, book: Book, names: Sequence[str], partner: str = "") -> list[int]:
    """The entries of these names: a number, a period (its latest statement) or a period with an issue.

    `book` is open to all eyes. For a partner, an entry that it may not see whole is unknown like one that is not there.
    """
    faults: list[PoolbookError] = []
    numbers: list[int] = []
    for name in names:
        try:
            number = _number(conn, book, name)
            if partner and not _may_see(conn, book, number, partner):
                raise EntryUnknown(number=number)
            numbers.append(number)
        except PoolbookError as fault:
            faults.append(fault)
    if faults:
        raise Refused(faults)
    return numbers


def _number(conn: Connection, book: Book, name: str) -> int:
    if name.isascii() and name.isdigit() and len(name) <= DIGITS:
        return books_store.entry(conn, book, int(name)).number
    named, _, issue = name.partition("/")
    if not named.startswith("FY") or (issue and not (issue.isascii() and issue.isdigit())):
        raise NotToBeShown(name=name[:40])
    period = current(conn, book).calendar.parse(named)
    found = [one for one in store.issues(conn, book, period) if issue in ("", str(one.issue))]
    if not found:
        raise refusals.StatementMissing(period=period.id)
    return found[-1].entry_number


def _may_see(conn: Connection, book: Book, number: int, partner: str) -> bool:
    """Whether a partner sees the entry with all its texts, as `ledger.visibility` says."""
    entry = books_store.entry(conn, book, number).entry
    return books_store.find(conn, replace(book, partner=partner), entry.kind, entry.reference) is not None


def documents(receipts: Iterable[Receipt]) -> Mapping[str, tuple[str, int]]:
    """The statements that receipts show: by the SHA-256 of the document, its reference (FY2024-Q1/1) and entry."""
    found = {}
    for receipt in receipts:
        for seen in receipt.seen:
            digest = _document(seen.entry.details) if seen.entry.kind == "statement" else None
            if isinstance(digest, str):
                found[digest] = (seen.entry.reference, seen.number)
    return found


def _document(details: str) -> object:
    try:
        says = json.loads(details)
    except (ValueError, RecursionError):
        return None
    return says.get("sha256") if isinstance(says, dict) else None
