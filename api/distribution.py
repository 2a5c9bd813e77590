"""How Citus spreads the tables over servers: by partnership, so that each pool's rows lie together on one of them.

Every key of a distributed table starts with `partnership_key` and every foreign key carries it, so that no check ever
asks another server; `tests/scale` walks the tables and the migrated database and holds both to that. What concerns all
partnerships, and is asked for with each request, is a reference table: small, and whole on every server.
`docs/scaling.md` says what Citus needs besides and what has been run on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, inspect, text

from api.row_security import READER

KEY, ROOT = "partnership_key", "partnership"
SHARDS = 32
REFERENCE: Mapping[str, str] = {
    "api_key": "whose key it is is found by its digest, before any partnership is known",
    "api_key_revocation": "it follows api_key",
    "member": "a person is found by who signed in, before any partnership is known",
    "sql_login": "a login of PostgreSQL is of the whole cluster",
}
"""Tables that are whole on every server, and why."""
LOCAL: Mapping[str, str] = {"alembic_version": "which migrations ran is asked by the coordinator alone"}
"""Tables that stay on the coordinator, and why."""
NOT_HELD: Mapping[str, tuple[str, str]] = {
    "uq_partnership_id": (ROOT, "unique over all servers; there the lock under which books are opened holds it alone"),
    "fk_sql_login_partnership": ("sql_login", "a reference table cannot point at a distributed one"),
}
"""Constraints that Citus cannot hold, with their tables and what that means; `distribute` drops them."""
NEEDS: Mapping[str, str] = {
    "citus.enable_unsafe_triggers": "on",
    "citus.allow_nested_distributed_execution": "on",
    "citus.propagate_set_commands": "local",
}
"""What every server's postgresql.conf says: seals are checked by triggers, whose queries all name the partnership."""


def is_citus(conn: Connection) -> bool:
    """Whether the database has the extension."""
    return conn.dialect.name == "postgresql" and conn.scalar(
        text("SELECT count(*) FROM pg_extension WHERE extname = 'citus'")) == 1


def spread(conn: Connection) -> set[str]:
    """The tables that are spread already."""
    if not is_citus(conn):
        return set()
    return set(conn.scalars(text("SELECT relname FROM pg_dist_partition JOIN pg_class ON pg_class.oid = logicalrelid")))


def settings_missing(conn: Connection) -> list[str]:
    """Which settings this server lacks, as lines for its postgresql.conf."""
    return [f"{name} = {value}" for name, value in NEEDS.items()
            if conn.scalar(text("SELECT current_setting(:name, true)"), {"name": name}) != value]


def statements(conn: Connection, shards: int = SHARDS) -> Iterator[str]:
    """Everything to run on the coordinator of a migrated database, in order, one subcommand a statement.

    Tables that are spread are left alone: run again after an upgrade, it spreads what is new.
    """
    found = inspect(conn)
    tables = _after_those_they_point_at({
        name: {key["referred_table"] for key in found.get_foreign_keys(name)} for name in found.get_table_names()})
    done = {*spread(conn), *LOCAL}
    tables = [name for name in tables if name not in done]
    yield from _without_row_security(conn, tables)
    for name, (table, _reason) in NOT_HELD.items():
        if table in tables:
            yield f"ALTER TABLE {table} DROP CONSTRAINT {name}"
    yield from (f"SELECT create_reference_table('{name}')" for name in tables if name in REFERENCE)
    for name in tables:
        if name == ROOT:
            yield f"SELECT create_distributed_table('{name}', '{KEY}', shard_count => {shards})"
        elif name not in REFERENCE:
            yield f"SELECT create_distributed_table('{name}', '{KEY}', colocate_with => '{ROOT}')"


def _without_row_security(conn: Connection, tables: Sequence[str]) -> Iterator[str]:
    """Policies ask other tables, which Citus takes in none: off, and partners' logins read nothing."""
    yield "DROP VIEW IF EXISTS entry_seen"
    has_reader = conn.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname = :name"), {"name": READER})
    for name in tables:
        policies = conn.scalars(text("SELECT policyname FROM pg_policies WHERE schemaname = current_schema() "
                                     "AND tablename = :name ORDER BY policyname"), {"name": name})
        yield from (f"DROP POLICY {policy} ON {name}" for policy in policies)
        yield f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY"
        if has_reader:
            yield f"REVOKE ALL ON {name} FROM {READER}"


def _after_those_they_point_at(points_at: Mapping[str, set[str]]) -> list[str]:
    """Tables in an order in which each comes after those that its foreign keys name."""
    ordered: list[str] = []
    while left := sorted(set(points_at) - set(ordered)):
        free = [name for name in left if points_at[name] - {name} <= set(ordered)]
        assert free, f"foreign keys in a circle: {left}"
        ordered += free
    return ordered
