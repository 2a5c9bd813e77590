"""Durable single posts over HTTP: sixteen clients on one pool, beside plain INSERTs with a commit each.

`python -m benchmarks.http_posting [--seconds 4] [--runs 5] [--clients 16]` starts a PostgreSQL with its own settings
for durability and a `poolbook serve` over it, and lets these take turns:

- the limit: one connection of psycopg, one statement that inserts an entry and its two postings, autocommit, into
  tables with the same primary and foreign keys and nothing else; and the same as programs write it, in a transaction of
  a statement for the entry and one for its postings;
- the least that a server in Python does with the same requests: `benchmarks.least_server`, which checks nothing;
- ours: `wrk` with so many connections, each sending one entry of two postings at a time under an idempotency key, with
  every check, the chain, the forced policies of row security and the record of who posted.

Then a lone client, and two server processes over the same pool that share the clients between them.

Afterwards every acknowledged entry is looked for in the books, once each, and the books are verified. All of it is done
with the machine's disk as it is, and as if a flush of it took a quarter of a millisecond and a whole one longer
(`commit_delay`), as on disks that lose nothing in a power cut. Where a flush costs next to nothing, as on virtual
machines that answer from memory, the limit is that of the processor, and ours has HTTP and Python to pay from it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import Engine, select

from api.database import migrate, reading
from benchmarks.bulk_posting import ACCOUNT, ENTRY, KEYS, POSTING, fresh_postgresql
from benchmarks.least_server import least
from commissioning import service
from ledger import service as books
from ledger.tables import entry
from tests import postgres
from tests.survival import scene
from tests.survival.server import served

DAY = dt.date(2024, 5, 14)
RAW_ENTRY = """INSERT INTO raw_entry VALUES (1, %(n)s, 1, 'journal', '2024-05-14', 202401, %(ref)s, 'By hand', '', NULL,
  NULL, 2, %(hash)s)"""
RAW_POSTINGS = "INSERT INTO raw_posting VALUES (1, %(n)s, 1, 1, 1000, '', 0), (1, %(n)s, 2, 0, -1000, '', 0)"
RAW = f"WITH e AS ({RAW_ENTRY}) {RAW_POSTINGS}"
LUA = """
local count, kept, bad = 0, io.open("{answered}", "w"), 0
request = function()
  count = count + 1
  local ref = "{run}-" .. count
  local body = '{{"date": "2024-05-14", "reference": "' .. ref .. '", "memo": "By hand", "postings": [' ..
    '{{"account": "expenses:beds", "amount": "10.00"}}, {{"account": "liabilities:providers", "amount": "-10.00"}}]}}'
  return wrk.format("POST", "{path}/entries", {{["Authorization"] = "Bearer {bearer}",
    ["Content-Type"] = "application/json", ["Idempotency-Key"] = ref}}, body)
end
response = function(status, headers, body)
  kept:write(status, " ", body:match('"reference":"([^"]+)"') or body, "\\n")
end
done = function(summary, latency, requests)
  io.write(string.format("latency %d %d %d\\n", latency:percentile(50), latency:percentile(99), latency.max))
end
"""


@dataclass(frozen=True)
class Run:
    """What one turn of the clients came to: the rate, latencies in milliseconds, and the references acknowledged."""

    rate: float
    p50: float
    p99: float
    acknowledged: tuple[str, ...]


def raw(url: str, seconds: float, start: int, *statements: str) -> tuple[float, int]:
    """The limit: entries a second on one connection with a commit each, and how many there were."""
    with psycopg.connect(url, autocommit=True) as conn:
        began, n = time.perf_counter(), start
        while (took := time.perf_counter() - began) < seconds:
            n += 1
            with conn.transaction() if len(statements) > 1 else nullcontext():
                for one in statements:
                    conn.execute(one, {"n": n, "ref": f"R-{n}", "hash": bytes(32)})
    return (n - start) / took, n


def load(url: str, bearer: str, clients: int, seconds: float, run: str) -> Run:
    """Clients at work over the network for so long."""
    with tempfile.TemporaryDirectory() as folder:
        script, answered = Path(folder) / "post.lua", Path(folder) / "answered"
        script.write_text(LUA.format(answered=answered, run=run, path=scene.PATH, bearer=bearer))
        done = subprocess.run(["wrk", "-t1", f"-c{clients}", f"-d{seconds:g}s", "-s", script, url],
                              check=True, capture_output=True, text=True)
        return _run(answered.read_text(), done.stdout)


def _run(answered: str, told: str) -> Run:
    lines = [line.split(" ", 1) for line in answered.splitlines()]
    wrong = [line for line in lines if line[0] != "201"]
    assert not wrong, wrong[:3]
    rate, latency = re.search(r"Requests/sec: *([\d.]+)", told), re.search(r"latency (\d+) (\d+) (\d+)", told)
    assert rate is not None, told
    assert latency is not None, told
    return Run(float(rate[1]), int(latency[1]) / 1000, int(latency[2]) / 1000, tuple(line[1] for line in lines))


def lost_or_doubled(engine: Engine, acknowledged: set[str], clients: int, runs: int) -> str:
    """What is wrong with what was kept; empty if every acknowledged entry is there once and the books are sound."""
    with reading(engine).begin() as conn:
        book = books.open_book(conn, scene.ID)
        there = list(conn.scalars(select(entry.c.reference).where(entry.c.partnership_key == book.key,
                                                                  entry.c.kind == "journal")))
        faults = service.verify(conn, book)
    if len(there) != len(set(there)):
        faults.append("an entry is there twice")
    if acknowledged - set(there):
        faults.append(f"{len(acknowledged - set(there))} acknowledged entries are lost")
    if len(there) > len(acknowledged) + clients * runs:  # the answers under way when a turn ended
        faults.append(f"{len(there)} entries of {len(acknowledged)} acknowledged")
    return "; ".join(faults)


@contextmanager
def scenery(flush: float = 0) -> Iterator[tuple[Engine, str, str]]:
    """A database with the pool, its URL, and a key; a flush of the disk takes so many milliseconds longer."""
    slower = (f"commit_delay={1000 * flush:.0f}", "commit_siblings=0") if flush else ()
    with postgres.server(slower) as server, fresh_postgresql(server) as engine:
        url = engine.url.render_as_string(hide_password=False)
        migrate(engine)
        bearer = scene.prepare(url)
        with engine.begin() as conn:
            for sql in (ACCOUNT, ENTRY.format(date="date", bytes="bytea"), POSTING.format(more=KEYS),
                        "INSERT INTO raw_account VALUES (1, 0), (1, 1)"):
                conn.exec_driver_sql(sql)
        yield engine, url, bearer


def compare(seconds: float, runs: int, clients: int, flush: float) -> None:
    """The limit and the clients by turns, and what they say."""
    with scenery(flush) as (engine, url, bearer), served(url) as server, served(url) as second, least(url) as bare:
        warm = load(server.url, bearer, clients, 1, "warm")
        limits: list[float] = []
        apart: list[float] = []
        bares: list[float] = []
        turns: list[Run] = []
        n = 0
        for turn in range(runs):
            for of, statements in ((limits, (RAW,)), (apart, (RAW_ENTRY, RAW_POSTINGS))):
                limit, n = raw(url, seconds, n, *statements)
                of.append(limit)
            bares.append(load(bare, bearer, clients, seconds, f"bare{turn}").rate)
            turns.append(load(server.url, bearer, clients, seconds, f"turn{turn}"))
        alone = load(server.url, bearer, 1, seconds, "alone")
        with ThreadPoolExecutor(2) as both:
            halves = [both.submit(load, one.url, bearer, clients // 2, seconds, f"half{n}")
                      for n, one in enumerate((server, second))]
            shared = [half.result() for half in halves]
        acknowledged = {ref for run in (warm, *turns, alone, *shared) for ref in run.acknowledged}
        wrong = lost_or_doubled(engine, acknowledged, clients, runs + 3)
    limit, plain, bare_rate, rate = (statistics.median(some) for some in (limits, apart, bares,
                                                                          (run.rate for run in turns)))
    disk = f"a flush {flush:g} ms longer" if flush else "the disk as it is"
    p50, p99 = (statistics.median(some) for some in ([run.p50 for run in turns], [run.p99 for run in turns]))
    print(f"""single posts over HTTP, {clients} clients, {disk}: {rate:,.0f}/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms
  beside plain INSERTs with a commit each: {limit:,.0f}/s, ratio {rate / limit:.2f} (aim 1.0)
  beside transactions of two statements: {plain:,.0f}/s, ratio {rate / plain:.2f}
  a server that checks nothing: {bare_rate:,.0f}/s, {bare_rate / limit:.2f} of the limit
  one client alone: {alone.rate:,.0f}/s, p50 {alone.p50:.1f} ms; two servers that share the clients: """
          f"""{sum(run.rate for run in shared):,.0f}/s
  {len(acknowledged):,} acknowledged, {wrong or 'none lost, none doubled, the books sound'}""", flush=True)
    if wrong:
        raise SystemExit(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--clients", type=int, default=16)
    given = parser.parse_args()
    if not shutil.which("wrk"):
        print("single posts over HTTP: not measured, for wrk is not installed", flush=True)
        return
    for flush in (0, 0.25, 1):
        compare(given.seconds, given.runs, given.clients, flush)


if __name__ == "__main__":
    main()
