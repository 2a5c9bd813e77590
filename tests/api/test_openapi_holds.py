"""The OpenAPI document is true: whatever is sent, by whomever, no answer is a 5xx and all are as the document says.

Requests are made up by schemathesis from the document itself, in and out of its terms, always the same ones.
`POOLBOOK_TEST_EXAMPLES=200` searches longer. A status counts as documented only under its own number: that the
document has words for anything else is not enough.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from sqlalchemy import text

from api.access import keys
from api.access.rights import ROLES
from api.app import create_app
from api.door import PARTNERSHIP
from api.settings import Settings
from ledger import service as books
from tests.api.conftest import AGREEMENT, CSV, EVENTS, MILLBROOK, SECRET, YAML, Clock, entry
from tests.api.conftest import TestClient as Client
from tests.api.test_proposals import TERMS

CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("events", {"content": EVENTS, "headers": CSV}), ("events", {"content": EVENTS, "headers": CSV}),
    ("entries", {"json": entry()}), ("entries", {"json": [entry("J-2"), entry("J-3", amount="9000")]}),
    ("entries/2/reversal", {"json": {"date": "2024-08-01", "reference": "R-1"}}),
    ("periods/FY2024-Q1/close", {"params": {"dry_run": "true"}}), ("periods/FY2024-Q1/close", {}),
    ("periods/FY2024-Q1/reopen", {"json": {"reason": "A bill came late"}}), ("periods/FY2024-Q1/close", {}),
    ("members", {"json": {"issuer": "https://id.example.org", "subject": "ada", "roles": ["auditor"]}}),
    ("members/1/removal", {}),
]
READS = ("agreement", "entries", "entries?limit=1&known_at=2030-01-01", "entries/2", "balances",
         "balances?by=period,fund", "periods", "statements", "statements/FY2024-Q1", "statements/FY2024-Q1?partner=nhs",
         "statements/FY2024-Q1/differences",
         "verify", "proposals", "recordings", "members", "receipts")
EXAMPLES = int(os.environ.get("POOLBOOK_TEST_EXAMPLES", "4"))
CHECKS = [not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
          checks.response_schema_conformance, checks.response_headers_conformance]
KNOWN = {"partnership": "millbrook", "period": "FY2024-Q1", "number": 3, "format": "json",
         "name": "ageing"}
SEARCH = settings(derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck),
                  phases=[Phase.generate])
Bearer = Callable[[str], dict[str, str]]
schemathesis.serializer.alias("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                              "application/octet-stream")


def _settings(url: str) -> Settings:
    return Settings(database=url, secret=SECRET, key_rate=2**30, address_rate=2**30)


def _labels() -> list[str]:
    app = create_app(_settings("sqlite://"))
    return [one.ok().label for one in schemathesis.openapi.from_dict(app.openapi()).get_all_operations()]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Any) -> Any:
    """A server that holds the invented partnership with a closed period."""
    path = tmp_path_factory.mktemp("openapi") / "books.db"
    path.write_bytes(sqlite_template.read_bytes())
    app = create_app(_settings(f"sqlite:///{path}"), Clock())
    client = Client(app, headers=_bearer(app)("everything"))
    assert client.put(f"{MILLBROOK}/agreement", content=AGREEMENT, headers=YAML).status_code == 200
    assert client.post(f"{MILLBROOK}/events", content=EVENTS, headers=CSV).status_code == 200
    assert client.post(f"{MILLBROOK}/entries", json=entry()).status_code == 201
    assert client.post(f"{MILLBROOK}/periods/FY2024-Q1/close").status_code == 200
    return app


def _bearer(app: Any) -> Bearer:
    """Makes the headers of one who may do everything, one who may read, and one without a key."""
    def make(who: str) -> dict[str, str]:
        if who == "nobody":
            return {}
        if who == "reading":
            return {"Authorization": f"Bearer {_key(app, 'board-reader')}"}
        with app.state.engine.begin() as conn:
            bearer = keys.create(conn, SECRET.encode(), None, who, tuple(ROLES), Clock()())[1]
        return {"Authorization": f"Bearer {bearer}"}
    return make


@pytest.fixture(scope="module")
def document(app: Any) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", app)


def _key(app: Any, *roles: str, holder: str = "") -> str:
    with app.state.engine.begin() as conn:
        book = books.open_book(conn, "millbrook")
        return keys.create(conn, SECRET.encode(), book, "of the tests", roles, Clock()(), holder=holder)[1]


def _modes(known: dict[str, Any], names: set[str]) -> Iterator[tuple[GenerationMode, dict[str, Any]]]:
    """In the document's terms and out of them, of things that there are and of things made up."""
    for mode in GenerationMode:
        yield mode, {name: value for name, value in known.items() if name in names}
        yield mode, {name: value for name, value in known.items() if name in names & {"partnership"}}


@pytest.mark.parametrize("who", ["everything", "reading", "nobody"])
@pytest.mark.parametrize("label", _labels())
def test_every_answer_is_as_the_document_says(app: Any, document: Any, label: str, who: str) -> None:
    operation = document.find_operation_by_label(label)
    names = {one.name for one in operation.path_parameters}
    headers = _bearer(app)(who)
    for mode, fixed in _modes(KNOWN, names):
        try:
            _search(operation, mode, fixed, headers, EXAMPLES if who == "everything" else max(1, EXAMPLES // 4))
        except Unsatisfiable:  # a call that takes nothing cannot be called wrongly
            assert mode == GenerationMode.NEGATIVE
            assert not names


def _search(operation: Any, mode: GenerationMode, fixed: dict[str, Any], headers: dict[str, str],
            examples: int) -> None:
    documented = set(operation.definition.raw["responses"])

    @settings(SEARCH, max_examples=examples)
    @given(operation.as_strategy(mode, path_parameters=fixed))
    def holds(case: Any) -> None:
        case.path_parameters.update(fixed)
        answer = case.call(headers=headers, timeout=120)  # a busy machine is no fault of the answer
        case.validate_response(answer, checks=CHECKS)
        assert str(answer.status_code) in documented, f"{operation.label} answers {answer.status_code}"

    holds()


def test_the_answers_of_a_year_are_as_the_document_says(document: Any, sqlite_url: str) -> None:
    """Those that chance does not come upon: changes that are made or wait for a second person, and every format."""
    app = create_app(_settings(sqlite_url), Clock())
    seen: set[tuple[str, int]] = set()
    client = Client(app, headers=_bearer(app)("everything"))

    def judge(answer: Any) -> None:
        answer.read()
        operation = document.find_operation_by_path(answer.request.method, answer.request.url.path)
        assert str(answer.status_code) in operation.definition.raw["responses"], (operation.label, answer.text)
        operation.validate_response(answer)
        seen.add((operation.label.replace(PARTNERSHIP, ""), answer.status_code))

    client.event_hooks["response"].append(judge)
    client.put(f"{MILLBROOK}/agreement", content=TERMS, headers=YAML)
    second = {"Authorization": f"Bearer {_key(app, 'approver', holder='a second person')}"}
    for path, sent in CHANGES:
        answer = client.post(f"{MILLBROOK}/{path}", **sent)
        assert answer.status_code < 300, answer.text
        if answer.status_code == 202:
            number = answer.json()["number"]
            client.get(f"{MILLBROOK}/proposals/{number}")
            client.post(f"{MILLBROOK}/proposals/{number}/approval", headers=second)
    refused = client.post(f"{MILLBROOK}/periods/FY2024-Q1/reopen", json={"reason": "A bill came late"}).json()["number"]
    client.post(f"{MILLBROOK}/proposals/{refused}/rejection", json={"reason": "Put it in the next one"}, headers=second)
    taken = client.post(f"{MILLBROOK}/periods/FY2024-Q1/reopen", json={"reason": "A bill came late"}).json()["number"]
    client.post(f"{MILLBROOK}/proposals/{taken}/withdrawal", json={"reason": "In the next one"})
    for path in (*READS, *(f"statements/FY2024-Q1.{form}" for form in ("json", "xlsx", "pdf", "html")),
                 *(f"reports/annual-return/FY2024-Q1.{form}" for form in ("json", "xlsx", "pdf", "csv")),
                 *(f"export.{form}" for form in ("beancount", "hledger", "csv", "jsonl"))):
        assert client.get(f"{MILLBROOK}/{path}").status_code == 200, path
    begun = client.post(f"{MILLBROOK}/scenarios", json={}).json()["id"]
    assert client.get(f"{MILLBROOK}/scenarios/{begun}").status_code == 200
    workbook = client.get(f"{MILLBROOK}/scenarios/{begun}.xlsx")
    back = client.post(f"{MILLBROOK}/scenarios/{begun}/workbook", content=workbook.content, params={"name": "As it is"},
                       headers={"Content-Type": workbook.headers["content-type"]})
    assert back.status_code == 200, back.text
    for path in ("scenarios", f"scenarios/{begun}/kept/{back.json()['kept']}"):
        assert client.get(f"{MILLBROOK}/{path}").status_code == 200, path
    for media in ("application/json", "application/pdf", "text/html"):
        options = [{"name": "dearer", "changes": {"growth.beds": "10"}}]
        assert client.post(f"{MILLBROOK}/negotiations", json={"options": options},
                           headers={"Accept": media}).status_code == 200, media
    kept = client.post(f"{MILLBROOK}/negotiations", params={"name": "Spring"}, json={"options": options})
    assert kept.json()["kept"] == 1, kept.text
    for path in ("negotiations", "negotiations/1"):
        assert client.get(f"{MILLBROOK}/{path}").status_code == 200, path
    for path, body in (("exposure", {"chances": "{seed: 1, draws: 9, services: {beds: {demand: {normal: {sd: 5}}}}}"}),
                       ("divide", {"fair": "{cost: 9, parties: [a, b]}"})):
        assert client.post(f"{MILLBROOK}/scenarios/{path}", json=body).status_code == 200, path
    assert client.post(f"{MILLBROOK}/reports/balances/FY2024-Q1.csv", content="partner,figure,amount\n",
                       headers={"Content-Type": "text/csv"}).status_code == 200
    assert client.get(f"{MILLBROOK}/events/template.xlsx").status_code == 200
    rows = client.post(f"{MILLBROOK}/bank/suggestions", content="Date,Amount\n2024-04-05,1000.00\n",
                       headers={"Content-Type": "text/csv"}).json()["rows"]
    assert client.post(f"{MILLBROOK}/bank/postings", json={"rows": rows}).status_code == 200
    assert {label for label, status in seen if status < 300} >= {
        label.replace(PARTNERSHIP, "") for label in _labels() if PARTNERSHIP in label}, "every call was made"
    assert {("POST /periods/{period}/close", 202), ("POST /entries", 202)} <= seen


def test_after_all_that_the_books_are_sound(app: Any) -> None:
    found = Client(app, headers=_bearer(app)("everything")).get(f"{MILLBROOK}/verify").json()
    assert found["sound"], found["findings"]
    with app.state.engine.connect() as conn:
        assert not conn.scalar(text("SELECT sum(amount) FROM posting"))
