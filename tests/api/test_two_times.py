"""Statements on both axes of time over HTTP: drafts that are never kept, and what changed between two issues."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import CSV, MILLBROOK, Clock, MakeKey, head
from tests.api.test_refusals import refused

Q1 = f"{MILLBROOK}/statements/FY2024-Q1"
MORE = """\
date,event,service,amount,reference,note
2024-06-14,expenditure,beds,100.00,INV-9,Beds in June
"""


@pytest.fixture
def twice(millbrook: TestClient) -> TestClient:
    """A first quarter that was closed, reopened for an invoice and closed again."""
    assert millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close").status_code == 200
    assert millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/reopen", json={"reason": "an invoice"}).status_code == 200
    assert millbrook.post(f"{MILLBROOK}/events", content=MORE, headers=CSV).status_code == 200
    assert millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close").status_code == 200
    return millbrook


def test_a_draft_is_worked_out_and_not_kept(millbrook: TestClient) -> None:
    before = head(millbrook)
    found = millbrook.get(Q1, params={"draft": True})
    assert (found.status_code, found.json()["issue"], found.json()["indicative"]) == (200, 0, True)
    assert found.json()["totals"]["actual"] == "2600.50"
    assert found.json()["ledger"] == before
    assert found.headers["content-disposition"] == 'inline; filename="statement-FY2024-Q1-draft.json"'
    assert "Draft, never issued" in millbrook.get(f"{Q1}.html", params={"draft": True}).text
    refused(millbrook.get(Q1), 404, "statement-missing")
    refused(millbrook.get(Q1, params={"draft": True, "issue": 1}), 422, "request-invalid")
    assert head(millbrook) == before


def test_a_statement_as_known_before_it_was_issued_is_a_draft(millbrook: TestClient, clock: Clock) -> None:
    then = clock().isoformat()
    millbrook.post(f"{MILLBROOK}/events", content=MORE, headers=CSV)
    millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close")
    early = millbrook.get(Q1, params={"known_at": then}).json()
    assert (early["issue"], early["totals"]["actual"]) == (0, "2600.50")
    now = millbrook.get(Q1).json()
    assert (now["issue"], now["totals"]["actual"]) == (1, "2700.50")
    refused(millbrook.get(Q1, params={"known_at": "2020-01-01"}), 404, "agreement-later")


def test_what_changed_and_which_entry_did_it(twice: TestClient) -> None:
    found: dict[str, Any] = twice.get(f"{Q1}/differences", params={"from_issue": 1, "to_issue": 2}).json()
    assert found == twice.get(f"{Q1}/differences").json(), "the last two, if nothing is said"
    figures = {one["path"]: one["change"] for one in found["figures"]}
    assert figures["services.beds.actual"] == "100.00"
    assert figures["partners.nhs.share_of_variance"] == "60.00"
    assert [one["reference"] for one in found["entries"]["recorded"]] == ["INV-9"]
    assert found["services"] == [{"service": "beds", "change": "100.00", "entries": "100.00"}]
    text = twice.get(f"{Q1}/differences", headers={"Accept": "text/plain"})
    assert text.headers["content-type"].startswith("text/plain")
    assert "INV-9 (beds) 100.00" in text.text
    assert found["before"]["known_at"] < found["after"]["known_at"]


def test_the_document_of_differences_is_the_one_described(twice: TestClient) -> None:
    path = "/v1/partnerships/{partnership}/statements/{period}/differences"
    answer = twice.get("/openapi.json").json()["paths"][path]["get"]["responses"]["200"]
    shape = answer["content"]["application/json"]["schema"]
    conforms(twice.get(f"{Q1}/differences").json(), shape)


def conforms(value: Any, schema: dict[str, Any]) -> None:
    """Every object has exactly the keys that its schema has."""
    if "properties" in schema:
        assert set(value) == set(schema["properties"]) == set(schema["required"])
        for key, item in value.items():
            conforms(item, schema["properties"][key])
    elif "items" in schema:
        for item in value:
            conforms(item, schema["items"])


def test_a_partner_s_differences_are_its_own(twice: TestClient, make_key: MakeKey) -> None:
    twice.headers["Authorization"] = f"Bearer {make_key('millbrook', ('board-reader',), partner='nhs')}"
    found = twice.get(f"{Q1}/differences").json()
    assert "council" not in str(found["figures"])
    assert any(one["path"].startswith("partners.nhs.") for one in found["figures"])
    refused(twice.get(f"{Q1}/differences", params={"partner": "council"}), 403, "other-partner")


@pytest.mark.parametrize(("query", "status", "code"), [
    ({"from_issue": 2, "to_issue": 1}, 422, "issues-order"), ({"from_issue": 9}, 404, "issue-missing"),
    ({"to_issue": 1}, 404, "issue-missing"), ({"from_issue": 0}, 422, "request-invalid")])
def test_issues_that_cannot_be_compared(twice: TestClient, query: dict[str, int], status: int, code: str) -> None:
    refused(twice.get(f"{Q1}/differences", params=query), status, code)
    assert twice.get(f"{Q1}/differences", params={"from_issue": 2, "to_issue": 0}).json()["figures"] == []
