"""How long closing takes: a year of 20 partners, 100 services, 12 months and a five-step waterfall, on SQLite.

    python -m benchmarks.closing [--events 5000]
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from pathlib import Path

from api.database import connect, migrate
from commissioning import service
from commissioning.events import Event
from exports.statement import to_json

NOW = dt.datetime(2025, 6, 1, tzinfo=dt.UTC)
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


def events(count: int) -> list[Event]:
    """So many invoices, spread over services and the days of the year."""
    start = dt.date(2024, 4, 1)
    return [Event(start + dt.timedelta(days=i * 364 // count), "expenditure", f"INV-{i}",
                  amount=200_000_000_000 // count // 170 + i % 997, service=f"s{i % SERVICES:02d}")
            for i in range(count)]


def run(count: int) -> None:
    """Posts the events, closes the twelve months, and prints how long each took."""
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{Path(folder) / 'bench.db'}")
        migrate(engine)
        with engine.begin() as conn:
            applied = service.apply(conn, agreement(), "bench.yaml", NOW)
            began = time.perf_counter()
            service.import_events(conn, applied.book, events(count), NOW)
            posted = time.perf_counter() - began
            spans = []
            for month in range(1, 13):
                began = time.perf_counter()
                service.close(conn, applied.book, f"FY2024-M{month:02d}", NOW, to_json)
                spans.append(time.perf_counter() - began)
        engine.dispose()
    print(f"closing   {PARTNERS} partners × {SERVICES} services × 12 months, {count:,} events: "
          f"year {sum(spans):.2f} s, slowest month {max(spans):.2f} s (posting {posted:.2f} s)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5_000)
    run(parser.parse_args().events)


if __name__ == "__main__":
    main()
