"""The partnership that is put under load: how its books are opened, and the application over them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, Engine

from api.access import keys
from api.access.rights import ROLES
from api.app import create_app
from api.database import connect, migrate
from api.settings import Settings
from commissioning import service
from ledger import service as books
from ledger.model import Book
from tests.api.conftest import AGREEMENT, SECRET

ID = "millbrook"
PATH = f"/v1/partnerships/{ID}"
NOW = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)  # the agreement was put in force; later moments are real ones
BUDGET = "{fund: core, lead: nhs, budget: 10000}"


def agreement(budget: int = 10_000) -> str:
    """The partnership's agreement file, with another budget for beds."""
    assert BUDGET in AGREEMENT
    return AGREEMENT.replace(BUDGET, BUDGET.replace("10000", str(budget)))


def prepare(url: str) -> str:
    """Makes the tables and opens the partnership's books; answers an API key that may read and write."""
    engine = connect(url)
    migrate(engine)
    try:
        with engine.begin() as conn:
            book = service.apply(conn, agreement(), "agreement.yaml", NOW).book
            return make_key(conn, book)
    finally:
        engine.dispose()


def make_key(conn: Connection, book: Book | None) -> str:
    return keys.create(conn, SECRET.encode(), book, "of the load", tuple(ROLES), NOW)[1]


def admin_key(engine: Engine) -> str:
    """A key that opens every partnership, and may begin new ones."""
    with engine.begin() as conn:
        return make_key(conn, None)


def app(url: str) -> object:
    return create_app(settings(url))


def settings(url: str) -> Settings:
    """A server that sends nobody away for asking often, and logs nothing but faults."""
    return Settings(database=url, secret=SECRET, key_rate=10**6, address_rate=10**6, log_level="error")


def locked(engine: Engine) -> None:
    """Waits until whatever was asked of the database, by processes alive or dead, is done."""
    with engine.begin() as conn:
        books.open_book(conn, ID, lock=True)
