"""Connections that break: between client and server, between server and database. Each request has one effect."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, event, make_url

from api.database import connect
from tests.survival import scene
from tests.survival.load import Answer, Ask, Load, Tell
from tests.survival.proxy import Proxy, proxied
from tests.survival.server import served
from tests.survival.soundness import sound

REQUESTS, CLIENTS = 60, 3
LOSS = 0.15
MILLBROOK = scene.PATH


class Stubborn:
    """A client that repeats what got no answer, as it is: the key makes that safe."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def request(self, method: str, url: str, *, content: bytes, headers: dict[str, str]) -> httpx.Response:
        while True:
            try:
                return self.client.request(method, url, content=content, headers=headers)
            except httpx.TransportError:
                continue


@contextmanager
def stubborn(url: str) -> Iterator[Stubborn]:
    with httpx.Client(base_url=url, timeout=60) as client:
        yield Stubborn(client)


def work(url: str, bearer: str, seed: int) -> list[Ask | Answer]:
    """What several clients ask at a time, and what they are answered."""
    told: list[Ask | Answer] = []
    faults: list[Exception] = []

    def one(name: str) -> None:
        try:
            with stubborn(url) as client:
                tell: Tell = told.append
                load = Load(client, bearer, name, random.Random(f"{seed}{name}"), tell)
                for _ in range(REQUESTS):
                    assert load.once().status < 500
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=one, args=(f"c{n}",)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return told


def whole(url: str, told: list[Ask | Answer]) -> None:
    """Every request was answered in the end, and was kept as it was answered: once, or not at all."""
    asked = [one for one in told if isinstance(one, Ask)]
    answers = {one.key: one for one in told if isinstance(one, Answer)}
    assert len(answers) == len(asked)
    engine = connect(url)
    assert not sound(engine, asked, answers, {}).silently
    engine.dispose()


def seeded() -> int:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # shown when it fails
    return seed


def assert_lossy(proxy: Proxy) -> None:
    assert min(proxy.lost.values()) > 5, proxy.lost


@pytest.mark.slow
def test_requests_and_replies_lost_between_client_and_server(sqlite_url: str) -> None:
    seed, bearer = seeded(), scene.prepare(sqlite_url)
    with served(sqlite_url) as server, proxied(("127.0.0.1", server.port), random.Random(seed)) as proxy:
        proxy.loss = LOSS
        told = work(f"http://127.0.0.1:{proxy.port}", bearer, seed)
        assert_lossy(proxy)
    whole(sqlite_url, told)


@contextmanager
def far_database(url: str, rng: random.Random) -> Iterator[tuple[Proxy, str]]:
    """A proxy before PostgreSQL, and the database's URL through it."""
    there = make_url(url)
    socket_folder = there.query.get("host")
    with ExitStack() as stack:
        if socket_folder:
            proxy = stack.enter_context(proxied(f"{socket_folder}/.s.PGSQL.{there.port or 5432}", rng))
        else:
            proxy = stack.enter_context(proxied((there.host or "127.0.0.1", there.port or 5432), rng))
        through = there.set(host="127.0.0.1", port=proxy.port, query={"sslmode": "disable"})
        yield proxy, through.render_as_string(hide_password=False)


@pytest.mark.slow
def test_requests_and_replies_lost_between_server_and_database(postgres_url: str) -> None:
    seed, bearer = seeded(), scene.prepare(postgres_url)
    with far_database(postgres_url, random.Random(seed)) as (proxy, through), served(through) as server:
        proxy.loss = 0.01  # of each piece; a request is dozens
        told = work(server.url, bearer, seed)
        assert_lossy(proxy)
    whole(postgres_url, told)


def test_a_terminated_backend_is_a_problem_that_may_be_tried_again(postgres_url: str) -> None:
    bearer = scene.prepare(postgres_url)
    app = scene.app(postgres_url)
    engine = app.state.engine  # type: ignore[attr-defined]
    maintenance = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    ask = Ask("k-1", "POST", "/periods/FY2024-Q1/close", "application/json", b"")
    moments = 0

    with TestClient(app, raise_server_exceptions=False) as client:  # type: ignore[arg-type]
        for moment in range(1, 600, 3):  # just before the first statement, before the fourth, ...
            left = moment

            def terminate(conn: object, cursor: object, *_: object) -> None:
                nonlocal left
                left -= 1
                if left == 0:
                    with maintenance.connect() as other:
                        pid = cursor.connection.info.backend_pid  # type: ignore[attr-defined]
                        other.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)")

            event.listen(engine, "before_cursor_execute", terminate)
            answer = ask.send(client, bearer)
            event.remove(engine, "before_cursor_execute", terminate)
            if answer.status == 200:
                assert left > 0, "it got through because nothing was terminated"
                break
            assert (answer.status, answer.data["code"]) == (503, "database-lost"), answer
            moments += 1
        assert moments > 10
        again = ask.send(client, bearer)
        assert (again.status, again.replayed, again.body) == (200, True, answer.body)
    maintenance.dispose()
    whole(postgres_url, [ask, answer])
