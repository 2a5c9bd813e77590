"""kill -9 at random moments under load: `python -m tests.survival.kills --kills 200 --database postgresql --seed 7`.

Most kills hit processes that open the database themselves, some a `poolbook serve` with its clients on the network,
and on PostgreSQL some hit the database server: its postmaster, or one backend, after which it recovers. After each
kill the books are looked at from every side, and what was asked without an answer is asked again.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.database import connect, reading
from ledger import service as books
from ledger import store
from ledger.model import Head
from tests.survival import scene
from tests.survival.load import Answer, Ask
from tests.survival.postmaster import Postmaster, postmaster
from tests.survival.server import Caller, served
from tests.survival.soundness import Kept, sound
from tests.survival.worker import Worker

AT_ONCE = 3  # processes, or clients of the server
SOME_TIME = 0.4  # seconds of work before the kill, at most
DATABASE = "pb_siege"
Told = list[Ask | Answer]


@dataclass
class Tally:
    """What was seen."""

    kills: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    refused: int = 0
    unanswered: int = 0
    silently: int = 0
    entries: int = 0

    def __str__(self) -> str:
        how = ", ".join(f"{count} of {what}" for what, count in sorted(self.kills.items()))
        return (f"{sum(self.kills.values())} kills ({how}): {self.answered} requests acknowledged and {self.refused} "
                f"refused, {self.unanswered} left without an answer, of which {self.silently} had been kept; "
                f"{self.entries} entries, none lost, none half there")


class Siege:
    """One partnership's books under load, killed again and again."""

    def __init__(self, url: str, seed: int, server: Postmaster | None = None) -> None:
        self.url, self.server = url, server
        self.rng = random.Random(seed)
        self.tally = Tally()
        self.before: Kept = {}
        self.rounds = 0
        self.bearer = scene.prepare(url)

    def attack(self, how: str) -> None:
        """Work, a kill in the middle of it, a look at the books, and everything unanswered once more."""
        self.rounds += 1
        ways: dict[str, Callable[[], Told]] = {
            "processes": self._processes, "poolbook serve": self._served, "the postmaster": self._postmaster,
            "a backend": self._backend}
        told = ways[how]()
        self.tally.kills[how] += 1
        asked = {one.key: one for one in told if isinstance(one, Ask)}
        answers = {one.key: one for one in told if isinstance(one, Answer)}
        wrong = [one for one in answers.values() if one.status >= 500]
        assert not wrong, wrong[0]
        engine = connect(self.url)
        try:
            self._look(engine, asked, answers)
        finally:
            engine.dispose()

    def _look(self, engine: Engine, asked: dict[str, Ask], answers: dict[str, Answer]) -> None:
        found = sound(engine, asked.values(), answers, self.before)
        unanswered = [ask for key, ask in asked.items() if key not in answers]
        self.tally.answered += sum(answer.done for answer in answers.values())
        self.tally.refused += sum(not answer.done for answer in answers.values())
        self.tally.unanswered += len(unanswered)
        self.tally.silently += len(found.silently)
        for ask in unanswered:
            answers[ask.key] = self._retry(engine, ask, ask.key in found.silently)
        if unanswered:
            found = sound(engine, asked.values(), answers, found.kept)
        self.before = found.kept
        self.tally.entries = len(found.kept)

    def _retry(self, engine: Engine, ask: Ask, kept: bool) -> Answer:
        """Asks again, and again: what was kept is not done twice, and what was not is done once."""
        before = _head(engine)
        with TestClient(scene.app(self.url)) as client:  # type: ignore[arg-type]
            first = ask.send(client, self.bearer)
            between = _head(engine)
            second = ask.send(client, self.bearer)
        assert first.status < 500
        assert first.replayed == kept, (ask, first)
        assert between == before if kept or not first.done else first.done
        assert _head(engine) == between, "twice under one key is once"
        assert (second.status, second.replayed) == (first.status, first.done), (ask, first, second)
        return Answer(ask.key, first.status, first.body, replayed=False)

    def _seeds(self) -> Iterator[tuple[str, int]]:
        for n in range(AT_ONCE):
            yield f"{self.rounds}.{n}", self.rng.randrange(2**32)

    def _wait(self) -> None:
        time.sleep(self.rng.uniform(0, SOME_TIME))

    @contextmanager
    def _workers(self, told: Told) -> Iterator[None]:
        """Processes at work; killed in the end."""
        workers = [Worker(self.url, self.bearer, name, seed) for name, seed in self._seeds()]
        try:
            for worker in workers:
                worker.ready.wait()
            self._wait()
            yield
        finally:
            for worker in workers:
                told += worker.kill()

    def _processes(self) -> Told:
        told: Told = []
        with self._workers(told):
            pass
        return told

    def _served(self) -> Told:
        with served(self.url) as running:
            callers = [Caller(running.url, self.bearer, name, seed) for name, seed in self._seeds()]
            time.sleep(0.1)
            self._wait()
            running.kill()
            return [one for caller in callers for one in caller.ended()]

    def _postmaster(self) -> Told:
        assert self.server is not None
        told: Told = []
        with self._workers(told):
            self.server.kill()
            self.server.start()
            self._wait()
        return told

    def _backend(self) -> Told:
        assert self.server is not None
        told: Told = []
        with self._workers(told):
            self.server.kill_backend(DATABASE, self.rng)
            self._wait()
        return told


def _head(engine: Engine) -> Head:
    with reading(engine).begin() as conn:
        return store.head(conn, books.open_book(conn, scene.ID))


@contextmanager
def siege(database: str, seed: int) -> Iterator[Siege]:
    """Books on a fresh SQLite file, or on a PostgreSQL server of their own, both with full durability."""
    if database == "sqlite":
        home = Path(tempfile.mkdtemp(prefix="pb-kill-"))
        try:
            yield Siege(f"sqlite:///{home}/books.db", seed)
        finally:
            shutil.rmtree(home)
        return
    with postmaster() as server:
        server.sql(f"CREATE DATABASE {DATABASE}")
        yield Siege(server.database(DATABASE), seed, server)


def plan(database: str, kills: int, rng: random.Random) -> list[str]:
    """Which kill comes when: of ten, one is of the server and, on PostgreSQL, one of each kind of the database's."""
    tenth = -(-kills // 10)
    some = ["poolbook serve"] * tenth
    if database == "postgresql":
        some += ["the postmaster", "a backend"] * tenth
    planned = some + ["processes"] * (kills - len(some))
    rng.shuffle(planned)
    return planned


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--seed", type=int, default=None, help="as printed by the run to repeat")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(2**32) if options.seed is None else options.seed
    for database in options.database or ("sqlite", "postgresql"):
        print(f"{database}, seed {seed}", flush=True)
        started = time.monotonic()
        with siege(database, seed) as under:
            for done, how in enumerate(plan(database, options.kills, under.rng), 1):
                under.attack(how)
                if done % 20 == 0:
                    print(f"  {done} kills, {under.tally.entries} entries", flush=True)
            print(f"{database}: {under.tally}; {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
