"""What a hot standby costs and gives: two PostgreSQL clusters, a server over both, posting, reading, and failover.

`python -m benchmarks.standby [--seconds 4] [--runs 5] [--clients 8]` prints, each a median by turns: posts a second
with and without readers on the standby, and those readers' reads; posts a second when a commit waits for the standby;
and over as many crashes (kill -9 of the primary under load, promotion) how long nothing was acknowledged. It ends with
status 1 when an acknowledged entry is lost or doubled. Both clusters share this machine's processors and disk, so the
rates say what they cost each other here, not what two machines would do.
"""

from __future__ import annotations

import argparse
import statistics
import threading
import time
from dataclasses import dataclass, field
from itertools import pairwise

import httpx
from sqlalchemy import select

from api.database import connect, reading
from commissioning import service
from ledger import service as books
from ledger.tables import entry
from tests.scale import pair
from tests.survival import scene


@dataclass
class Reader:
    """A client that asks for balances and entries until it is told to stop."""

    url: str
    bearer: str
    spans: list[float] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def _work(self) -> None:
        with httpx.Client(base_url=self.url, timeout=20, headers={"Authorization": f"Bearer {self.bearer}"}) as client:
            while not self.stop.is_set():
                for path in ("balances", "entries?limit=20&from=2024-05-14"):
                    began = time.perf_counter()
                    client.get(f"{scene.PATH}/{path}").raise_for_status()
                    self.spans.append(time.perf_counter() - began)

    def ended(self) -> list[float]:
        self.stop.set()
        self.thread.join()
        return self.spans


@dataclass
class Turns:
    """What was measured, turn by turn."""

    posts: dict[str, list[float]] = field(default_factory=lambda: {"alone": [], "readers": [], "synchronous": []})
    reads: list[float] = field(default_factory=list)
    read_ms: list[float] = field(default_factory=list)
    silence: list[float] = field(default_factory=list)
    acknowledged: int = 0
    wrong: list[str] = field(default_factory=list)


def post(url: str, bearer: str, clients: int, seconds: float, name: str) -> set[str]:
    """What so many clients had acknowledged in so long."""
    posters = [pair.Poster(url, bearer, f"{name}-{n}") for n in range(clients)]
    time.sleep(seconds)
    return {reference for one in posters for reference in one.ended()}


def turn(number: int, seconds: float, clients: int, found: Turns) -> None:
    """One pair of clusters: the rates, then the crash."""
    with pair.pair() as both:
        bearer = scene.prepare(both.url())
        both.caught_up()
        acknowledged: set[str] = set()
        with pair.server(both) as server:
            for how in ("warm", "alone", "readers", "synchronous"):
                readers = [Reader(server.url, bearer) for _ in range(2)] if how == "readers" else []
                if how == "synchronous":
                    both.synchronous()
                some = post(server.url, bearer, clients, 1 if how == "warm" else seconds, f"{number}-{how}")
                acknowledged |= some
                if how != "warm":
                    found.posts[how].append(len(some) / seconds)
                spans = [span for one in readers for span in one.ended()]
                if spans:
                    found.reads.append(len(spans) / seconds)
                    found.read_ms.append(statistics.median(spans) * 1000)
            acknowledged |= crash(both, server.url, bearer, clients, found)
        found.acknowledged += len(acknowledged)
        found.wrong += lost_or_doubled(both, acknowledged)


def crash(both: pair.Pair, url: str, bearer: str, clients: int, found: Turns) -> set[str]:
    """Kills the primary under load and promotes the standby; the longest time without an acknowledgement."""
    posters = [pair.Poster(url, bearer, f"crash-{n}") for n in range(clients)]
    pair.until(lambda: all(len(one.acknowledged) > 5 for one in posters))
    killed = time.monotonic()
    both.primary.kill()
    both.standby.promote()
    pair.until(lambda: all(max(list(one.acknowledged.values())) > killed + 0.5 for one in posters))
    heard = sorted(moment for one in posters for moment in one.ended().values())
    around = [moment for moment in heard if moment > killed - 1]
    found.silence.append(max(after - before for before, after in pairwise(around)))
    return {reference for one in posters for reference in one.acknowledged}


def lost_or_doubled(both: pair.Pair, acknowledged: set[str]) -> list[str]:
    """What is wrong with the promoted standby; empty when each acknowledged entry is there once and all is sound."""
    engine = connect(both.standby.database(pair.BOOKS))
    try:
        with reading(engine).begin() as conn:
            there = list(conn.scalars(select(entry.c.reference).where(entry.c.kind == "journal")))
            faults = service.verify(conn, books.open_book(conn, scene.ID))
    finally:
        engine.dispose()
    lost = acknowledged - set(there)
    return [*faults, *([f"{len(lost)} acknowledged entries are lost"] if lost else []),
            *(["an entry is there twice"] if len(there) != len(set(there)) else [])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--clients", type=int, default=8)
    given = parser.parse_args()
    found = Turns()
    for number in range(given.runs):
        turn(number, given.seconds, given.clients, found)
    alone, readers, synchronous = (statistics.median(found.posts[how]) for how in ("alone", "readers", "synchronous"))
    print(f"standby   posts {alone:,.0f}/s; with 2 readers on the standby {readers:,.0f}/s, who read "
          f"{statistics.median(found.reads):,.0f}/s at {statistics.median(found.read_ms):.1f} ms; a commit that waits "
          f"for the standby {synchronous:,.0f}/s ({synchronous / alone:.2f} ×)", flush=True)
    print(f"failover  {given.runs} crashes: {statistics.median(found.silence):.2f} s without an acknowledgement "
          f"(most {max(found.silence):.2f}); {found.acknowledged:,} acknowledged, "
          f"{'; '.join(found.wrong) or 'none lost, none doubled, the books sound'}", flush=True)
    if found.wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
