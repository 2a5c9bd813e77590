"""What moved, by cell and period: sums that are kept, marks of them, and the few postings between them and a moment.

`movement` holds what each cell moved in each period so far; `movement_mark` holds the same as it was after every
`EVERY` entries or so, each row only where it had changed since. So what was known after any number of entries is the
marks before it and the postings since the last one, however many entries there are. Words are joined to sums elsewhere
(`ledger.store_balances`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Select,
    Subquery,
    and_,
    any_,
    case,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.sql.elements import ColumnElement

from ledger.calendar import ONE_DAY
from ledger.model import Book, Period
from ledger.store_books import periods
from ledger.store_chain import head
from ledger.tables import batch, movement, movement_mark, posting
from ledger.tables import entry as entries_table

EVERY = 2_000
"""The seal that brings the books to another multiple of so many entries is followed by a mark; the triggers say so."""
SUMS = ("debit", "credit", "units")
Within = Callable[[Any], list[ColumnElement[bool]]]
"""From a column of period numbers the conditions that bound it."""


def known(conn: Connection, of: Book, upto: int | None, within: Within) -> list[Select[Any]]:
    """Everything recorded, or the first `upto` entries of it: parts that add up to it."""
    m = movement.c
    if upto is None or upto >= head(conn, of).entries:
        return [select(m.cell_key, m.period_number, m.debit, m.credit, m.units)
                .where(m.partnership_key == of.key, *within(m.period_number))]
    number, entries = _mark(conn, of, upto)
    since = _since(of, entries + 1, upto, within)
    marked = (part.where(*within(m.period_number)) for part in _marked(of, number))
    return [*marked, since] if number else [since]


def of_days(conn: Connection, of: Book, start: dt.date, end: dt.date, upto: int | None) -> list[Select[Any]]:
    """What moved on these days, as parts: whole periods from their sums; of the first and the last one, where they are
    cut, the days in it, or those outside taken off, whichever are fewer."""
    met = [p for p in periods(conn, of) if p.starts <= end and p.ends >= start]
    first, last = (met[0].number, met[-1].number) if met else (0, -1)
    cut: list[Select[Any]] = []
    for p in dict.fromkeys((*met[:1], *met[-1:])):
        inside = max(p.starts, start), min(p.ends, end)
        outside = [days for days in ((p.starts, inside[0] - ONE_DAY), (inside[1] + ONE_DAY, p.ends)) if _length(days)]
        if sum(map(_length, outside)) < _length(inside):
            cut += [_of_period(conn, of, p, days, upto, -1) for days in outside]
        else:
            cut.append(_of_period(conn, of, p, inside, upto))
            first, last = first + (p is met[0]), last - (p is met[-1])
    return [*known(conn, of, upto, lambda number: within(number, first, last)), *cut]


def _length(days: tuple[dt.date, dt.date]) -> int:
    return (days[1] - days[0]).days + 1


def _of_period(conn: Connection, of: Book, its: Period, days: tuple[dt.date, dt.date], upto: int | None,
               sign: int = 1) -> Select[Any]:
    """What the postings of some days of one period moved, or (`sign` -1) that taken off.

    The days' entries come from the index of the days, their postings by number. PostgreSQL is made to find the numbers
    first: in a join, tables that it has not analysed yet looked small to it, and it went through the days once for
    each posting of the books.
    """
    c, p = entries_table.c, posting.c
    dated = [c.partnership_key == of.key, c.effective_date.between(*days),
             *([c.number + 0 <= upto] if upto is not None else [])]  # + 0: else SQLite goes by number, not by day
    lines = select(p.cell_key, literal(its.number).label("period_number"), p.amount, p.units).where(
        p.partnership_key == of.key)
    if conn.dialect.name == "postgresql":
        numbers = func.array(select(c.number).where(*dated).scalar_subquery(), type_=ARRAY(BigInteger))
        return _summed(lines.where(p.number == any_(numbers)), sign)
    return _summed(lines.select_from(entries_table).join(posting, p.number == c.number).where(*dated), sign)


def _since(of: Book, first: int, last: int, within: Within) -> Select[Any]:
    """What the postings of these entries moved; the period of each is looked up by key, whatever a planner may think
    of joins."""
    c, p = entries_table.c, posting.c
    its = (select(c.period_number).where(c.partnership_key == p.partnership_key, c.number == p.number)
           .correlate(posting).scalar_subquery())
    return _summed(select(p.cell_key, its.label("period_number"), p.amount, p.units).where(
        p.partnership_key == of.key, p.number.between(first, last)), within=within)


def _summed(lines: Select[Any], sign: int = 1, within: Within = lambda number: []) -> Select[Any]:
    """Postings summed as movements are. The offset keeps planners from taking the sums into account for how they find
    the lines, and from looking a period up twice."""
    c = lines.offset(0).subquery().c
    sides = case((c.amount > 0, c.amount), else_=0), case((c.amount < 0, -c.amount), else_=0), c.units
    sums = ((func.sum(one) * sign).label(name) for name, one in zip(SUMS, sides, strict=True))
    return (select(c.cell_key, c.period_number, *sums).where(*within(c.period_number))
            .group_by(c.cell_key, c.period_number))


def _mark(conn: Connection, of: Book, upto: int) -> tuple[int, int]:
    """The last batch by entry `upto` that a mark follows, and its last entry; 0 and 0 before the first.

    It is the one in which the last multiple of `EVERY` entries lies that had been sealed by then.
    """
    c, sealed = batch.c, batch.alias().c
    last = (select(sealed.last_entry - sealed.last_entry % EVERY)
            .where(sealed.partnership_key == of.key, sealed.last_entry <= upto)
            .order_by(sealed.last_entry.desc()).limit(1).scalar_subquery())
    row = conn.execute(select(c.batch_number, c.last_entry).where(
        c.partnership_key == of.key, c.last_entry >= last, last > 0).order_by(c.last_entry).limit(1)).first()
    return (row[0], row[1]) if row else (0, 0)


def _marked(of: Book, number: int) -> Iterator[Select[Any]]:
    """What had moved by a mark: what has not moved since, and of the rest the latest marks that are not younger."""
    m, k, later = movement.c, movement_mark.alias("k"), movement_mark.alias("latest")
    same = [of_one.c[name] == m[name] for of_one in (k, later) for name in ("partnership_key", "cell_key",
                                                                             "period_number")]
    latest = (select(func.max(later.c.batch_number)).where(*same[3:], later.c.batch_number <= number)
              .correlate(movement).scalar_subquery())
    yield (select(m.cell_key, m.period_number, m.debit, m.credit, m.units)
           .where(m.partnership_key == of.key, m.batch_number + 0 <= number))
    yield (select(m.cell_key, m.period_number, k.c.debit, k.c.credit, k.c.units).select_from(movement)
           .join(k, and_(*same[:3], k.c.batch_number == latest))
           .where(m.partnership_key == of.key, m.batch_number + 0 > number))


def added_up(parts: list[Select[Any]], period: int | None = None) -> Subquery:
    """The parts added up by cell and period; or each cell's over all of them, as those of one `period`."""
    if len(parts) == 1 and period is None:
        return parts[0].subquery()
    every = union_all(*parts).subquery()
    sums = (func.sum(every.c[name]).label(name) for name in SUMS)
    if period is not None:
        return (select(every.c.cell_key, literal(period).label("period_number"), *sums).group_by(every.c.cell_key)
                .subquery())
    return (select(every.c.cell_key, every.c.period_number, *sums).group_by(every.c.cell_key, every.c.period_number)
            .subquery())


def within(number: Any, first: int | None, last: int | None) -> list[ColumnElement[bool]]:
    return ([number >= first] if first is not None else []) + ([number <= last] if last is not None else [])
