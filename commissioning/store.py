"""Where applied agreements and issued statements are found: every query on their tables."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, insert, select

from commissioning.tables import agreement, statement
from ledger import store as books
from ledger import visibility
from ledger.exchange import Question
from ledger.model import Book, Movement, Period

_APPLIED = select(func.count()).where(agreement.c.partnership_key == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Issued:
    """A statement as it was issued: `document` is its JSON, kept to the byte."""

    period_number: int
    issue: int
    entry_number: int
    known_at: dt.datetime
    document: str


def agreement_text(conn: Connection, book: Book, upto: int | None = None) -> str | None:
    """The agreement file that was applied last, or None; `upto`: by the time that many entries had been recorded."""
    query = select(agreement.c.text).where(agreement.c.partnership_key == book.key)
    if upto is not None:
        query = query.where(agreement.c.entry_number <= upto)
    return conn.scalar(query.order_by(agreement.c.seq.desc()).limit(1))


def asks_applied(of: Book) -> Question:
    """How many agreement files have been applied."""
    return Question(_APPLIED, {"of": of.key}, lambda rows: int(rows[0][0]))


def agreements(conn: Connection, book: Book) -> list[tuple[int, str]]:
    """Every agreement file applied, with the number of the entry that recorded it."""
    rows = conn.execute(select(agreement.c.entry_number, agreement.c.text)
                        .where(agreement.c.partnership_key == book.key).order_by(agreement.c.seq))
    return [(row.entry_number, row.text) for row in rows]


def keep_agreement(conn: Connection, book: Book, entry_number: int, text: str) -> None:
    seq = conn.scalar(select(func.count()).select_from(agreement).where(agreement.c.partnership_key == book.key)) or 0
    conn.execute(insert(agreement), {"partnership_key": book.key, "seq": seq + 1, "entry_number": entry_number,
                                     "text": text})


def issues(conn: Connection, book: Book, period: Period | None = None) -> list[Issued]:
    """Every issue of a period's statement (or of all), the first issue first."""
    query = select(*statement.c["period_number", "issue", "entry_number", "known_at", "document"]).where(
        statement.c.partnership_key == book.key, visibility.statement(book.partner))
    if period is not None:
        query = query.where(statement.c.period_number == period.number)
    return [Issued(*row) for row in conn.execute(query.order_by(statement.c.period_number, statement.c.issue))]


def issue_entries(conn: Connection, book: Book) -> dict[int, dt.datetime]:
    """By the entry that recorded it, when each issue of a statement was issued, in the order of periods and issues."""
    c = statement.c
    rows = conn.execute(select(c.entry_number, c.known_at).where(
        c.partnership_key == book.key, visibility.statement(book.partner)).order_by(c.period_number, c.issue))
    return {row.entry_number: row.known_at for row in rows}


def last_issue(conn: Connection, book: Book, period: Period) -> int:
    """The number of the period's latest issue; 0 where there is none."""
    return conn.scalar(select(func.max(statement.c.issue)).where(
        statement.c.partnership_key == book.key, statement.c.period_number == period.number)) or 0


def last_recorded(conn: Connection, book: Book, period: Period, upto: int | None = None) -> int:
    """The number of the entry that records the period's latest issue (of those `upto` one); 0 where there is none."""
    query = select(func.max(statement.c.entry_number)).where(
        statement.c.partnership_key == book.key, statement.c.period_number == period.number)
    return conn.scalar(query if upto is None else query.where(statement.c.entry_number <= upto)) or 0


def keep_statement(conn: Connection, book: Book, issued: Issued) -> None:
    conn.execute(insert(statement), {
        "partnership_key": book.key, "period_number": issued.period_number, "issue": issued.issue,
        "entry_number": issued.entry_number, "known_at": issued.known_at, "document": issued.document})


def movements_between(conn: Connection, book: Book, starts: dt.date, ends: dt.date, year: list[Movement],
                      upto: int | None = None) -> list[Movement]:
    """What moved from one day to another: from the year's period sums where the days are periods' own, else by day."""
    periods = [p for p in books.periods(conn, book) if p.starts <= ends and p.ends >= starts]
    if periods and periods[0].starts == starts and periods[-1].ends == ends:
        return [m for m in year if periods[0].number <= m.period <= periods[-1].number]
    return books.dated_movements(conn, book, starts, ends, upto)
