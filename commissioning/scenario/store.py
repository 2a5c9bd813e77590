"""Where scenarios that were kept under a name are found, by way of `named_store`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection

from commissioning import named_store
from commissioning.tables import scenario
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
    return named_store.keep(conn, scenario, book, one)


def kept(conn: Connection, book: Book, number: int | None = None) -> list[Kept]:
    """Every scenario that was kept, or the one of a number, in the order in which they were."""
    return named_store.kept(conn, scenario, Kept, book, number)
