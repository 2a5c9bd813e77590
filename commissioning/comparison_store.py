"""Where negotiations that were kept under a name are found: every query on their table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from commissioning.tables import negotiation
from ledger.constraints import translated
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
    number = 1 + (conn.scalar(select(func.max(negotiation.c.number)).where(
        negotiation.c.partnership_key == book.key)) or 0)
    with translated():
        conn.execute(insert(negotiation), {
            "partnership_key": book.key, "number": number, "name": one.name, "year": one.year, "entries": one.entries,
            "head": one.head, "asked": one.asked, "result": one.result, "actor": one.actor,
            "roles": " ".join(one.roles), "recorded_at": one.recorded_at})
    return number


def kept(conn: Connection, book: Book, number: int | None = None) -> list[Kept]:
    """Every negotiation that was kept, or the one of a number, in the order in which they were."""
    c = negotiation.c
    query = select(c.name, c.year, c.entries, c.head, c.asked, c.result, c.actor, c.roles, c.recorded_at,
                   c.number).where(c.partnership_key == book.key).order_by(c.number)
    if number is not None:
        query = query.where(c.number == number)
    return [Kept(*row[:7], tuple(row.roles.split()), row.recorded_at, row.number) for row in conn.execute(query)]


def one_kept(conn: Connection, book: Book, number: int) -> Kept:
    """The negotiation of a number. Raises `NegotiationNotKept`."""
    found = kept(conn, book, number)
    if not found:
        raise NegotiationNotKept(number=number)
    return found[0]
