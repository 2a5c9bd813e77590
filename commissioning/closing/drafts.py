"""Statements that were never issued: drafts that show where things stand, or stood at some moment. Reads, never writes.

A draft is what closing the period would have issued, closed years that the close would put right included.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable
from dataclasses import replace

from sqlalchemy import Connection

from commissioning.agreement.model import Agreement
from commissioning.books.figures import figures
from commissioning.closing.assemble import statement as assembled
from commissioning.closing.corrections import correcting_entries
from commissioning.closing.known import current, due_entries, issued, known, movements_of
from commissioning.closing.position import work_out
from commissioning.statement import Statement
from commissioning.store import Issued
from ledger import store as books_store
from ledger.errors import Refused
from ledger.model import Book, Period

DRAFT = 0
"""The issue of a statement that was never issued."""
Keep = Callable[[Hashable, Callable[[], Statement]], Statement]
"""Answers the draft that is kept under a key, or makes it."""


def _kept_nowhere(_key: Hashable, make: Callable[[], Statement]) -> Statement:
    return make()


def draft(conn: Connection, book: Book, period_name: str, now: dt.datetime,
          known_at: dt.datetime | None = None, keep: Keep = _kept_nowhere) -> Statement:
    """The statement that closing the period would have issued at a moment, as a draft: nothing is posted or kept.

    Its figures are indicative whatever the period: they become due only by a close. `keep` may answer one that was
    drawn before: while the chain's head and what was known are the same, a draft is, but for its moment.
    """
    moment = now if known_at is None else min(known_at, now)
    upto = books_store.last_known(conn, book, moment)
    agreement = current(conn, book, upto)
    period = agreement.calendar.parse(period_name)
    key = (book, period.id, upto, books_store.head(conn, book).hash)
    return replace(keep(key, lambda: _drawn(conn, book, agreement, period, upto, moment)), known_at=moment)


def _drawn(conn: Connection, book: Book, agreement: Agreement, period: Period, upto: int,
           moment: dt.datetime) -> Statement:
    redone = correcting_entries(conn, book, agreement, period, DRAFT, upto)
    books = known(conn, book, agreement, period, upto, redone)
    found = work_out(agreement, period, books)
    would = movements_of(due_entries(conn, book, found, DRAFT, upto, redone), period)
    after = figures(books.before, [*books.year, *would])
    drawn = assembled(replace(found, figures=after), books_store.head_at(conn, book, upto), moment, DRAFT)
    return replace(drawn, indicative=True)


def compared(conn: Connection, book: Book, period_name: str, now: dt.datetime, write: Callable[[Statement], str],
             first: int | None = None, last: int | None = None) -> tuple[Issued, Issued]:
    """Two issues of a statement to be compared: without `last` the latest, without `first` the one before that.

    0 as the last is a draft of how the statement would be now.
    """
    if last == DRAFT:
        after = issued_or_draft(conn, book, period_name, now, write, as_draft=True)
        return issued(conn, book, period_name, issue=first), after
    after = issued(conn, book, period_name, issue=last)
    return issued(conn, book, period_name, issue=after.issue - 1 if first is None else first), after


def issued_or_draft(conn: Connection, book: Book, period_name: str, now: dt.datetime,
                    write: Callable[[Statement], str], *, issue: int | None = None,
                    known_at: dt.datetime | None = None, as_draft: bool = False) -> Issued:
    """A statement as it was issued; asked for as a draft, or as known before it was first issued, a draft of it.

    A draft has the issue 0 and the entry 0, which no issued statement has.
    """
    found = issued_else_draft(conn, book, period_name, now, issue=issue, known_at=known_at, as_draft=as_draft)
    if isinstance(found, Issued):
        return found
    return Issued(current(conn, book).calendar.parse(period_name).number, DRAFT, 0, found.known_at, write(found))


def issued_else_draft(conn: Connection, book: Book, period_name: str, now: dt.datetime, *, issue: int | None = None,
                      known_at: dt.datetime | None = None, as_draft: bool = False,
                      keep: Keep = _kept_nowhere) -> Issued | Statement:
    """The same, where a draft need not be written down."""
    if not as_draft:
        try:
            return issued(conn, book, period_name, issue=issue, known_at=known_at)
        except Refused:
            if known_at is None or issue is not None:
                raise
    return draft(conn, book, period_name, now, known_at, keep)
