"""Where negotiations that were kept under a name are found, by way of `named_store`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from commissioning import named_store
from commissioning.tables import negotiation
from ledger.errors import PoolbookError
from ledger.model import Book


class NegotiationNotKept(PoolbookError):
    code = "negotiation-not-kept"
    what = "no negotiation is kept under the number {number}"
    remedy = "take a number from the list of negotiations, or post its options again with a name"
    status = 404


@dataclass(frozen=True, slots=True)
class Kept:
    """A negotiation as it was worked out: of which state of the books, by whom, in which roles.

    `asked` has everything by which it can be worked out again, `result` what came of it; both are JSON.
    """

    name: str
    year: str
    entries: int
    head: str
    asked: str
    result: str
    actor: str
    roles: Sequence[str]
    recorded_at: dt.datetime
    number: int = 0


def keep(conn: Connection, book: Book, one: Kept) -> int:
    """Keeps a negotiation; answers its number. The caller has locked the books."""
    return named_store.keep(conn, negotiation, book, one)


def kept(conn: Connection, book: Book, number: int | None = None) -> list[Kept]:
    """Every negotiation that was kept, or the one of a number, in the order in which they were."""
    return named_store.kept(conn, negotiation, Kept, book, number)


def one_kept(conn: Connection, book: Book, number: int) -> Kept:
    """The negotiation of a number. Raises `NegotiationNotKept`."""
    found = kept(conn, book, number)
    if not found:
        raise NegotiationNotKept(number=number)
    return found[0]
