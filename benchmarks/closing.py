"""How long closing takes: years of 20 partners, 100 services, 12 months and a five-step waterfall, on SQLite.

    python -m benchmarks.closing [--events 5000] [--years 1]

Of several years the first is set beside the last: what a close costs more once so many months were closed before it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from pathlib import Path

from sqlalchemy import Connection

from api.database import connect, migrate
from commissioning import service
from commissioning.events.model import Event
from exports.statement import to_json
from ledger.model import Book

NOW = dt.datetime(2045, 6, 1, tzinfo=dt.UTC)
PARTNERS, SERVICES = 20, 100


def agreement() -> str:
    """An agreement of that size: one fund, one rule with five steps, monthly."""
    partners = "\n".join(f"  p{i:02d}: {{name: Partner {i}}}" for i in range(PARTNERS))
    lines = "\n".join(f"      - {{fund: core, partner: p{i:02d}, source: base, amount: {500_000 + 7_919 * i}, "
                      "instalments: monthly}" for i in range(PARTNERS))
    services = "\n".join(f"      s{i:02d}: {{fund: core, budget: {100_000 + 131 * i}}}" for i in range(SERVICES))
    return f"""poolbook: 1
partnership: {{id: large, name: A large pool, currency: GBP, year_starts: 04-01, periods: month}}
partners:
{partners}
reserves:
  general: {{fund: core, opening: {{p00: 400000, p01: 300000, p02: 200000}}}}
agreements:
  - id: v1
    reference: Benchmark
    effective: 2024-04-01
    signed: 2024-03-01
    funds:
      core: {{kind: pooled, host: p00}}
    contributions:
{lines}
    services:
{services}
    rules:
      - id: all
        reference: Clause 1
        applies_to: {{fund: core}}
        overspend:
          - {{reserve: general, up_to: 250000}}
          - {{absorb: {{partner: p00}}, up_to: "1%"}}
          - {{share: {{by: contribution}}, until_variance: 900000, caps: {{p01: 20000, p02: "1%"}}}}
          - {{share: {{by: equal}}, up_to: 400000}}
          - {{dispute: rest}}
        underspend: [{{return: {{by: contribution}}}}]
"""


def events(count: int, year: int = 2024) -> list[Event]:
    """So many invoices, spread over services and the days of a year."""
    start = dt.date(year, 4, 1)
    return [Event(start + dt.timedelta(days=i * 364 // count), "expenditure", f"INV-{year}-{i}",
                  amount=200_000_000_000 // count // 170 + i % 997, service=f"s{i % SERVICES:02d}")
            for i in range(count)]


def run(count: int, years: int) -> None:
    """Posts each year's events, closes its twelve months, and prints how long it took."""
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{Path(folder) / 'bench.db'}")
        migrate(engine)
        with engine.begin() as conn:
            book = service.apply(conn, agreement(), "bench.yaml", NOW).book
            told = [_year(conn, book, count, 2024 + nth) for nth in range(years)]
        engine.dispose()
    for nth, (posted, spans) in enumerate(told):
        if nth in (0, years - 1):
            print(f"closing   {PARTNERS} partners × {SERVICES} services × 12 months, {count:,} events, year {nth + 1}: "
                  f"{sum(spans):.2f} s, slowest month {max(spans):.2f} s (posting {posted:.2f} s)")
    if years > 1:
        print(f"closing   the last year beside the first: ×{sum(told[-1][1]) / sum(told[0][1]):.2f}")


def _year(conn: Connection, book: Book, count: int, year: int) -> tuple[float, list[float]]:
    """Seconds that posting a year took, and closing each of its months."""
    began = time.perf_counter()
    service.import_events(conn, book, events(count, year), NOW)
    posted, spans = time.perf_counter() - began, []
    for month in range(1, 13):
        began = time.perf_counter()
        service.close(conn, book, f"FY{year}-M{month:02d}", NOW, to_json)
        spans.append(time.perf_counter() - began)
    return posted, spans


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5_000)
    parser.add_argument("--years", type=int, default=1)
    given = parser.parse_known_args()[0]
    run(given.events, given.years)


if __name__ == "__main__":
    main()
