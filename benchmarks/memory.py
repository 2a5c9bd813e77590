"""The most memory that posting takes, for ten times as many entries as well: from a file, and by a program.

`python -m benchmarks.memory [--entries 200000 2000000]` posts so many on each database in a process of its own, with
every check, chain, mark and balance on, all in one transaction, and says the most that was resident:

- a file: `poolbook import` of a CSV of invoices, as a finance officer would;
- a program: `ledger.service.post`, so many entries at a time, as they come.

What PostgreSQL's own process takes beside it is the most that was seen, without what all its processes share.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine

from api.database import connect, migrate
from benchmarks.bulk_posting import NOW, fresh_books, fresh_postgresql, fresh_sqlite, invoices
from benchmarks.closing import SERVICES, agreement
from commissioning import service as pool
from ledger import service, store
from tests import postgres

AIM = 500  # MB
AT_A_TIME = 20_000
YEAR = dt.date(2024, 4, 1)


def from_file(url: str, count: int, file: Path) -> None:
    """`poolbook import` of the file, in this process."""
    from api.cli import main as poolbook

    poolbook(["import", "--database", url, "--json", str(file)], standalone_mode=False)


def by_program(url: str, count: int, _file: Path) -> None:
    """`service.post` of entries as they come, all in one transaction."""
    engine, entries = connect(url), invoices(count)
    with engine.begin() as conn:
        book = store.books(conn)[0]
        while some := list(islice(entries, AT_A_TIME)):
            service.post(conn, book, some, NOW)
    engine.dispose()


def agreed(engine: Engine) -> None:
    """A pool whose agreement is in force."""
    migrate(engine)
    with engine.begin() as conn:
        pool.apply(conn, agreement(), "agreement.yaml", NOW)


WAYS: dict[str, tuple[Callable[[Engine], object], Callable[[str, int, Path], None]]] = {
    "a file": (agreed, from_file), "a program": (fresh_books, by_program)}


def write(file: Path, count: int) -> None:
    """So many invoices of a year as the CSV that people keep."""
    with file.open("w", encoding="utf-8") as out:
        out.write("date,event,service,amount,reference,note\n")
        for n in range(count):
            day = YEAR + dt.timedelta(days=n * 360 // count)
            out.write(f"{day},expenditure,s{n % SERVICES:02d},{4000 + n % 997}.50,INV-{n:07},Invoice of the month\n")


def posted(way: str, fresh: Callable[[], AbstractContextManager[Engine]], count: int) -> tuple[float, float, float]:
    """Megabytes of the process that posts and of the server's beside it, and seconds."""
    prepare, _ = WAYS[way]
    with fresh() as engine, tempfile.TemporaryDirectory(prefix="pb-memory-") as folder:
        prepare(engine)
        file = Path(folder) / "events.csv"
        write(file, count if way == "a file" else 0)
        url = engine.url.render_as_string(hide_password=False)
        with _watched(engine) as seen:
            began = time.perf_counter()
            told = subprocess.run([sys.executable, "-m", "benchmarks.memory", "--one", way, str(count), url, str(file)],
                                  check=True, capture_output=True, text=True).stdout
            took = time.perf_counter() - began
        with engine.begin() as conn:
            there = store.head(conn, store.books(conn)[0]).entries
        assert there >= count, there
    return json.loads(told.splitlines()[-1])["mb"], max(seen, default=0.0), took


@contextmanager
def _watched(engine: Engine) -> Iterator[list[float]]:
    """Megabytes of the largest process of a PostgreSQL server, looked at while this lasts."""
    seen: list[float] = []
    if engine.dialect.name != "postgresql":
        yield seen
        return
    with engine.connect() as conn:
        backend = conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    server = re.search(r"PPid:\s+(\d+)", Path(f"/proc/{backend}/status").read_text())
    assert server is not None
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.25):
            seen.append(max((_megabytes(status, "RssAnon") for status in _children(server[1])), default=0.0))

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


def _children(server: str) -> Iterator[str]:
    for file in Path("/proc").glob("[0-9]*/status"):
        try:
            status = file.read_text()
        except OSError:  # it has just ended
            continue
        if re.search(rf"PPid:\s+{server}\n", status):
            yield status


def _megabytes(status: str, what: str) -> float:
    found = re.search(rf"{what}:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def compare(name: str, fresh: Callable[[], AbstractContextManager[Engine]], counts: Sequence[int]) -> bool:
    """Each way with each number of entries; whether all stay below the aim."""
    good = True
    for way in WAYS:
        told = []
        for count in counts:
            mb, server, took = posted(way, fresh, count)
            good &= mb < AIM
            told.append(f"{count:>9,} entries {mb:>5,.0f} MB{f' (the server {server:,.0f})' if server else ''} "
                        f"in {took:,.0f} s")
        print(f"memory    {name}, {way + ':':<10} {';  '.join(told)}  (aim below {AIM} MB)", flush=True)
    return good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--entries", type=int, nargs="+", default=[200_000, 2_000_000])
    parser.add_argument("--one", nargs=4, metavar=("WAY", "ENTRIES", "URL", "FILE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        way, count, url, file = given.one
        WAYS[way][1](url, int(count), Path(file))
        print(json.dumps({"mb": _megabytes(Path("/proc/self/status").read_text(), "VmHWM")}))
        return
    good = compare("SQLite", fresh_sqlite, given.entries)
    with postgres.server(()) as server:
        good &= compare("PostgreSQL", lambda: fresh_postgresql(server), given.entries)
    if not good:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
