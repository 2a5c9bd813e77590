"""A server over a fresh database, keys that open it, and a small invented partnership."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from fastapi.testclient import TestClient

from api.access import keys
from api.access.rights import ROLES
from api.app import create_app
from api.settings import Settings
from ledger import service as books
from ledger.model import Book

T = TypeVar("T")
SECRET = "a secret of the tests, long enough to be one"
SIGNING = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
-----END PRIVATE KEY-----"""
START = dt.datetime(2024, 10, 1, 9, 0, tzinfo=dt.UTC)
MILLBROOK = "/v1/partnerships/millbrook"
YAML = {"Content-Type": "application/yaml"}
CSV = {"Content-Type": "text/csv"}
AGREEMENT = """\
poolbook: 1
partnership: {id: millbrook, name: Millbrook, currency: GBP, year_starts: 04-01}
partners:
  council: {name: Millbrook Council}
  nhs: {name: NHS Millbrook}
agreements:
  - id: s75
    reference: Section 75
    effective: 2024-04-01
    signed: 2024-03-01
    funds:
      core: {kind: pooled, host: council}
      carers: {kind: pooled, host: nhs}
    contributions:
      - {fund: core, partner: council, source: base, amount: 4000, instalments: quarterly}
      - {fund: core, partner: nhs, source: base, amount: 6000, instalments: quarterly}
      - {fund: carers, partner: council, source: base, amount: 1000, instalments: annual}
    services:
      beds: {fund: core, lead: nhs, budget: 10000}
      respite: {fund: carers, lead: council, budget: 1000}
    rules:
      - id: core-risk
        reference: Schedule 3
        applies_to: {fund: core}
        overspend: [{share: {by: contribution}}]
        underspend: [{return: {by: contribution}}]
      - id: carers-risk
        reference: Schedule 3
        applies_to: {fund: carers}
        overspend: [{share: {by: contribution}}]
        underspend: [{return: {by: contribution}}]
"""
EVENTS = """\
date,event,service,partner,fund,amount,reference,note
2024-04-05,contribution,,council,core,1000.00,RCT-1,
2024-04-06,contribution,,nhs,core,1500.00,RCT-2,
2024-05-14,expenditure,beds,,,2600.50,INV-1,Beds in April
2024-07-14,expenditure,respite,,,199.50,INV-2,
"""


def awaited(asked: Coroutine[Any, Any, T]) -> T:
    """What comes of it, in a thread of its own: in this one a browser of other tests may keep a loop running."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, asked).result()


@dataclass
class Clock:
    """A clock that the tests set; each look moves it on by a second."""

    at: dt.datetime = field(default=START)

    def __call__(self) -> dt.datetime:
        self.at += dt.timedelta(seconds=1)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(database_url: str, clock: Clock) -> Iterator[TestClient]:
    """A client without a key, of a server on a fresh database; each test runs on both databases."""
    app = create_app(Settings(database=database_url, secret=SECRET, signing_key=SIGNING, max_body=100_000), clock)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


MakeKey = Callable[..., str]


@pytest.fixture
def make_key(server: TestClient, clock: Clock) -> MakeKey:
    """Makes a key: for a partnership, or for every one; in every role, unless told otherwise."""
    def make(partnership: str | None = None, roles: tuple[str, ...] = tuple(ROLES), **more: Any) -> str:
        with server.app.state.engine.begin() as conn:  # type: ignore[attr-defined]
            book: Book | None = books.open_book(conn, partnership) if partnership else None
            return keys.create(conn, SECRET.encode(), book, "of the tests", roles, clock(), **more)[1]
    return make


@pytest.fixture
def admin(server: TestClient, make_key: MakeKey) -> TestClient:
    """The same client with a key that opens every partnership."""
    server.headers["Authorization"] = f"Bearer {make_key()}"
    return server


@pytest.fixture
def millbrook(admin: TestClient) -> TestClient:
    """A client of a server that holds the invented partnership and a few events."""
    assert admin.put(f"{MILLBROOK}/agreement", content=AGREEMENT, headers=YAML).status_code == 200
    assert admin.post(f"{MILLBROOK}/events", content=EVENTS, headers=CSV).status_code == 200
    return admin


def entry(reference: str = "J-1", account: str = "expenses:beds", amount: str = "10.00", **more: Any) -> dict[str, Any]:
    """A journal entry of two postings, as it is sent."""
    opposite = amount[1:] if amount.startswith("-") else f"-{amount}"
    return {"date": "2024-08-01", "reference": reference, "memo": "By hand",
            "postings": [{"account": account, "amount": amount}, {"account": "liabilities:providers",
                                                                  "amount": opposite}], **more}


def head(client: TestClient, partnership: str = MILLBROOK) -> dict[str, Any]:
    """Where the books stand: how many entries, and the chain's hash over them."""
    found: dict[str, Any] = client.get(f"{partnership}/verify").json()
    assert found["sound"], found["findings"]
    return dict(found["ledger"])
