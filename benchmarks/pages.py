"""How long pages take over a million entries: the glance, a statement, figures, their entries and the search.

    python -m benchmarks.pages [--entries 1000000] [--times 5]

A real server on an SQLite ledger (20 partners, 100 services, ten years by quarters) answers one browser. Printed are
the processor's time, which on a free machine is the time that passes, and the time that passed. The aim is 0.5 s.
"""

from __future__ import annotations

import argparse
import datetime as dt
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from sqlalchemy import Engine

from api.access import keys
from api.access.rights import ROLES
from api.app import create_app
from api.settings import Settings
from benchmarks.bulk_posting import fresh_sqlite
from benchmarks.reads import NOW, Ledger, fill
from commissioning import service
from exports.statement import to_json

GOAL = 0.5  # seconds
SECRET = "the benchmark's own secret, of no use to anybody"
PERIOD, DRAFT = "FY2014-Q1", "FY2014-Q2"


def pages(entries: int) -> Iterator[tuple[str, str]]:
    """What is asked for, and the address below the pool."""
    issued, behind = f"/statements/{PERIOD}", f"/statements/{DRAFT}/services/s07/actual?draft=true"
    yield from (("the pool at a glance", ""), ("an issued statement", issued),
                ("a draft of the next one", f"/statements/{DRAFT}?draft=true"),
                ("a service", f"{issued}/services/s07"), ("a figure", f"{issued}/figures/services/s07/variance"),
                ("the entries behind a figure", f"{issued}/services/s07/actual"),
                ("the same, of a draft", behind), ("a page deep in it", f"{behind}&after={entries // 25}"),
                ("entries", "/entries"), ("entries of one service", "/entries?service=s07"),
                ("of one service and year", "/entries?service=s07&from=2023-04-01&to=2024-03-31"),
                ("one reference by its words", f"/entries?text=INV-{entries - 1}"),
                ("one entry", f"/entries/{entries // 2}"))


def run(entries: int, times: int) -> None:
    """Fills the ledger, asks for each page so often, the first time apart, and prints medians."""
    with fresh_sqlite() as engine:
        ledger = fill(engine, entries)
        with engine.begin() as conn:
            service.close(conn, ledger.book, PERIOD, NOW, to_json)
        with serving(engine, ledger) as (client, pool):
            for words, path in pages(entries):
                spans = [_timed(client, pool + path) for _time in range(times + 1)]
                busy, passed = (statistics.median(one[n] for one in spans[1:]) for n in (0, 1))
                over = f"  over {GOAL} s" if busy > GOAL else ""
                print(f"{words:<28} {busy:6.3f} s busy, {passed:6.3f} s passed; first {spans[0][0]:.3f} s{over}")


def _timed(client: httpx.Client, address: str) -> tuple[float, float]:
    busy, began = time.process_time(), time.perf_counter()
    answer = client.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status_code} {answer.text[-300:]}"
    return time.process_time() - busy, time.perf_counter() - began


@contextmanager
def serving(engine: Engine, ledger: Ledger) -> Iterator[tuple[httpx.Client, str]]:
    """A browser that is signed in at a server over the ledger, and the address of its pool."""
    app = create_app(Settings(database=engine.url.render_as_string(hide_password=False), secret=SECRET,
                              key_rate=1_000_000, address_rate=1_000_000), lambda: dt.datetime.now(dt.UTC))
    with app.state.engine.begin() as conn:
        key = keys.create(conn, SECRET.encode(), ledger.book, "bench", tuple(ROLES), dt.datetime.now(dt.UTC))[1]
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.05)
    address = f"http://localhost:{listening.getsockname()[1]}"
    with httpx.Client(timeout=120) as client:
        answer = client.post(f"{address}/sign-in", data={"key": key}, headers={"Origin": address})
        cookie = answer.headers["set-cookie"].partition(";")[0]  # Secure, which a browser sends to localhost as well
        client.headers["Cookie"] = cookie
        yield client, f"{address}/pools/{ledger.book.id}"
    server.should_exit = True
    thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_known_args()[0]
    run(given.entries, given.times)


if __name__ == "__main__":
    main()
