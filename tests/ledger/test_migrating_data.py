"""Books written by the first version that had any are brought up to date with the same head, and go on from there.

`kept/books_0001.json` is what that version wrote, row by row in the order in which it did; it is never renewed.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, insert, inspect, make_url

from api.database import _config, connect, migrate, needs_migration
from commissioning import service as commissioning
from ledger import service, store
from ledger.model import Head
from ledger.tables import metadata
from tests.conftest import NOW, make_book, spending
from tests.ledger import test_marks

KEPT = json.loads((Path(__file__).parent / "kept" / "books_0001.json").read_text(encoding="utf-8"))
HEAD = Head(KEPT["heads"]["northshire"]["entries"], KEPT["heads"]["northshire"]["head"])
LATER = NOW + dt.timedelta(days=1)


@pytest.fixture
def empty_engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of the same kind as the test's own."""
    url, name = make_url(database_url), f"{make_url(database_url).database}_old"
    sqlite = url.get_backend_name() == "sqlite"
    if sqlite:
        made = connect(f"sqlite:///{tmp_path / 'old.db'}")
    else:
        _maintain(database_url, f'CREATE DATABASE "{name}"')
        made = connect(url.set(database=name).render_as_string(hide_password=False))
    yield made
    made.dispose()
    if not sqlite:
        _maintain(database_url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _maintain(url: str, sql: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.exec_driver_sql(sql)
    engine.dispose()


def to(engine: Engine, revision: str) -> None:
    with engine.begin() as conn:
        command.upgrade(_config(conn), revision)


def write_as_then(engine: Engine) -> None:
    """The rows that the first version wrote, into its tables; its triggers made the balances, as they do now."""
    with engine.begin() as conn:
        for step in KEPT["steps"]:
            for table, rows in step.items():
                for row in rows:
                    conn.execute(insert(metadata.tables[table]), {name: _value(table, name, value)
                                                                  for name, value in row.items()})


def _value(table: str, name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    kind = type(metadata.tables[table].c[name].type).__name__
    read = {"Day": dt.date.fromisoformat, "Moment": dt.datetime.fromisoformat}.get(kind)
    return read(value) if read else value


def findings(conn: Connection) -> list[str]:
    """What verify says of the books, also against the head that they had then."""
    book = service.open_book(conn, "northshire")
    return [*commissioning.verify(conn, book), *service.verify(conn, book, [HEAD])]


def test_old_books_keep_their_head_and_go_on(empty_engine: Engine) -> None:
    to(empty_engine, "0001")
    write_as_then(empty_engine)
    assert needs_migration(empty_engine)
    assert "proposal" not in inspect(empty_engine).get_table_names()
    migrate(empty_engine)
    assert not needs_migration(empty_engine)
    with empty_engine.begin() as conn:
        book = service.open_book(conn, "northshire")
        assert store.head(conn, book) == HEAD
        assert findings(conn) == []
        assert service.open_book(conn, "ashby").currency == "EUR"
        assert store.remembered(conn, book, "k-1") == store.Remembered(b"\x01" * 32, 201, b'{"posted": 1}')
        assert [p.closed for p in store.periods(conn, book)] == [True, False]
        late = store.find(conn, book, "expenditure", "INV-4")
        assert late is not None
        assert late.entry.belongs_to == "FY2024-Q1"
        service.post(conn, book, [spending("INV-9", 500, dt.date(2024, 7, 5))], LATER)
        assert store.head(conn, book).entries == HEAD.entries + 1
        assert findings(conn) == []


def test_each_migration_keeps_the_head(empty_engine: Engine) -> None:
    to(empty_engine, "0001")
    write_as_then(empty_engine)
    revisions = [one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()]
    for revision in reversed(revisions):
        to(empty_engine, revision)
        with empty_engine.begin() as conn:
            assert store.head(conn, service.open_book(conn, "northshire")) == HEAD, revision


def test_verify_would_find_old_books_that_were_altered(empty_engine: Engine) -> None:
    """The test above can fail: one penny elsewhere, before or after the migration, is found."""
    to(empty_engine, "0001")
    write_as_then(empty_engine)
    migrate(empty_engine)
    with empty_engine.begin() as conn:
        for sql in (("DROP TRIGGER posting_no_update",) if conn.dialect.name == "sqlite" else
                    ("ALTER TABLE posting DISABLE TRIGGER ALL", "ALTER TABLE posting NO FORCE ROW LEVEL SECURITY")):
            conn.exec_driver_sql(sql)
        conn.exec_driver_sql("UPDATE posting SET amount = amount + 1 WHERE number = 1 AND line = 1")
        assert findings(conn)


def test_books_from_before_there_were_marks_get_those_they_would_have(empty_engine: Engine) -> None:
    to(empty_engine, "0006")
    with empty_engine.begin() as conn:
        posted = test_marks.post(conn, make_book(conn))
    migrate(empty_engine)
    with empty_engine.begin() as conn:
        book = service.open_book(conn, "northshire")
        assert service.verify(conn, book) == []
        found = store.movements(conn, book, upto=5000)
        assert {(m.account, m.service, m.period): (m.debit, m.credit, m.units) for m in found} == test_marks.added_up(
            conn, book, posted[:5000])
