"""A small pool to vary, and the few lines in which a test applies an agreement, posts events and closes periods."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from commissioning import service
from commissioning.events.reading import read_objects
from exports.statement import to_json
from ledger import store
from ledger.model import Book, Head

NOW = dt.datetime(2025, 7, 1, 9, 0, tzinfo=dt.UTC)
Data = dict[str, Any]


def agreement(*versions: Data, **partnership: str) -> Data:
    """An agreement of council and NHS in pounds, by quarters from April, with a reserve; versions as given."""
    return {
        "poolbook": "1",
        "partnership": {"id": "northshire", "name": "Northshire", "currency": "GBP", "year_starts": "04-01",
                        "periods": "quarter", **partnership},
        "partners": {"council": {}, "nhs": {}},
        "agreements": list(versions) or [version()],
    }


def version(**changes: Any) -> Data:
    """Council 40, NHS 60 of 100 pounds; two services of 60 and 40; a variance is shared by contribution."""
    return {
        "id": "s75", "effective": "2024-04-01", "signed": "2024-03-12",
        "funds": {"core": {"kind": "pooled", "host": "council"}},
        "contributions": [line("council", 40), line("nhs", 60)],
        "services": {"home": {"fund": "core", "lead": "council", "budget": 60},
                     "beds": {"fund": "core", "lead": "nhs", "budget": 40}},
        "rules": [rule()],
        **changes,
    }


def line(partner: str, amount: object, **keys: Any) -> Data:
    return {"fund": "core", "partner": partner, "amount": amount, "instalments": "quarterly", **keys}


def rule(overspend: Sequence[Data] = ({"share": {"by": "contribution"}},),
         underspend: Sequence[Data] = ({"return": {"by": "contribution"}},), **keys: Any) -> Data:
    return {"id": "core-risk", "applies_to": {"fund": "core"}, "overspend": list(overspend),
            "underspend": list(underspend), **keys}


def cost(date: str, service_: str, amount: object, **keys: Any) -> Data:
    """An invoice for a service; its reference is its date and service."""
    return {"date": date, "event": "expenditure", "service": service_, "amount": str(amount),
            "reference": f"{date} {service_}", **keys}


def paid(date: str, partner: str, amount: object, **keys: Any) -> Data:
    """A contribution received."""
    return {"date": date, "event": "contribution", "fund": "core", "partner": partner, "amount": str(amount),
            "reference": f"{date} {partner}", **keys}


@dataclass
class Pool:
    """Books under way."""

    conn: Connection
    book: Book

    def take_in(self, *events: Data, **options: Any) -> service.Imported:
        read, unreadable = read_objects(events, self.book.currency)
        return service.import_events(self.conn, self.book, read, NOW, unreadable=unreadable, **options)

    def close(self, *periods: str) -> Data:
        """Closes periods and gives the last one's statement."""
        for period in periods:
            issued = service.close(self.conn, self.book, period, NOW, to_json)
        found: Data = json.loads(issued.document)
        return found

    def apply(self, terms: Data) -> service.Applied:
        return service.apply(self.conn, json.dumps(terms), "agreement.yaml", NOW)

    @property
    def head(self) -> Head:
        return store.head(self.conn, self.book)

    def balances(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for m in store.movements(self.conn, self.book):
            found[m.account] = found.get(m.account, 0) + m.amount
        return {account: amount for account, amount in found.items() if amount}


QUARTERS = ("FY2024-Q1", "FY2024-Q2", "FY2024-Q3", "FY2024-Q4")


@contextmanager
def pool(engine: Engine, terms: Data | None = None) -> Iterator[Pool]:
    """Books with the agreement in force; undone in the end."""
    with engine.connect() as conn:
        applied = service.apply(conn, json.dumps(terms or agreement()), "agreement.yaml", NOW)
        yield Pool(conn, applied.book)


def year(engine: Engine, terms: Data, *events: Data) -> Data:
    """The statement of FY2024 under an agreement, with these events."""
    with pool(engine, terms) as books:
        books.take_in(*events)
        return books.close(*QUARTERS)


def shares(statement: Data) -> dict[str, str]:
    """Each partner's share of the variance."""
    return {name: line["share_of_variance"] for name, line in statement["partners"].items()}


def columns(statement: Data) -> dict[str, str]:
    """What stands in the columns of the services together, where it is not nothing."""
    found: dict[str, int] = {}
    for row in statement["services"]:
        for column in ("reserves", "contested", "unallocated"):
            found[column] = found.get(column, 0) + _minor(row[column])
    return {column: f"{amount / 100:.2f}" for column, amount in found.items() if amount}


def _minor(amount: str) -> int:
    return int(amount.replace(".", ""))
