"""Statements that were never issued: drafts that show where things stand, or stood at some moment. Reads, never writes.

A draft is what closing the period would have issued, closed years that the close would put right included.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection

from commissioning.assemble import statement as assembled
from commissioning.corrections import correcting_entries
from commissioning.figures import figures
from commissioning.known import current, due_entries, issued, known, movements_of
from commissioning.position import work_out
from commissioning.statement import Statement
from commissioning.store import Issued
from ledger import store as books_store
from ledger.errors import Refused
from ledger.model import Book

DRAFT = 0
"""The issue of a statement that was never issued."""


def draft(conn: Connection, book: Book, period_name: str, now: dt.datetime,
          known_at: dt.datetime | None = None) -> Statement:
    """The statement that closing the period would have issued at a moment, as a draft: nothing is posted or kept.

    Its figures are indicative whatever the period: they become due only by a close.
    """
    moment = now if known_at is None else min(known_at, now)
    upto = books_store.last_known(conn, book, moment)
    agreement = current(conn, book, upto)
    period = agreement.calendar.parse(period_name)
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
    if not as_draft:
        try:
            return issued(conn, book, period_name, issue=issue, known_at=known_at)
        except Refused:
            if known_at is None or issue is not None:
                raise
    drawn = draft(conn, book, period_name, now, known_at)
    return Issued(current(conn, book).calendar.parse(period_name).number, DRAFT, 0, drawn.known_at, write(drawn))
