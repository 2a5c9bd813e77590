"""Every figure that leads to entries is the sum of them, in arrangements of every kind, page by page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from api.database import connect
from api.web import behind
from api.web.behind import Figure
from commissioning import store
from commissioning.statement import Statement
from docs.make_gallery import run
from exports.statement import from_json
from ledger import service as books
from ledger.model import Book

EXAMPLES = Path(__file__).parents[2] / "examples"
SOME = ("northshire-2024", "scottish-borders-2018", "jobcentre-germany", "bolzano-access-point",
        "discharge-fees-sweden", "northern-ireland-trusts", "kotitori-tampere")


@pytest.fixture
def engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A fresh ledger."""
    shutil.copyfile(sqlite_template, tmp_path / "books.db")
    made = connect(f"sqlite:///{tmp_path / 'books.db'}")
    yield made
    made.dispose()


def every_figure(statement: Statement) -> Iterator[Figure]:
    """All figures of a statement that lead to entries."""
    yield from map(behind.service_figure, statement.services)
    for partner in statement.partners:
        yield from (behind.partner_figure(partner, name) for name in ("contribution", "paid"))
    for fund in statement.funds:
        yield from (behind.fund_figure(fund, name) for name in ("received", "paid"))


def added_up(conn: Connection, book: Book, statement: Statement, figure: Figure) -> int:
    """The sum over all pages of entries behind a figure; each page goes on where the one before ended."""
    total, after = 0, 0
    while True:
        page = behind.behind(conn, book, statement, figure, after)
        assert page.before == total, figure.words
        assert page.seen == figure.amount, figure.words
        total = page.after
        if page.next is None:
            return total
        after = page.next


@pytest.mark.parametrize("name", SOME)
def test_the_entries_behind_each_figure_add_up_to_it(name: str, engine: Engine,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    run(EXAMPLES / name, engine)
    monkeypatch.setattr(behind, "PAGE", 7)
    with engine.connect() as conn:
        book = books.list_books(conn)[0]
        for issued in store.issues(conn, book):
            statement = from_json(issued.document)
            for figure in every_figure(statement):
                assert added_up(conn, book, statement, figure) == figure.amount, (statement.period, figure.words)


def test_an_entry_recorded_after_the_statement_is_not_behind_it(engine: Engine) -> None:
    run(EXAMPLES / "northshire-2024", engine)
    with engine.connect() as conn:
        book = books.list_books(conn)[0]
        statement = from_json(store.issues(conn, book)[0].document)
        figure = behind.service_figure(statement.services[0])
        numbers = [one.number for one, _ in behind.behind(conn, book, statement, figure).lines]
    assert numbers
    assert max(numbers) <= statement.entries
