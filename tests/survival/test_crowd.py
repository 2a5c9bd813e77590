"""Many clients at once on one partnership: the outcome is that of one after the other, and nobody hears of a lock."""

from __future__ import annotations

import datetime as dt
import random
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.database import connect, reading
from commissioning import store as statements
from ledger import service as books
from ledger import store
from tests.api.conftest import AGREEMENT, YAML
from tests.survival import scene
from tests.survival.load import Answer, Ask, Load
from tests.survival.server import Server
from tests.survival.soundness import sound
from tests.survival.test_dropped import seeded

REQUESTS = 20  # of each client
CLOSING = [Ask(f"closing-{what}", "POST", f"/periods/FY2024-Q1/{what}", "application/json", body) for what, body in (
    ("close", b""), ("reopen", b'{"reason": "left something out"}'))]
"""Asked by one of them: by chance alone one crowd in twenty closes or reopens nothing."""
CROWDS = {"sqlite": (2, 8), "postgresql": (3, 16)}  # servers, clients


@dataclass
class Seen:
    """What a crowd asked and was answered, and what went wrong."""

    asked: list[Ask] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    waited: int = 0
    looks: int = 0
    faults: list[Exception] = field(default_factory=list)

    def tell(self, one: Ask | Answer) -> None:
        if isinstance(one, Ask):
            self.asked.append(one)
        else:
            self.answers[one.key] = one


@contextmanager
def servers(url: str, count: int) -> Iterator[list[str]]:
    """That many servers over one database."""
    with ExitStack() as stack:
        started = [Server(url) for _ in range(count)]
        for server in started:
            stack.callback(server.kill)
        for server in started:
            server.wait()
        yield [server.url for server in started]


def at_once(work: Sequence[Callable[[], None]], faults: list[Exception]) -> None:
    """Runs all of it at the same time, to the end."""
    barrier = threading.Barrier(len(work))

    def one(do: Callable[[], None]) -> None:
        barrier.wait()
        try:
            do()
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=one, args=(do,)) for do in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def crowd(urls: Sequence[str], bearer: str, clients: int, seed: int) -> Seen:
    """Clients at work, spread over the servers, while others look at the balances again and again."""
    seen, over = Seen(), threading.Event()
    working = threading.Semaphore(0)

    def client(number: int) -> Callable[[], None]:
        def work() -> None:
            try:
                with httpx.Client(base_url=urls[number % len(urls)], timeout=120) as http:
                    load = Load(http, bearer, f"c{number}", random.Random(f"{seed} {number}"), seen.tell)
                    for ask in CLOSING if number == 0 else ():
                        load.asks(ask)
                    for _ in range(REQUESTS):
                        assert load.once().status < 500
                    seen.waited += load.waited
            finally:
                working.release()
        return work

    def look() -> None:
        with httpx.Client(base_url=urls[0], timeout=120, headers={"Authorization": f"Bearer {bearer}"}) as http:
            while not over.is_set():
                rows = http.get(f"{scene.PATH}/balances").json()["items"]
                assert not sum(round(100 * float(row["amount"])) for row in rows), rows
                seen.looks += 1

    def wait() -> None:
        for _ in range(clients):
            working.acquire()
        over.set()

    at_once([*(client(number) for number in range(clients)), look, wait], seen.faults)
    return seen


@pytest.mark.slow
@pytest.mark.parametrize("database", list(CROWDS))
def test_a_crowd_leaves_what_one_after_the_other_would(database: str, request: pytest.FixtureRequest,
                                                       sqlite_template: Path, tmp_path: Path) -> None:
    seed, (processes, clients) = seeded(), CROWDS[database]
    url = str(request.getfixturevalue("sqlite_url" if database == "sqlite" else "postgres_url"))
    bearer = scene.prepare(url)
    with servers(url, processes) as urls:
        seen = crowd(urls, bearer, clients, seed)
    assert seen.waited == 0, "nobody was sent away"
    assert seen.looks > 5, "others looked on"
    kinds = {ask.path.rpartition("/")[2] for ask in seen.asked if seen.answers[ask.key].done}
    assert kinds >= {"entries", "events", "close", "reopen"}, kinds
    engine = connect(url)
    assert not sound(engine, seen.asked, seen.answers, {}).silently
    again = tmp_path / "again.db"
    again.write_bytes(sqlite_template.read_bytes())
    assert replayed(engine, f"sqlite:///{again}", seen) == outcome(engine)
    engine.dispose()


def outcome(engine: Any) -> tuple[object, ...]:
    with reading(engine).begin() as conn:
        book = books.open_book(conn, scene.ID)
        return (store.head(conn, book), store.movements(conn, book), store.periods(conn, book),
                statements.issues(conn, book))


def replayed(engine: Any, url: str, seen: Seen) -> tuple[object, ...]:
    """The outcome when what was done is done again in fresh books, in the order in which the chain has it."""
    with reading(engine).begin() as conn:
        book = books.open_book(conn, scene.ID)
        seals = store.batches(conn, book)
    done = [(ask, seen.answers[ask.key]) for ask in seen.asked if seen.answers[ask.key].done]
    moment = [scene.NOW]

    def clock() -> dt.datetime:
        return moment[0]

    bearer = scene.prepare(url)
    with TestClient(create_app(scene.settings(url), clock)) as client:
        for ask, first in sorted(done, key=lambda one: place(one[1])):
            moment[0] = seals[bisect_left(seals, place(first)[0], key=lambda seal: seal.last)].recorded_at
            assert replace(ask.send(client, bearer)) == first, (ask, first)
    fresh = connect(url)
    found = outcome(fresh)
    fresh.dispose()
    return found


def place(answer: Answer) -> tuple[int, bool]:
    """Where in the order of the chain a request stands: the last entry it made; what made none comes after that one."""
    data = answer.data
    if "ledger" not in data:
        return data["id"], False
    return data["ledger"]["entries"], data.get("changes") == []


SAME = [
    Ask("same", "POST", "/entries", "application/json",
        b'{"date": "2024-08-01", "reference": "J-1", "postings": [{"account": "expenses:beds", "amount": "1.00"}, '
        b'{"account": "liabilities:providers", "amount": "-1.00"}]}', (("journal", "J-1"),)),
    Ask("same", "POST", "/periods/FY2024-Q1/close", "application/json", b""),
    Ask("same", "PUT", "/agreement", "application/yaml", scene.agreement(9_500).encode()),
]


@pytest.mark.parametrize("ask", SAME, ids=lambda ask: ask.path.rpartition("/")[2])
def test_one_request_sent_many_times_at_once_has_one_effect(ask: Ask, database_url: str) -> None:
    bearer = scene.prepare(database_url)
    answers: list[Answer] = []
    with TestClient(scene.app(database_url)) as client:  # type: ignore[arg-type]
        at_once([lambda: answers.append(ask.send(client, bearer))] * 8, [])
    assert len({(answer.status, answer.body) for answer in answers}) == 1
    assert sorted(answer.replayed for answer in answers) == [False, *[True] * 7]
    engine = connect(database_url)
    sound(engine, [ask], {ask.key: answers[0]}, {})
    engine.dispose()


def test_books_opened_many_times_at_once_are_opened_once(database_url: str) -> None:
    app: Any = scene.app(database_url)
    bearer = scene.admin_key(app.state.engine)
    found: list[httpx.Response] = []
    with TestClient(app) as client:
        def put() -> None:
            found.append(client.put(f"{scene.PATH}/agreement", content=AGREEMENT, headers={
                **YAML, "Authorization": f"Bearer {bearer}", "Idempotency-Key": "first"}))

        at_once([put] * 6, [])
    assert [answer.status_code for answer in found] == [200] * 6, [answer.text for answer in found]
    assert len({answer.content for answer in found}) == 1
