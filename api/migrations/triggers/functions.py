"""How a migration puts functions on PostgreSQL in the place of those there were; frozen with those that use it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import sqlalchemy as sa


def put(bind: sa.Connection, statements: Callable[[str], Iterable[str]]) -> None:
    """Executes the statements for the schema in which the tables are; triggers stay with their functions' names."""
    schema = str(bind.scalar(sa.text("SELECT quote_ident(current_schema())")))
    for statement in statements(schema):
        bind.exec_driver_sql(statement.replace("%", "%%"))
