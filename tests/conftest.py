"""Fresh databases for tests: a copied SQLite file, and a PostgreSQL database made from a template, one a test."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, make_url

from api.database import connect, migrate
from ledger import service
from ledger.model import Book, Entry, Period, Posting
from tests import postgres

NOW = dt.datetime(2024, 10, 1, 9, 0, tzinfo=dt.UTC)
ACCOUNTS = ("assets:bank:core", "assets:bank:carers", "expenses:beds", "expenses:reablement",
            "income:contributions:council:base budget", "income:contributions:nhs:minimum")
QUARTERS = (Period(202401, "FY2024-Q1", dt.date(2024, 4, 1), dt.date(2024, 6, 30)),
            Period(202402, "FY2024-Q2", dt.date(2024, 7, 1), dt.date(2024, 9, 30)),
            Period(202403, "FY2024-Q3", dt.date(2024, 10, 1), dt.date(2024, 12, 31)))
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = connect(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running server with a migrated template database; gone when the session ends."""
    with postgres.server() as url:
        name = f"pb_template_{os.getpid()}"
        _in_database(url, f'CREATE DATABASE "{name}"')
        engine = connect(_database(url, name))
        migrate(engine)
        engine.dispose()
        try:
            yield url
        finally:
            _in_database(url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh, migrated SQLite database."""
    path = tmp_path / "books.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh, migrated PostgreSQL database."""
    with postgres_copy(postgres_server) as url:
        yield url


@contextmanager
def postgres_copy(server: str) -> Iterator[str]:
    """The URL of a copy of the template on a server; gone in the end."""
    name = f"pb_{os.getpid()}_{next(_numbers)}"
    _in_database(server, f'CREATE DATABASE "{name}" TEMPLATE "pb_template_{os.getpid()}"')
    yield _database(server, name)
    _in_database(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each test that asks for it runs on both databases."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a fresh database; the test runs on both."""
    yield from _engine(database_url)


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[Engine]:
    """An engine on a fresh SQLite database."""
    yield from _engine(sqlite_url)


@pytest.fixture
def postgres_engine(postgres_url: str) -> Iterator[Engine]:
    """An engine on a fresh PostgreSQL database."""
    yield from _engine(postgres_url)


@pytest.fixture(scope="session")
def books(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on a migrated SQLite database that no test leaves anything in: each takes back what it did."""
    path = tmp_path_factory.mktemp("books") / "books.db"
    shutil.copyfile(sqlite_template, path)
    yield from _engine(f"sqlite:///{path}")


@pytest.fixture
def book(engine: Engine) -> Book:
    """The books of an invented partnership with a few accounts and three quarters, committed."""
    with engine.begin() as conn:
        return make_book(conn)


@pytest.fixture
def conn(engine: Engine, book: Book) -> Iterator[Connection]:
    """A connection in a transaction on a database that holds `book`; rolled back in the end."""
    with engine.connect() as connection:
        yield connection


def make_book(conn: Connection, id_: str = "northshire") -> Book:
    """Opens the invented partnership's books."""
    made = service.create(conn, id_, "Northshire Integrated Care Partnership", "GBP")
    service.open_accounts(conn, made, ACCOUNTS)
    service.add_periods(conn, made, QUARTERS)
    return made


def spending(reference: str, pence: int, date: dt.date = dt.date(2024, 4, 5), fund: str = "core") -> Entry:
    """An invoice for beds, paid from the fund's bank."""
    return Entry("expenditure", date, reference, "Beds", (
        Posting("expenses:beds", pence, fund, service="beds"), Posting(f"assets:bank:{fund}", -pence, fund)))


def _engine(url: str) -> Iterator[Engine]:
    made = connect(url)
    yield made
    made.dispose()


def _database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _in_database(url: str, sql: str) -> None:
    maintenance = create_engine(url, isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.exec_driver_sql(sql)
    maintenance.dispose()
