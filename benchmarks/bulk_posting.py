"""Bulk posting beside the machine's own limit: the same rows with no checks (SQLite) or the plainest ones (PostgreSQL).

`python -m benchmarks.bulk_posting [--entries 200000] [--runs 5]` prints, for each database, the median rate of both,
their ratio, and the same of the processor time that they took, the server's too. The two take turns, so that a noisy
neighbour troubles both alike.

The limits, for the very same rows. SQLite: executemany of ready-made tuples into plain tables, primary keys only.
PostgreSQL: COPY of ready-made text into tables with primary and foreign keys and a deferred trigger an entry that its
lines total zero. Both commit as durably as the books do. Ours: `service.post` from `Entry` values, every check,
balance and the chain on.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, make_url

from api.database import connect, migrate
from benchmarks import work
from ledger import service
from ledger.model import Book, Entry, Period, Posting
from tests import postgres

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
START = dt.date(2024, 4, 1)
SERVICES = 20
AIMS = {"sqlite": 0.3, "postgresql": 0.5}

ENTRY = """CREATE TABLE raw_entry (partnership_key integer NOT NULL, number bigint NOT NULL,
  batch_number integer NOT NULL, kind text NOT NULL, effective_date {date} NOT NULL, period_number integer NOT NULL,
  reference text NOT NULL, memo text NOT NULL, details text NOT NULL, reverses bigint, belongs_to integer,
  line_count integer NOT NULL, content_hash {bytes} NOT NULL, PRIMARY KEY (partnership_key, number))"""
POSTING = """CREATE TABLE raw_posting (partnership_key integer NOT NULL, number bigint NOT NULL, line integer NOT NULL,
  account_key integer NOT NULL, amount bigint NOT NULL, case_ref text NOT NULL, units bigint NOT NULL,
  PRIMARY KEY (partnership_key, number, line){more})"""
ACCOUNT = """CREATE TABLE raw_account (partnership_key integer, account_key integer,
  PRIMARY KEY (partnership_key, account_key))"""
BALANCED = """CREATE FUNCTION raw_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN IF (SELECT sum(amount) FROM raw_posting
            WHERE partnership_key = NEW.partnership_key AND number = NEW.number) <> 0 THEN
  RAISE EXCEPTION 'unbalanced'; END IF; RETURN NULL; END $$"""
BALANCED_TRIGGER = """CREATE CONSTRAINT TRIGGER raw_balanced AFTER INSERT ON raw_entry DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION raw_balanced()"""
KEYS = """, FOREIGN KEY (partnership_key, number) REFERENCES raw_entry,
  FOREIGN KEY (partnership_key, account_key) REFERENCES raw_account"""


def invoices(count: int) -> Iterator[Entry]:
    """Invoices of twenty services over a year, two postings each."""
    days = [START + dt.timedelta(days=n) for n in range(360)]
    services = [f"service-{n}" for n in range(SERVICES)]
    return (Entry("expenditure", days[n % 360], f"INV-{n:07}", "Invoice of the month", (
        Posting(f"expenses:{services[n % SERVICES]}", 1000 + n, "core", "council", services[n % SERVICES]),
        Posting("assets:bank:core", -1000 - n, "core"))) for n in range(count))


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds that some work took: those that passed, and those of processors."""

    passed: float
    worked: float


def timed(engine: Engine, do: Callable[[], None]) -> Spent:
    """What the work takes."""
    clock = work.clock(engine)
    start, before = time.perf_counter(), clock()
    do()
    return Spent(time.perf_counter() - start, clock() - before)


def fresh_books(engine: Engine, *accounts: str) -> Book:
    """Empty books with a year and the accounts of the invoices, and these."""
    migrate(engine)
    with engine.begin() as conn:
        book = service.create(conn, "northshire", "Northshire", "GBP")
        service.open_accounts(conn, book, ["assets:bank:core", *(f"expenses:service-{n}" for n in range(SERVICES)),
                                           *accounts])
        service.add_periods(conn, book, [Period(202400, "FY2024", START, START + dt.timedelta(days=364))])
    return book


def ours(engine: Engine, entries: list[Entry]) -> Spent:
    """Posting through the service, into fresh books."""
    book = fresh_books(engine)

    def post() -> None:
        with engine.begin() as conn:
            assert len(service.post(conn, book, entries, NOW).numbers) == len(entries)

    return timed(engine, post)


def _entry_rows(entries: list[Entry]) -> Iterator[tuple[Any, ...]]:
    """The rows that ours come to as well; hashes ready-made."""
    return ((1, n, 1, e.kind, e.date.isoformat(), 202400, e.reference, e.memo, "", None, None, 2,
             sha256(e.reference.encode()).digest()) for n, e in enumerate(entries, 1))


def _posting_rows(entries: list[Entry]) -> Iterator[tuple[Any, ...]]:
    return ((1, n, line, 1 + n % SERVICES if line == 1 else 0, p.amount, "", 0)
            for n, e in enumerate(entries, 1) for line, p in enumerate(e.postings, 1))


def _copied(value: Any) -> str:
    if value is None:
        return "\\N"
    return f"\\\\x{value.hex()}" if isinstance(value, bytes) else str(value)


def raw_sqlite(engine: Engine, entries: list[Entry]) -> Spent:
    """The limit on SQLite: executemany, keys only."""
    lines, heads = list(_posting_rows(entries)), list(_entry_rows(entries))
    with engine.begin() as conn:
        conn.exec_driver_sql(ENTRY.format(date="text", bytes="blob"))
        conn.exec_driver_sql(POSTING.format(more=""))

    def insert() -> None:
        with engine.begin() as conn:
            driver: Any = conn.connection.driver_connection
            driver.executemany(f"INSERT INTO raw_entry VALUES ({', '.join('?' * 13)})", heads)
            driver.executemany(f"INSERT INTO raw_posting VALUES ({', '.join('?' * 7)})", lines)

    return timed(engine, insert)


def raw_postgresql(engine: Engine, entries: list[Entry]) -> Spent:
    """The limit on PostgreSQL: COPY, with keys and a deferred trigger that each entry totals zero."""
    heads, lines = ("".join("\t".join(map(_copied, row)) + "\n" for row in rows)
                    for rows in (_entry_rows(entries), _posting_rows(entries)))
    with engine.begin() as conn:
        for sql in (ACCOUNT, ENTRY.format(date="date", bytes="bytea"), POSTING.format(more=KEYS), BALANCED,
                    BALANCED_TRIGGER,
                    f"INSERT INTO raw_account SELECT 1, n FROM generate_series(0, {SERVICES}) n"):
            conn.exec_driver_sql(sql)

    def copy() -> None:
        with engine.begin() as conn:
            driver: Any = conn.connection.driver_connection
            for table, text in (("raw_entry", heads), ("raw_posting", lines)):
                with driver.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as into:
                    into.write(text)

    return timed(engine, copy)


@contextmanager
def fresh_sqlite() -> Iterator[Engine]:
    """A SQLite file of its own."""
    folder = Path(tempfile.mkdtemp(prefix="pb-bench-"))
    engine = connect(f"sqlite:///{folder / 'books.db'}")
    try:
        yield engine
    finally:
        engine.dispose()
        shutil.rmtree(folder)


@contextmanager
def fresh_postgresql(url: str, name: str = "poolbook_bench") -> Iterator[Engine]:
    """A database of its own on the server."""
    admin = connect(url).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        conn.exec_driver_sql(f"CREATE DATABASE {name}")
        conn.exec_driver_sql("CHECKPOINT")
    engine = connect(make_url(url).set(database=name).render_as_string(hide_password=False))
    try:
        yield engine
    finally:
        engine.dispose()
        with admin.connect() as conn:
            conn.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()


def compare(name: str, fresh: Callable[[], Any], raw: Callable[[Engine, list[Entry]], Spent], entries: list[Entry],
            runs: int) -> None:
    """Alternating runs of the limit and of ours, and what they say."""
    limits: list[Spent] = []
    posts: list[Spent] = []
    for _ in range(runs):
        for spent, do in ((limits, raw), (posts, ours)):
            with fresh() as engine:
                spent.append(do(engine, entries))
    limit, post = (len(entries) / statistics.median(one.passed for one in spent) for spent in (limits, posts))
    least, most = (statistics.median(one.worked for one in spent) for spent in (limits, posts))
    passed = [one.passed for one in posts]
    print(f"{name:<11} limit {limit:>9,.0f}/s   posted {post:>9,.0f}/s   ratio {post / limit:.2f} (aim {AIMS[name]})   "
          f"spread {min(passed):.1f}-{max(passed):.1f} s   of processors' time {least / most:.2f} "
          f"({least:.2f} s of {most:.2f})", flush=True)


def main() -> None:
    """Runs the comparison on both databases."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--entries", type=int, default=200_000)
    arguments.add_argument("--runs", type=int, default=5)
    given = arguments.parse_args()
    entries = list(invoices(given.entries))
    print(f"{given.entries:,} entries of two postings, medians of {given.runs} runs by turns", flush=True)
    compare("sqlite", fresh_sqlite, raw_sqlite, entries, given.runs)
    with postgres.server(()) as url:
        compare("postgresql", lambda: fresh_postgresql(url), raw_postgresql, entries, given.runs)


if __name__ == "__main__":
    main()
