"""Postings with their cells and accounts, as far as they are seen; and which cells meet given words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from ledger import visibility
from ledger.model import Book
from ledger.tables import account, cell, posting

ON_CELL = and_(cell.c.partnership_key == posting.c.partnership_key, cell.c.cell_key == posting.c.cell_key)
ON_ACCOUNT = and_(account.c.partnership_key == cell.c.partnership_key, account.c.account_key == cell.c.account_key)


def touching(path: str | None, words: dict[str, str | None]) -> list[ColumnElement[bool]]:
    """The conditions on a cell and its account that these filters make; `path` finds accounts below it too."""
    found: list[ColumnElement[bool]] = [cell.c[word] == value for word, value in words.items() if value is not None]
    if path is not None:
        below = path + ":"
        found.append(or_(account.c.path == path, func.substr(account.c.path, 1, len(below)) == below))
    return found


def cells_of(of: Book, *conditions: ColumnElement[bool]) -> Select[Any]:
    """The keys of the cells that are seen and meet conditions."""
    return (select(cell.c.cell_key).join(account, ON_ACCOUNT)
            .where(cell.c.partnership_key == of.key, visibility.line(of.partner), *conditions))


def cell_keys_touching(conn: Connection, of: Book, conditions: list[ColumnElement[bool]]) -> list[int]:
    """The keys of the cells that are seen and meet conditions, in order."""
    return sorted(conn.scalars(cells_of(of, *conditions)))


def lines(of: Book, *columns: Any) -> Select[Any]:
    """Postings with their cell and account, as far as they are seen."""
    return (select(*columns).select_from(posting).join(cell, ON_CELL).join(account, ON_ACCOUNT)
            .where(posting.c.partnership_key == of.key, visibility.line(of.partner)))
