"""What a report looks at beside the statement it rests on: the books as they were when that statement was issued.

Read by the number of entries that the statement was drawn from, so that a report made later is the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from commissioning.closing.known import current, position
from commissioning.closing.position import Position
from ledger import store as books_store
from ledger.calendar import ONE_DAY
from ledger.model import Book, Movement, Period, Recorded

CLAIM_KINDS = ("claim", "recognise", "draw", "resolve")
CASH = ("contribution", "settlement", "payment")
TRANSIT = dt.timedelta(days=14)
"""How long money may be under way: paid on one side of the cut-off and received on the other."""


@dataclass(frozen=True, slots=True)
class Books:
    """The books at the end of a period, as a statement of `entries` entries knew them.

    `position` and movements are of the whole pool; entries are those that the reader may see.
    """

    position: Position
    entries: int
    before: tuple[Movement, ...]
    year: tuple[Movement, ...]
    contributions: tuple[Recorded, ...] = ()
    reserves: tuple[Recorded, ...] = ()
    claims: tuple[Recorded, ...] = ()
    around: tuple[Recorded, ...] = ()  # money with partners within TRANSIT of the cut-off, and late items after it
    head: int = 0  # how many entries were looked through for `around`


def books_of(conn: Connection, book: Book, period_name: str, entries: int) -> Books:
    """The whole pool's books as they were after that many entries."""
    agreement = current(conn, book, entries)
    period = agreement.calendar.parse(period_name)
    first = agreement.calendar.year_of(period.ends).periods()[0].number
    return Books(position(conn, book, agreement, period, entries), entries,
                 tuple(books_store.totals(conn, book, first - 1, entries)),
                 tuple(books_store.movements(conn, book, first=first, last=period.number, upto=entries)))


def with_entries(conn: Connection, book: Book, found: Books, needs: Collection[str], partner: str = "") -> Books:
    """Books with the entries that are to be listed (contributions, reserves, claims, around), as `partner` sees them.

    `around` looks through all that is recorded up to now: only what came later can tell the figures of two sides apart.
    """
    eyes, entries = replace(book, partner=partner), found.entries
    starts, period = found.position.year.starts, found.position.period
    if "contributions" in needs:
        found = replace(found, contributions=tuple(books_store.entries(
            conn, eyes, account="assets:contributions-receivable", start=starts, end=period.ends, upto=entries)))
    if "reserves" in needs:
        found = replace(found, reserves=tuple(books_store.entries(
            conn, eyes, account="reserves", start=starts, end=period.ends, upto=entries)))
    if "claims" in needs:
        found = replace(found, claims=tuple(books_store.entries(
            conn, eyes, kinds=[*CLAIM_KINDS, "reversal"], end=period.ends, upto=entries)))
    return _around(conn, eyes, found, period) if "around" in needs else found


def _around(conn: Connection, eyes: Book, found: Books, period: Period) -> Books:
    moved = books_store.entries(conn, eyes, kinds=CASH, start=period.ends - TRANSIT, end=period.ends + TRANSIT)
    late = books_store.entries(conn, eyes, start=period.ends + ONE_DAY, late=True)
    both = {one.number: one for one in (*moved, *late)}
    return replace(found, around=tuple(both[number] for number in sorted(both)),
                   head=books_store.head(conn, eyes).entries)
