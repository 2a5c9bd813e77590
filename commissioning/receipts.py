"""Which entries a receipt shows: those that somebody names, and the ones that recorded statements; for a partner, only
what that partner may see.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from allocation.discovery import near
from commissioning import store
from commissioning.closing.known import current
from commissioning.refusals.names import PartnerUnknown
from commissioning.refusals.periods import StatementMissing
from ledger import store as books_store
from ledger.errors import PoolbookError, Refused
from ledger.model import Book
from ledger.receipt import Receipt

DIGITS = 15  # of an entry's number


class NotToBeShown(PoolbookError):
    code = "not-to-be-shown"
    what = "{name!r} is neither an entry's number nor a period"
    remedy = "write for example 12, FY2024-Q1 for its latest statement, or FY2024-Q1/2 for the second issue of it"


class NotWhole(PoolbookError):
    code = "entry-not-whole"
    what = "entry {number} names another partner too, so a receipt cannot show the whole of it to {partner}"
    remedy = "take a receipt for the statement instead, which covers every entry up to it"
    status = 403


def wanted(conn: Connection, book: Book, names: Sequence[str], partner: str = "") -> list[int]:
    """The entries of these names: a number, a period (its latest statement) or a period with an issue.

    `book` is open to all eyes. To a partner that may not see an entry, it is unknown like one that is not there.
    """
    if partner and partner not in (known := current(conn, book).partners):
        raise Refused([PartnerUnknown(name=partner, known=", ".join(known), hint=near(partner, known))])
    eyes = replace(book, partner=partner)
    faults: list[PoolbookError] = []
    numbers: list[int] = []
    for name in names:
        try:
            one = books_store.entry(conn, eyes, _number(conn, book, name))
            if not one.content_hash:
                raise NotWhole(number=one.number, partner=partner)
            numbers.append(one.number)
        except PoolbookError as fault:
            faults.append(fault)
    if faults:
        raise Refused(faults)
    return numbers


def _number(conn: Connection, book: Book, name: str) -> int:
    if name.isascii() and name.isdigit() and len(name) <= DIGITS:
        return int(name)
    named, _, issue = name.partition("/")
    if not named.startswith("FY") or (issue and not (issue.isascii() and issue.isdigit())):
        raise NotToBeShown(name=name[:40])
    period = current(conn, book).calendar.parse(named)
    found = [one for one in store.issues(conn, book, period) if issue in ("", str(one.issue))]
    if not found:
        raise StatementMissing(period=period.id)
    return found[-1].entry_number


def documents(receipts: Iterable[Receipt]) -> Mapping[str, tuple[str, int]]:
    """The statements that receipts show: by the SHA-256 of the document, its reference (FY2024-Q1/1) and entry.

    Partners' extracts are among them, each by its own SHA-256.
    """
    found = {}
    for receipt in receipts:
        for seen in receipt.seen:
            for digest, whose in _documents(seen.entry.details) if seen.entry.kind == "statement" else ():
                found[digest] = (f"{seen.entry.reference}{whose}", seen.number)
    return found


def _documents(details: str) -> Iterator[tuple[str, str]]:
    """The digests that a statement's memorandum holds, and of which extract each is."""
    try:
        says = json.loads(details)
    except (ValueError, RecursionError):
        return
    if not isinstance(says, dict):
        return
    extracts = says.get("extracts")
    named = {"": says.get("sha256"), **(extracts if isinstance(extracts, dict) else {})}
    for partner, digest in named.items():
        if isinstance(digest, str):
            yield digest, f", extract for {partner}" if partner else ""
