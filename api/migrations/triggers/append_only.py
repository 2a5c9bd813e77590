"""Triggers that keep a table append-only, for tables beside the books; frozen once a migration that uses it is out."""

from __future__ import annotations

from collections.abc import Iterator


def statements(dialect: str, table: str, key: tuple[str, ...]) -> Iterator[str]:
    """The triggers for one table, on SQLite or PostgreSQL; `key` is its primary key, which REPLACE must not meet."""
    if dialect == "sqlite":
        for operation in ("UPDATE", "DELETE"):
            name = f"{table}_no_{operation.lower()}"
            yield (f"CREATE TRIGGER {name} BEFORE {operation} ON {table} "
                   f"BEGIN SELECT RAISE(ABORT, '{name}: what is recorded stays'); END")
        met = " AND ".join(f"{column} = NEW.{column}" for column in key)
        yield (f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - fixed names
               f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {met}) "
               f"BEGIN SELECT RAISE(ABORT, 'pk_{table}: there is one already'); END")
        return
    for operation, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        name = f"{table}_no_{operation.lower()}"
        yield f"CREATE TRIGGER {name} BEFORE {operation} ON {table} FOR EACH {each} EXECUTE FUNCTION never()"
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
