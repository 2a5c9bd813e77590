"""Citus can spread the tables by partnership: no key, foreign key or check would ever ask another server."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, ForeignKeyConstraint, Table, inspect, text
from sqlalchemy.schema import UniqueConstraint

from api import distribution, row_security
from api.commands import database as work
from api.commands.session import Session
from api.database import connect, migrate, whole_metadata
from api.distribution import KEY, LOCAL, NOT_HELD, REFERENCE, ROOT
from api.refusals import CitusMissing

TABLES = {name: table for name, table in whole_metadata().tables.items() if name not in REFERENCE}


@pytest.fixture
def db(postgres_engine: Engine) -> Iterator[Connection]:
    with postgres_engine.connect() as conn:
        yield conn


def _keys(table: Table) -> Iterator[tuple[str, list[str]]]:
    yield str(table.primary_key.name), [c.name for c in table.primary_key]
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield str(constraint.name), [c.name for c in constraint.columns]
    for index in table.indexes:
        if index.unique:
            yield str(index.name), [c.name for c in index.columns]


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_key_starts_with_the_partnership(table: Table) -> None:
    wrong = [name for name, columns in _keys(table) if columns[0] != KEY and name not in NOT_HELD]
    assert not wrong, f"say in api/distribution.py why, or put {KEY} first: {wrong}"


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_foreign_key_stays_within_the_partnership(table: Table) -> None:
    for key in table.constraints:
        if isinstance(key, ForeignKeyConstraint):
            assert key.column_keys[0] == KEY, key.name
            assert key.elements[0].column.name == KEY, key.name
            assert key.referred_table.name in TABLES, f"{key.name}: reference tables are not pointed at, ours are few"


def test_reference_tables_point_at_no_distributed_one() -> None:
    found = {key.name for name in REFERENCE for key in whole_metadata().tables[name].constraints
             if isinstance(key, ForeignKeyConstraint) and key.referred_table.name not in REFERENCE}
    assert found <= set(NOT_HELD), found


def test_whatever_is_said_of_a_table_is_said_of_one_that_there_is(db: Connection) -> None:
    there = set(inspect(db).get_table_names())
    assert {*REFERENCE, *LOCAL} <= there
    held = {name for table in there for name in _constraints(db, table)}
    assert set(NOT_HELD) <= held
    assert all(name in _constraints(db, table) for name, (table, _) in NOT_HELD.items())


def _constraints(conn: Connection, table: str) -> dict[str, list[str]]:
    """The keys of a table as the database has them, with their columns in order."""
    query = text("""
        SELECT con.conname, array_agg(a.attname::text ORDER BY k.n) FROM pg_constraint con
          CROSS JOIN LATERAL unnest(con.conkey) WITH ORDINALITY AS k(attnum, n)
          JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.attnum
         WHERE con.conrelid = CAST(:name AS regclass) AND con.contype IN ('p', 'u', 'f', 'x') GROUP BY con.conname
        UNION SELECT i.relname, array_agg(a.attname::text ORDER BY k.n) FROM pg_index x
          JOIN pg_class i ON i.oid = x.indexrelid
          CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS k(attnum, n)
          JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
         WHERE x.indrelid = CAST(:name AS regclass) AND x.indisunique GROUP BY i.relname""")
    return {row[0]: row[1] for row in conn.execute(query, {"name": table})}


def test_the_migrated_database_says_the_same(db: Connection) -> None:
    for table in inspect(db).get_table_names():
        if table in REFERENCE or table in LOCAL:
            continue
        found = _constraints(db, table)
        assert found, table
        wrong = {name for name, columns in found.items() if columns[0] != KEY} - set(NOT_HELD)
        assert not wrong, (table, wrong)


def test_every_query_of_a_trigger_names_the_partnership_of_each_table(db: Connection) -> None:
    """So that it stays on the server where the row is: a look-up without it would go to all of them."""
    functions = dict(map(tuple, db.execute(text(
        "SELECT p.proname, p.prosrc FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang "
        "WHERE l.lanname = 'plpgsql' AND p.pronamespace = CAST(current_schema() AS regnamespace)"))))
    assert {"batch_seals", "entry_is_new", "period_fits", "queue"} <= set(functions)
    for name, source in functions.items():
        assert not _astray(source), (name, _astray(source))


def _astray(source: str) -> list[str]:
    """Statements of a function that ask a table of ours without its partnership."""
    tables = "|".join(TABLES)
    found = []
    for one in re.sub(r"--[^\n]*", "", source).split(";"):
        asked = re.findall(rf"\b(?:FROM|JOIN|UPDATE)\s+({tables})\b", one)
        if len(re.findall(r"\bpartnership_key(?:_in)?\s*=|=\s*\w*\.?partnership_key", one)) < len(asked):
            found.append(one.strip())
    return found


def test_a_query_that_forgot_the_partnership_is_found() -> None:
    assert _astray("IF EXISTS (SELECT 1 FROM batch WHERE last_entry > 1) THEN x; END IF")
    assert _astray("SELECT 1 FROM entry e JOIN posting p ON p.number = e.number WHERE e.partnership_key = 1")
    assert not _astray("SELECT 1 FROM batch b WHERE b.partnership_key = NEW.partnership_key AND b.hash = x")


def test_what_is_to_run_comes_in_an_order_that_citus_takes(db: Connection) -> None:
    found = list(distribution.statements(db, shards=8))
    made = [sql for sql in found if "create_" in sql]
    names = [sql.split("'")[1] for sql in made]
    assert set(names) == set(inspect(db).get_table_names()) - set(LOCAL)
    assert len(names) == len(set(names))
    first = next(sql for sql in made if "create_distributed_table" in sql)
    assert first == "SELECT create_distributed_table('partnership', 'partnership_key', shard_count => 8)"
    for name in names:
        if name in REFERENCE:
            assert f"SELECT create_reference_table('{name}')" in made
        elif name != ROOT:
            assert f"SELECT create_distributed_table('{name}', '{KEY}', colocate_with => '{ROOT}')" in made
        before = names[:names.index(name)]
        assert all(key["referred_table"] in (*before, name) for key in inspect(db).get_foreign_keys(name)
                   if key["name"] not in NOT_HELD)
    altering = [sql for sql in found if sql.startswith("ALTER")]
    assert not [sql for sql in altering if "," in sql], "Citus takes one subcommand a statement"
    assert max(map(found.index, altering)) < min(map(found.index, made))


def test_no_policy_is_left_that_asks_another_table(db: Connection) -> None:
    """All but the spreading itself runs on a plain PostgreSQL: what it leaves behind can be looked at."""
    assert db.scalar(text("SELECT count(*) FROM pg_policies"))
    for sql in distribution.statements(db):
        if "create_" not in sql:
            db.exec_driver_sql(sql)
    assert not db.scalar(text("SELECT count(*) FROM pg_policies"))
    assert not db.scalar(text("SELECT count(*) FROM pg_class WHERE relrowsecurity OR relforcerowsecurity"))
    assert not db.scalar(text("SELECT count(*) FROM information_schema.role_table_grants WHERE grantee = :reader "
                              "AND table_schema = current_schema()"), {"reader": row_security.READER})
    assert not set(NOT_HELD) & {name for table in inspect(db).get_table_names() for name in _constraints(db, table)}


def test_after_an_upgrade_the_server_gets_its_grants_and_no_policy(db: Connection) -> None:
    for sql in distribution.statements(db):
        if "create_" not in sql:
            db.exec_driver_sql(sql)
    row_security.secure(db, policies=False)
    assert not db.scalar(text("SELECT count(*) FROM pg_policies"))
    assert db.scalar(text("SELECT has_table_privilege('poolbook_app', 'entry', 'INSERT')"))
    assert not db.scalar(text("SELECT has_table_privilege('poolbook_app', 'entry', 'UPDATE')"))


def test_without_citus_the_statements_are_told_and_not_run(postgres_url: str, sqlite_url: str) -> None:
    found = work.distribute(Session(postgres_url), 32, execute=False)
    assert any("create_distributed_table" in sql for sql in found)
    for url in (postgres_url, sqlite_url):
        with pytest.raises(CitusMissing):
            work.distribute(Session(url), 32, execute=True)
    with connect(postgres_url).connect() as conn:
        assert conn.scalar(text("SELECT count(*) FROM pg_policies"))


@pytest.mark.skipif("POOLBOOK_TEST_CITUS" not in os.environ, reason="POOLBOOK_TEST_CITUS names no Citus coordinator")
def test_citus_spreads_the_tables_and_takes_an_agreement() -> None:
    """On an empty database of a Citus coordinator whose servers have the settings that `distribution.NEEDS` lists."""
    from tests.survival import scene

    url = os.environ["POOLBOOK_TEST_CITUS"]
    engine = connect(url)
    with engine.begin() as conn:
        conn.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS citus")
    migrate(engine)
    work.distribute(Session(url), 8, execute=True)
    scene.prepare(url)
    with engine.connect() as conn:
        assert distribution.spread(conn) == set(inspect(conn).get_table_names()) - set(LOCAL)
    migrate(engine)
    engine.dispose()
