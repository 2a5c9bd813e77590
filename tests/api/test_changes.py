"""What changes the books: once for each idempotency key, all or nothing, and not at all in a dry run."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from tests.api.conftest import AGREEMENT, CSV, EVENTS, MILLBROOK, YAML, entry, head
from tests.api.test_refusals import refused

ENTRIES = f"{MILLBROOK}/entries"
LATER = "date,event,service,amount,reference\n2024-05-20,expenditure,beds,10.00,INV-9\n"


def keyed(key: str = "k-1", **more: str) -> dict[str, str]:
    return {"Idempotency-Key": key, **more}


def test_the_same_key_has_one_effect(millbrook: TestClient) -> None:
    first = millbrook.post(ENTRIES, json=entry(), headers=keyed())
    after = head(millbrook)
    again = millbrook.post(ENTRIES, json=entry(), headers=keyed())
    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    assert again.headers["content-type"] == "application/json"
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    for other in (millbrook.post(ENTRIES, json=entry("J-2"), headers=keyed()),
                  millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close", headers=keyed())):
        refused(other, 409, "idempotency-key-reused")
    assert head(millbrook) == after


def test_every_change_can_be_repeated(millbrook: TestClient) -> None:
    number = millbrook.post(ENTRIES, json=entry()).json()["entries"][0]["id"]
    undo = json.dumps({"date": "2024-08-02", "reference": "R"})
    js = {"Content-Type": "application/json"}
    calls: list[tuple[str, str, str, dict[str, str]]] = [
        ("PUT", "agreement", AGREEMENT.replace("NHS Millbrook", "NHS"), YAML),
        ("POST", "events", f"{EVENTS}2024-07-15,expenditure,beds,,,1.00,INV-3,\n", CSV),
        ("POST", f"entries/{number}/reversal", undo, js), ("POST", "periods/FY2024-Q1/close", "", {}),
        ("POST", "periods/FY2024-Q1/reopen", '{"reason": "a late invoice"}', js)]
    for i, (method, path, body, headers) in enumerate(calls):
        before = head(millbrook)
        answers: list[Response] = []
        for _ in range(2):
            answers.append(millbrook.request(method, f"{MILLBROOK}/{path}", content=body,
                                             headers=keyed(f"k-{i}", **headers)))
            after = head(millbrook)
        assert answers[0].status_code < 300, answers[0].text
        assert answers[1].headers["idempotency-replayed"] == "true"
        assert answers[1].content == answers[0].content
        assert answers[0].json().get("ledger", after) == after != before


def test_the_first_agreement_can_be_repeated_too(admin: TestClient) -> None:
    answers = [admin.put(f"{MILLBROOK}/agreement", content=AGREEMENT, headers=keyed(**YAML)) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["idempotency-replayed"] == "true"


def test_a_refusal_is_not_remembered(millbrook: TestClient) -> None:
    early = entry(account="expenses:other")
    refused(millbrook.post(ENTRIES, json=early, headers=keyed()), 422, "account-unknown")
    assert millbrook.post(ENTRIES, json=entry(), headers=keyed()).status_code == 201


def test_clients_that_repeat_at_once_have_one_effect(millbrook: TestClient) -> None:
    def post(_: int) -> Response:
        return millbrook.post(ENTRIES, json=entry(), headers=keyed())

    before = head(millbrook)["entries"]
    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(post, range(8)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert head(millbrook)["entries"] == before + 1


def test_clients_that_post_at_once_all_get_their_number(millbrook: TestClient) -> None:
    def post(n: int) -> int:
        answer = millbrook.post(ENTRIES, json=entry(f"J-{n}"))
        assert answer.status_code == 201, answer.text
        return int(answer.json()["entries"][0]["id"])

    before = head(millbrook)["entries"]
    with ThreadPoolExecutor(8) as clients:
        numbers = list(clients.map(post, range(24)))
    assert sorted(numbers) == list(range(before + 1, before + 25)), "gapless"
    assert head(millbrook)["entries"] == before + 24


def test_a_dry_run_says_and_keeps_nothing(millbrook: TestClient) -> None:
    before = head(millbrook)
    dry = "dry_run=true"
    row = f"{EVENTS}2024-07-15,expenditure,beds,,,1.00,INV-3,\n"
    changed = AGREEMENT.replace("NHS Millbrook", "NHS")
    answers = [millbrook.put(f"{MILLBROOK}/agreement?{dry}", content=changed, headers=keyed(**YAML)),
               millbrook.post(f"{MILLBROOK}/events?{dry}", content=row, headers=keyed(**CSV)),
               millbrook.post(f"{ENTRIES}?{dry}", json=entry(), headers=keyed()),
               millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close?{dry}", headers=keyed())]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        assert answer.json()["dry_run"] is True
        assert answer.json()["ledger"]["entries"] > before["entries"], "where the books would stand"
    assert answers[1].json()["posted"] == 1
    refused(millbrook.post(f"{ENTRIES}?{dry}", json=entry(account="expenses:x")), 422, "account-unknown")
    assert head(millbrook) == before
    assert millbrook.get(f"{MILLBROOK}/statements").json() == {"items": []}
    assert millbrook.post(ENTRIES, json=entry(), headers=keyed()).status_code == 201, "nor is the key used up"


def test_a_dry_run_of_a_new_partnership_leaves_none(admin: TestClient) -> None:
    tried = admin.put(f"{MILLBROOK}/agreement?dry_run=true", content=AGREEMENT, headers=YAML)
    assert tried.json()["changes"]
    refused(admin.get(f"{MILLBROOK}/periods"), 404, "partnership-unknown")


def test_the_answer_waits_for_the_commit(millbrook: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import Connection

    def failing(_: Connection) -> None:
        raise RuntimeError("the disk is full")

    where, before = f"{MILLBROOK}/events", head(millbrook)  # posts that share a commit have tests of their own
    with monkeypatch.context() as patched:
        patched.setattr(Connection, "commit", failing)
        refused(millbrook.post(where, content=LATER, headers=keyed(**CSV)), 500, "unexpected")
    assert head(millbrook) == before
    assert millbrook.post(where, content=LATER, headers=keyed(**CSV)).json()["posted"] == 1
