"""Poolbook: `post ROWS COUNT URL` from plain rows into a migrated database; `balances URL` reads every balance.

Posting has every check, the chain and the balances on, and one commit in the end; so have the limits that
`benchmarks.bulk_posting` measures.
"""

from __future__ import annotations

import datetime as dt
import gc
import importlib.metadata
import json
import sys
import time

# ruff: noqa: E402
gc.set_threshold(50_000)  # before the rest is imported, as `poolbook` does

from api.database import connect, migrate, reading
from benchmarks.peers.workload import START, read
from ledger import store
from ledger.model import Book, Entry, Period, Posting

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
BANK = "assets:bank:core"


def post(path: str, count: int, url: str) -> None:
    """Posts the rows and says how long it took: from plain rows to the commit, and from ready-made entries."""
    from ledger import service

    rows = read(path, count)
    engine = connect(url)
    migrate(engine)
    with engine.begin() as conn:
        book = service.create(conn, "northshire", "Northshire", "GBP")
        service.open_accounts(conn, book, [BANK, *dict.fromkeys(f"expenses:{row[2]}" for row in rows)])
        service.add_periods(conn, book, [Period(202400, "FY2024", START, START + dt.timedelta(days=364))])
    began = time.perf_counter()
    entries = [Entry("expenditure", dt.date.fromisoformat(date), reference, "Invoice of the month", (
        Posting(f"expenses:{service_}", pence, "core", "council", service_), Posting(BANK, -pence, "core")))
        for date, reference, service_, pence in rows]
    made = time.perf_counter()
    with engine.begin() as conn:
        assert len(service.post(conn, book, entries, NOW).numbers) == count
    ended = time.perf_counter()
    with reading(engine).begin() as conn:
        _tell(posted=ended - began, inside=ended - made, balances=_balances(conn, book))
    engine.dispose()


def balances(url: str) -> None:
    """Reads every balance, once as a program that starts for it would, and says how long the reading alone took."""
    engine = connect(url)
    with reading(engine).begin() as conn:
        began = time.perf_counter()
        found = _balances(conn, store.book(conn, "northshire"))
        _tell(balances=found, inside=time.perf_counter() - began)
    engine.dispose()


def _balances(conn: object, book: Book) -> dict[str, int]:
    return {row["account"].removeprefix("expenses:").replace(BANK, "bank"): row["amount"]
            for row in store.balances(conn, book)}


def _tell(**said: object) -> None:
    print(json.dumps({"version": importlib.metadata.version("poolbook"), **said}))


if __name__ == "__main__":
    if sys.argv[1] == "post":
        post(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    else:
        balances(sys.argv[2])
