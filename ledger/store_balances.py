"""Balances, now and then: sums that are kept, and only the few postings between them and the moment asked for.

`movement` holds what each cell moved in each period so far; `movement_mark` holds the same as it was after every
`EVERY` entries or so, each row only where it had changed since. So what was known after any number of entries is the
marks before it and the postings since the last one, however many entries there are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Subquery, and_, case, func, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from ledger import visibility
from ledger.model import Book, Movement
from ledger.store_books import periods
from ledger.store_chain import head, last_known
from ledger.store_lines import ON_ACCOUNT, cells_of, touching
from ledger.tables import WORDS, account, batch, cell, movement, movement_mark, posting
from ledger.tables import entry as entries_table

EVERY = 2_000
"""The seal that brings the books to another multiple of so many entries is followed by a mark; the triggers say so."""
GROUPS = ("account", *WORDS, "period")  # what balances may be broken down by
_SUMS = ("debit", "credit", "units")


# What is asked

def movements(conn: Connection, of: Book, first: int | None = None, last: int | None = None,
              upto: int | None = None) -> list[Movement]:
    """What each cell moved in each period from number `first` to `last`, in order of account, words, period.

    `upto`: as it was when that many entries had been recorded; a cell that had not moved by then is left out.
    """
    parts = _known(conn, of, upto, lambda number: _within(number, first, last))
    rows = conn.execute(_told(of, _added(parts), *(cell.c[word] for word in WORDS)))
    return sorted((Movement(*row[:8], *map(int, row[8:])) for row in rows if any(row[8:])), key=_in_order)


def dated_movements(conn: Connection, of: Book, start: dt.date, end: dt.date, upto: int | None = None, *,
                    service: str | None = None, account: str | None = None) -> list[Movement]:
    """As `movements`, from the postings of these days (both included): for windows that cut a period.

    `service` and `account` (with those below it): of these alone.
    """
    where = _dated(conn, of, start, end, upto)
    met = touching(account, {"service": service})
    if met:
        where.append(posting.c.cell_key.in_(cells_of(of, *met)))
    rows = conn.execute(_told(of, _added([_posted(of, *where)]), *(cell.c[word] for word in WORDS)))
    return sorted((Movement(*row[:8], *map(int, row[8:])) for row in rows), key=_in_order)


def balances(conn: Connection, of: Book, *, at: dt.date | None = None, known_at: dt.datetime | None = None,
             by: Sequence[str] = ("account",)) -> list[dict[str, Any]]:
    """Balances by any of `GROUPS`, at the end of a day and as known at a moment; both default to now.

    Read from the sums of whole periods; a day inside a period adds that period's postings up to it, or takes off those
    after it, whichever are fewer days. Each row has the groups asked for and `debit`, `credit`, `amount` (debit
    positive, minor units) and `units`.
    """
    assert set(by) <= set(GROUPS), "balances are broken down by account, words or period"
    upto = None if known_at is None else last_known(conn, of, known_at)
    last, days = _cut_at(conn, of, at)
    parts = _known(conn, of, upto, lambda number: _within(number, None, last))
    if days is not None:
        start, end, sign = days
        parts.append(_posted(of, *_dated(conn, of, start, end, upto), sign=sign))
    added = _added(parts)
    columns = {"account": account.c.path, "period": added.c.period_number, **{word: cell.c[word] for word in WORDS}}
    groups = [columns[name] for name in by]
    sums = [func.sum(added.c[name]) for name in _SUMS]
    query = _joined(of, added, *groups, *sums)
    found = sorted(map(tuple, conn.execute(query.group_by(*groups) if by else query)))
    return [_balance(by, row) for row in found if any(row[len(by):])]


def _balance(by: Sequence[str], row: tuple[Any, ...]) -> dict[str, Any]:
    debit, credit, units = map(int, row[len(by):])
    return {**dict(zip(by, row, strict=False)), "debit": debit, "credit": credit, "amount": debit - credit,
            "units": units}


def _cut_at(conn: Connection, of: Book, at: dt.date | None) -> tuple[int | None, tuple[dt.date, dt.date, int] | None]:
    """Up to which period sums count whole (None: no bound), and the days of the one that is cut, to add or take off."""
    if at is None:
        return None, None
    begun = [p for p in periods(conn, of) if p.starts <= at]
    if not begun:
        return -1, None
    cut = begun[-1]
    if at >= cut.ends:
        return cut.number, None
    if at - cut.starts > cut.ends - at:
        return cut.number, (at + dt.timedelta(days=1), cut.ends, -1)
    return (begun[-2].number if len(begun) > 1 else -1), (cut.starts, at, 1)


# From sums, marks and postings: by cell and period, which the words are joined to only then

def _known(conn: Connection, of: Book, upto: int | None, within: Any) -> list[Select[Any]]:
    """Everything recorded, or the first `upto` entries of it: parts that add up to it."""
    m = movement.c
    if upto is None or upto >= head(conn, of).entries:
        return [select(m.cell_key, m.period_number, m.debit, m.credit, m.units)
                .where(m.partnership_key == of.key, *within(m.period_number))]
    number, entries = _mark(conn, of, upto)
    since = _posted(of, entries_table.c.number.between(entries + 1, upto),
                    posting.c.number.between(entries + 1, upto), *within(entries_table.c.period_number))
    marked = (part.where(*within(m.period_number)) for part in _marked(of, number))
    return [*marked, since] if number else [since]


def _mark(conn: Connection, of: Book, upto: int) -> tuple[int, int]:
    """The last batch by entry `upto` that a mark follows, and its last entry; 0 and 0 before the first."""
    c = batch.c
    row = conn.execute(select(c.batch_number, c.last_entry).where(
        c.partnership_key == of.key, c.last_entry <= upto, _crosses()).order_by(c.last_entry.desc()).limit(1)).first()
    return (row[0], row[1]) if row else (0, 0)


def _crosses() -> ColumnElement[bool]:
    """Whether a batch brings the books to another multiple of `EVERY` entries."""
    c = batch.c
    return c.last_entry - c.last_entry % EVERY > c.first_entry - 1 - (c.first_entry - 1) % EVERY


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


def _posted(of: Book, *where: ColumnElement[bool], sign: int = 1) -> Select[Any]:
    """What postings moved, summed as movements are."""
    p, c = posting.c, entries_table.c
    sums = (func.sum(case((p.amount > 0, p.amount), else_=0)), func.sum(case((p.amount < 0, -p.amount), else_=0)),
            func.sum(p.units))
    return (select(p.cell_key, c.period_number, *((one * sign).label(name) for one, name in zip(sums, _SUMS,
                                                                                               strict=True)))
            .select_from(posting).join(entries_table, and_(c.partnership_key == p.partnership_key,
                                                           c.number == p.number))
            .where(p.partnership_key == of.key, *where).group_by(p.cell_key, c.period_number))


def _dated(conn: Connection, of: Book, start: dt.date, end: dt.date, upto: int | None) -> list[ColumnElement[bool]]:
    """Of these days, and no later than entry `upto`, in words that leave the index of the days the one to use.

    Postings know no days: they are bound by the first and the last entry of these, or PostgreSQL would read all that
    there are as soon as the days hold many.
    """
    c = entries_table.c
    days = c.effective_date.between(start, end)
    first, last = conn.execute(select(func.min(c.number + 0), func.max(c.number + 0)).where(
        c.partnership_key == of.key, days)).one()
    bound = posting.c.number.between(first or 0, last or 0)
    return [days, bound, *([c.number + 0 <= upto] if upto is not None else [])]


def _added(parts: list[Select[Any]]) -> Subquery:
    """The parts added up."""
    if len(parts) == 1:
        return parts[0].subquery()
    every = union_all(*parts).subquery()
    return (select(every.c.cell_key, every.c.period_number, *(func.sum(every.c[name]).label(name) for name in _SUMS))
            .group_by(every.c.cell_key, every.c.period_number).subquery())


def _joined(of: Book, added: Subquery, *columns: Any) -> Select[Any]:
    """Sums with their words and accounts, as far as they are seen."""
    on_cell = and_(cell.c.partnership_key == of.key, cell.c.cell_key == added.c.cell_key)
    return (select(*columns).select_from(added).join(cell, on_cell).join(account, ON_ACCOUNT)
            .where(visibility.line(of.partner)))


def _told(of: Book, added: Subquery, *words: Any) -> Select[Any]:
    return _joined(of, added, account.c.path, *words, added.c.period_number, *(added.c[name] for name in _SUMS))


def _within(number: Any, first: int | None, last: int | None) -> list[ColumnElement[bool]]:
    return ([number >= first] if first is not None else []) + ([number <= last] if last is not None else [])


def _in_order(m: Movement) -> tuple[Any, ...]:
    return (m.account, m.kind, m.fund, m.partner, m.service, m.source, m.cost_class, m.period, m.debit, m.credit,
            m.units)
