"""Entries as they are found: one, by reference, or page by page; never more read than a page asks."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from ledger import refusals, visibility
from ledger.model import Book, Entry, Posting, Recorded
from ledger.store_chain import head, last_known
from ledger.store_lines import cell_keys_touching, lines, touching
from ledger.store_numbers import (
    MOST,
    Bounds,
    chunks,
    in_cells,
    late_ones,
    numbers_between,
    of_cells,
    of_kinds,
    on_days,
    reversed_by,
)
from ledger.tables import account, batch, cell, period, posting
from ledger.tables import entry as entries_table

_PAGE = 2_000  # entries read at a time when streaming
_FEW = 8  # numbers taken of each cell at first, where there are many cells
_MANY_CELLS = 16  # so many that it is worth a look whether most entries have one of them
_MOST_AT_ONCE = 256_000  # numbers looked at in one go where few of them meet the filters


def entry(conn: Connection, of: Book, number: int) -> Recorded:
    """The entry of that number; refuses an unknown one."""
    found = _read(conn, of, _headers(of).where(entries_table.c.number == number)) if number < 2**62 else []
    if not found:
        raise refusals.EntryUnknown(number=number)
    return found[0]


def find(conn: Connection, of: Book, kind: str, reference: str) -> Recorded | None:
    """The entry of that kind and reference, if there is one."""
    c = entries_table.c
    found = _read(conn, of, _headers(of).where(c.kind == kind, c.reference == reference,
                                              visibility.whole(of.partner)))
    return found[0] if found else None


def find_reference(conn: Connection, of: Book, reference: str) -> list[Recorded]:
    """The entries of every kind with that reference, in number order."""
    return find_references(conn, of, [reference])[reference]


def find_references(conn: Connection, of: Book, references: Iterable[str]) -> Mapping[str, list[Recorded]]:
    """The entries of every kind with each of these references, in number order; none with one that is not there."""
    found: dict[str, list[Recorded]] = {reference: [] for reference in references}
    for some in chunks(list(found)):
        for one in _read(conn, of, _headers(of).where(entries_table.c.reference.in_(some),
                                                      visibility.whole(of.partner))):
            found[one.entry.reference].append(one)
    return found


def entries(conn: Connection, of: Book, *, account: str | None = None, partner: str | None = None,
            service: str | None = None, fund: str | None = None, source: str | None = None,
            kinds: Collection[str] | None = None,
            start: dt.date | None = None, end: dt.date | None = None, reference: str | None = None,
            text: str | None = None, amount: int | None = None, after: int = 0, limit: int | None = None,
            known_at: dt.datetime | None = None, late: bool = False, upto: int | None = None) -> list[Recorded]:
    """The entries that meet every filter given, in number order, from the one after `after` to the one `upto`.

    `late`: only those that belong to a period closed before they came. `amount`: a posting of so much, either way.
    `account` also finds the accounts below it; account and words must meet on one and the same posting.
    """
    c = entries_table.c
    first, last = after + 1, upto
    if known_at is not None:
        last = min(last if last is not None else MOST, last_known(conn, of, known_at))
    query = on_days(_headers(of), start, end)
    if kinds is not None:
        query = query.where(c.kind.in_(list(kinds)))
    if reference is not None:
        query = query.where(c.reference == reference, visibility.whole(of.partner))
    if text:
        query = query.where(_tells(conn.dialect.name, text), visibility.whole(of.partner))
    if amount is not None:
        query = query.where(lines(of, posting.c.number).where(posting.c.number == c.number, posting.c.amount.in_(
            [amount, -amount])).correlate(entries_table).exists())
    if late:
        query = query.where(c.belongs_to.is_not(None))
    met = touching(account, {"partner": partner, "service": service, "fund": fund, "source": source})
    if limit is not None and reference is None:
        return _sought(conn, of, query, Bounds(first, last, start, end), met, limit)
    if met:
        query = query.where(c.number.in_(lines(of, posting.c.number).where(*met)))
    few = late_ones(conn, of, start, end) if late else (
        of_kinds(conn, of, kinds) if kinds is not None and start is None else None)
    if few is not None and reference is None:
        return _with_lines(conn, of, list(_numbered(conn, query, few, first, last)))
    number = c.number if start is None else c.number + 0  # + 0: else SQLite goes by number, not by day
    query = query.where(number >= first).order_by(None).order_by(number)
    if last is not None:
        query = query.where(number <= last)
    return _read(conn, of, query.limit(limit) if limit is not None else query)


def _tells(dialect: str, wanted: str) -> ColumnElement[bool]:
    """Whether an entry's memo or reference holds these words, in small or capital letters.

    SQLite's LIKE takes small and capital letters for the same, but only those from A to Z; of others the usual ways of
    writing are tried. PostgreSQL is told where these letters suffice, with which it is three times as fast.
    """
    columns = (entries_table.c.memo, entries_table.c.reference)
    if dialect == "sqlite":
        ways = [wanted] if wanted.isascii() else dict.fromkeys(
            (wanted, wanted.lower(), wanted.upper(), wanted.capitalize(), wanted.title()))
        return or_(*(column.contains(way, autoescape=True) for column in columns for way in ways))
    lowered = (func.lower(column.collate("C") if wanted.isascii() else column) for column in columns)
    return or_(*(func.strpos(column, wanted.lower()) > 0 for column in lowered))


def _sought(conn: Connection, of: Book, query: Select[Any], bounds: Bounds, met: list[ColumnElement[bool]],
            limit: int) -> list[Recorded]:
    """The first so many that meet a query, from the first number on: by ranges of numbers, and never a whole history.

    Ranges grow where they hold little. Of postings that meet conditions the numbers come from the index of their
    cells, a few of each cell at a time; of many cells, as long as they take part in much, from the next postings.
    """
    first, last = numbers_between(conn, of, bounds)
    cells = cell_keys_touching(conn, of, met) if met else []
    if met and not cells:
        return []
    rows: list[Row[Any]] = []
    several = max(2 * limit // len(cells), _FEW) if met else max(4 * limit, 200)
    dense = len(cells) > _MANY_CELLS
    while first <= last and len(rows) < limit:
        if met:
            numbers, until = (in_cells(conn, of, cells, first, min(first + 2 * limit, last)) if dense else
                              of_cells(conn, of, cells, first, last, several))
            dense = dense and 4 * len(numbers) > limit
            rows += (row for some in chunks(numbers)
                     for row in conn.execute(query.where(entries_table.c.number.in_(some))))
        else:
            until = min(first + several - 1, last)
            rows += conn.execute(query.where(entries_table.c.number.between(first, until)).limit(limit))
        first, several = until + 1, min(4 * several, _MOST_AT_ONCE)
    return _with_lines(conn, of, rows[:limit])


def _numbered(conn: Connection, query: Select[Any], numbers: Iterable[int], first: int,
              last: int | None) -> Iterator[Row[Any]]:
    """The rows of a query with these numbers, from `first` to `last`."""
    for some in chunks([number for number in numbers if first <= number and (last is None or number <= last)]):
        yield from conn.execute(query.where(entries_table.c.number.in_(some)))


def memoranda(conn: Connection, of: Book, kinds: Collection[str], start: dt.date | None = None,
              end: dt.date | None = None, upto: int | None = None) -> list[Recorded]:
    """The entries of these kinds within these days, up to a number, in number order, without their postings."""
    rows = _numbered(conn, on_days(_headers(of), start, end), of_kinds(conn, of, kinds), 1, upto)
    return [_recorded(row, ()) for row in rows]


def reversals(conn: Connection, of: Book, numbers: Iterable[int], end: dt.date,
              upto: int | None = None) -> list[Recorded]:
    """The entries up to a day and a number that reverse any of these, in number order, without their postings."""
    found = sorted(reversed_by(conn, of, numbers).values())
    return [_recorded(row, ()) for row in _numbered(conn, on_days(_headers(of), None, end), found, 1, upto)]


def all_entries(conn: Connection, of: Book, after: int = 0) -> Iterator[Recorded]:
    """Every entry in number order, or those after one, a page in memory at a time; of one partner, those that it sees
    whole."""
    last, number = head(conn, of).entries, entries_table.c.number
    for start in range(after + 1, last + 1, _PAGE):
        stop = start + _PAGE - 1
        told = _postings(conn, _lines_of_entries(of).where(posting.c.number.between(start, stop)))
        for row in conn.execute(_headers(of).where(number.between(start, stop), visibility.whole(of.partner))):
            yield _recorded(row, told.get(row.number, ()))


def _lines_of_entries(of: Book) -> Select[Any]:
    c, p = cell.c, posting.c
    return lines(of, p.number, account.c.path, p.amount, c.fund, c.partner, c.service, c.source, c.cost_class,
                  p.case_ref, p.units, c.kind).order_by(p.number, p.line)


def _headers(of: Book) -> Select[Any]:
    """Entries with the names of their periods and the moment they were sealed, in number order."""
    c, late = entries_table.c, period.alias("late")
    own = and_(period.c.partnership_key == c.partnership_key, period.c.number == c.period_number)
    about = and_(late.c.partnership_key == c.partnership_key, late.c.number == c.belongs_to)
    seal = and_(batch.c.partnership_key == c.partnership_key, batch.c.batch_number == c.batch_number)
    return (select(c.number, batch.c.recorded_at, c.content_hash, period.c.id.label("period"), c.kind,
                   c.effective_date, c.reference, c.memo, c.details, c.reverses, late.c.id.label("about"),
                   visibility.whole(of.partner).label("whole"))
            .select_from(entries_table).join(batch, seal).outerjoin(period, own).outerjoin(late, about)
            .where(c.partnership_key == of.key, visibility.header(of.partner)).order_by(c.number))


def _read(conn: Connection, of: Book, headers: Select[Any]) -> list[Recorded]:
    return _with_lines(conn, of, conn.execute(headers).all())


def _with_lines(conn: Connection, of: Book, rows: Sequence[Row[Any]]) -> list[Recorded]:
    found: list[Recorded] = []
    for some in chunks(rows):
        numbers = [row.number for row in some]
        # Between: of tables never analysed, PostgreSQL would else read the postings of every cell
        told = _postings(conn, _lines_of_entries(of).where(
            posting.c.number.in_(numbers), posting.c.number.between(min(numbers), max(numbers))))
        found.extend(_recorded(row, told.get(row.number, ())) for row in some)
    return found


def _postings(conn: Connection, query: Select[Any]) -> dict[int, list[Posting]]:
    found: dict[int, list[Posting]] = defaultdict(list)
    for number, *words in conn.execute(query):
        found[number].append(Posting(*words))
    return found


def _recorded(row: Row[Any], lines: Sequence[Posting]) -> Recorded:
    """An entry as it was handed over: a posting says its kind only where it differs from the entry's."""
    own = tuple(Posting(p.account, p.amount, p.fund, p.partner, p.service, p.source, p.cost_class, p.case, p.units,
                        "" if p.kind == row.kind else p.kind) for p in lines)
    if not row.whole:
        return Recorded(row.number, row.recorded_at, "", row.period or "",
                        Entry(row.kind, row.effective_date, visibility.WITHHELD, visibility.WITHHELD, own,
                              reverses=row.reverses, belongs_to=row.about or ""))
    return Recorded(row.number, row.recorded_at, bytes(row.content_hash).hex(), row.period or "",
                    Entry(row.kind, row.effective_date, row.reference, row.memo, own, row.details, row.reverses,
                          row.about or ""))
