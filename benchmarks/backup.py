"""What a backup, a restore and a whole verification take on PostgreSQL, by entry, so that more can be reckoned.

`python -m benchmarks.backup [--entries 250000] [--runs 3] [--out benchmarks/results/backup.csv]` posts invoices, then
dumps and restores with PostgreSQL's own tools as `poolbook backup` and `restore` do, and verifies what came back.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import os
import statistics
import tempfile
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, make_url

from api import postgres_tools as tools
from api.database import connect, migrate, reading
from benchmarks import work
from benchmarks.bulk_posting import NOW, SERVICES, START, invoices
from benchmarks.growth import timed
from ledger import service
from ledger.model import Period
from tests import postgres
from tests.survival.postmaster import _binaries

RESULT = Path(__file__).parent / "results" / "backup.csv"


def fill(engine: Engine, count: int) -> None:
    """Books of one partnership with so many invoices."""
    migrate(engine)
    with engine.begin() as conn:
        book = service.create(conn, "northshire", "Northshire", "GBP")
        service.open_accounts(conn, book, ["assets:bank:core", *(f"expenses:service-{n}" for n in range(SERVICES))])
        service.add_periods(conn, book, [Period(202400, "FY2024", START, START + dt.timedelta(days=364))])
        service.post(conn, book, list(invoices(count)), NOW)


def empty(server: str, name: str) -> Engine:
    """An empty database of that name."""
    admin = connect(server).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        conn.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    return connect(make_url(server).set(database=name).render_as_string(hide_password=False))


def verify(engine: Engine) -> None:
    with reading(engine).begin() as conn:
        assert service.verify(conn, service.open_book(conn, "northshire")) == []


def measure(server: str, count: int, runs: int) -> dict[str, float]:
    """Seconds of processor time of each, medians, and the bytes of a dump."""
    engine = empty(server, "poolbook_kept")
    fill(engine, count)
    clock = work.clock(engine)
    spans: dict[str, list[float]] = {"dump_s": [], "restore_s": [], "verify_s": []}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(runs):
            file = Path(folder) / f"{turn}.dump"
            back = empty(server, "poolbook_back")
            spans["dump_s"].append(timed(clock, partial(tools.dump, engine, file)))
            spans["restore_s"].append(timed(clock, partial(tools.restore, back, file)))
            spans["verify_s"].append(timed(clock, partial(verify, back)))
            back.dispose()
        size = file.stat().st_size
    engine.dispose()
    return {"entries": count, "dump_bytes": size,
            **{name: round(statistics.median(seconds), 2) for name, seconds in spans.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--entries", type=int, default=250_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--out", type=Path, default=RESULT)
    given = parser.parse_args()
    os.environ["PATH"] = f"{_binaries()}{os.pathsep}{os.environ['PATH']}"  # the tools of the server's own version
    with postgres.server(()) as server:
        found = measure(server, given.entries, given.runs)
    with given.out.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([list(found), list(found.values())])
    print(f"backup    {found['entries']:,} entries: dump {found['dump_s']:.1f} s and {found['dump_bytes'] / 1e6:.0f} "
          f"MB, restore {found['restore_s']:.1f} s, verify {found['verify_s']:.1f} s", flush=True)


if __name__ == "__main__":
    main()
