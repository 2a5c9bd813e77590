"""Four eyes over HTTP: what waits, what approval does, and who may do which of the two."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy.exc import DBAPIError

from commissioning.proposals.rules import APPROVAL
from ledger import service as books
from ledger.constraints import rule_of
from tests.api.conftest import AGREEMENT, CSV, EVENTS, MILLBROOK, YAML, MakeKey, entry, head
from tests.api.test_refusals import refused
from tests.conftest import NOW

ABOVE = "four_eyes: {entries_above: 5000}"
TERMS = AGREEMENT.replace("year_starts: 04-01", f"year_starts: 04-01, {ABOVE}")
HEADER = EVENTS.splitlines()[0]
ENTRIES, PROPOSALS = f"{MILLBROOK}/entries", f"{MILLBROOK}/proposals"
LARGE = f"{HEADER}\n2024-07-20,expenditure,beds,,,5000.00,INV-5,\n2024-07-21,expenditure,beds,,,5000.01,INV-6,\n"


@dataclass
class People:
    """Ada makes proposals, Ben approves them; Ada has a second key with which she would approve her own."""

    client: TestClient
    ada: dict[str, str]
    ben: dict[str, str]
    ada_again: dict[str, str]
    sound: bool = True

    def post(self, path: str, who: str = "ada", **more: Any) -> Response:
        headers = {**getattr(self, who), **more.pop("headers", {})}
        return self.client.post(f"{MILLBROOK}/{path}", headers=headers, **more)

    def put(self, text: str, who: str = "ada", **more: str) -> Response:
        return self.client.put(f"{MILLBROOK}/agreement", content=text, headers={**getattr(self, who), **YAML, **more})

    def waiting(self, answer: Response) -> dict[str, Any]:
        """The proposal with which a request was answered; the books are as they were before it."""
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json()
        assert found["status"] == "open"
        return found

    def approve(self, number: int, who: str = "ben", **headers: str) -> Response:
        return self.post(f"proposals/{number}/approval", who, headers=headers)

    def last(self) -> dict[str, Any]:
        """The entry that was recorded last."""
        found: dict[str, Any] = self.client.get(f"{ENTRIES}/{head(self.client)['entries']}").json()
        return found


@pytest.fixture
def people(admin: TestClient, make_key: MakeKey) -> Iterator[People]:
    """The invented partnership under four eyes from its first agreement on, with some events below the threshold."""
    assert admin.put(f"{MILLBROOK}/agreement", content=TERMS, headers=YAML).status_code == 200
    assert admin.post(f"{MILLBROOK}/events", content=EVENTS, headers=CSV).status_code == 200

    def key(holder: str, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {make_key('millbrook', (role,), holder=holder)}"}

    them = People(admin, key("Ada Ali", "finance-officer"), key("Ben Bó", "approver"), key("ada  ALI", "approver"))
    yield them
    sound = admin.get(f"{MILLBROOK}/verify").json()["sound"]
    assert sound == them.sound, "whatever was done, the books are sound and nothing stands in them unapproved"


def test_what_is_below_the_threshold_does_not_wait(people: People) -> None:
    assert people.post("entries", json=entry(amount="5000.00")).status_code == 201
    assert people.client.get(PROPOSALS).json() == {"items": [], "next": None}


def test_a_file_with_one_large_row_waits_whole(people: People) -> None:
    before = head(people.client)
    found = people.waiting(people.post("events", content=LARGE, headers=CSV))
    assert head(people.client) == before
    assert found["because"] == "INV-6 of 5,000.01 is above 5,000.00 and waits for a second person"
    assert found["outcome"] == ["2 events posted",
                                "2024-07-21 expenditure beds INV-6: 5,000.01",
                                "2024-07-20 expenditure beds INV-5: 5,000.00",
                                "expenditure: 2 entries, 10,000.01 in all"]
    assert (found["number"], found["kind"], found["entries"]) == (1, "events", 2)
    assert found["person"] == "Ada Ali"
    done = people.approve(1)
    assert (done.status_code, done.json()["status"]) == (200, "approved")
    assert head(people.client)["entries"] == before["entries"] + 3
    note = people.last()
    assert (note["kind"], note["id"], note["postings"]) == (APPROVAL, done.json()["decision"]["entry"], [])
    assert note["details"]["maker"]["person"] == "Ada Ali"
    assert note["details"]["approver"]["person"] == "Ben Bó"
    assert note["details"]["sha256"] == found["sha256"]
    assert note["details"]["entries"] == [before["entries"] + 1, before["entries"] + 2]
    posted = people.client.get(f"{ENTRIES}?reference=INV-6").json()["items"]
    assert posted[0]["recorded_at"] > found["made_at"], "known from the approval on"
    assert [r["person"] for r in people.client.get(f"{MILLBROOK}/recordings").json()["items"]][-1] == "Ben Bó"


CHANGES = {
    "entry": lambda p: p.post("entries", json=entry(amount="-5000.01")),
    "events": lambda p: p.post("events", content=LARGE, headers=CSV),
    "forecast": lambda p: p.post("events", json=[{"date": "2024-08-01", "event": "forecast", "service": "beds",
                                                  "amount": "12000", "reference": "F-1"}]),
    "close": lambda p: p.post("periods/FY2024-Q1/close"),
    "reversal event": lambda p: p.post("events", json=[{"date": "2024-08-01", "event": "reversal", "against": "INV-2",
                                                        "reference": "R-1"}]),
    "reversal": lambda p: p.post("entries/4/reversal", json={"date": "2024-08-01", "reference": "R-1"}),
    "agreement": lambda p: p.put(TERMS.replace("NHS Millbrook", "NHS")),
    "less than four eyes": lambda p: p.put(AGREEMENT),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_each_change_waits_and_is_done_by_its_approval(people: People, change: Any) -> None:
    before = head(people.client)
    found = people.waiting(change(people))
    assert people.waiting(change(people))["number"] == 1, "the same request is the same proposal"
    assert head(people.client) == before
    shown = people.client.get(f"{PROPOSALS}/1").json()
    assert shown.pop("request")
    assert {**found, "request": None} == {**shown, "request": None}
    refused(people.approve(1, "ada_again"), 403, "maker-cannot-approve")
    refused(people.approve(1, "ada"), 403, "right-missing")
    assert head(people.client) == before
    assert people.approve(1).status_code == 200
    assert head(people.client)["entries"] == before["entries"] + found["entries"] + 1
    refused(people.approve(1), 409, "proposal-decided")
    refused(people.post("proposals/1/rejection", "ben", json={"reason": "No"}), 409, "proposal-decided")
    assert [one["status"] for one in people.client.get(PROPOSALS).json()["items"]] == ["approved"]


def test_a_reopening_waits(people: People) -> None:
    people.waiting(people.post("periods/FY2024-Q1/close"))
    people.approve(1)
    found = people.waiting(people.post("periods/FY2024-Q1/reopen", json={"reason": "A late invoice"}))
    assert found["outcome"][0] == "opens FY2024-Q1 again: A late invoice"
    assert people.approve(2).status_code == 200
    assert people.client.get(f"{MILLBROOK}/periods").json()["items"][0]["status"] == "open"


def test_a_close_shows_the_figures_that_it_would_settle(people: People) -> None:
    told = people.waiting(people.post("periods/FY2024-Q1/close"))["outcome"]
    assert told[0] == "closes FY2024-Q1, issue 1"
    assert any("Millbrook" in words or "overspen" in words or "underspen" in words for words in told), told


def test_a_change_of_the_terms_is_approved_under_those_in_force(people: People) -> None:
    people.waiting(people.put(AGREEMENT))
    assert people.approve(1).status_code == 200
    assert people.post("entries", json=entry(amount="9000.00")).status_code == 201, "now nothing waits"
    assert people.put(TERMS).status_code == 200, "and four eyes come back without a second person"
    people.waiting(people.post("entries", json=entry("J-2", amount="9000.00")))


def test_accruals_reverse_themselves_without_a_second_person(people: People) -> None:
    row = {"date": "2024-05-31", "event": "accrual", "service": "beds", "amount": "100.00", "reference": "A-1"}
    assert people.post("events", json=[row]).status_code == 200
    people.waiting(people.post("events", json=[{**row, "amount": "5000.01", "reference": "A-2"}]))
    assert people.post("events", json=[{**row, "amount": "1.00", "reference": "A-3"}]).status_code == 200
    assert people.approve(1).status_code == 200, "the number of the entry undone is another now, the outcome is not"


def test_what_is_approved_is_what_was_shown(people: People) -> None:
    people.waiting(people.post("periods/FY2024-Q1/close"))
    row = f"{HEADER}\n2024-06-20,expenditure,beds,,,10.00,INV-9,\n"
    assert people.post("events", content=row, headers=CSV).status_code == 200
    before = head(people.client)
    refused(people.approve(1), 409, "proposal-outdated")
    assert head(people.client) == before
    again = people.waiting(people.post("periods/FY2024-Q1/close"))
    assert again["number"] == 2, "the same request, with other figures"
    assert people.approve(2).status_code == 200
    refused(people.approve(1), 409, "period-already")
    assert people.client.get(f"{PROPOSALS}/1").json()["status"] == "open", "what the books refuse stays open"
    assert people.post("proposals/1/withdrawal").json()["status"] == "withdrawn"


def test_a_proposal_is_rejected_with_a_reason_or_withdrawn_by_its_maker(people: People) -> None:
    before = head(people.client)
    for amount in ("6000.00", "7000.00", "8000.00"):
        people.waiting(people.post("entries", json=entry(f"J-{amount}", amount=amount)))
    refused(people.post("proposals/1/rejection", "ben", json={"reason": " "}), 422, "rejection-reason-missing")
    assert people.post("proposals/1/rejection", "ben", json={"reason": "Not agreed"}).json()["decision"]["reason"] == (
        "Not agreed")
    assert people.post("proposals/2/rejection", "ada_again", json={}).json()["status"] == "withdrawn"
    refused(people.post("proposals/3/withdrawal", "ben"), 403, "right-missing")
    other = {"Authorization": people.client.headers["Authorization"]}
    refused(people.client.post(f"{PROPOSALS}/3/withdrawal", headers=other), 403, "not-the-maker")
    assert people.post("proposals/3/withdrawal", json={"reason": "A slip"}).json()["status"] == "withdrawn"
    for number in (1, 2, 3):
        refused(people.approve(number), 409, "proposal-decided")
    refused(people.approve(4), 404, "proposal-unknown")
    refused(people.client.get(f"{PROPOSALS}/4"), 404, "proposal-unknown")
    assert head(people.client) == before
    assert people.waiting(people.post("entries", json=entry("J-6000.00", amount="6000.00")))["number"] == 4
    listed = people.client.get(f"{PROPOSALS}?status=withdrawn&limit=1").json()
    assert ([one["number"] for one in listed["items"]], listed["next"]) == ([2], 2)


def test_a_repeated_request_gets_the_same_answer(people: People) -> None:
    keyed = {"Idempotency-Key": "k-1"}
    first = people.post("entries", json=entry(amount="6000"), headers=keyed)
    approval = {"Idempotency-Key": "k-2"}
    approved = people.approve(1, **approval)
    again = people.post("entries", json=entry(amount="6000"), headers=keyed)
    assert (again.status_code, again.content) == (first.status_code, first.content) == (202, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    repeated = people.approve(1, **approval)
    assert (repeated.status_code, repeated.content) == (200, approved.content)
    there = people.post("entries", json=entry(amount="6000"))
    assert (there.status_code, there.json()["skipped"]) == (201, 1), "it is there already: nothing waits"


@pytest.mark.parametrize("name", ["Zoe\u0308 Bo\u0301", "ＺＯË Bó"])
def test_a_name_is_the_same_however_its_letters_are_coded(people: People, make_key: MakeKey, name: str) -> None:
    def key(role: str, holder: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {make_key('millbrook', (role,), holder=holder)}"}

    people.ada, people.ben = key("finance-officer", "Zoë Bó"), key("approver", name)
    number = people.waiting(people.post("events", content=LARGE, headers=CSV))["number"]
    refused(people.approve(number), 403, "maker-cannot-approve")


def test_of_two_approvals_at_once_one_wins(people: People, make_key: MakeKey) -> None:
    key = make_key("millbrook", ("approver",), holder="Cleo")
    cleo = {"Authorization": f"Bearer {key}"}
    for n in range(4):
        people.waiting(people.post("entries", json=entry(f"J-{n}", amount="6000")))
        before = head(people.client)["entries"]
        with ThreadPoolExecutor(4) as clients:
            answers = list(clients.map(lambda who, n=n: people.client.post(
                f"{PROPOSALS}/{n + 1}/approval", headers=who), [people.ben, cleo] * 2))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        assert head(people.client)["entries"] == before + 2


def test_a_dry_run_makes_no_proposal(people: People) -> None:
    answer = people.client.post(f"{MILLBROOK}/events?dry_run=true", content=LARGE, headers={**people.ada, **CSV})
    assert (answer.status_code, answer.json()["posted"]) == (200, 2)
    assert people.client.get(PROPOSALS).json()["items"] == []


def test_what_would_be_refused_is_refused_at_once(people: People) -> None:
    refused(people.post("events", content=LARGE.replace("beds", "bedz"), headers=CSV), 422, "service-unknown")
    refused(people.post("periods/FY2024-Q2/close"), 409, "period-order")
    assert people.client.get(PROPOSALS).json()["items"] == []


def test_the_database_too_keeps_a_maker_from_approving(people: People) -> None:
    people.waiting(people.post("entries", json=entry(amount="6000")))
    with people.client.app.state.engine.connect() as conn, pytest.raises(DBAPIError) as error:
        conn.exec_driver_sql("INSERT INTO proposal_decision VALUES (1, 1, 'approved', 'key:x', 'Ada Ali', "
                             "'2024-10-01T09:00:00.000000+00:00', '', 1)")
    assert rule_of(error.value) == "proposal_decision_by_another"
    with people.client.app.state.engine.connect() as conn, pytest.raises(DBAPIError) as error:
        conn.exec_driver_sql("UPDATE proposal SET request = '{}'")
    assert rule_of(error.value) == "proposal_no_update"


def test_verify_finds_what_was_approved_by_nobody(people: People) -> None:
    """Somebody with the database, but without a second person, posts past the gate."""
    people.sound = False
    people.waiting(people.post("entries", json=entry(amount="6000")))
    people.approve(1)
    number = people.last()["id"] - 1
    engine = people.client.app.state.engine
    with engine.begin() as conn:
        book = books.open_book(conn, "millbrook")
        books.reverse(conn, book, number, NOW.date(), "R-1", "", NOW)
    found = people.client.get(f"{MILLBROOK}/verify").json()
    assert found["findings"] == [
        f"entry {number + 2} (reversal R-1) stands in the books without the approval that it needs: every reversal "
        "waits for a second person"]


def test_one_who_belongs_to_a_partner_sees_no_proposal(people: People, make_key: MakeKey) -> None:
    people.waiting(people.post("entries", json=entry(amount="6000")))
    bound = {"Authorization": f"Bearer {make_key('millbrook', ('auditor',), partner='nhs')}"}
    assert people.client.get(PROPOSALS, headers=bound).json()["items"] == []
    assert people.client.get(f"{MILLBROOK}/recordings", headers=bound).json()["items"] == []
    refused(people.client.get(f"{PROPOSALS}/1", headers=bound), 404, "proposal-unknown")


def test_the_kept_request_is_the_whole_one(people: People) -> None:
    people.waiting(people.post("events?late=true", content=LARGE, headers=CSV))
    kept = people.client.get(f"{PROPOSALS}/1").json()["request"]
    assert kept == {"files": [["", LARGE]], "late": True, "accept_good": False}
    assert json.dumps(kept)
