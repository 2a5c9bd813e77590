"""The migrations make the tables that the code describes, with every constraint and trigger, each with its error."""

from __future__ import annotations

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, inspect

from api.database import connect, migrate, needs_migration, whole_metadata
from api.migrations.triggers import books_postgresql, books_sqlite
from ledger.constraints import ERRORS
from ledger.tables import metadata

BOOKS = ("partnership", "account", "cell", "period", "period_status", "batch", "entry", "posting", "movement",
         "movement_mark", "idempotency")
OF_SQLITE = ["ix_entry_batch"]  # indexes that PostgreSQL has no use for
APPEND_ONLY = set(BOOKS) - {"movement"}


def triggers(conn: Connection) -> dict[str, str]:
    """Every trigger on the books' tables, with the table it guards."""
    sql = ("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'" if conn.dialect.name == "sqlite" else
           "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
    return {name: table for name, table in conn.exec_driver_sql(sql) if table in BOOKS}


def test_the_tables_are_those_of_the_code(engine: Engine) -> None:
    whole = whole_metadata()
    with engine.connect() as conn:
        found = compare_metadata(MigrationContext.configure(conn), whole)
    lacks = [item.name for what, item in found if what == "add_index"]
    assert lacks == ([] if engine.dialect.name == "sqlite" else OF_SQLITE)
    assert len(found) == len(lacks), found


def test_migrating_again_does_nothing(engine: Engine) -> None:
    assert not needs_migration(engine)
    migrate(engine)


def test_a_new_database_needs_migration() -> None:
    assert needs_migration(connect("sqlite://"))


def test_every_trigger_is_there(engine: Engine) -> None:
    same = {"entry_is_new", "posting_is_new", "batch_seals", "movement_by_seal_insert", "movement_by_seal_update",
            "movement_no_delete", "period_fits", "period_status_follows", "batch_marks", "mark_by_seal",
            *(f"{table}_no_{operation}" for table in APPEND_ONLY for operation in ("update", "delete"))}
    own = ({"movement_kept", *(f"{table}_no_replace" for table in APPEND_ONLY - {"entry", "posting"})}
           if engine.dialect.name == "sqlite" else {f"{table}_no_truncate" for table in BOOKS})
    with engine.connect() as conn:
        assert set(triggers(conn)) == same | own


def test_triggers_fire_always(postgres_engine: Engine) -> None:
    with postgres_engine.connect() as conn:
        modes = conn.exec_driver_sql("SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal "
                                     "AND tgrelid::regclass::text = ANY(%s)", (list(BOOKS),)).all()
    assert {mode for _, mode in modes} == {"A"}


def test_every_constraint_has_a_name_and_an_error(engine: Engine) -> None:
    with engine.connect() as conn:
        names = set(constraints(conn))
    assert names - set(ERRORS) == set()
    assert {str(c.name) for table in BOOKS for c in metadata.tables[table].constraints} <= names


def constraints(conn: Connection) -> list[str]:
    """Primary keys, foreign keys, unique keys and checks of the books, by name."""
    found: list[str] = []
    inspector = inspect(conn)
    for table in BOOKS:
        named = [inspector.get_pk_constraint(table), *inspector.get_foreign_keys(table),
                 *inspector.get_unique_constraints(table), *inspector.get_check_constraints(table),
                 *(index for index in inspector.get_indexes(table) if index["unique"])]
        assert all(item["name"] for item in named), f"{table} has a constraint without a name"
        found += [str(item["name"]) for item in named]
    return found


@pytest.mark.parametrize("statements", [list(books_sqlite.statements()), list(books_postgresql.statements("public"))])
def test_every_rule_that_a_trigger_names_has_an_error(statements: list[str]) -> None:
    whole = "\n".join(statements)
    rules = set(re.findall(r"RAISE\(ABORT, '(\w+): ", whole)) | set(re.findall(r"refuse\('(\w+)'", whole))
    by_own_name = set(re.findall(r"CREATE TRIGGER (\w+_no_\w+)", whole))
    assert rules
    assert (rules | by_own_name) - set(ERRORS) == set()
