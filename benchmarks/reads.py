"""Reads beside the age of the books: the same question of ten thousand entries and of a million, in one run.

`python -m benchmarks.reads [--entries 1000000] [--runs 5] [--database sqlite|postgresql] [--out FILE]` fills two
ledgers with the same pool (20 partners, 100 services, ten years by quarters; the last year has as many entries in both)
and asks both, by turns: balances now, at a day, as known at a moment; all accounts; the first, a deep and the last page
behind a figure; words; a draft statement and a close. It prints the processor time, ours and the server's together,
which is what would pass on a free machine, and its ratio; the median of what passed; aims and the machine's load. With
`--out` it writes them down; `--table` prints those that are kept in `results/reads.csv` as README.md here has them.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine

from api.database import migrate, reading
from benchmarks import work
from benchmarks.bulk_posting import fresh_postgresql, fresh_sqlite
from benchmarks.closing import agreement
from commissioning import service as commissioning
from commissioning.closing.drafts import draft
from exports.statement import to_json
from ledger import service, store
from ledger.model import Book, Entry, Posting
from tests import postgres

YEARS, SERVICES, LAST_YEAR = 10, 100, 8_000
FIRST = dt.date(2014, 4, 1)
NOW = dt.datetime(2024, 4, 1, tzinfo=dt.UTC)
SMALL = 10_000
RESULT = Path(__file__).parent / "results" / "reads.csv"
COLUMNS = ("database", "question", "passed_few_ms", "passed_many_ms", "busy_few_ms", "busy_many_ms", "ratio", "load")


@dataclass
class Ledger:
    """Filled books, and moments at which batches were sealed in them."""

    engine: Engine
    book: Book
    entries: int
    moment: dt.datetime
    quarter: int = 0


def spread(count: int) -> Iterator[Entry]:
    """So many payments over ten years: all but `LAST_YEAR` of them before the last."""
    older = count - LAST_YEAR
    days = 365 * (YEARS - 1)
    for n in range(count):
        day = n * days // older if n < older else days + 2 + (n - older) * 360 // LAST_YEAR
        yield Entry("expenditure", FIRST + dt.timedelta(days=day), f"INV-{n}", "Invoice of the month", (
            Posting(f"expenses:s{n % SERVICES:02d}", 10_000 + n % 997, "core", service=f"s{n % SERVICES:02d}"),
            Posting("liabilities:providers", -10_000 - n % 997, "core")))


def fill(engine: Engine, count: int, batch: int = 20) -> Ledger:
    """Posts them as many callers at once would: so many under a seal, each sealed an hour after the one before."""
    migrate(engine)
    text = agreement().replace("2024-04-01", FIRST.isoformat()).replace("2024-03-01", "2014-03-01").replace(
        "periods: month", "periods: quarter").replace("instalments: monthly", "instalments: quarterly")
    with engine.begin() as conn:
        book = commissioning.apply(conn, text, "bench.yaml", NOW - dt.timedelta(days=4000)).book
        known = commissioning.current(conn, book)
        commissioning.reach(conn, book, known, [FIRST + dt.timedelta(days=365 * YEARS + 1)])
    at = NOW - dt.timedelta(days=3000)
    some: list[Entry] = []
    for n, entry in enumerate(spread(count), 1):
        some.append(entry)
        if len(some) == batch or n == count:
            at += dt.timedelta(hours=1)
            with engine.begin() as conn:
                service.post(conn, book, some, at)
            some = []
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql("VACUUM ANALYZE")
    half = dt.timedelta(hours=count // batch // 2, minutes=1)
    return Ledger(engine, book, count, NOW - dt.timedelta(days=3000) + half)


Question = Callable[[Connection, Ledger], object]
Row = tuple[str | float, ...]
LAST = ("FY2023-Q4", dt.date(2023, 4, 1), dt.date(2024, 3, 31))


def page(after: Callable[[Ledger], int], **filters: object) -> Question:
    """A page of a hundred entries behind a figure."""
    def ask(conn: Connection, of: Ledger) -> object:
        found = store.entries(conn, of.book, after=after(of), limit=101, **filters)  # type: ignore[arg-type]
        assert found
        return found
    return ask


def _draft(conn: Connection, of: Ledger) -> object:
    return to_json(draft(conn, of.book, LAST[0], NOW))


def _words(conn: Connection, of: Ledger) -> object:
    found = store.entries(conn, of.book, text=f"inv-{of.entries - 1}", limit=101)
    assert len(found) == 1
    return found


QUESTIONS: dict[str, tuple[Question, float | None]] = {
    "all balances, now": (lambda conn, of: store.balances(conn, of.book), 0.05),
    "balances at a day within a quarter": (
        lambda conn, of: store.balances(conn, of.book, at=dt.date(2019, 5, 20)), 0.05),
    "balances as known at a moment": (lambda conn, of: store.balances(conn, of.book, known_at=of.moment), 0.05),
    "balances at a day as known at a moment": (
        lambda conn, of: store.balances(conn, of.book, at=dt.date(2018, 5, 20), known_at=of.moment), 0.05),
    "page behind a service, first": (page(lambda of: 0, service="s07"), 0.1),
    "page behind a service, deep": (page(lambda of: of.entries * 9 // 10, service="s07"), 0.1),
    "page behind a hot account of one year": (
        page(lambda of: 0, account="liabilities:providers", start=LAST[1], end=LAST[2]), 0.1),
    "page of one service in the last year": (page(lambda of: 0, service="s07", start=LAST[1], end=LAST[2]), 0.1),
    "page of one fund": (page(lambda of: of.entries // 2, fund="core"), 0.1),
    "page of words that one entry has": (_words, 0.2),
    "statement, 20 partners × 100 services": (_draft, 1.0),
}


def timed(of: Ledger, ask: Question) -> float:
    """Milliseconds in one unchanging view."""
    with reading(of.engine).begin() as conn:
        start = time.perf_counter()
        ask(conn, of)
        return 1000 * (time.perf_counter() - start)


def close(of: Ledger) -> float:
    """Milliseconds to close the next quarter of the last year, which is then rolled back to be closed again."""
    with of.engine.connect() as conn:
        start = time.perf_counter()
        commissioning.close(conn, of.book, "FY2014-Q1", NOW, to_json)
        took = 1000 * (time.perf_counter() - start)
        conn.rollback()
    return took


def worked(of: Ledger, ask: Callable[[Ledger], float], runs: int) -> float:
    """Milliseconds of processor time, the mean of some times: the server's clock ticks a hundred times a second."""
    clock = work.clock(of.engine) if of.engine.dialect.name == "postgresql" else time.process_time
    began = clock()
    for _ in range(runs):
        ask(of)
    return 1000 * (clock() - began) / runs


def compare(name: str, small: Ledger, large: Ledger, runs: int) -> list[Row]:
    """Every question to both by turns."""
    rows: list[Row] = []

    def line(label: str, ask: Callable[[Ledger], float], aim: float | None) -> None:
        ask(small), ask(large)
        pairs = [(ask(small), ask(large)) for _ in range(runs)]
        passed = [statistics.median(times) for times in zip(*pairs, strict=True)]
        busy = [worked(of, ask, runs) for of in (small, large)]
        ratio, load = busy[1] / max(busy[0], 0.1), os.getloadavg()[0]
        wanted = f"   aim {1000 * aim:.0f} ms" if aim is not None else ""
        rows.append((name, label, *(round(one, 1) for one in (*passed, *busy)), round(ratio, 2), round(load, 1)))
        print(f"{name:<11} {label:<42} {busy[0]:>8.1f} ms {busy[1]:>8.1f} ms at work   ×{ratio:.2f}   passed "
              f"{passed[0]:.1f} and {passed[1]:.1f} ms, load {load:.1f}{wanted}", flush=True)

    print(f"{name:<11} {'':<42} {small.entries:>9,}   {large.entries:>12,}", flush=True)
    for label, (ask, aim) in QUESTIONS.items():
        line(label, lambda of, ask=ask: timed(of, ask), aim)  # type: ignore[misc]
    line("closing a quarter", close, 1.0)
    return rows


def table(path: Path = RESULT) -> str:
    """What was written down, as Markdown: a row for each question, both databases side by side."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = list(dict.fromkeys(row["database"] for row in rows))
    found = {(row["database"], row["question"]): row for row in rows}
    head = ["", *(f"{name}, {what}" for name in names for what in ("ms of few", "of a million", "×")), "aim, ms"]
    aims = {label: f"{1000 * aim:.0f}" for label, (_, aim) in QUESTIONS.items() if aim is not None}
    lines = [head, ["---"] + ["---:"] * (len(head) - 1)]
    for question in dict.fromkeys(row["question"] for row in rows):
        cells = [f"{float(found[name, question][column]):.{digits}f}" for name in names
                 for column, digits in (("busy_few_ms", 1), ("busy_many_ms", 1), ("ratio", 2))]
        lines.append([question, *cells, aims.get(question, "1000")])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@contextmanager
def ledgers(fresh: Callable[[str], object], sizes: tuple[int, int]) -> Iterator[list[Ledger]]:
    """Two filled ledgers."""
    with ExitStack() as stack:
        yield [fill(stack.enter_context(fresh(str(size))), size) for size in sizes]  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--out", type=Path, metavar="FILE", help=f"such as {RESULT}")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_known_args()[0]
    if given.table:
        print(table())
        return
    rows: list[Row] = []
    for database in given.database or ("sqlite", "postgresql"):
        if database == "sqlite":
            with ledgers(lambda _: fresh_sqlite(), (SMALL, given.entries)) as (small, large):
                rows += compare(database, small, large, given.runs)
            continue
        with postgres.server(()) as url:
            def fresh(size: str, url: str = url) -> object:
                return fresh_postgresql(url, f"poolbook_bench_{size}")

            with ledgers(fresh, (SMALL, given.entries)) as (small, large):
                rows += compare(database, small, large, given.runs)
    if given.out is not None:
        with given.out.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])


if __name__ == "__main__":
    main()
