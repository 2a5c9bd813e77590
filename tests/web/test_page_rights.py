"""Every page names one right; a browser's session goes no further than its key, and no other site can use it."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from api.access import keys, rights
from api.access.session import KEYED, SESSION
from api.web.page import Page
from api.web.routers import ROUTERS
from tests.api.conftest import MILLBROOK, Clock, MakeKey
from tests.api.test_refusals import refused

OPEN = {"/", "/sign-in", "/sign-out", "/static/{name}", "/language/{tag}"}
POOL = "/pools/millbrook"
SAME = {"Origin": "http://testserver"}


def page_routes() -> list[APIRoute]:
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def named(dependant: Dependant) -> list[str]:
    """The rights that a route or what it depends on names."""
    found = list(dependant.own_oauth_scopes or ())
    for one in dependant.dependencies:
        found += named(one)
    return found


def test_every_page_names_one_right() -> None:
    found = {(method, route.path): named(route.dependant) for route in page_routes() for method in route.methods}
    assert len(found) >= 20
    for (method, path), said in found.items():
        if path in OPEN:
            assert said == []
            continue
        assert len(said) == 1, path
        assert said[0] in rights.RIGHTS
        assert method == "GET" or said[0] != "read", f"{path} changes something"
    assert all(isinstance(route, Page) and not route.include_in_schema for route in page_routes())


@pytest.fixture
def signed_in(millbrook: TestClient, make_key: MakeKey) -> TestClient:
    """A browser that signed in with a key of every role."""
    return browser(millbrook, make_key("millbrook"))


def browser(client: TestClient, key: str) -> TestClient:
    """A browser of somebody's own at the same server."""
    made = TestClient(client.app, base_url="https://testserver", follow_redirects=False)
    answer = made.post("/sign-in", data={"key": key, "to": POOL}, headers={"Origin": "https://testserver"})
    assert (answer.status_code, answer.headers["location"]) == (303, POOL), answer.text
    return made


def test_a_session_of_a_key_ends_with_it(signed_in: TestClient, clock: Clock) -> None:
    assert signed_in.get(POOL).status_code == 200
    with signed_in.app.state.engine.begin() as conn:  # type: ignore[attr-defined]
        keys.revoke(conn, None, keys.listing(conn)[-1].id, clock())
    answer = signed_in.get(POOL)
    assert (answer.status_code, answer.headers["location"]) == (
        303, "/sign-in?to=%2Fpools%2Fmillbrook&why=bearer-revoked")


def test_a_session_that_we_did_not_make_is_none(signed_in: TestClient) -> None:
    good = signed_in.cookies[KEYED]
    for name, text in ((KEYED, good[:-4] + "AAAA"), (KEYED, "x"), (SESSION, good)):
        signed_in.cookies.clear()
        signed_in.cookies.set(name, text, domain="testserver.local")
        answer = signed_in.get(POOL)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"},
                                     {"Origin": "https://testserver.elsewhere.example"},
                                     {"Sec-Fetch-Site": "cross-site"}])
def test_no_other_site_changes_anything(signed_in: TestClient, headers: dict[str, str]) -> None:
    for path in ("/sign-in", "/sign-out", f"{POOL}/proposals/1/approval"):
        answer = signed_in.post(path, data={"key": "x"}, headers=headers)
        assert answer.status_code == 403, path
        assert "from-elsewhere" in answer.text
    refused(signed_in.post(f"{MILLBROOK}/periods/FY2024-Q1/close", headers=headers), 403, "from-elsewhere")


def test_a_page_is_refused_like_the_call(millbrook: TestClient, make_key: MakeKey) -> None:
    reader = browser(millbrook, make_key("millbrook", ("board-reader",)))
    answer = reader.post(f"{POOL}/proposals/1/approval", data={}, headers={"Origin": "https://testserver"})
    assert answer.status_code == 403
    assert "right-missing" in answer.text
    administrator = browser(millbrook, make_key("millbrook", ("administrator",)))
    assert administrator.get(POOL).status_code == 403
    there, nowhere = (reader.get(f"/pools/{name}") for name in ("ashby", "burton"))
    assert there.status_code == nowhere.status_code == 404


def test_one_goes_afterwards_only_to_a_page_of_ours(millbrook: TestClient, make_key: MakeKey) -> None:
    made = TestClient(millbrook.app, base_url="https://testserver", follow_redirects=False)
    for to in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"):
        sent: dict[str, Any] = {"key": make_key("millbrook"), "to": to}
        assert made.post("/sign-in", data=sent, headers={"Origin": "https://testserver"}).headers["location"] == "/"


def test_pages_carry_a_policy_without_inline_scripts_or_styles(signed_in: TestClient) -> None:
    for path in ("/sign-in", POOL, f"{POOL}/entries", f"{POOL}/statements/FY2024-Q1?draft=true"):
        answer = signed_in.get(path)
        assert answer.status_code == 200, answer.text
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'")
        assert "style=" not in answer.text
        assert "<script" not in answer.text
        assert "http://" not in answer.text.replace("http://testserver", "")


@pytest.mark.parametrize(("role", "words"), [
    ("approver", "Approve or reject what others ask for"), ("finance-officer", "See it, and take your own back"),
    ("auditor", "See what it would do"), ("board-reader", "See what it would do")])
def test_tasks_promise_what_the_roles_allow(millbrook: TestClient, make_key: MakeKey, role: str, words: str) -> None:
    assert words in browser(millbrook, make_key("millbrook", (role,))).get(f"{POOL}/tasks").text
