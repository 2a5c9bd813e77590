"""Runs a random case through the same steps as the command line, in one transaction."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from commissioning import service
from commissioning.events.reading import read_objects
from exports.statement import to_json
from ledger.model import Book
from tests.properties.cases import Case

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


@dataclass
class Run:
    """A case under way: its books, and the statements issued so far, as text by period."""

    conn: Connection
    book: Book
    documents: dict[str, str]

    def statement(self, period: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.documents[period])
        return found

    def statements(self) -> list[dict[str, Any]]:
        return [json.loads(document) for document in self.documents.values()]

    def take_in(self, events: Sequence[dict[str, Any]]) -> service.Imported:
        """Imports events, as `poolbook import` does."""
        read, faults = read_objects(events, "GBP")
        assert not faults, faults
        return service.import_events(self.conn, self.book, read, NOW)

    def close(self, periods: Sequence[str]) -> None:
        for period in periods:
            self.documents[period] = service.close(self.conn, self.book, period, NOW, to_json).document


@contextmanager
def begun(engine: Engine, case: Case) -> Iterator[Run]:
    """The case's agreement in force in empty books; all is undone in the end."""
    with engine.connect() as conn:
        applied = service.apply(conn, json.dumps(case.agreement), "agreement.yaml", NOW)
        yield Run(conn, applied.book, {})


@contextmanager
def ran(engine: Engine, case: Case, events: Sequence[dict[str, Any]] | None = None) -> Iterator[Run]:
    """The case with all its events, and every period closed."""
    with begun(engine, case) as run:
        run.take_in(case.events if events is None else events)
        run.close(case.periods)
        yield run


def figures(statement: dict[str, Any]) -> dict[str, Any]:
    """A statement without what depends on how the ledger came about: moment, head, numbers of entries and of issues."""
    found = {key: value for key, value in statement.items() if key not in ("known_at", "ledger", "issue")}
    if "previous" in found:
        found["previous"] = {key: value for key, value in found["previous"].items() if key != "issue"}
    if "earlier_forecasts" in found:
        found["earlier_forecasts"] = [{key: value for key, value in one.items() if key != "issue"}
                                      for one in found["earlier_forecasts"]]
    return found
