"""The base of a scenario from the books: one year as it was known when so many entries had been recorded. Reads only.

Books never change what they said, so year and number of entries name a base for good, and it can be made again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import Connection

from commissioning import store
from commissioning.agreement.model import Agreement
from commissioning.books.memoranda import KINDS
from commissioning.closing import known
from commissioning.scenario.base import Base, base_of
from commissioning.scenario.refusals import ScenarioUnknown, ScenarioYearUnknown
from ledger import store as books_store
from ledger.calendar import Year
from ledger.errors import Refused
from ledger.model import Book, Period


def base_at(conn: Connection, book: Book, year_name: str | None = None, entries: int | None = None) -> Base:
    """The base of a year (without one, the last in which something is recorded) by the entries up to a number.

    Raises `Refused` where the books never stood at that number, or the agreement is not in force in that year.
    """
    head = books_store.head(conn, book)
    if entries is not None and entries != head.entries:
        if entries not in {batch.last for batch in books_store.batches(conn, book)}:
            raise Refused([ScenarioUnknown(entries=entries)])
        head = books_store.head_at(conn, book, entries)
    upto = None if entries is None else entries
    agreement, text = known.current(conn, book, upto), store.agreement_text(conn, book, upto)
    assert text is not None, "there is an agreement, for it was read"
    first = agreement.versions()[0].effective
    dates = [*_moved(conn, book, agreement, upto), *_told(conn, book, upto)]
    last = max((day for day in dates if day >= first), default=first)
    year = year_of(agreement, year_name, last)
    as_at = _as_at(agreement, year, dates)
    return base_of(text, agreement, as_at, known.known(conn, book, agreement, as_at, upto),
                   known.known(conn, book, agreement, year.periods()[-1], upto), head)


def year_of(agreement: Agreement, name: str | None, last: dt.date) -> Year:
    """The year asked for, or that of the last day on which something happened."""
    calendar = agreement.calendar
    year = calendar.year_of(last) if name is None else calendar.year_of(calendar.parse(name).ends)
    versions = agreement.versions()
    if not [v for v in versions if v.effective <= year.ends and (v.until or year.ends) >= year.starts]:
        first = calendar.year_of(versions[0].effective).number
        raise Refused([ScenarioYearUnknown(year=f"FY{year.number}", first=f"FY{first}")])
    return year


def _as_at(agreement: Agreement, year: Year, dates: Iterable[dt.date]) -> Period:
    """The last period of the year of which the books know something; the first in which the agreement is in force."""
    first = max(year.starts, agreement.versions()[0].effective)
    last = max((day for day in dates if first <= day <= year.ends), default=first)
    return next(period for period in year.periods() if period.starts <= last <= period.ends)


def _moved(conn: Connection, book: Book, agreement: Agreement, upto: int | None) -> list[dt.date]:
    """The last days of the periods in which money moved."""
    numbers = {m.period for m in books_store.movements(conn, book, upto=upto)}
    calendar = agreement.calendar
    return [period.ends for number in {n // 100 for n in numbers} for period in calendar.year(number).periods()
            if period.number in numbers]


def _told(conn: Connection, book: Book, upto: int | None) -> list[dt.date]:
    return [one.entry.date for one in books_store.memoranda(conn, book, KINDS, None, dt.date.max, upto)]
