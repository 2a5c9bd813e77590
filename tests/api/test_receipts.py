"""Receipts over HTTP: they hold, they grow, they show a partner its own, and a server without a key gives none."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.access import keys
from api.app import create_app
from api.settings import Settings
from api.signing import signing_key
from commissioning import service
from ledger.receipt import faults_alone, faults_between
from ledger.receipt_file import ReceiptFile, from_json
from tests.api.conftest import AGREEMENT, MILLBROOK, SECRET, SIGNING, Clock, MakeKey, entry
from tests.api.test_refusals import refused

RECEIPTS = f"{MILLBROOK}/receipts"
KEY = signing_key(Settings(signing_key=SIGNING)).public_key().public_bytes_raw()


def test_receipts_hold_and_grow(millbrook: TestClient) -> None:
    assert millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close").status_code == 200
    first = millbrook.get(RECEIPTS, params={"of": ["FY2024-Q1", "3"]})
    assert first.headers["content-disposition"] == 'attachment; filename="receipt-millbrook.json"'
    old = from_json(first.text)
    assert [seen.entry.kind for seen in old.seen] == ["statement", "contribution"]
    millbrook.post(f"{MILLBROOK}/entries", json=[entry(f"J-{n}") for n in range(9)])
    new = from_json(millbrook.get(RECEIPTS, params={"since": old.claim.entries}).text)
    assert faults_alone(old, KEY) == faults_alone(new) == []
    assert faults_between(old, new) == []
    ReceiptFile.model_validate(first.json())


def test_a_partner_s_receipt_shows_its_own(millbrook: TestClient, make_key: MakeKey) -> None:
    council, nhs = (millbrook.get(f"{MILLBROOK}/entries", params={"reference": one}).json()["items"][0]["id"]
                    for one in ("RCT-1", "RCT-2"))
    millbrook.headers["Authorization"] = f"Bearer {make_key('millbrook', ('board-reader',), partner='nhs')}"
    assert faults_alone(from_json(millbrook.get(RECEIPTS, params={"of": nhs}).text)) == []
    hidden, nowhere = (millbrook.get(RECEIPTS, params={"of": number}) for number in (council, 9_999))
    refused(hidden, 404, "entry-unknown")
    refused(nowhere, 404, "entry-unknown")
    assert hidden.text.replace(str(council), "9999").split('"request')[0] == nowhere.text.split('"request')[0]
    refused(millbrook.get(RECEIPTS, params={"of": nhs, "partner": "council"}), 403, "other-partner")


def test_an_entry_of_two_partners_is_shown_to_neither(millbrook: TestClient, make_key: MakeKey) -> None:
    lines = [{"account": f"assets:due-from:{partner}", "amount": amount, "fund": "core"}
             for partner, amount in (("nhs", "5.00"), ("council", "-5.00"))]
    sent = {"date": "2024-08-01", "reference": "J-1", "memo": "Between the two", "postings": lines}
    number = millbrook.post(f"{MILLBROOK}/entries", json=sent).json()["entries"][0]["id"]
    assert millbrook.get(RECEIPTS, params={"of": number}).status_code == 200
    refused(millbrook.get(RECEIPTS, params={"of": number, "partner": "nhs"}), 403, "entry-not-whole")


@pytest.mark.parametrize(("query", "status", "code"), [
    ({"partner": "nsh"}, 422, "partner-unknown"),
    ({"of": "FY2024-Q1"}, 404, "statement-missing"), ({"of": "soon"}, 422, "not-to-be-shown"),
    ({"since": 10**6}, 409, "since-unknown"), ({"since": -1}, 422, "request-invalid"),
    ({"of": ["1"] * 101}, 422, "request-invalid")])
def test_what_cannot_be_shown_is_refused(millbrook: TestClient, query: dict[str, Any], status: int, code: str) -> None:
    refused(millbrook.get(RECEIPTS, params=query), status, code)


def test_a_server_that_has_no_key_says_so(postgres_url: str, clock: Clock) -> None:
    app = create_app(Settings(database=postgres_url, secret=SECRET), clock)
    with TestClient(app, raise_server_exceptions=False) as client:
        with app.state.engine.begin() as conn:
            book = service.apply(conn, AGREEMENT, "agreement.yaml", clock()).book
            bearer = keys.create(conn, SECRET.encode(), book, "of the tests", ("auditor",), clock())[1]
        refused(client.get(RECEIPTS, headers={"Authorization": f"Bearer {bearer}"}), 503, "signing-key-missing")
