"""What is kept under a name beside the books, by number: scenarios and negotiations are written and found alike."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Table, func, insert, select

from ledger.constraints import translated
from ledger.model import Book

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    K = TypeVar("K", bound=DataclassInstance)


def keep(conn: Connection, table: Table, book: Book, one: DataclassInstance) -> int:
    """Keeps one, whose fields are the table's columns; answers its number. The caller has locked the books."""
    number: int = 1 + (conn.scalar(select(func.max(table.c.number)).where(table.c.partnership_key == book.key)) or 0)
    values: dict[str, Any] = {part.name: getattr(one, part.name) for part in fields(one)}
    with translated():
        conn.execute(insert(table), values | {
            "partnership_key": book.key, "number": number, "roles": " ".join(values["roles"])})
    return number


def kept(conn: Connection, table: Table, kind: type[K], book: Book, number: int | None = None) -> list[K]:
    """All that were kept, or the one of a number, in the order in which they were."""
    query = select(*(table.c[part.name] for part in fields(kind))).where(
        table.c.partnership_key == book.key).order_by(table.c.number)
    if number is not None:
        query = query.where(table.c.number == number)
    return [kind(**{**row._mapping, "roles": tuple(row.roles.split())}) for row in conn.execute(query)]
