"""A hot standby answers for the figures and for nothing else; promoted after a crash it has all that was acknowledged.

The first tests set a copy of an SQLite file in the standby's place, which shows where each answer comes from. The last
one starts two clusters of PostgreSQL.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api import looking
from api.access import keys
from api.access.rights import ROLES
from api.app import create_app
from api.database import connect, reading
from api.refusals import StandbyOther
from api.settings import Settings
from commissioning import service
from ledger import service as books
from ledger.model import Entry, Posting
from ledger.tables import entry as entry_table
from tests.scale import pair
from tests.survival import scene

ELSEWHERE = Entry("journal", dt.date(2024, 5, 14), "ELSEWHERE", "Beds", (
    Posting("expenses:beds", 100), Posting("liabilities:providers", -100)))


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    """A database with one entry more than the copy that stands in for a standby."""
    scene.prepare(sqlite_url)
    behind = tmp_path / "standby.db"
    shutil.copyfile(sqlite_url.removeprefix("sqlite:///"), behind)
    return dataclasses.replace(scene.settings(sqlite_url), read_database=f"sqlite:///{behind}")


@pytest.fixture
def key(settings: Settings) -> tuple[str, str]:
    """A key of which the standby knows nothing yet: its id and its text."""
    engine = connect(settings.database)
    with engine.begin() as conn:
        return keys.create(conn, scene.SECRET.encode(), books.open_book(conn, scene.ID), "new", tuple(ROLES),
                           scene.NOW)


@pytest.fixture
def client(settings: Settings, key: tuple[str, str]) -> Iterator[TestClient]:
    with TestClient(create_app(settings), headers={"Authorization": f"Bearer {key[1]}"}) as made:
        yield made


def test_balances_entries_and_statements_come_from_the_standby_and_the_rest_does_not(client: TestClient) -> None:
    posted = client.post(f"{scene.PATH}/entries", json=pair.entry("NEW-1"))
    assert posted.status_code == 201, posted.text
    number = posted.json()["entries"][0]["id"]
    assert client.get(f"{scene.PATH}/entries", params={"reference": "NEW-1"}).json()["items"] == []
    assert client.get(f"{scene.PATH}/entries/{number}").status_code == 404
    amounts = {one["account"] for one in client.get(f"{scene.PATH}/balances").json()["items"]}
    assert "expenses:beds" not in amounts
    closed = client.post(f"{scene.PATH}/periods/FY2024-Q1/close")
    assert closed.status_code in (200, 201), closed.text
    assert client.get(f"{scene.PATH}/statements").json()["items"] == []
    assert client.get(f"{scene.PATH}/statements/FY2024-Q1").status_code == 404
    periods = client.get(f"{scene.PATH}/periods").json()["items"]
    assert [one["status"] for one in periods if one["id"] == "FY2024-Q1"] == ["closed"]
    verified = client.get(f"{scene.PATH}/verify").json()
    assert verified["ledger"]["entries"] > number


def test_a_key_that_was_revoked_is_refused_though_the_standby_takes_it_for_good(
        client: TestClient, settings: Settings, key: tuple[str, str]) -> None:
    shutil.copyfile(settings.database.removeprefix("sqlite:///"), settings.read_database.removeprefix("sqlite:///"))
    engine = connect(settings.database)
    with engine.begin() as conn:
        keys.revoke(conn, books.open_book(conn, scene.ID), key[0], scene.NOW)
    assert client.get(f"{scene.PATH}/balances").status_code == 401


def test_a_standby_of_other_books_is_refused(settings: Settings, sqlite_template: Path, tmp_path: Path) -> None:
    looking.check(settings)
    looking.check(dataclasses.replace(settings, read_database=""))
    other = tmp_path / "other.db"
    shutil.copyfile(sqlite_template, other)
    scene.prepare(f"sqlite:///{other}")
    engine = connect(f"sqlite:///{other}")
    with engine.begin() as conn:
        posted = books.post(conn, books.open_book(conn, scene.ID), [ELSEWHERE], scene.NOW)
    assert not posted.skipped
    with pytest.raises(StandbyOther, match="millbrook"):
        looking.check(dataclasses.replace(settings, read_database=f"sqlite:///{other}"))


def test_a_standby_that_does_not_answer_keeps_no_server_from_starting(settings: Settings, tmp_path: Path) -> None:
    looking.check(dataclasses.replace(settings, read_database=f"sqlite:///{tmp_path}/not/there.db"))


@pytest.mark.slow
def test_a_standby_serves_while_the_primary_posts_and_loses_nothing_when_it_takes_over() -> None:
    with pair.pair() as both:
        bearer = scene.prepare(both.url())
        both.caught_up()
        with pair.server(both) as server, httpx.Client(base_url=server.url, timeout=20, headers={
                "Authorization": f"Bearer {bearer}"}) as client:
            _reads_come_from_the_standby(client, both)
            both.synchronous()
            posters = [pair.Poster(server.url, bearer, f"P{n}") for n in range(6)]
            pair.until(lambda: sum(len(one.acknowledged) for one in posters) > 100)
            assert client.get(f"{scene.PATH}/balances").status_code == 200
            both.primary.kill()
            before = {reference for one in posters for reference in list(one.acknowledged)}
            both.standby.promote()
            pair.until(lambda: all(len(one.acknowledged) > len([r for r in before if r.startswith(f"{one.name}-")]) + 5
                                   for one in posters))
            acknowledged = {reference for one in posters for reference in one.ended()}
            assert before < acknowledged
            assert client.get(f"{scene.PATH}/balances").status_code == 200
        there = _soundly_there(both)
        assert acknowledged <= set(there)
        assert len(there) == len(set(there)), "an entry is there twice"


def _reads_come_from_the_standby(client: httpx.Client, both: pair.Pair) -> None:
    """What the standby has not yet replayed is not shown, though it is posted and answered for."""
    both.standby.sql("SELECT pg_wal_replay_pause()")
    posted = client.post(f"{scene.PATH}/entries", json=pair.entry("LATE"))
    assert posted.status_code == 201, posted.text
    wanted = {"reference": "LATE"}
    assert client.get(f"{scene.PATH}/entries", params=wanted).json()["items"] == []
    both.standby.sql("SELECT pg_wal_replay_resume()")
    both.caught_up()
    assert len(client.get(f"{scene.PATH}/entries", params=wanted).json()["items"]) == 1


def _soundly_there(both: pair.Pair) -> list[str]:
    """Every reference of an entry by hand that the promoted standby holds; its books are sound."""
    engine = connect(both.standby.database(pair.BOOKS))
    try:
        with reading(engine).begin() as conn:
            book = books.open_book(conn, scene.ID)
            assert service.verify(conn, book) == []
            return list(conn.scalars(select(entry_table.c.reference).where(entry_table.c.kind == "journal")))
    finally:
        engine.dispose()
