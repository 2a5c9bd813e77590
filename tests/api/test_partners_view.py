"""With one partner's key nothing of another is told: not by any route that reads, any format, header or refusal."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Iterator, Mapping

import httpx
import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from tests.api.conftest import CSV, MILLBROOK, MakeKey
from tests.api.test_keys import bearer
from tests.api.test_refusals import refused

SECRETS = ("SECRET", "secret", "7777.31", "777731", "8888.42", "888842", "4321.99", "432199", "2468.13", "246813")
EVENTS = """\
date,event,service,partner,for,fund,amount,units,reference,source,case,cost_class,note,against
2024-04-07,contribution,,nhs,,core,7777.31,,SECRET-REF-1,base,,,SECRET-NOTE-1,
2024-04-08,expenditure,beds,nhs,,,8888.42,,SECRET-REF-2,SECRET-SOURCE,SECRET-CASE,SECRET-CLASS,SECRET-NOTE-2,
2024-04-09,fault,beds,nhs,,,4321.99,,SECRET-REF-3,,,,SECRET-NOTE-3,
2024-04-10,activity,beds,nhs,,,,777731,SECRET-REF-4,,SECRET-CASE,,SECRET-NOTE-4,
2024-04-11,expenditure,beds,,nhs,,15.00,,SECRET-REF-5,,,,SECRET-NOTE-5,
2024-04-12,commitment,beds,nhs,,,4321.99,,SECRET-REF-6,,,,SECRET-NOTE-6,
2024-04-13,commitment,beds,,,,1.00,,ORDER-1,,,,,
2024-05-02,in_kind,beds,council,,,33.00,,COUNCIL-1,,,,OWN-WORD,
2024-05-14,reversal,,,,,,,SECRET-REF-7,,,,SECRET-NOTE-7,SECRET-REF-2
2024-05-15,reversal,,,,,,,SECRET-REF-8,,,,SECRET-NOTE-8,fault:SECRET-REF-3
"""
LATE = """\
date,event,service,partner,amount,reference,note
2024-05-20,expenditure,beds,nhs,2468.13,SECRET-REF-9,SECRET-NOTE-9
2024-05-21,expenditure,beds,,1.00,INV-9,
"""
BOTH = {"date": "2024-05-20", "reference": "SECRET-BOTH", "memo": "SECRET-MEMO", "postings": [
    {"account": "assets:contributions-receivable:council", "amount": "60.00"},
    {"account": "assets:contributions-receivable:nhs", "amount": "-60.00", "case": "SECRET-CASE"}]}
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "partnership": ("millbrook",), "period": ("FY2024-Q1", "FY2024-Q2", "nonsense"),
    "format": ("json", "xlsx", "pdf", "html", "beancount", "hledger", "csv", "jsonl"),
    "name": ("ageing",),  # tests/reports/test_partner.py asks for the other reports
    "number": tuple(map(str, range(1, 28))), "scenario": ("FY2024-1", "nonsense"),
}
"""By what the places in a path are filled; a new kind of place has to be added here."""
QUERIES: Mapping[str, tuple[str, ...]] = {
    "partner": ("nhs", "council", "nobody"), "reference": ("SECRET-REF-1", "SECRET-BOTH"),
    "text": ("secret", "SECRET-MEMO"),
    "account": ("assets:contributions-receivable:nhs", "expenses"), "kind": ("contribution,fault,release,approval",),
    "by": ("account,partner,source,cost_class,kind", "partner,period"), "at": ("2024-04-10", "2024-06-30"),
    "known_at": ("2025-01-01",), "service": ("beds",), "fund": ("core",), "source": ("SECRET-SOURCE",), "issue": ("1",),
    "limit": ("2",), "from": ("2024-04-01",), "to": ("2024-06-30",), "cursor": ("YWZ0ZXI6MQ",),
    "from_issue": ("1",), "to_issue": ("1",), "draft": ("true",), "since": ("1",), "entry": ("3",), "entries": ("3",),
}
ACCEPTS = ("", "application/json", "application/pdf", "text/html", "application/yaml",
           "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


@pytest.fixture
def pool(millbrook: TestClient) -> TestClient:
    """The invented partnership with what is secret to the council: references, notes, sources, cases, amounts.

    The pool's totals are no secret: beside each secret amount there is another, so that no total is equal to one.
    """
    headers = {**CSV, "Idempotency-Key": "SECRET-KEY"}
    answer = millbrook.post(f"{MILLBROOK}/events", content=EVENTS, headers=headers)
    assert answer.status_code == 200, answer.text
    assert millbrook.post(f"{MILLBROOK}/entries", json=BOTH).status_code == 201
    assert millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close").status_code == 200
    assert millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/reopen", json={"reason": "late items"}).status_code == 200
    assert millbrook.post(f"{MILLBROOK}/events", content=LATE, headers=CSV).status_code == 200
    assert millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close").status_code == 200
    return millbrook


def told(answer: httpx.Response) -> str:
    """Everything in an answer that could tell: headers, and the text inside of files too."""
    content = answer.content
    texts = [repr(answer.headers.raw), content.decode("utf-8", "replace")]
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            texts += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    if content.startswith(b"%PDF"):
        texts += [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    return "\n".join(texts)


def tells(said: str, secret: str) -> bool:
    """Whether a text holds a secret; a hash or an id that happens to hold an amount's digits tells nothing."""
    return re.search(rf"(?<![0-9a-f]){re.escape(secret)}(?![0-9a-f])" if secret[0].isdigit() else secret,
                     said) is not None


def reads(client: TestClient) -> Iterator[tuple[str, list[str]]]:
    """Every GET route of the document as paths that could be, each with the query parameters it says it has."""
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        if "get" in methods:
            places = re.findall(r"\{(\w+)\}", path)
            queries = [one["name"] for one in methods["get"].get("parameters", []) if one["in"] == "query"]
            for filled in itertools.product(*(PARAMETERS[place] for place in places)):
                yield path.format(**dict(zip(places, filled, strict=True))), queries


def walk(client: TestClient, key: dict[str, str]) -> Iterator[tuple[str, httpx.Response]]:
    """Asks for everything that can be asked for."""
    for path, queries in reads(client):
        for accept in ACCEPTS if re.search(r"/(agreement|statements/[\w-]+)$", path) else ACCEPTS[:1]:
            yield f"{path} {accept}", client.get(path, headers={**key, **({"Accept": accept} if accept else {})})
        for name in queries:
            for value in QUERIES.get(name, ("1",)):
                yield f"{path}?{name}={value}", client.get(path, params={name: value}, headers=key)


def test_no_route_tells_a_partner_of_another(pool: TestClient, make_key: MakeKey) -> None:
    key = bearer(make_key("millbrook", ("auditor", "commissioner"), partner="council"))
    statuses: dict[int, int] = {}
    own = 0
    for asked, answer in walk(pool, key):
        said = told(answer)
        for secret in SECRETS:
            if f"={secret}" in asked or "=SECRET" in asked:  # what was asked for may be repeated, if anything
                said = said.replace(asked.partition("=")[2], "")
            assert not tells(said, secret), f"{asked} tells of {secret}: {answer.status_code}"
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        own += "OWN-WORD" in said
    assert own >= 3, "what is the partner's own is told"
    assert statuses[200] >= 30
    assert not [status for status in statuses if status >= 500]


def test_the_walk_would_find_what_is_told(pool: TestClient, make_key: MakeKey) -> None:
    """The same walk with a key of the whole partnership, and with the other partner's, finds every secret."""
    for more in ({}, {"partner": "nhs"}):
        key = bearer(make_key("millbrook", ("auditor",), **more))
        found = "\n".join(told(pool.get(path, headers=key)) for path, _ in reads(pool) if "statements" not in path)
        assert not [secret for secret in ("SECRET", "7777.31", "8888.42", "432199") if secret not in found]


def test_what_is_hidden_answers_as_what_is_not_there(pool: TestClient, make_key: MakeKey) -> None:
    key = bearer(make_key("millbrook", ("auditor",), partner="council"))
    every = pool.get(f"{MILLBROOK}/entries", params={"limit": 1000}).json()["items"]
    seen = pool.get(f"{MILLBROOK}/entries", params={"limit": 1000}, headers=key).json()["items"]
    hidden = {one["id"] for one in every} - {one["id"] for one in seen}
    assert len(hidden) >= 5
    last = max(one["id"] for one in every)
    for number in sorted(hidden):
        there = refused(pool.get(f"{MILLBROOK}/entries/{number}", headers=key), 404, "entry-unknown")
        beyond = refused(pool.get(f"{MILLBROOK}/entries/{last + number}", headers=key), 404, "entry-unknown")
        assert re.sub(rf"\b{number}\b", "N", str(there)) == re.sub(rf"\b{last + number}\b", "N", str(beyond))
    for query in ("reference", "text"):
        for word in ("SECRET-REF-1", "SECRET-BOTH", "SECRET-REF-5", "SECRET-REF-8"):
            assert pool.get(f"{MILLBROOK}/entries", params={query: word}, headers=key).json() == {
                "items": [], "next": None}


def test_an_entry_of_both_is_shown_without_its_words(pool: TestClient, make_key: MakeKey) -> None:
    key = bearer(make_key("millbrook", ("board-reader",), partner="council"))
    number = pool.get(f"{MILLBROOK}/entries?reference=SECRET-BOTH").json()["items"][0]["id"]
    found = pool.get(f"{MILLBROOK}/entries/{number}", headers=key).json()
    assert (found["reference"], found["memo"], found["details"], found["content_hash"]) == (
        "(withheld)", "(withheld)", None, "")
    assert [(line["partner"], line["amount"]) for line in found["postings"]] == [("council", "60.00")]


def test_sums_are_over_what_is_seen_on_every_day(pool: TestClient, make_key: MakeKey) -> None:
    """By periods' sums, by days within a period and by the lines themselves: the same figure."""
    key = bearer(make_key("millbrook", ("board-reader",), partner="council"))

    def council(**query: str) -> str:
        wanted = {"by": "account,partner", **query}
        items = pool.get(f"{MILLBROOK}/balances", params=wanted, headers=key).json()["items"]
        assert {one["partner"] for one in items} <= {"", "council"}
        return next(one["amount"] for one in items if one["account"] == "assets:contributions-receivable:council")

    assert council() == council(at="2024-06-30")
    assert council(at="2024-06-29") == council(at="2024-06-30")
    lines = [line for one in pool.get(f"{MILLBROOK}/entries", params={"limit": 1000}, headers=key).json()["items"]
             for line in one["postings"] if line["account"] == "assets:contributions-receivable:council"]
    assert f"{sum(float(line['amount']) for line in lines):.2f}" == council()


def test_a_partners_key_gets_its_extract_and_no_other(pool: TestClient, make_key: MakeKey) -> None:
    key = bearer(make_key("millbrook", ("board-reader",), partner="council"))
    path = f"{MILLBROOK}/statements/FY2024-Q1"
    plain = pool.get(path, headers=key)
    assert list(plain.json()["partners"]) == ["council"]
    assert plain.content == pool.get(path, params={"partner": "council"}).content
    for other in ("nhs", "nobody"):
        refused(pool.get(path, params={"partner": other}, headers=key), 403, "other-partner")
    assert list(pool.get(path, headers=bearer(make_key("millbrook", ("board-reader",)))).json()["partners"]) == [
        "council", "nhs"]


def test_the_export_for_a_partner_still_balances(pool: TestClient, make_key: MakeKey) -> None:
    key = bearer(make_key("millbrook", ("auditor",), partner="council"))
    text = pool.get(f"{MILLBROOK}/export.beancount", headers=key).text
    assert "INV-1" in text
    assert "(withheld)" not in text
    from beancount import loader

    _, errors, _ = loader.load_string(text)
    assert errors == []
