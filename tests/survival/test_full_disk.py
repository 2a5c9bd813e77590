"""A full disk refuses in clear words, leaves nothing half written, and is forgotten once there is room again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from api.database import connect
from tests.survival import scene
from tests.survival.disk import disk
from tests.survival.load import Answer, Ask
from tests.survival.postmaster import postmaster
from tests.survival.soundness import sound

MOST = 2_000  # requests that would fill any disk of these tests
LINES = 200  # entries in each


def bulky(number: int) -> Ask:
    """A request that makes many entries."""
    sent = [{"date": "2025-02-01", "reference": f"B-{number}/{n}", "memo": "x" * 200, "postings": [
        {"account": "expenses:beds", "amount": "1.00"}, {"account": "liabilities:providers", "amount": "-1.00"}]}
            for n in range(LINES)]
    return Ask(f"bulky-{number}", "POST", "/entries", "application/json", json.dumps(sent).encode(),
               tuple(("journal", str(one["reference"])) for one in sent))


def fill_up(client: TestClient, bearer: str, make_room: Callable[[], None]) -> tuple[list[Ask], dict[str, Answer]]:
    """Posts until the disk is full, a few times more, makes room, and posts what was refused and more."""
    asked: list[Ask] = []
    answers: dict[str, Answer] = {}

    def post(ask: Ask) -> Answer:
        answer = ask.send(client, bearer)
        answers[ask.key] = answer
        return answer

    for number in range(MOST):
        asked.append(bulky(number))
        if not post(asked[-1]).done:
            break
    refused(answers[asked[-1].key])
    assert number > 2, "there was room for some"
    for _ in range(3):
        refused(post(asked[-1]))
    books = client.get(f"{scene.PATH}/verify", headers={"Authorization": f"Bearer {bearer}"})
    assert books.status_code == 200, "they can still be read"
    assert books.json()["sound"]
    assert sum(answer.done for answer in answers.values()) == number
    make_room()
    assert post(asked[-1]).done, "what was refused is done once there is room"
    asked.append(bulky(number + 1))
    assert post(asked[-1]).done
    return asked, answers


def refused(answer: Answer) -> None:
    found: dict[str, Any] = answer.data
    assert (answer.status, found["code"]) == (507, "database-full"), found
    assert "nothing was recorded" in found["detail"]
    assert "makes room" in found["remedy"]


def whole(url: str, asked: list[Ask], answers: dict[str, Answer]) -> None:
    engine = connect(url)
    assert not sound(engine, asked, answers, {}).silently
    engine.dispose()


def test_sqlite_at_its_page_limit(sqlite_url: str) -> None:
    bearer = scene.prepare(sqlite_url)
    app: Any = scene.app(sqlite_url)
    most = {"pages": 0}

    def limit(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {most['pages']}")

    event.listen(app.state.engine, "connect", limit)
    event.listen(app.state.engine, "checkout", limit)
    most["pages"] = 200 + Path(sqlite_url.removeprefix("sqlite:///")).stat().st_size // 4096
    with TestClient(app, raise_server_exceptions=False) as client:
        asked, answers = fill_up(client, bearer, lambda: most.update(pages=100_000))
    whole(sqlite_url, asked, answers)


def test_sqlite_on_a_full_disk() -> None:
    with disk("12m") as small:
        url = f"sqlite:///{small.root}/books.db"
        bearer = scene.prepare(url)
        small.fill(leave=2_000_000)
        with TestClient(scene.app(url), raise_server_exceptions=False) as client:  # type: ignore[arg-type]
            asked, answers = fill_up(client, bearer, small.empty)
        whole(url, asked, answers)


@pytest.mark.slow
def test_postgresql_on_a_full_disk() -> None:
    with disk("32m") as small, postmaster() as server:
        (small.root / "space").mkdir(mode=0o777)
        server.sql(f"CREATE TABLESPACE small LOCATION '{server.own(small.root / 'space')}'")
        server.sql("CREATE DATABASE pb_siege TABLESPACE small")
        url = server.database("pb_siege")
        bearer = scene.prepare(url)
        small.fill(leave=2_000_000)
        with TestClient(scene.app(url), raise_server_exceptions=False) as client:  # type: ignore[arg-type]
            asked, answers = fill_up(client, bearer, small.empty)
        whole(url, asked, answers)


@pytest.mark.slow
def test_postgresql_whose_log_has_no_room() -> None:
    """Its server stops altogether, rather than answer for what it cannot write down; started again, it goes on."""
    with disk("160m") as small, postmaster(("wal_recycle=off",), home=small.root) as server:
        server.sql("CREATE DATABASE pb_siege")
        url = server.database("pb_siege")
        bearer = scene.prepare(url)
        small.fill(leave=8_000_000)
        asked: list[Ask] = []
        answers: dict[str, Answer] = {}
        with TestClient(scene.app(url), raise_server_exceptions=False) as client:  # type: ignore[arg-type]
            for number in range(MOST):
                asked.append(bulky(number))
                answer = asked[-1].send(client, bearer)
                if not answer.done:
                    break
                answers[asked[-1].key] = answer
            assert answer.status in (503, 507), answer
            assert answer.data["code"] in ("database-lost", "database-full", "server-not-ready")
            small.empty()
            server.stop()
            server.start()
            first = asked[-1].send(client, bearer)
            assert first.done
            answers[first.key] = first
            assert asked[-1].send(client, bearer).replayed
        whole(url, asked, answers)
