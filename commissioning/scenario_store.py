"""Where scenarios that were kept under a name are found: every query on their table."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from commissioning.tables import scenario
from ledger.constraints import translated
from ledger.model import Book


@dataclass(frozen=True, slots=True)
class Kept:
    """A scenario as it was worked out: from which state of the books, by whom, in which roles; `report` is JSON."""

    name: str
    year: str
    entries: int
    head: str
    workbook_sha256: str
    report: str
    actor: str
    roles: tuple[str, ...]
    recorded_at: dt.datetime
    number: int = 0


def keep(conn: Connection, book: Book, one: Kept) -> int:
    """Keeps a scenario; answers its number. The caller has locked the books."""
    number = 1 + (conn.scalar(select(func.max(scenario.c.number)).where(
        scenario.c.partnership_key == book.key)) or 0)
    with translated():
        conn.execute(insert(scenario), {
            "partnership_key": book.key, "number": number, "name": one.name, "year": one.year, "entries": one.entries,
            "head": one.head, "workbook_sha256": one.workbook_sha256, "report": one.report, "actor": one.actor,
            "roles": " ".join(one.roles), "recorded_at": one.recorded_at})
    return number


def kept(conn: Connection, book: Book, number: int | None = None) -> list[Kept]:
    """Every scenario that was kept, or the one of a number, in the order in which they were."""
    c = scenario.c
    query = select(c.name, c.year, c.entries, c.head, c.workbook_sha256, c.report, c.actor, c.roles, c.recorded_at,
                   c.number).where(c.partnership_key == book.key).order_by(c.number)
    if number is not None:
        query = query.where(c.number == number)
    return [Kept(*row[:7], tuple(row.roles.split()), row.recorded_at, row.number) for row in conn.execute(query)]
