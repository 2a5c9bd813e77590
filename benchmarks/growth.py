"""How the books grow on PostgreSQL: half a year of invoices a step, and what posting, reading and closing cost then.

`python -m benchmarks.growth [--to 10000000] [--minutes 60] [--database URL] [--out benchmarks/results/growth.csv]`
counts postings. A pool of 20 partners and 100 services; each step imports 250,000 invoices (two postings each) with
every check, chain and balance on, asks for balances and a draft of the statement, and closes its six months.

Without `--database` a server is started and gone in the end. With it the books stay: started again, the run goes on
where it stopped, by time or by hand, and adds to the file. `python -m benchmarks.growth_plot` draws the file.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from api.database import connect, migrate, reading
from benchmarks import work
from benchmarks.bulk_posting import fresh_postgresql
from benchmarks.closing import SERVICES, agreement
from commissioning import service
from commissioning.closing import drafts
from commissioning.events.model import Event
from exports.statement import to_json
from ledger import store
from ledger.model import Book
from ledger.refusals import PartnershipUnknown
from tests import postgres

RESULT = Path(__file__).parent / "results" / "growth.csv"
FIRST_YEAR, ENTRIES, CHUNK, ASKED = 2024, 250_000, 50_000, 10
RECORDED = dt.datetime(2046, 1, 1, tzinfo=dt.UTC)  # the first step; each next one a day later


@dataclass(frozen=True, slots=True)
class Step:
    """What one step came to: processor time of this step, ours and the server's (`passed_s`: the time that passed to
    post it); bytes of the whole database then."""

    postings: int
    entries: int
    passed_s: float
    post_s: float
    postings_a_second: float
    entry_table: int
    entry_indexes: int
    posting_table: int
    posting_indexes: int
    other: int
    balances_ms: float  # all accounts, as they stand
    as_of_ms: float  # all accounts, at a day inside a month
    known_at_ms: float  # all accounts, as known before this step
    statement_s: float  # a draft of the month that is to be closed
    close_s: float  # the median of six months


def invoices(step: int) -> list[Event]:
    """The invoices of half a year, spread over its days and the services."""
    start = first_day(step)
    days = (first_day(step + 1) - start).days
    return [Event(start + dt.timedelta(days=n * days // ENTRIES), "expenditure", f"INV-{step}-{n}",
                  amount=4_000 + n % 997, service=f"s{n % SERVICES:02d}") for n in range(ENTRIES)]


def first_day(step: int) -> dt.date:
    year, half = FIRST_YEAR + step // 2, step % 2
    return dt.date(year, 10 if half else 4, 1)


def months(step: int) -> list[str]:
    """The six periods of a step, by their ids."""
    first = 7 if step % 2 else 1
    return [f"FY{FIRST_YEAR + step // 2}-M{month:02}" for month in range(first, first + 6)]


def take(engine: Engine, book: Book, step: int, before: int) -> Step:
    """One step, from its first invoice to its last close."""
    now, clock = RECORDED + dt.timedelta(days=step), work.clock(engine)
    events = invoices(step)
    began, worked = time.perf_counter(), clock()
    with engine.begin() as conn:
        for start in range(0, ENTRIES, CHUNK):
            service.import_events(conn, book, events[start:start + CHUNK], now)
    passed, post = time.perf_counter() - began, clock() - worked
    del events
    gc.collect()
    settle(engine)
    inside = first_day(step) + dt.timedelta(days=74)
    earlier = now - dt.timedelta(hours=1)
    with reading(engine).begin() as conn:
        balances, as_of, known_at = (asked(clock, 1000, ask) for ask in (
            lambda: store.balances(conn, book), lambda: store.balances(conn, book, at=inside),
            lambda: store.balances(conn, book, known_at=earlier)))
        statement = asked(clock, 1, lambda: drafts.issued_or_draft(conn, book, months(step)[0], now, to_json,
                                                                   as_draft=True))
    closes = [timed(clock, partial(close, engine, book, month, now)) for month in months(step)]
    with reading(engine).begin() as conn:
        entries = store.head(conn, book).entries
        postings = conn.scalar(text("SELECT count(*) FROM posting"))
        entry_table, entry_indexes, posting_table, posting_indexes, other = sizes(conn)
    return Step(postings, entries, round(passed, 2), round(post, 2), round((postings - before) / post), entry_table,
                entry_indexes, posting_table, posting_indexes, other, balances, as_of, known_at, statement,
                round(statistics.median(closes), 3))


def close(engine: Engine, book: Book, period: str, now: dt.datetime) -> None:
    with engine.begin() as conn:
        service.close(conn, book, period, now, to_json)


def settle(engine: Engine) -> None:
    """What autovacuum would do in its own time, so that no step pays for the one before it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("VACUUM (ANALYZE)")
        conn.exec_driver_sql("CHECKPOINT")


def timed(clock: work.Clock, what: Callable[[], object]) -> float:
    began = clock()
    what()
    return clock() - began


def asked(clock: work.Clock, per_second: int, what: Callable[[], object]) -> float:
    """The mean of some times, in seconds or in milliseconds; the server's clock ticks a hundred times a second."""
    return round(timed(clock, lambda: [what() for _ in range(ASKED)]) / ASKED * per_second, 3)


def sizes(conn: Connection) -> Iterator[int]:
    """Bytes of the two long tables and of their indexes, and of everything else of ours."""
    of = {row[0]: row[1:] for row in conn.execute(text(
        "SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = CAST(current_schema() AS regnamespace)"))}
    long = [of.pop("entry"), of.pop("posting")]
    for table, indexes in long:
        yield from (table, indexes)
    yield sum(map(sum, of.values()))


def opened(engine: Engine) -> tuple[Book, int]:
    """The books, begun where they are new, and how many steps they have behind them."""
    migrate(engine)
    with engine.begin() as conn:
        try:
            book = store.book(conn, "large")
        except PartnershipUnknown:
            applied = service.apply(conn, agreement(), "growth.yaml", RECORDED - dt.timedelta(days=1))
            return applied.book, 0
        done = len([period for period in store.periods(conn, book) if period.closed]) // 6
        return book, done


def run(engine: Engine, to: int, minutes: float, out: Path) -> None:
    """Takes steps until there are so many postings, or the time is over; each is written down at once."""
    book, step = opened(engine)
    if not step or not out.exists():
        write(out, [one.name for one in fields(Step)], "w")
    ends = time.monotonic() + minutes * 60
    with reading(engine).begin() as conn:
        postings = conn.scalar(text("SELECT count(*) FROM posting"))
    while postings < to and time.monotonic() < ends:
        done = take(engine, book, step, postings)
        write(out, list(asdict(done).values()), "a")
        postings, step = done.postings, step + 1
        per_entry = sum((done.entry_table, done.entry_indexes, done.posting_table, done.posting_indexes, done.other))
        print(f"growth    {postings:>11,} postings: {done.postings_a_second:,} a second of work, "
              f"{per_entry / done.entries:.0f} bytes an entry, balances {done.balances_ms:.1f} ms, as of "
              f"{done.as_of_ms:.0f} ms, known at {done.known_at_ms:.0f} ms, statement {done.statement_s:.2f} s, close "
              f"{done.close_s:.2f} s", flush=True)


def write(out: Path, row: Sequence[object], mode: str) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open(mode, newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(row)


@contextmanager
def database(url: str) -> Iterator[Engine]:
    """The database named, which stays; or one on a server of its own, which goes."""
    if url:
        engine = connect(url)
        try:
            yield engine
        finally:
            engine.dispose()
        return
    with postgres.server(()) as server, fresh_postgresql(server) as engine:
        yield engine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--to", type=int, default=10_000_000, metavar="POSTINGS")
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--database", default="", metavar="URL")
    parser.add_argument("--out", type=Path, default=RESULT, metavar="FILE")
    given = parser.parse_args()
    with database(given.database) as engine:
        run(engine, given.to, given.minutes, given.out)


if __name__ == "__main__":
    main()
