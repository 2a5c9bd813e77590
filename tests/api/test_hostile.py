"""Hostile bodies are refused with a code, cheaply, by a server with its default limits; nothing of them is recorded.

«Cheaply» is tested without a clock: how much is read of a body, how many faults are told, how long an answer is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.access import keys
from api.access.rights import ROLES
from api.app import create_app
from api.limits import MOST_LINES, MOST_LISTED
from api.settings import Settings
from ledger.errors import LONGEST_FACT, MOST_FAULTS
from tests.api.conftest import AGREEMENT, CSV, EVENTS, MILLBROOK, SECRET, YAML, Clock, MakeKey, awaited, entry, head
from tests.api.test_refusals import refused

JSON = {"Content-Type": "application/json"}
HEADER = EVENTS.splitlines()[0]
LAUGHS = "a: &a [ha, ha]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.fixture
def books(sqlite_url: str, clock: Clock) -> Iterator[TestClient]:
    """A server with default limits that holds the invented partnership."""
    app = create_app(Settings(database=sqlite_url, secret=SECRET), clock)
    with app.state.engine.begin() as conn:
        key = keys.create(conn, SECRET.encode(), None, "of the tests", tuple(ROLES), clock())[1]
    with TestClient(app, raise_server_exceptions=False, headers={"Authorization": f"Bearer {key}"}) as client:
        assert client.put(f"{MILLBROOK}/agreement", content=AGREEMENT, headers=YAML).status_code == 200
        yield client


def rows(*cells: str) -> bytes:
    return "\n".join([HEADER, *cells, ""]).encode()


def named(value: str) -> str:
    """The agreement with another name of the partnership."""
    return AGREEMENT.replace("name: Millbrook,", f"name: {value},")


AGREEMENTS: list[tuple[str, str, str]] = [
    ("a billion laughs", LAUGHS, "yaml-too-large"),
    ("a list of itself", "a: &a [*a, *a]\n", "yaml-too-large"),
    ("a mapping of itself", "&a {a: *a}\n", "yaml-too-large"),
    ("a hundred thousand lists in each other", "[" * 100_000, "yaml-too-large"),
    ("a hundred thousand mappings in each other", "{a: " * 100_000, "yaml-too-large"),
    ("a hundred thousand items in each other", "- " * 100_000, "yaml-too-large"),
    ("a hundred thousand values", f"[{'a,' * 100_000}]", "yaml-too-large"),
    ("a megabyte", "#" * 1_000_000, "yaml-too-large"),
    ("a number of 400,000 digits", AGREEMENT.replace("amount: 4000,", f"amount: {'9' * 400_000},"), "amount-too-large"),
    ("a percentage of 100,000 digits", AGREEMENT.replace(
        "[{share: {by: contribution}}]", f"[{{share: {{by: fixed, percent: {{council: {'9' * 100_000}}}}}}}]"),
     "number-unreadable"),
    ("an exponent", AGREEMENT.replace("amount: 4000,", "amount: 1e999999999,"), "amount-unreadable"),
    ("a tag", named("!!python/name:os.system x"), "yaml-unreadable"),
    ("an escaped zero", named('"Mill\\0brook"'), "yaml-unreadable"),
    ("an escaped half of a pair", named('"Mill\\uD800brook"'), "yaml-unreadable"),
    ("two documents", f"{AGREEMENT}---\n{AGREEMENT}", "yaml-unreadable"),
]


@pytest.mark.parametrize(("text", "code"), [case[1:] for case in AGREEMENTS], ids=[case[0] for case in AGREEMENTS])
def test_an_agreement_is_refused(books: TestClient, text: str, code: str) -> None:
    before = head(books)
    answer = books.put(f"{MILLBROOK}/agreement", content=text, headers=YAML)
    refused(answer, answer.status_code, code)
    assert answer.status_code in (413, 422)
    assert len(answer.content) < 10 * LONGEST_FACT
    assert head(books) == before


@pytest.mark.parametrize(("text", "code"), [
    ("[" * 50_000, "yaml-unreadable"), ('{"a": ' * 50_000, "yaml-unreadable"), ("9" * 1_000_000, "yaml-unreadable"),
    ('{"poolbook": "\\ud800"}', "yaml-unreadable"), ('{"poolbook": "\\u0000"}', "yaml-unreadable"),
])
def test_an_agreement_in_json_is_refused(books: TestClient, text: str, code: str) -> None:
    refused(books.put(f"{MILLBROOK}/agreement", content=text, headers=JSON), 422, code)


EVENT_FILES: list[tuple[str, bytes, str, int]] = [
    ("a million columns", b"," * 1_000_000 + b"\n", "csv-too-large", 1),
    ("a million unknown columns", b"a,b,c,d," * 250_000 + b"\n", "csv-too-large", 1),
    ("a row of a million cells", rows("1," * 1_000_000), "row-ragged", 1),
    ("90,000 short rows", HEADER.encode() + b"\na" * 90_000, "row-ragged", MOST_FAULTS),
    ("a million empty rows", HEADER.encode() + b"\n" * 1_000_000, "csv-too-large", 1),
    ("rows of unknown events", rows(*[f"2024-05-01,payd{i},,,,1,R-{i}," for i in range(50_000)]), "event-unknown",
     MOST_FAULTS),
    ("rows of unknown services", rows(*[f"2024-05-01,expenditure,s{i},,,1,R-{i}," for i in range(50_000)]),
     "service-unknown", MOST_FAULTS),
    ("virements of unknown services", rows(*[f"2024-05-01,virement,s{i},,,1,R-{i % 10}," for i in range(50_000)]),
     "service-unknown", MOST_FAULTS),
    ("one virement of unknown services", rows(*[f"2024-05-01,virement,s{i},,,1,R," for i in range(50_000)]),
     "service-unknown", 50_000),
    ("a cell of a megabyte", rows(f"2024-05-01,expenditure,beds,,,1,R-1,{'x' * 1_000_000}"), "csv-unreadable", 1),
    ("a note of 120,000 characters", rows(f"2024-05-01,expenditure,beds,,,1,R-1,{'x' * 120_000}"), "text-unusable", 1),
    ("an event of 120,000 characters", rows(f"2024-05-01,{'x' * 120_000},beds,,,1,R-1,"), "event-unknown", 1),
    ("an amount of 120,000 digits", rows(f"2024-05-01,expenditure,beds,,,{'9' * 120_000},R-1,"), "amount-too-large", 1),
    ("a quote left open", rows(f'2024-05-01,expenditure,beds,,,1,R-1,"{"x,y" * 100_000}'), "csv-unreadable", 1),
    ("a zero", rows("2024-05-01,expenditure,beds,,,1,R\0-1,"), "file-unreadable", 1),
    ("half of a pair", rows("2024-05-01,expenditure,beds,,,1,R-1,x").replace(b"x", b"\xed\xa0\x80"), "file-unreadable",
     1),
    ("UTF-16", EVENTS.encode("utf-16"), "file-unreadable", 1),
]


@pytest.mark.parametrize(("content", "code", "most"), [case[1:] for case in EVENT_FILES],
                         ids=[case[0] for case in EVENT_FILES])
def test_a_file_of_events_is_refused(books: TestClient, content: bytes, code: str, most: int) -> None:
    before = head(books)
    answer = books.post(f"{MILLBROOK}/events", content=content, headers=CSV)
    found = refused(answer, answer.status_code, code)
    assert answer.status_code in (413, 422)
    assert len(found["errors"]) <= min(most, MOST_FAULTS)
    assert len(answer.content) < 2_000_000
    assert head(books) == before


def test_a_file_of_more_rows_than_are_read_is_refused(books: TestClient) -> None:
    found = refused(books.post(f"{MILLBROOK}/events", content=rows(*[""] * MOST_LINES), headers=CSV), 413,
                    "csv-too-large")
    assert found["errors"][0]["place"]["line"] == MOST_LINES + 1


@pytest.mark.parametrize("ends", ["\r\n", "\r", "\n"])
def test_files_as_they_come_are_read(books: TestClient, ends: str) -> None:
    content = b"\xef\xbb\xbf" + EVENTS.replace("\n", ends).encode()
    assert books.post(f"{MILLBROOK}/events", content=content, headers=CSV).json()["posted"] == 4
    again = books.put(f"{MILLBROOK}/agreement", content=b"\xef\xbb\xbf" + AGREEMENT.replace("\n", ends).encode(),
                      headers=YAML)
    assert again.status_code == 200


DEEP = b"[" * 100_000
BODIES: list[tuple[str, bytes, str]] = [
    ("nesting", DEEP, "json-unreadable"),
    ("nesting of objects", b'{"a":' * 100_000, "json-unreadable"),
    ("a million commas and one", b"[" + b"1," * 1_000_000 + b"1]", "body-too-fine"),
    ("hundreds of thousands of lists", b"[" + b"[]," * 300_000 + b"[]]", "request-invalid"),
    ("hundreds of thousands of keys", b"{" + b",".join(b'"k%d":1' % i for i in range(300_000)) + b"}",
     "request-invalid"),
    ("a number of a million digits", b'[{"amount":' + b"9" * 1_000_000 + b"}]", "json-unreadable"),
    ("half of a pair", b'[{"reference":"\\ud800"}]', "json-unreadable"),
    ("not UTF-8", b'[{"reference":"\xed\xa0\x80"}]', "json-unreadable"),
    ("not a number", b'[{"amount":NaN}]', "request-invalid"),
]


@pytest.mark.parametrize("path", ["entries", "events"])
@pytest.mark.parametrize(("content", "code"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES])
def test_a_json_body_is_refused(books: TestClient, path: str, content: bytes, code: str) -> None:
    answer = books.post(f"{MILLBROOK}/{path}", content=content, headers=JSON)
    found = refused(answer, answer.status_code, code)
    assert answer.status_code in (413, 422)
    assert len(found["errors"]) <= MOST_FAULTS
    assert len(answer.content) < 2_000_000


def test_faults_beyond_counting_are_told_as_one(books: TestClient) -> None:
    body = [{} for _ in range(MOST_LISTED)]
    found = refused(books.post(f"{MILLBROOK}/entries", json=body), 422, "request-invalid")
    assert f"{3 * MOST_LISTED:,} faults" in found["detail"]


def test_many_good_entries_are_no_attack(books: TestClient) -> None:
    """The limit on commas and brackets leaves room for the shortest entries that fill a body."""
    shortest = json.dumps([entry(f"J{i}", amount="1") for i in range(10_000)], separators=(",", ":"))
    assert books.post(f"{MILLBROOK}/entries?dry_run=true", content=shortest, headers=JSON).status_code == 200


@pytest.mark.parametrize("declared", ["100000000", "9" * 5_000, None, "\u00b2"])
def test_of_a_hundred_megabytes_no_more_is_read_than_the_limit(books: TestClient, declared: str | None) -> None:
    piece = b"x" * 64_000
    read, status = awaited(_send(books.app, declared, lambda: piece, books.headers["authorization"]))
    assert status == 413
    assert read <= (0 if declared and declared.isdecimal() else Settings().max_body + len(piece))


async def _send(app: Any, declared: str | None, piece: Callable[[], bytes], key: str) -> tuple[int, int]:
    """Sends pieces for as long as the application reads them; how many bytes it read, and what it answered."""
    assert isinstance(app, FastAPI)
    read, status = 0, 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        some = piece()
        read += len(some)
        return {"type": "http.request", "body": some, "more_body": True}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    headers = [(b"authorization", key.encode()), (b"content-type", b"application/json")]
    length = [(b"content-length", declared.encode("latin-1"))] if declared else []
    await app({"type": "http", "method": "POST", "path": f"{MILLBROOK}/entries", "query_string": b"",
               "raw_path": f"{MILLBROOK}/entries".encode(), "headers": headers + length, "http_version": "1.1",
               "scheme": "http", "client": ("192.0.2.1", 1), "server": ("books", 80)}, receive, send)
    return read, status


STRANGE = ["%00", "%ED%A0%80", "%FF", "%0d%0aX-Injected:1", "..%2f..%2fetc%2fpasswd", "'%20OR%201=1--", "%F0%9F%92%A9",
           "x" * 5_000, "%25s%25n", "${jndi:x}", "{period}", "9" * 1_000]


@pytest.mark.parametrize("strange", STRANGE)
def test_strange_addresses_are_refused(millbrook: TestClient, make_key: MakeKey, strange: str) -> None:
    """On both databases: nothing strange reaches one."""
    millbrook.headers["Authorization"] = f"Bearer {make_key('millbrook')}"
    for path in (f"/v1/partnerships/{strange}/periods", f"{MILLBROOK}/entries/{strange}", f"{MILLBROOK}/{strange}",
                 f"{MILLBROOK}/statements/{strange}", f"{MILLBROOK}/statements/FY2024-Q1?partner={strange}",
                 f"{MILLBROOK}/export.{strange}", f"{MILLBROOK}/entries?cursor={strange}",
                 f"{MILLBROOK}/balances?by={strange}", f"{MILLBROOK}/entries?known_at={strange}"):
        answer = millbrook.get(path)
        assert 400 <= answer.status_code < 500, path
        assert answer.headers["content-type"] == "application/problem+json", path
        assert "x-injected" not in answer.headers
    for word in ("account", "reference", "text", "kind", "partner"):
        assert millbrook.get(f"{MILLBROOK}/entries?{word}={strange}").status_code in (200, 422), word


def test_many_parameters_and_headers_are_refused_or_ignored(millbrook: TestClient) -> None:
    assert millbrook.get(f"{MILLBROOK}/entries?{'&'.join(f'k{i}=1' for i in range(5_000))}").status_code == 422
    assert millbrook.get(f"{MILLBROOK}/entries?{'limit=1&' * 5_000}").status_code in (200, 422)
    many = ",".join(f"a/b{i};q=0.{i}" for i in range(5_000))
    assert millbrook.get(f"{MILLBROOK}/agreement", headers={"Accept": many}).status_code == 406
