"""Group commit: posts that come at the same time share a transaction, and each is answered as if it had been alone."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from api.app import create_app
from api.bodies import Given
from api.database import reading
from api.posting import batch as posting_batch
from api.posting import queue as posting_queue
from api.posting.batch import Asked
from api.posting.queue import PostingQueue
from api.posting.route import sent
from commissioning import service as commissioning
from commissioning.proposals import store as proposals_store
from ledger import service as books
from ledger import store
from ledger.model import Head
from ledger.refusals import DatabaseLost
from tests.api.conftest import AGREEMENT, MILLBROOK, SECRET, YAML, Clock, MakeKey, awaited, entry, head
from tests.api.test_refusals import refused

ENTRIES = f"{MILLBROOK}/entries"
Post = Callable[[], Response]


def app_of(client: TestClient) -> FastAPI:
    found = client.app
    assert isinstance(found, FastAPI)
    return found


@contextmanager
def held(engine: Engine) -> Iterator[Connection]:
    """Somebody else is at work on the books: every writer waits."""
    with engine.begin() as conn:
        books.open_book(conn, "millbrook", lock=True)
        yield conn


def lanes(queue: PostingQueue) -> list[int]:
    """How many wait in each lane; none where all who came are in the batch under way."""
    return [len(lane.waiting) for lane in list(queue._lanes.values())]


def at_once(client: TestClient, posts: list[Callable[[], Response]]) -> list[Response]:
    """Sends the first, and while that waits for the books all the others, which so come together."""
    queue: PostingQueue = app_of(client).state.posting
    with ThreadPoolExecutor(len(posts)) as pool:
        with held(app_of(client).state.engine):
            first = pool.submit(posts[0])
            while lanes(queue) != [0]:
                assert not first.done(), first.result().text
                time.sleep(0.002)
            others: list[Future[Response]] = []
            for post in posts[1:]:
                others.append(pool.submit(post))
                while lanes(queue) != [len(others)]:
                    time.sleep(0.002)
        return [first.result(), *(one.result() for one in others)]


def a_post(client: TestClient, reference: str, key: str = "", bearer: str = "", **changed: Any) -> Post:
    headers = ({"Idempotency-Key": key} if key else {}) | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
    return lambda: client.post(ENTRIES, json={**entry(), "reference": reference, **changed}, headers=headers)


def seals(client: TestClient) -> list[tuple[int, int]]:
    with reading(app_of(client).state.engine).begin() as conn:
        return [(one.first, one.last) for one in store.batches(conn, books.open_book(conn, "millbrook"))]


def unbalanced() -> dict[str, Any]:
    return {"postings": [{**one, "amount": "1.00"} for one in entry()["postings"]]}


def test_good_posts_share_a_seal_and_only_the_bad_are_refused(millbrook: TestClient, make_key: MakeKey) -> None:
    before, there = head(millbrook), seals(millbrook)
    reader = make_key("millbrook", ("board-reader",))
    poster = make_key("millbrook", ("finance-officer",), holder="Ada")
    answers = at_once(millbrook, [
        a_post(millbrook, "first"),
        a_post(millbrook, "good-1", key="k1"),
        a_post(millbrook, "lopsided", key="k2", **unbalanced()),
        a_post(millbrook, "good-2", bearer=poster),
        a_post(millbrook, "closed", date="2023-01-01"),
        a_post(millbrook, "mine", bearer=reader),
        a_post(millbrook, "nobody", bearer="pbk_made-up"),
        a_post(millbrook, "good-1", key="k1"),
        a_post(millbrook, "good-1", memo="another"),
        a_post(millbrook, "good-2"),
        a_post(millbrook, "good-3", key="k3"),
    ])
    good = {0: "first", 1: "good-1", 3: "good-2", 10: "good-3"}
    number = before["entries"]
    for place, reference in good.items():
        number += 1
        assert answers[place].status_code == 201, answers[place].text
        said = answers[place].json()
        assert (said["posted"], said["skipped"]) == (1, 0)
        assert said["entries"] == [{"id": number, "reference": reference}]
        assert said["ledger"]["entries"] == number
    refused(answers[2], 422, "unbalanced")
    refused(answers[4], 422, "no-version-in-force")
    refused(answers[5], 403, "right-missing")
    refused(answers[6], 401, "bearer-unknown")
    assert answers[7].content == answers[1].content
    assert answers[7].headers["idempotency-replayed"] == "true"
    refused(answers[8], 409, "reference-reused")
    assert (answers[9].json()["posted"], answers[9].json()["skipped"]) == (0, 1)
    assert answers[9].json()["entries"] == answers[3].json()["entries"]
    first = before["entries"] + 1
    assert seals(millbrook) == [*there, (first, first), (first + 1, first + 3)], "the good ones share a seal"
    with reading(app_of(millbrook).state.engine).begin() as conn:
        book = books.open_book(conn, "millbrook")
        assert commissioning.verify(conn, book) == []
        noted = [Head(*said.json()["ledger"].values()) for said in answers if said.status_code == 201]
        assert books.verify(conn, book, noted) == [], "each was told a head of the chain"
        by = {one.first: one.by.person for one in proposals_store.recordings(conn, book, first - 1)}
        assert sorted(by) == list(range(first, first + 4)), "each is recorded as its own"
        assert by[answers[3].json()["entries"][0]["id"]] == "Ada"
        assert store.remembered(conn, book, "k2") is None


def test_who_repeats_what_is_there_is_answered_alike_and_the_others_still_share_a_seal(millbrook: TestClient) -> None:
    """Nothing is looked up for those that seem new; where the database meets one that is not, all begin again."""
    kept = a_post(millbrook, "there", key="k")()
    assert kept.status_code == 201
    there = seals(millbrook)
    answers = at_once(millbrook, [
        a_post(millbrook, "first"),
        a_post(millbrook, "new-1", key="n1"),
        a_post(millbrook, "there", key="k"),
        a_post(millbrook, "there"),
        a_post(millbrook, "there", memo="another"),
        a_post(millbrook, "other", key="k"),
        a_post(millbrook, "new-2", key="n2"),
    ])
    assert [one.status_code for one in answers] == [201, 201, 201, 201, 409, 409, 201]
    assert answers[2].content == kept.content
    assert (answers[3].json()["posted"], answers[3].json()["entries"]) == (0, kept.json()["entries"])
    refused(answers[4], 409, "reference-reused")
    refused(answers[5], 409, "idempotency-key-reused")
    last = kept.json()["entries"][0]["id"]
    assert seals(millbrook) == [*there, (last + 1, last + 1), (last + 2, last + 3)]


def test_what_waits_for_a_second_person_waits_and_the_others_are_posted(millbrook: TestClient,
                                                                       make_key: MakeKey) -> None:
    text = AGREEMENT.replace("year_starts: 04-01", "year_starts: 04-01, four_eyes: {entries_above: 5000}")
    assert millbrook.put(f"{MILLBROOK}/agreement", content=text, headers=YAML).status_code == 200
    large: dict[str, Any] = {"postings": entry(amount="6000")["postings"]}
    answers = at_once(millbrook, [a_post(millbrook, "a"), a_post(millbrook, "b", **large), a_post(millbrook, "c")])
    assert [one.status_code for one in answers] == [201, 202, 201]
    listed = millbrook.get(f"{ENTRIES}?kind=journal").json()["items"]
    assert [one["reference"] for one in listed] == ["a", "c"]


def test_many_entries_of_many_callers_share_a_seal_as_few_do(millbrook: TestClient) -> None:
    def some(caller: int) -> Post:
        sent = [{**entry(), "reference": f"{caller}-{n}"} for n in range(200)]
        return lambda: millbrook.post(ENTRIES, json=sent)

    there = seals(millbrook)
    answers = at_once(millbrook, [a_post(millbrook, "first"), *(some(caller) for caller in range(3))])
    assert [one.status_code for one in answers] == [201] * 4
    last = there[-1][1]
    assert seals(millbrook) == [*there, (last + 1, last + 1), (last + 2, last + 601)]


def straight(client: TestClient, body: bytes, *more: tuple[bytes, bytes], whole: bool) -> tuple[int, int]:
    """The status of an answer to a request as a server hands it over, and how many pieces of its body were taken."""
    pieces: list[Any] = [{"type": "http.request", "body": body, "more_body": True},
                         {"type": "http.request", "more_body": False} if whole else {"type": "http.disconnect"}]
    told, given = list[Any](), len(pieces)

    async def receive() -> Any:
        return pieces.pop(0) if pieces else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        told.append(message)

    headers = [(b"authorization", client.headers["Authorization"].encode()), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": ENTRIES, "query_string": b"", "headers": [*headers, *more],
             "server": ("testserver", 80), "scheme": "http", "root_path": ""}
    awaited(app_of(client)(scope, receive, send))
    return told[0]["status"], given - len(pieces)


def test_who_goes_away_in_the_middle_of_a_body_has_posted_nothing_and_may_repeat_it(millbrook: TestClient) -> None:
    before = head(millbrook)
    body = json.dumps({**entry(), "reference": "cut"}).encode()
    length = str(len(body) + 1).encode()
    straight(millbrook, body, (b"content-length", length), (b"idempotency-key", b"cut"), whole=False)
    assert head(millbrook) == before
    answer = millbrook.post(ENTRIES, content=body + b"\n", headers={"Content-Type": "application/json",
                                                                    "Idempotency-Key": "cut"})
    assert (answer.status_code, answer.json()["posted"]) == (201, 1)


def test_of_a_body_whose_length_is_told_twice_nothing_is_taken_from_somebody_unknown(millbrook: TestClient) -> None:
    millbrook.headers["Authorization"] = "Bearer pbk_made-up"
    lies = (b"content-length", b"10"), (b"transfer-encoding", b"chunked")
    assert straight(millbrook, b" " * 100, *lies, whole=True) == (401, 0)


def test_one_alone_is_a_batch_of_one(millbrook: TestClient) -> None:
    there = seals(millbrook)
    assert a_post(millbrook, "alone")().status_code == 201
    assert a_post(millbrook, "alone too")().status_code == 201
    last = there[-1][1]
    assert seals(millbrook) == [*there, (last + 1, last + 1), (last + 2, last + 2)]


def test_after_a_close_nothing_that_was_known_before_counts(millbrook: TestClient) -> None:
    assert a_post(millbrook, "before", date="2024-05-01")().status_code == 201
    assert millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close").status_code == 200
    refused(a_post(millbrook, "after", date="2024-05-01")(), 409, "period-closed")
    assert millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/reopen", json={"reason": "late"}).status_code == 200
    assert a_post(millbrook, "again", date="2024-05-01")().status_code == 201


@pytest.fixture
def beside(millbrook: TestClient, clock: Clock) -> Iterator[TestClient]:
    """A client of a second server process over the same database; it has posted, as has the first."""
    app = create_app(app_of(millbrook).state.settings, clock)
    with TestClient(app, raise_server_exceptions=False, headers=dict(millbrook.headers)) as client:
        for one in (millbrook, client):
            assert a_post(one, f"of {one is client}")().status_code == 201
        yield client


def known(client: TestClient) -> posting_batch.Known:
    """What a server knows of the books; it has posted."""
    queue: PostingQueue = app_of(client).state.posting
    return queue._known["millbrook"]


def test_what_another_server_posts_leaves_what_this_one_knows(millbrook: TestClient, beside: TestClient) -> None:
    before = known(millbrook)
    assert before.standing.cells
    other = entry("elsewhere", "expenses:respite", fund="carers")["postings"]
    assert a_post(beside, "elsewhere", postings=other)().status_code == 201
    assert a_post(millbrook, "here")().status_code == 201
    after = known(millbrook)
    assert after.agreement is before.agreement
    assert after.standing.periods is before.standing.periods
    assert after.standing.cells is before.standing.cells
    assert after.standing.seal is not None
    assert after.standing.seal.number == len(seals(millbrook))


def test_what_another_server_closes_is_closed_for_this_one(millbrook: TestClient, beside: TestClient) -> None:
    assert a_post(millbrook, "open", date="2024-05-01")().status_code == 201
    assert beside.post(f"{MILLBROOK}/periods/FY2024-Q1/close").status_code == 200
    assert a_post(millbrook, "in the next", date="2024-07-01")().status_code == 201
    assert known(millbrook).standing.periods.named("FY2024-Q1").closed
    refused(a_post(millbrook, "closed", date="2024-05-01")(), 409, "period-closed")


def test_an_agreement_that_another_server_applied_is_in_force_for_this_one(millbrook: TestClient,
                                                                           beside: TestClient) -> None:
    lines = entry()["postings"]
    lines[1]["partner"] = "trust"
    refused(a_post(millbrook, "of the trust", postings=lines)(), 422, "partner-unknown")
    joined = AGREEMENT.replace("\nagreements:", "\n  trust: {name: Millbrook Trust}\nagreements:")
    given = beside.put(f"{MILLBROOK}/agreement", content=joined, headers=YAML)
    assert given.status_code == 200, given.text
    assert a_post(millbrook, "of the trust", postings=lines)().status_code == 201
    assert "trust" in known(millbrook).agreement.partners


def test_where_other_books_stand_in_the_place_of_those_known_all_is_read_again(millbrook: TestClient) -> None:
    assert a_post(millbrook, "first")().status_code == 201
    queue: PostingQueue = app_of(millbrook).state.posting
    right = known(millbrook).standing
    assert right.seal is not None
    wrong = replace(right, seal=replace(right.seal, hash=bytes(32)), cells=dict.fromkeys(right.cells, 10**6))
    queue._remember("millbrook", replace(known(millbrook), standing=wrong))
    assert a_post(millbrook, "second")().status_code == 201
    assert known(millbrook).standing.cells == right.cells


def test_a_key_that_was_revoked_is_refused_at_once(millbrook: TestClient, make_key: MakeKey) -> None:
    from api.access import keys
    bearer = make_key("millbrook", ("finance-officer",))
    assert a_post(millbrook, "still", bearer=bearer)().status_code == 201
    with app_of(millbrook).state.engine.begin() as conn:
        book = books.open_book(conn, "millbrook")
        newest = keys.listing(conn, book)[-1]
        keys.revoke(conn, book, newest.id, dt.datetime.now(dt.UTC))
    refused(a_post(millbrook, "no more", bearer=bearer)(), 401, "bearer-revoked")


def test_a_batch_that_fails_is_done_one_by_one(millbrook: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = posting_batch.post_together

    def broken(conn: Connection, secret: bytes, partnership: str, asked: list[Asked], known: Any, **more: Any) -> Any:
        done = plain(conn, secret, partnership, asked, known, **more)
        if len(asked) > 1:
            raise ZeroDivisionError("all of it")
        return done

    monkeypatch.setattr(posting_queue, "post_together", broken)
    answers = at_once(millbrook, [a_post(millbrook, f"n{n}", key=f"n{n}") for n in range(4)])
    assert [one.status_code for one in answers] == [201] * 4
    listed = millbrook.get(f"{ENTRIES}?kind=journal").json()["items"]
    assert sorted(one["reference"] for one in listed) == ["n0", "n1", "n2", "n3"]


def test_where_the_commit_breaks_off_everybody_hears_so_and_repeats(millbrook: TestClient,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    """All was kept, but nobody could be told: the same request under the same key then tells."""
    from sqlalchemy.engine import RootTransaction
    plain, lost = RootTransaction.commit, [True]

    def commit(self: RootTransaction) -> None:
        plain(self)
        if lost and threading.current_thread().name.startswith("poolbook-posting"):
            lost.clear()
            raise OperationalError("COMMIT", {}, Exception("server closed the connection unexpectedly"))

    monkeypatch.setattr(RootTransaction, "commit", commit)
    answer = a_post(millbrook, "unheard", key="unheard")()
    refused(answer, 503, "database-lost")
    again = a_post(millbrook, "unheard", key="unheard")()
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.json()["posted"] == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("kept", [True, False], ids=["behind the commit", "before it"])
def test_where_the_connection_breaks_at_the_commit_nothing_is_acknowledged_that_may_be_lost(
        millbrook: TestClient, monkeypatch: pytest.MonkeyPatch, kept: bool) -> None:
    """The commit goes out with the writes; whether it arrived, the same request under the same key tells."""
    engine, plain, lost = app_of(millbrook).state.engine, psycopg.Connection.commit, [True]

    def commit(self: Any) -> None:
        breaks = lost and self.pgconn.pipeline_status
        if kept or not breaks:
            plain(self)
        if breaks:
            lost.clear()
            with engine.connect() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({self.info.backend_pid}, 5000)")

    monkeypatch.setattr(psycopg.Connection, "commit", commit)
    refused(a_post(millbrook, "unheard", key="unheard")(), 503, "database-lost")
    assert not lost
    assert references(engine) == ["unheard"] * kept
    again = a_post(millbrook, "unheard", key="unheard")()
    assert (again.status_code, again.json()["posted"]) == (201, 1)
    assert again.headers.get("idempotency-replayed") == ("true" if kept else None)
    assert references(engine) == ["unheard"]


def test_a_long_body_does_not_make_others_wait(millbrook: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("it goes by itself")

    monkeypatch.setattr(PostingQueue, "post", never)
    assert a_post(millbrook, "long", memo="x" * 70_000)().status_code == 201
    some = [{**entry(), "reference": f"of-many-{n}"} for n in range(400)]
    assert len(json.dumps(some)) > 65_536
    assert millbrook.post(ENTRIES, json=some).json()["posted"] == 400
    assert millbrook.post(f"{ENTRIES}?dry_run=true", json={**entry(), "reference": "dry"}).status_code == 200


def asked(bearer: str, reference: str) -> Asked:
    body = json.dumps({**entry(), "reference": reference}).encode()
    given = Given("POST", ENTRIES, "", "application/json", body, reference, 10**6)
    return Asked(bearer, given, sent(given), dt.datetime(2024, 10, 1, 12, tzinfo=dt.UTC))


def references(engine: Engine) -> list[str]:
    with reading(engine).begin() as conn:
        return [one.entry.reference for one in store.entries(conn, books.open_book(conn, "millbrook"),
                                                             kinds=["journal"])]


def test_who_has_gone_before_its_turn_leaves_nothing_and_stopping_answers_the_others(millbrook: TestClient,
                                                                                     make_key: MakeKey) -> None:
    engine, bearer = app_of(millbrook).state.engine, make_key("millbrook")
    queue = PostingQueue(engine, SECRET.encode())

    async def scenario() -> list[Any]:
        with held(engine):
            tasks = [asyncio.create_task(queue.post("millbrook", asked(bearer, "q0")))]
            while lanes(queue) != [0]:
                await asyncio.sleep(0.002)
            tasks += [asyncio.create_task(queue.post("millbrook", asked(bearer, f"q{n}"))) for n in range(1, 4)]
            while lanes(queue) != [3]:
                await asyncio.sleep(0.002)
            tasks[2].cancel()
            stopping = asyncio.create_task(queue.close())
            await asyncio.sleep(0.01)
        await stopping
        late = await queue.post("millbrook", asked(bearer, "late"))
        return [late, *await asyncio.gather(*tasks, return_exceptions=True)]

    late, first, second, gone, last = awaited(scenario())
    assert late is None, "after the end everybody goes the ordinary way"
    assert isinstance(gone, asyncio.CancelledError)
    assert [one.made[1] - one.made[0] for one in (first, second, last)] == [0, 0, 0]
    assert references(engine) == ["q0", "q1", "q3"]


def test_a_caller_whose_loop_has_ended_harms_nobody(millbrook: TestClient, make_key: MakeKey) -> None:
    engine, bearer = app_of(millbrook).state.engine, make_key("millbrook")
    queue = PostingQueue(engine, SECRET.encode())

    async def gone() -> None:
        asyncio.get_running_loop().create_task(queue.post("millbrook", asked(bearer, "gone")))
        while lanes(queue) != [0]:
            await asyncio.sleep(0.002)

    with held(engine):
        awaited(gone())
    awaited(queue.close())
    assert references(engine) == ["gone"], "it was under way"
    assert awaited(PostingQueue(engine, SECRET.encode()).post("millbrook", asked(bearer, "next"))) is not None


def test_those_who_come_at_the_same_moment_share_a_commit_and_one_alone_waits_for_nobody(
        millbrook: TestClient, make_key: MakeKey) -> None:
    """The first does not set out by itself while others stand behind it, some of them a turn of the loop later."""
    engine, bearer, there = app_of(millbrook).state.engine, make_key("millbrook"), seals(millbrook)
    queue = PostingQueue(engine, SECRET.encode())

    async def later(turns: int) -> Any:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await queue.post("millbrook", asked(bearer, f"t{turns}"))

    async def scenario() -> None:
        await asyncio.gather(*(later(turns) for turns in range(5)))
        await later(5)
        await queue.close()

    awaited(scenario())
    last = there[-1][1]
    assert seals(millbrook) == [*there, (last + 1, last + 5), (last + 6, last + 6)]
    assert not lanes(queue), "nothing is left where nobody waits"


def test_lanes_do_not_wait_for_each_other(admin: TestClient, make_key: MakeKey) -> None:
    """While one partnership's books are held (on SQLite: all of them), another's are written."""
    for name in ("millbrook", "other"):
        text = AGREEMENT.replace("id: millbrook", f"id: {name}")
        assert admin.put(f"/v1/partnerships/{name}/agreement", content=text, headers=YAML).status_code == 200
    if app_of(admin).state.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer for all")
    with ThreadPoolExecutor(1) as pool:
        with held(app_of(admin).state.engine):
            waiting = pool.submit(a_post(admin, "held"))
            answer = admin.post("/v1/partnerships/other/entries", json=entry())
            assert answer.status_code == 201
            assert not waiting.done()
        assert waiting.result().status_code == 201


def test_a_connection_that_was_lost_amid_a_batch_is_not_used_for_the_next(
        millbrook: TestClient, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, bearer = app_of(millbrook).state.engine, make_key("millbrook")
    if engine.dialect.name == "sqlite":
        pytest.skip("no connection to lose")
    queue, plain = PostingQueue(engine, SECRET.encode()), posting_batch._record
    def record(conn: Connection, *more: Any) -> None:
        driver: Any = conn.connection.driver_connection
        with engine.connect() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({driver.info.backend_pid}, 5000)")
        plain(conn, *more)

    with monkeypatch.context() as patched:
        patched.setattr(posting_batch, "_record", record)
        (unheard,) = queue._write("millbrook", [asked(bearer, "once")])
        assert isinstance(unheard, DatabaseLost)
    (answered,) = queue._write("millbrook", [asked(bearer, "once")])
    assert answered is not None
    awaited(queue.close())
