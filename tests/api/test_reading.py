"""What can be read: entries page by page, balances on both axes of time, the agreement, the calendar."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.negotiate import choose
from api.refusals import NotAcceptable
from api.routes import proof
from commissioning.events.model import COLUMNS
from tests.api.conftest import AGREEMENT, MILLBROOK, YAML, Clock, entry

ENTRIES = f"{MILLBROOK}/entries"


def test_entries_come_page_by_page(millbrook: TestClient) -> None:
    millbrook.post(ENTRIES, json=[entry(f"J-{n}") for n in range(7)])
    found: list[str] = []
    query: dict[str, Any] = {"kind": "journal", "limit": 3}
    for size in (3, 3, 1):
        page = millbrook.get(ENTRIES, params=query).json()
        assert len(page["items"]) == size
        found += [item["reference"] for item in page["items"]]
        query["cursor"] = page["next"]
        millbrook.post(ENTRIES, json=entry(f"late-{size}-{len(found)}")) if size == 1 else None
    assert query["cursor"] is None
    assert found == [f"J-{n}" for n in range(7)]
    assert millbrook.get(ENTRIES, params={"kind": "journal", "limit": 8}).json()["next"] is None


@pytest.mark.parametrize(("query", "references"), [
    ("account=expenses:beds", ["INV-1"]), ("account=expenses", ["INV-1", "INV-2"]), ("partner=nhs", ["RCT-2"]),
    ("service=respite", ["INV-2"]), ("fund=carers", ["INV-2"]), ("from=2024-05-15&kind=expenditure", ["INV-2"]),
    ("to=2024-04-05&kind=contribution", ["RCT-1"]), ("reference=INV-1", ["INV-1"]), ("text=beds%20IN", ["INV-1"]),
    ("kind=contribution,expenditure", ["RCT-1", "RCT-2", "INV-1", "INV-2"]), ("kind=refund", []),
    ("account=expenses:bed", []), ("partner=nhs&account=expenses", []), ("known_at=2024-09-30", []),
])
def test_entries_are_found(millbrook: TestClient, query: str, references: list[str]) -> None:
    found = millbrook.get(f"{ENTRIES}?{query}").json()["items"]
    assert [item["reference"] for item in found] == references


def test_an_entry_says_all_that_the_books_have(millbrook: TestClient) -> None:
    found = millbrook.get(f"{ENTRIES}?reference=INV-1").json()["items"][0]
    assert found == millbrook.get(f"{ENTRIES}/{found['id']}").json()
    assert (found["kind"], found["date"], found["period"], found["memo"]) == (
        "expenditure", "2024-05-14", "FY2024-Q1", "Beds in April")
    assert found["postings"][0] == {
        "account": "expenses:beds", "amount": "2600.50", "fund": "core", "partner": "", "service": "beds",
        "source": "", "cost_class": "", "case": "", "units": "0", "kind": "expenditure"}
    assert found["details"]["amount"] == 260050
    assert dt.datetime.fromisoformat(found["recorded_at"]).tzinfo


def test_a_journal_entry_counts_in_its_service_and_fund(millbrook: TestClient) -> None:
    """The account says the service, the service the fund, and the other line goes with it."""
    posted = millbrook.post(ENTRIES, json=entry(amount="12.50"))
    lines = millbrook.get(f"{ENTRIES}/{posted.json()['entries'][0]['id']}").json()["postings"]
    assert [(p["service"], p["fund"]) for p in lines] == [("beds", "core"), ("", "core")]
    sent = {"date": "2024-08-02", "reference": "J-2", "postings": [
        {"account": "assets:bank:carers", "amount": "5", "units": "2.5"},
        {"account": "assets:contributions-receivable:council", "amount": "-5.00", "source": "base"}]}
    made = millbrook.post(ENTRIES, json=sent).json()["entries"][0]["id"]
    lines = millbrook.get(f"{ENTRIES}/{made}").json()["postings"]
    assert [(p["partner"], p["fund"], p["units"]) for p in lines] == [("", "carers", "2.5"), ("council", "carers", "0")]
    for quarter in ("FY2024-Q1", "FY2024-Q2"):
        assert millbrook.post(f"{MILLBROOK}/periods/{quarter}/close").status_code == 200
    statement = millbrook.get(f"{MILLBROOK}/statements/FY2024-Q2").json()
    assert [s["actual"] for s in statement["services"]] == ["2613.00", "199.50"]


def test_the_same_journal_entry_is_skipped(millbrook: TestClient) -> None:
    first = millbrook.post(ENTRIES, json=[entry("J-1"), entry("J-2")]).json()
    again = millbrook.post(ENTRIES, json=[entry("J-2"), entry("J-3")]).json()
    assert (again["posted"], again["skipped"]) == (1, 1)
    assert again["entries"][0] == first["entries"][1]
    assert millbrook.post(ENTRIES, json=entry("J-1", amount="11")).json()["code"] == "reference-reused"


def test_balances_on_both_axes_of_time(millbrook: TestClient, clock: Clock) -> None:
    before = clock.at.isoformat()
    clock.at += dt.timedelta(days=1)
    millbrook.post(ENTRIES, json=entry(amount="100", date="2024-05-31"))

    def beds(query: str) -> dict[str, Any]:
        items = millbrook.get(f"{MILLBROOK}/balances?{query}").json()["items"]
        return {item["account"]: item["amount"] for item in items}

    assert beds("")["expenses:beds"] == "2700.50"
    assert beds("at=2024-05-30")["expenses:beds"] == "2600.50"
    assert "expenses:beds" not in beds("at=2024-05-13")
    assert beds(f"known_at={before}")["expenses:beds"] == "2600.50", "a plus sign that became a space is understood"
    found = millbrook.get(f"{MILLBROOK}/balances?by=fund,partner,period&at=2024-07-31").json()
    assert found["currency"] == "GBP"
    assert found["at"] == "2024-07-31"
    assert {"fund": "core", "partner": "nhs", "period": "FY2024-Q1", "debit": "1500.00", "credit": "1500.00",
            "amount": "0.00", "units": "0"} in found["items"]
    assert all(set(item) == {"fund", "partner", "period", "debit", "credit", "amount", "units"}
               for item in found["items"])


def test_the_agreement_comes_back(millbrook: TestClient) -> None:
    found = millbrook.get(f"{MILLBROOK}/agreement").json()
    assert found["text"] == AGREEMENT
    assert [(v["id"], v["status"]) for v in found["versions"]] == [("s75", "signed")]
    file = millbrook.get(f"{MILLBROOK}/agreement", headers={"Accept": "application/yaml"})
    assert (file.text, file.headers["content-type"]) == (AGREEMENT, "application/yaml")


def test_an_agreement_in_json(admin: TestClient) -> None:
    from commissioning.agreement.reading import load

    data = load(AGREEMENT).data
    data["partners"]["nhs"]["name"] = 'NHS 🏥 "Millbrook" \\ud83c'
    js = {"Content-Type": "application/json"}
    text = json.dumps(data, indent="\t")
    assert "\\ud83c\\udfe5" in text
    applied = admin.put(f"{MILLBROOK}/agreement", content=text, headers=js)
    assert applied.status_code == 200, applied.text
    again = admin.put(f"{MILLBROOK}/agreement", content=text, headers=js).json()
    assert again["changes"] == []
    assert "🏥" in admin.get(f"{MILLBROOK}/agreement").json()["text"]
    bad = admin.put(f"{MILLBROOK}/agreement", content=text.replace('"host"', '"hots"'), headers=js).json()
    place = bad["errors"][0]["place"]
    assert "hots" in text.replace('"host"', '"hots"').splitlines()[place["line"] - 1]
    assert place["file"] == "agreement.json"


def test_the_calendar_and_the_issues(millbrook: TestClient) -> None:
    periods = millbrook.get(f"{MILLBROOK}/periods").json()["items"]
    assert periods[0] == {"id": "FY2024-Q1", "from": "2024-04-01", "to": "2024-06-30", "status": "open"}
    assert len(periods) == 8
    close, reopen = f"{MILLBROOK}/periods/FY2024-Q1/close", f"{MILLBROOK}/periods/FY2024-Q1/reopen"
    millbrook.post(close)
    first = millbrook.get(f"{MILLBROOK}/statements/FY2024-Q1").content
    assert millbrook.post(reopen, json={"reason": "a late invoice"}).json()["reopened"] == ["FY2024-Q1"]
    millbrook.post(ENTRIES, json=entry(date="2024-06-01"))
    millbrook.post(close)
    issues = millbrook.get(f"{MILLBROOK}/statements").json()["items"]
    assert [(one["period"], one["issue"]) for one in issues] == [("FY2024-Q1", 1), ("FY2024-Q1", 2)]
    path = f"{MILLBROOK}/statements/FY2024-Q1"
    assert millbrook.get(f"{path}?issue=1").content == first
    assert millbrook.get(path, params={"known_at": issues[0]["known_at"]}).content == first
    assert millbrook.get(f"{path}.json").json()["issue"] == 2
    assert millbrook.get(f"{path}.json?issue=3").json()["code"] == "issue-missing"


def test_the_server_says_how_it_is(server: TestClient) -> None:
    assert server.get("/health").json() == {"status": "ok"}
    assert server.get("/ready").json() == {"status": "ready"}
    with server.app.state.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    answer = server.get("/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "server-not-ready")
    assert server.get("/health").status_code == 200


def test_the_document_is_whole(server: TestClient) -> None:
    document = server.get("/openapi.json").json()
    shapes = document["components"]["schemas"]
    text = json.dumps(document)
    assert {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]} == set(shapes)
    assert set(shapes["EventIn"]["properties"]) == set(COLUMNS)
    for path, methods in document["paths"].items():
        for said in methods.values():
            assert said["summary"], path
            assert said["description"], path
            if path.startswith("/v1"):
                assert {"401", "403", "404", "422", "default"} <= set(said["responses"])


@pytest.mark.parametrize(("accept", "chosen"), [
    ("", "json"), ("*/*", "json"), ("application/pdf", "pdf"), ("text/html,*/*;q=0.8", "html"), ("text/*", "html"),
    ("application/*;q=0.5, text/html;q=0.4", "json"), ("application/json;q=0.1, application/pdf;q=0.2", "pdf"),
    ("application/json;q=0, */*", "pdf"), ("APPLICATION/PDF ; Q=1", "pdf"), ("image/png", None), ("*/*;q=0", None),
    ("application/pdf;q=high", None),
])
def test_the_format_preferred(accept: str, chosen: str | None) -> None:
    formats = {"json": "application/json", "pdf": "application/pdf", "html": "text/html; charset=utf-8"}
    if chosen is None:
        with pytest.raises(NotAcceptable):
            choose(accept, formats)
    else:
        assert choose(accept, formats) == chosen


def test_an_agreement_needs_to_be_applied_first(admin: TestClient, make_key: Any) -> None:
    from ledger import service as books

    with admin.app.state.engine.begin() as conn:
        books.create(conn, "millbrook", "Millbrook", "GBP")
    for answer in (admin.get(f"{MILLBROOK}/agreement"), admin.post(ENTRIES, json=entry())):
        assert (answer.status_code, answer.json()["code"]) == (409, "no-agreement")
    assert admin.put(f"{MILLBROOK}/agreement", content=AGREEMENT, headers=YAML).status_code == 200


@pytest.mark.parametrize("form", ["csv", "jsonl", "beancount", "hledger"])
def test_an_export_goes_out_by_the_block_and_whole(millbrook: TestClient, monkeypatch: pytest.MonkeyPatch,
                                                   form: str) -> None:
    plain, sent = proof._pieces, list[str]()
    monkeypatch.setattr(proof, "_pieces", lambda call, name: (sent.append(one) or one for one in plain(call, name)))
    whole = millbrook.get(f"{MILLBROOK}/export.{form}").text
    assert sent == [whole], "a thousand lines are one piece"
    monkeypatch.setattr(proof, "BLOCK", 2)
    sent.clear()
    assert millbrook.get(f"{MILLBROOK}/export.{form}").text == whole
    assert len(sent) > 2
