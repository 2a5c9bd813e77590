"""How long a scenario workbook takes: 20 partners × 100 services with a five-step waterfall, compiled and written.

    python -m benchmarks.workbook [--times 3]
"""

from __future__ import annotations

import argparse
import time

from api.database import connect, migrate
from benchmarks.closing import NOW, PARTNERS, SERVICES, agreement, events
from commissioning import service
from commissioning.scenario.base import Base
from commissioning.scenario.books import base_at
from exports.scenario.render import to_xlsx
from exports.scenario.workbook import workbook

GOAL = 5.0  # seconds, for both together


def base() -> Base:
    """The year of that pool with five thousand invoices, from a ledger in memory."""
    engine = connect("sqlite://")
    migrate(engine)
    with engine.begin() as conn:
        book = service.apply(conn, agreement(), "bench.yaml", NOW).book
        service.import_events(conn, book, events(5_000), NOW)
        return base_at(conn, book, "FY2024")


def run(times: int) -> None:
    """Compiles and writes it so often, and prints the middle in processor time: it has one thread and never waits."""
    given, spans = base(), []
    for _time in range(times):
        began = time.process_time()
        made = workbook(given)
        compiled = time.process_time()
        size = len(to_xlsx(made))
        spans.append((time.process_time() - began, compiled - began))
    whole, compiling = sorted(spans)[times // 2]
    cells = sum(len(row) for sheet in made.book.sheets.values() for row in sheet.rows)
    print(f"scenario workbook {PARTNERS} partners × {SERVICES} services, {cells:,} cells: {whole:.2f} s "
          f"(goal {GOAL:.1f} s), of which compiling {compiling:.2f} s, {size / 1000:,.0f} kB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3)
    run(parser.parse_known_args()[0].times)


if __name__ == "__main__":
    main()
