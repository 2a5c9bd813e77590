"""Opens the database, SQLite or PostgreSQL, with the settings the books rely on, and brings its tables up to date."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, inspect, make_url, text

from api import distribution, row_security
from api.refusals import DatabaseLater
from ledger import tables

if TYPE_CHECKING:
    from alembic.config import Config

ROOMS_WITH_TABLES = ("ledger", "contributions", "commissioning", "api")
BUSY_MS = 30_000  # how long a writer on SQLite waits for another before it gives up
_MIGRATION_LOCK = 0x706F6F6C  # any number will do, as long as every process takes the same one


def connect(url: str) -> Engine:
    """An engine whose transactions are durable and whose writers queue: BEGIN IMMEDIATE, or READ COMMITTED."""
    if url.startswith("postgres://"):
        url = url.replace("postgres://", "postgresql://", 1)
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url)
    engine = create_engine(url, isolation_level="READ COMMITTED", pool_pre_ping=True, hide_parameters=True)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def reading(engine: Engine) -> Engine:
    """The same database for those who only read: one unchanging view a transaction, and no writer waits for it."""
    return engine.execution_options(poolbook_reads=True)


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "reset", _end_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transactions would begin late and let DDL survive a rollback: begin them ourselves.
    connection.isolation_level = None
    for pragma in ("foreign_keys = ON", f"busy_timeout = {BUSY_MS}", "journal_mode = WAL", "synchronous = FULL",
                   "cache_size = -65536", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("poolbook_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _end_sqlite(connection: Any, _record: object, _state: object) -> None:
    # A commit that a deferred foreign key refuses leaves the transaction open on SQLite.
    if connection.in_transaction:
        connection.rollback()


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("poolbook_reads", False):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def whole_metadata() -> MetaData:
    """The tables of every room, as the migrations must make them."""
    for room in ROOMS_WITH_TABLES:
        if find_spec(f"{room}.tables"):
            import_module(f"{room}.tables")
    return tables.metadata


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _current(connection: Connection) -> str:
    """The last migration that the database has seen; empty for one without tables."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")) or "")


def _wanted() -> str:
    """The last migration that there is. They are numbered in one line, so that Alembic need not be asked: it takes a
    tenth of a second to import, which every command would pay."""
    return max(path.name[:4] for path in (Path(__file__).parent / "migrations" / "versions").glob("0*.py"))


def version(engine: Engine) -> str:
    """The last migration that the database has seen; empty for one without tables. Refuses that of a later Poolbook."""
    with reading(engine).connect() as connection:
        return not_later(_current(connection))


def not_later(found: str) -> str:
    """The same migration; refuses one that only a later Poolbook knows."""
    if found > (known := _wanted()):
        raise DatabaseLater(found=found, known=known)
    return found


def needs_migration(engine: Engine) -> bool:
    """Whether the database lacks tables that this version of Poolbook uses."""
    return version(engine) != _wanted()


def migrate(engine: Engine) -> None:
    """Brings the tables up to date, all or nothing; does nothing, quickly, when they are."""
    if not needs_migration(engine):
        return
    from alembic import command

    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        command.upgrade(_config(connection), "head")
        if engine.dialect.name == "postgresql":
            row_security.secure(connection, policies=not distribution.spread(connection))
