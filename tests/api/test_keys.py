"""Keys: who may do what, and that no call is open to those without one."""

from __future__ import annotations

import datetime as dt
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from api.access import keys
from api.access.refusals import ApiKeyUnknown, ApiKeyWrong, SecretMissing, SecretTooShort
from api.refusals import SettingWrong
from api.settings import Settings, from_environment
from api.web.routers import ROUTERS as PAGES
from ledger import service as books
from ledger.constraints import as_domain_error
from ledger.model import Book
from ledger.refusals import AppendOnly, RecordUnacceptable
from tests.api.conftest import AGREEMENT, MILLBROOK, SECRET, YAML, Clock, MakeKey, entry, head
from tests.api.test_refusals import refused

NOW = dt.datetime(2024, 10, 1, tzinfo=dt.UTC)
OPEN = {"/health", "/ready", "/metrics", "/openapi.json"}
SIGN_IN = {"/auth/login", "/auth/callback", "/auth/logout"}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def operations(client: TestClient) -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation of the document: its method, a path that could be, and what is said about it."""
    found = client.get("/openapi.json").json()["paths"]
    return [(method, re.sub(r"\{(\w+)\}", _some, path), said) for path, methods in found.items()
            for method, said in methods.items()]


def _some(name: re.Match[str]) -> str:
    return {"partnership": "millbrook", "number": "1", "member": "1", "period": "FY2024-Q1", "format": "json",
            "scenario": "FY2024-1", "name": "ageing"}[name[1]]


def test_every_call_needs_a_key(millbrook: TestClient) -> None:
    del millbrook.headers["Authorization"]
    before = set()
    for method, path, said in operations(millbrook):
        if path in OPEN | SIGN_IN:
            assert "security" not in said
            continue
        answer = millbrook.request(method, path)
        refused(answer, 401, "bearer-missing")
        assert answer.headers["www-authenticate"] == "Bearer"
        before.add(path)
    assert len(before) >= 13


def test_no_route_is_left_out_of_the_document(server: TestClient) -> None:
    routers = [route.original_router for route in server.app.routes if hasattr(route, "original_router")
               and route.original_router not in PAGES]
    plain = {route.path for route in server.app.routes if not hasattr(route, "original_router")}
    assert plain <= OPEN, "routes outside the routers are the document's own"
    routes = [route for router in routers for route in router.routes]
    assert all(isinstance(route, APIRoute) and route.include_in_schema for route in routes)
    assert len(routes) == len(operations(server))


def test_what_needs_no_key(server: TestClient) -> None:
    for path in OPEN:
        answer = server.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["cache-control"] == "no-store"


def test_keys_that_do_not_open(millbrook: TestClient, make_key: MakeKey, clock: Clock) -> None:
    periods = f"{MILLBROOK}/periods"
    soon = clock.at + dt.timedelta(minutes=5)
    brief = make_key("millbrook", expires_at=soon)
    assert millbrook.get(periods, headers=bearer(brief)).status_code == 200
    clock.at = soon
    refused(millbrook.get(periods, headers=bearer(brief)), 401, "bearer-expired")
    gone = make_key("millbrook")
    with millbrook.app.state.engine.begin() as conn:
        revoked = keys.revoke(conn, None, keys.listing(conn)[-1].id, clock())
    assert revoked.revoked_at is not None
    refused(millbrook.get(periods, headers=bearer(gone)), 401, "bearer-revoked")
    for wrong in ("pbk_", "pbk_" + "x" * 43, gone[:-1], gone + "x", "é"):
        found = millbrook.get(periods, headers={"Authorization": f"Bearer {wrong}".encode()})
        assert wrong not in refused(found, 401, "bearer-unknown")["detail"]
    for header in ("", "Bearer", f"Basic {gone}", gone):
        refused(millbrook.get(periods, headers={"Authorization": header}), 401, "bearer-missing")


def test_a_key_opens_its_own_partnership_alone(millbrook: TestClient, make_key: MakeKey) -> None:
    other = AGREEMENT.replace("id: millbrook", "id: ashby")
    assert millbrook.put("/v1/partnerships/ashby/agreement", content=other, headers=YAML).status_code == 200
    key = bearer(make_key("millbrook"))
    assert millbrook.get(f"{MILLBROOK}/periods", headers=key).status_code == 200
    there = millbrook.get("/v1/partnerships/ashby/periods", headers=key)
    nowhere = millbrook.get("/v1/partnerships/burton/periods", headers=key)
    refused(there, 404, "partnership-unknown")
    assert there.text.replace("ashby", "burton") == nowhere.text, "what is another's looks like what is not there"
    before = head(millbrook, "/v1/partnerships/ashby")
    refused(millbrook.post("/v1/partnerships/ashby/entries", json=entry(), headers=key), 404, "partnership-unknown")
    refused(millbrook.put("/v1/partnerships/ashby/agreement", content=other, headers={**YAML, **key}), 404,
            "partnership-unknown")
    refused(millbrook.put(f"{MILLBROOK}/agreement", content=other, headers={**YAML, **key}), 422,
            "partnership-differs")
    assert head(millbrook, "/v1/partnerships/ashby") == before


def test_a_key_is_kept_as_a_digest_that_nobody_changes(engine: Engine, book: Book) -> None:
    with engine.begin() as conn:
        key_id, key = keys.create(conn, SECRET.encode(), book, "Finance system", {"auditor"}, NOW)
        assert re.fullmatch(r"pbk_[\w-]{43}", key)
        kept = conn.execute(text("SELECT * FROM api_key")).mappings().one()
        assert key not in str(dict(kept))
        assert key[4:].encode() not in bytes(kept["digest"])
        found = keys.check(conn, SECRET.encode(), key, NOW)
        assert (found.id, found.partnership, found.roles) == (key_id, book.id, ("auditor",))
        with pytest.raises(Exception, match="bearer-unknown"):
            keys.check(conn, b"another secret altogether, and as long", key, NOW)
        keys.revoke(conn, book, key_id, NOW)
        again = keys.revoke(conn, None, key_id, NOW + dt.timedelta(days=1))
        assert again.revoked_at == NOW, "a key ends once"
        with pytest.raises(ApiKeyUnknown):
            keys.revoke(conn, book, "00000000", NOW)
    for attack in ("UPDATE api_key SET scopes = 'read'", "DELETE FROM api_key", "DELETE FROM api_key_revocation",
                   "UPDATE api_key_revocation SET key_id = 'x'"):
        assert isinstance(_tried(engine, attack), AppendOnly), attack
    copy = ("INSERT INTO api_key (partnership_key, key_id, name, digest, scopes, created_at) "
            "SELECT 7, 'abc', name, digest, scopes, created_at FROM api_key")
    assert isinstance(_tried(engine, copy), RecordUnacceptable)
    if engine.dialect.name == "sqlite":
        assert isinstance(_tried(engine, copy.replace("INSERT", "INSERT OR REPLACE")), RecordUnacceptable)
    with engine.connect() as conn:
        assert [one.id for one in keys.listing(conn)] == [key_id]


def _tried(engine: Engine, sql: str) -> Exception | None:
    try:
        with engine.begin() as conn:
            conn.execute(text(sql))
    except Exception as error:
        return as_domain_error(error)
    return None


@pytest.mark.parametrize(("name", "roles", "more"), [
    ("", {"auditor"}, {}), ("x" * 201, {"auditor"}, {}), ("a\nb", {"auditor"}, {}), ("a", set(), {}),
    ("a", {"auditor", "emperor"}, {}), ("a", {"read"}, {}), ("a", {"auditor"}, {"expires_at": NOW}),
    ("a", {"auditor"}, {"holder": "A\tB"}), ("a", {"auditor"}, {"partner": "nhs"}),
])
def test_a_key_that_cannot_be(sqlite_engine: Engine, name: str, roles: set[str], more: dict[str, Any]) -> None:
    with sqlite_engine.begin() as conn, pytest.raises(ApiKeyWrong):
        keys.create(conn, SECRET.encode(), None, name, roles, NOW, **more)


def test_listing_is_by_partnership(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as conn:
        one, two = (books.create(conn, id_, id_, "GBP") for id_ in ("one", "two"))
        made = [keys.create(conn, SECRET.encode(), book, "k", {"auditor"}, NOW)[0] for book in (one, two, None)]
        assert [key.id for key in keys.listing(conn, one)] == made[:1]
        assert {key.partnership for key in keys.listing(conn)} == {"one", "two", ""}


def test_the_secret_of_an_embedded_ledger_lies_beside_it(tmp_path: Path) -> None:
    settings = from_environment({}, str(tmp_path / "books.db"))
    secret = keys.server_secret(settings)
    path = tmp_path / "books.db.secret"
    assert len(secret) >= 43
    assert keys.server_secret(settings) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["books.db.secret"]


def test_settings_come_from_the_environment() -> None:
    found = from_environment({"POOLBOOK_DATABASE": "books.db", "POOLBOOK_SECRET": SECRET, "POOLBOOK_MAX_BODY": "5000"})
    assert found == Settings("sqlite:///books.db", secret=SECRET, max_body=5000)
    assert SECRET not in repr(found)
    assert keys.server_secret(found) == SECRET.encode()
    assert from_environment({}) == Settings()
    for wrong in ("-1", "0", "many", "1.5", "9" * 30):
        with pytest.raises(SettingWrong):
            from_environment({"POOLBOOK_MAX_BODY": wrong})


@pytest.mark.parametrize(("settings", "error"), [
    (Settings("postgresql://localhost/books"), SecretMissing), (Settings("sqlite://"), SecretMissing),
    (Settings("sqlite:///books.db", secret="short"), SecretTooShort),
])
def test_a_server_without_a_secret_does_not_start(settings: Settings, error: type[Exception]) -> None:
    with pytest.raises(error):
        keys.server_secret(settings)
