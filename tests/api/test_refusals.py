"""Every refusal is problem details with its code, place and remedy, and leaves nothing in the books."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from tests.api.conftest import AGREEMENT, CSV, EVENTS, MILLBROOK, YAML, entry, head

JSON = {"Content-Type": "application/json"}
HEADER = EVENTS.splitlines()[0]


def refused(answer: Response, status: int, code: str) -> dict[str, Any]:
    """The problem that an answer holds; it has the shape of every problem."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    found: dict[str, Any] = answer.json()
    assert set(found) == {"type", "title", "status", "detail", "code", "remedy", "errors"}
    assert (found["status"], found["code"], found["type"]) == (status, code, f"urn:poolbook:error:{code}")
    assert found["errors"][0]["code"] == code
    assert all(fault["message"] and fault["remedy"] for fault in found["errors"])
    return found


def bad_entry(**changed: Any) -> dict[str, Any]:
    return {**entry(), **changed}


def lines(*postings: tuple[str, str]) -> list[dict[str, str]]:
    return [{"account": account, "amount": amount} for account, amount in postings]


ENTRIES: list[tuple[str, Any, int, str, dict[str, Any]]] = [
    ("unknown account", entry(account="expenses:bedz"), 422, "account-unknown", {"line": 1}),
    ("no account at all", entry(account="bank"), 422, "account-malformed", {"line": 1}),
    ("unbalanced", bad_entry(postings=lines(("expenses:beds", "10"), ("liabilities:providers", "-9.99"))), 422,
     "unbalanced", {"line": 1}),
    ("unbalanced in a fund", bad_entry(postings=lines(("expenses:beds", "10"), ("expenses:respite", "-10"))), 422,
     "unbalanced-in-fund", {"line": 1}),
    ("one posting", bad_entry(postings=lines(("expenses:beds", "10"))), 422, "request-invalid", {"field": "postings"}),
    ("too fine", [entry("J-0"), entry(amount="10.005")], 422, "amount-too-fine",
     {"line": 2, "field": "postings[0].amount"}),
    ("a number", bad_entry(postings=[{"account": "expenses:beds", "amount": 10.5}] * 2), 422, "request-invalid",
     {"field": "postings[0].amount"}),
    ("outside the calendar", entry(date="2031-08-01"), 422, "period-unknown", {"line": 1}),
    ("before the agreement", entry(date="2023-08-01"), 422, "no-version-in-force", {"line": 1, "field": "date"}),
    ("no date", entry(date="1 August"), 422, "date-unreadable", {"field": "date"}),
    ("a timestamp", entry(date=1722470400), 422, "date-unreadable", {"field": "date"}),
    ("unknown partner", bad_entry(postings=[{**lines(("expenses:beds", "1"))[0], "partner": "ccg"},
                                            *lines(("liabilities:providers", "-1"))]), 422, "partner-unknown",
     {"line": 1, "field": "postings[0].partner"}),
    ("unknown service", bad_entry(postings=[{**lines(("expenses:beds", "1"))[0], "service": "bed"},
                                            *lines(("liabilities:providers", "-1"))]), 422, "service-unknown",
     {"line": 1, "field": "postings[0].service"}),
    ("another fund's service", bad_entry(postings=[
        {**lines(("expenses:beds", "1"))[0], "service": "beds", "fund": "carers"},
        *lines(("liabilities:providers", "-1"))]), 422, "service-in-other-fund",
     {"line": 1, "field": "postings[0].fund"}),
    ("a key too many", bad_entry(colour="red"), 422, "request-invalid", {"field": "colour"}),
    ("a control character", bad_entry(reference="J\u0000"), 422, "request-invalid", {"field": "reference"}),
    ("unknown late period", bad_entry(belongs_to="FY1999-Q1"), 422, "period-name-unknown", {"line": 1}),
]


@pytest.mark.parametrize(("body", "status", "code", "place"), [case[1:] for case in ENTRIES],
                         ids=[case[0] for case in ENTRIES])
def test_an_entry_is_refused(millbrook: TestClient, body: Any, status: int, code: str, place: dict[str, Any]) -> None:
    before = head(millbrook)
    answer = millbrook.post(f"{MILLBROOK}/entries", json=body)
    status = 404 if code == "period-name-unknown" else status
    fault = refused(answer, status, code)["errors"][0]
    assert fault["place"].items() >= place.items()
    assert head(millbrook) == before


def test_every_fault_of_a_list_is_named(millbrook: TestClient) -> None:
    found = refused(millbrook.post(f"{MILLBROOK}/entries", json=[
        entry("J-1"), entry("J-2", amount="x"), entry("J-3", account="expenses:beds", amount="1.001")]),
        422, "request-invalid")
    assert [fault["place"]["line"] for fault in found["errors"]] == [2, 2], "both postings"
    found = refused(millbrook.post(f"{MILLBROOK}/entries", json=[
        entry("J-1"), entry("J-2", "expenses:x"), entry("J-3", "expenses:y")]), 422, "account-unknown")
    assert [fault["place"]["line"] for fault in found["errors"]] == [2, 3]
    assert "1 more fault" in found["detail"]


def test_a_closed_period_refuses(millbrook: TestClient) -> None:
    assert millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close").status_code == 200
    before = head(millbrook)
    refused(millbrook.post(f"{MILLBROOK}/entries", json=entry(date="2024-05-01")), 409, "period-closed")
    row = f"{HEADER}\n2024-05-01,expenditure,beds,,,1.00,INV-9,\n"
    refused(millbrook.post(f"{MILLBROOK}/events", content=row, headers=CSV), 409, "event-in-closed-period")
    refused(millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close"), 409, "period-already")
    refused(millbrook.post(f"{MILLBROOK}/periods/FY2024-Q3/close"), 409, "period-order")
    refused(millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/reopen", json={"reason": " "}), 422, "reason-missing")
    refused(millbrook.post(f"{MILLBROOK}/periods/2024/close"), 422, "period-name-wrong")
    assert head(millbrook) == before
    late = millbrook.post(f"{MILLBROOK}/events?late=true", content=row, headers=CSV).json()
    assert late["posted"] == 1
    found = millbrook.get(f"{MILLBROOK}/entries?reference=INV-9").json()["items"][0]
    assert (found["date"], found["belongs_to"]) == ("2024-07-01", "FY2024-Q1")


@pytest.mark.parametrize(("row", "code", "field"), [
    ("2024-05-01,expenditure,bedz,,,1.00,INV-9,", "service-unknown", "service"),
    ("2024-05-01,expenditur,beds,,,1.00,INV-9,", "event-unknown", "event"),
    ("01/05/2024,expenditure,beds,,,1.00,INV-9,", "date-unreadable", "date"),
    ('2024-05-01,expenditure,beds,,,"1,000",INV-9,', "amount-unreadable", "amount"),
    ("2024-05-01,expenditure,beds,,,-1.00,INV-9,", "amount-sign", "amount"),
    ("2024-05-01,expenditure,beds,1.00,INV-9,", "row-ragged", None),
])
def test_a_bad_row_is_refused_with_its_line(millbrook: TestClient, row: str, code: str, field: str | None) -> None:
    before = head(millbrook)
    content = f"{HEADER}\n2024-05-01,expenditure,beds,,,1.00,INV-8,\n{row}\n"
    found = refused(millbrook.post(f"{MILLBROOK}/events", content=content, headers=CSV), 422, code)
    assert found["errors"][0]["place"]["line"] == 3
    assert found["errors"][0]["place"].get("field") == field
    assert head(millbrook) == before


@pytest.mark.parametrize(("event", "code"), [
    ({"colour": "red"}, "column-unknown"), ({"amount": 1.5}, "request-invalid"), ({"amount": True}, "request-invalid"),
    ({"reference": "a\u0000b"}, "request-invalid"), ({"reference": ""}, "field-missing"),
])
def test_a_bad_event_is_refused_with_its_number(millbrook: TestClient, event: dict[str, Any], code: str) -> None:
    good = {"date": "2024-05-01", "event": "expenditure", "service": "beds", "amount": "1.00", "reference": "INV-9"}
    found = refused(millbrook.post(f"{MILLBROOK}/events", json=[{**good, "reference": "INV-8"}, {**good, **event}]),
                    422, code)
    assert found["errors"][0]["place"]["line"] == 2


def test_a_bad_agreement_is_refused_with_its_line(millbrook: TestClient) -> None:
    before = head(millbrook)

    def put(text: str | bytes, **headers: str) -> Response:
        return millbrook.put(f"{MILLBROOK}/agreement", content=text, headers={**YAML, **headers})

    misspelt = refused(put(AGREEMENT.replace("host: nhs", "hots: nhs")), 422, "key-unknown")
    assert misspelt["errors"][0]["place"] == {"file": "agreement.yaml", "line": 13, "field":
                                              "agreements[0].funds.carers.hots"}
    broken = refused(put("poolbook: 1\npartnership: {id: a\npartners: []\n"), 422, "yaml-unreadable")
    assert broken["errors"][0]["place"]["line"] == 3
    refused(put("a: &x {c: 1}\nb: {<<: *x}\n"), 422, "yaml-merge")
    refused(put(b"poolbook: 1\nname: caf\xe9\n"), 422, "file-unreadable")
    refused(put(b"poolbook: 1\0\n"), 422, "file-unreadable")
    refused(put('{"poolbook": 1,}', **JSON), 422, "yaml-unreadable")
    refused(put("[" * 50_000, **JSON), 422, "yaml-unreadable")
    refused(put("[" * 5_000 + "]" * 5_000, **YAML), 422, "yaml-too-large")
    refused(put(AGREEMENT.replace("id: millbrook", "id: millbrock")), 422, "partnership-differs")
    assert head(millbrook) == before


def test_what_is_not_there(millbrook: TestClient) -> None:
    refused(millbrook.get("/v1/partnerships/nowhere/periods"), 404, "partnership-unknown")
    refused(millbrook.get("/v1/partnerships/a%00b/periods"), 404, "partnership-unknown")
    refused(millbrook.post("/v1/partnerships/nowhere/entries", json=entry()), 404, "partnership-unknown")
    refused(millbrook.get(f"{MILLBROOK}/entries/999999"), 404, "entry-unknown")
    refused(millbrook.get(f"{MILLBROOK}/statements/FY2024-Q1"), 404, "statement-missing")
    refused(millbrook.post(f"{MILLBROOK}/entries/999/reversal", json={"date": "2024-08-01", "reference": "R"}), 404,
            "entry-unknown")
    refused(millbrook.get("/v1/nothing"), 404, "route-unknown")
    refused(millbrook.get(f"{MILLBROOK}/periods/"), 404, "route-unknown")
    answer = millbrook.delete(f"{MILLBROOK}/entries/1")
    assert "GET" in refused(answer, 405, "method-unknown")["remedy"]
    assert answer.headers["allow"] == "GET"
    answer = millbrook.delete(f"{MILLBROOK}/entries")
    assert refused(answer, 405, "method-unknown")["remedy"] == "use one of GET, POST"
    assert answer.headers["allow"] == "GET, POST"
    assert millbrook.post(f"{MILLBROOK}/agreement").headers["allow"] == "GET, PUT"


@pytest.mark.parametrize("field", ["amount", "units"])
def test_a_value_of_no_kind_that_an_event_takes_is_told_once_with_its_key(millbrook: TestClient, field: str) -> None:
    row = {"date": "2024-08-01", "event": "expenditure", "service": "beds", "amount": "1", "reference": "X", field: 2.5}
    found = refused(millbrook.post(f"{MILLBROOK}/events", json=[row]), 422, "request-invalid")
    [fault] = found["errors"]
    assert fault["place"] == {"line": 1, "field": field}
    assert fault["message"] == f"the body item 1 {field} cannot be read: text is wanted"


def test_units_of_a_posting_may_be_a_whole_number(millbrook: TestClient) -> None:
    for reference, units in (("U-1", 3), ("U-2", "3")):
        sent = entry(reference)
        sent["postings"][0]["units"] = units
        assert millbrook.post(f"{MILLBROOK}/entries", json=sent).status_code == 201
        [found] = millbrook.get(f"{MILLBROOK}/entries?reference={reference}").json()["items"]
        assert found["postings"][0]["units"] == "3"
    for wrong in (True, 2.5, 10**11):
        sent["postings"][0]["units"] = wrong
        [fault] = refused(millbrook.post(f"{MILLBROOK}/entries", json=sent), 422, "request-invalid")["errors"]
        assert fault["place"]["field"] == "postings[0].units"


def test_what_cannot_be_read(millbrook: TestClient) -> None:
    entries, events = f"{MILLBROOK}/entries", f"{MILLBROOK}/events"
    refused(millbrook.post(entries, content="{}", headers={"Content-Type": "text/plain"}), 415,
            "content-type-unsupported")
    refused(millbrook.post(entries, content="{}"), 415, "content-type-unsupported")
    latin = {"Content-Type": "text/csv; charset=iso-8859-1"}
    refused(millbrook.post(events, content=EVENTS, headers=latin), 415, "content-type-unsupported")
    refused(millbrook.post(entries, content=b"x" * 100_001, headers=JSON), 413, "body-too-large")
    refused(millbrook.post(entries, content=iter([b"[" * 60_000] * 2), headers=JSON), 413, "body-too-large")
    assert refused(millbrook.post(entries, content='{\n"date": 1,\n}', headers=JSON), 422, "json-unreadable")[
        "errors"][0]["place"]["line"] == 3
    refused(millbrook.post(entries, content="[" * 9_000, headers=JSON), 422, "json-unreadable")
    refused(millbrook.post(entries, content=b'{"memo": "\xff"}', headers=JSON), 422, "json-unreadable")
    for query in ("limit=0", "limit=1001", "limit=x", "acount=a", "partner=%00", "from=2024-13-01", "from=1722470400",
                  "known_at=yesterday", "known_at=2024-10-01T09:00:00", "cursor=" + "x" * 200):
        assert millbrook.get(f"{entries}?{query}").status_code == 422, query
    for cursor in ("nonsense", "YWZ0ZXI6LTU", "%C3%A9", "YWZ0ZXI6OTk5OTk5OTk5OTk5OTk5OTk5OTk5"):
        refused(millbrook.get(f"{entries}?cursor={cursor}"), 422, "cursor-unreadable")
    refused(millbrook.get(f"{MILLBROOK}/balances?by=colour"), 422, "request-invalid")
    refused(millbrook.get(f"{MILLBROOK}/statements/FY2024-Q1", headers={"Accept": "image/png"}), 406, "not-acceptable")
    refused(millbrook.get(f"{MILLBROOK}/statements/FY2024-Q1.docx"), 422, "request-invalid")
    for far in ("FY9999", "FY0000-Q1", "FY2024-Q5", "FY2024-M13", "Q1"):
        refused(millbrook.get(f"{MILLBROOK}/statements/{far}"), 422, "period-name-wrong")
        refused(millbrook.post(f"{MILLBROOK}/periods/{far}/close"), 422, "period-name-wrong")
    refused(millbrook.post(entries, json=entry(), headers={"Idempotency-Key": "x" * 256}), 422, "request-invalid")


def test_what_goes_wrong_inside_stays_inside(millbrook: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    before = head(millbrook)

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("the secret of the house")

    for module in ("api.posting.batch", "api.routes.entries"):  # after the entry was posted, before the commit
        monkeypatch.setattr(f"{module}.answer", broken)
    answer = millbrook.post(f"{MILLBROOK}/entries", json=entry())
    assert "secret of the house" not in json.dumps(refused(answer, 500, "unexpected"))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert head(millbrook) == before


@pytest.mark.parametrize("sent", [{}, {"json": {}}, {"json": {"memo": "twice"}}])
def test_an_entry_is_undone_on_its_own_day_where_no_other_is_said(millbrook: TestClient, sent: dict[str, Any]) -> None:
    millbrook.post(f"{MILLBROOK}/entries", json=entry())
    undone = millbrook.get(f"{MILLBROOK}/entries?kind=journal").json()["items"][0]
    made = millbrook.post(f"{MILLBROOK}/entries/{undone['id']}/reversal", **sent)
    assert made.status_code == 201
    told = made.json()
    assert (told["date"], told["reference"], told["reverses"]) == (undone["date"], f"REV-{undone['id']}", undone["id"])
    before = head(millbrook)
    refused(millbrook.post(f"{MILLBROOK}/entries/{undone['id']}/reversal", **sent), 409, "already-reversed")
    assert head(millbrook) == before


def test_an_entry_is_undone_once_and_only_one_made_by_people(millbrook: TestClient) -> None:
    millbrook.post(f"{MILLBROOK}/entries", json=entry())
    number = millbrook.get(f"{MILLBROOK}/entries?kind=journal").json()["items"][0]["id"]
    undo = {"date": "2024-08-02", "reference": "REV-1"}
    made = millbrook.post(f"{MILLBROOK}/entries/{number}/reversal", json=undo)
    assert (made.status_code, made.json()["reverses"]) == (201, number)
    assert millbrook.get(f"{MILLBROOK}/entries/{number}").json()["reversed_by"] == made.json()["id"]
    refused(millbrook.post(f"{MILLBROOK}/entries/{number}/reversal", json={**undo, "reference": "REV-2"}), 409,
            "already-reversed")
    refused(millbrook.post(f"{MILLBROOK}/entries/1/reversal", json=undo), 409, "entry-not-reversible")
