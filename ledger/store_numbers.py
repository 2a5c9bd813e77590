"""Which entries a question is about, by number: looked up in indexes alone, before anything of the entries is read."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, func, select, union_all
from sqlalchemy import text as text_of

from ledger.model import Book
from ledger.store_chain import head
from ledger.tables import entry as entries_table
from ledger.tables import posting

T = TypeVar("T")
_MOST_NUMBERS = 500  # numbers in one IN list
_MOST_CELLS = 100  # looked up in one statement
MOST = 2**62


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which numbers, and of which days, entries are sought."""

    first: int
    last: int | None
    start: dt.date | None
    end: dt.date | None


def numbers_between(conn: Connection, of: Book, bounds: Bounds) -> tuple[int, int]:
    """Between which numbers the entries of these days lie; an empty range where there are none."""
    c = entries_table.c
    first, last = bounds.first, min(bounds.last if bounds.last is not None else MOST, head(conn, of).entries)
    if bounds.start is None or first > last:
        return first, last
    # + 0: else PostgreSQL looks for the lowest by walking the numbers, from the first on, to one of these days
    dated = select(func.min(c.number + 0), func.max(c.number + 0)).where(c.partnership_key == of.key)
    lowest, highest = conn.execute(on_days(dated, bounds.start, bounds.end)).one()
    return (1, 0) if lowest is None else (max(first, lowest), min(last, highest))


def of_cells(conn: Connection, of: Book, cells: Sequence[int], first: int, last: int,
             several: int) -> tuple[list[int], int]:
    """The next entries with a posting in any of these cells, and up to which number these are all of them.

    So many are taken of each cell; beyond the last one of a cell that has more, others may be missing.
    """
    facts = {"book": of.key, "first": first, "last": last, "several": several}
    found: set[int] = set()
    for some in chunks(cells, _MOST_CELLS):
        each = " UNION ALL ".join(
            f"SELECT number, {key:d} FROM (SELECT DISTINCT number FROM posting WHERE partnership_key = :book "  # noqa: S608
            f"AND cell_key = {key:d} AND number BETWEEN :first AND :last ORDER BY number LIMIT :several) AS c{key:d}"
            for key in some)
        taken: dict[int, list[int]] = defaultdict(list)
        for number, key in conn.execute(text_of(each), facts):
            taken[key].append(number)
        for numbers in taken.values():
            found.update(numbers)
            if len(numbers) == several:
                last = min(last, max(numbers))
    return sorted(number for number in found if number <= last), last


def in_cells(conn: Connection, of: Book, cells: Sequence[int], first: int, last: int) -> tuple[list[int], int]:
    """As `of_cells`, of all entries up to the last: for ranges of a few hundred numbers."""
    c, wanted = posting.c, set(cells)
    rows = conn.execute(select(c.number, c.cell_key).where(c.partnership_key == of.key, c.number.between(first, last)))
    return sorted({number for number, key in rows if key in wanted}), last


def of_kinds(conn: Connection, of: Book, kinds: Collection[str]) -> list[int]:
    """The entries of these kinds, which should be few.

    Kinds are asked for one by one and with their references: else SQLite goes through all entries by number.
    """
    c = entries_table.c
    each = [select(c.number).where(c.partnership_key == of.key, c.kind == kind, c.reference > "") for kind in kinds]
    return sorted(conn.scalars(union_all(*each))) if each else []


def late_ones(conn: Connection, of: Book, start: dt.date | None, end: dt.date | None) -> list[int]:
    """The entries of these days that belong to a period that was closed before they came."""
    c = entries_table.c
    return sorted(conn.scalars(on_days(select(c.number).where(
        c.partnership_key == of.key, c.belongs_to.is_not(None)), start, end)))


def reversed_by(conn: Connection, of: Book, numbers: Iterable[int]) -> dict[int, int]:
    """Of these entries, which have been reversed, and by which entry."""
    c = entries_table.c
    found: dict[int, int] = {}
    for some in chunks(sorted(set(numbers))):
        rows = conn.execute(select(c.reverses, c.number).where(c.partnership_key == of.key, c.reverses.in_(some)))
        found.update({row[0]: row[1] for row in rows})
    return found


def on_days(query: Select[Any], start: dt.date | None, end: dt.date | None) -> Select[Any]:
    """A query on entries, of those from one day to another."""
    date = entries_table.c.effective_date
    if start is not None:
        query = query.where(date >= start)
    return query if end is None else query.where(date <= end)


def chunks(items: Sequence[T], most: int = _MOST_NUMBERS) -> Iterator[Sequence[T]]:
    """Few at a time."""
    for start in range(0, len(items), most):
        yield items[start:start + most]
