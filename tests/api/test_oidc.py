"""Sign-in by OpenID Connect against a provider that runs here: what is let in, and every token that is not."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient

from api.access import members, oidc
from api.access.oidc import Identity
from api.access.refusals import ProviderUnusable, TokenRefused
from api.access.session import LOGIN, SESSION
from api.app import create_app
from api.settings import Settings
from ledger import service as books
from tests.api.conftest import AGREEMENT, MILLBROOK, SECRET, YAML, Clock, entry
from tests.api.provider import CLIENT, LocalProvider, SigningKey, running
from tests.api.provider import SECRET as CLIENT_SECRET
from tests.api.test_keys import bearer
from tests.api.test_refusals import refused

PERIODS = f"{MILLBROOK}/periods"
HOME = "https://pool.example.org"


@pytest.fixture
def provider(clock: Clock) -> Iterator[LocalProvider]:
    with running(lambda: clock.at) as found:
        yield found


@pytest.fixture
def server(database_url: str, clock: Clock, provider: LocalProvider) -> Iterator[TestClient]:
    """A server that knows the provider, and a browser at its address."""
    settings = Settings(database=database_url, secret=SECRET, public_url=HOME, oidc_issuer=provider.issuer,
                        oidc_client_id=CLIENT, oidc_client_secret=CLIENT_SECRET)
    with TestClient(create_app(settings, clock), base_url=HOME, raise_server_exceptions=False,
                    follow_redirects=False) as client:
        yield client


Give = Callable[..., None]


@pytest.fixture
def give(millbrook: TestClient, provider: LocalProvider, clock: Clock) -> Give:
    """Gives the provider's person roles in the invented partnership; nobody is signed in by then."""
    del millbrook.headers["Authorization"]

    def roles(*roles: str, subject: str = "ann", partner: str = "", every: bool = False) -> None:
        with millbrook.app.state.engine.begin() as conn:
            book = None if every else books.open_book(conn, "millbrook")
            who = Identity(provider.issuer, subject, "Ann")
            if roles:
                members.put(conn, book, who, roles, clock(), "tests", partner)
            else:
                members.remove(conn, book, members.listing(conn, book)[0].number, clock(), "tests")
    return roles


def test_a_token_lets_in_whom_the_partnership_knows(millbrook: TestClient, provider: LocalProvider, give: Give) -> None:
    token = bearer(provider.token())
    nowhere = refused(millbrook.get(PERIODS, headers=token), 404, "partnership-unknown")
    there = refused(millbrook.get("/v1/partnerships/nowhere/periods", headers=token), 404, "partnership-unknown")
    assert str(nowhere).replace("millbrook", "nowhere") == str(there)
    give("board-reader")
    assert millbrook.get(PERIODS, headers=token).status_code == 200
    refused(millbrook.post(f"{MILLBROOK}/entries", json=entry(), headers=token), 403, "right-missing")
    give("finance-officer", "approver")
    assert millbrook.post(f"{MILLBROOK}/entries", json=entry(), headers=token).status_code == 201
    give("board-reader", partner="council")
    found = millbrook.get(f"{MILLBROOK}/entries?kind=contribution", headers=token).json()["items"]
    assert [one["reference"] for one in found] == ["RCT-1"]
    give()
    refused(millbrook.get(PERIODS, headers=token), 404, "partnership-unknown")
    give("auditor", every=True)
    assert millbrook.get(PERIODS, headers=token).status_code == 200


@pytest.mark.parametrize("algorithm", ["RS256", "PS384", "ES256", "EdDSA"])
def test_signatures_with_a_private_key_count(millbrook: TestClient, provider: LocalProvider, give: Give,
                                             algorithm: str) -> None:
    give("auditor")
    provider.keys = [SigningKey("k", algorithm)]
    assert millbrook.get(PERIODS, headers=bearer(provider.token())).status_code == 200
    assert millbrook.get(PERIODS, headers=bearer(provider.token(aud=["other", CLIENT]))).status_code == 200


def encoded(data: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def forged(provider: LocalProvider, algorithm: str, secret: bytes | None = None, **header: Any) -> str:
    """A token with our header, over the claims of an honest one; HMAC under a secret, or without a signature."""
    head, body, signature = provider.token().split(".")
    head = encoded({"alg": algorithm, "typ": "JWT", "kid": "one", **header})
    if secret is not None:
        digest = hmac.new(secret, f"{head}.{body}".encode(), sha256).digest()
        signature = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return f"{head}.{body}.{signature if algorithm != 'none' else ''}"


OTHER = SigningKey("one", "RS256")
ATTACKS: dict[str, Callable[[LocalProvider], str]] = {
    "another audience": lambda p: p.token(aud="somebody-else"),
    "no audience": lambda p: p.token(aud=None),
    "another issuer": lambda p: p.token(iss="https://evil.example.org"),
    "the issuer with a slash": lambda p: p.token(iss=f"{p.issuer}/"),
    "no issuer": lambda p: p.token(iss=None),
    "expired": lambda p: p.token(exp=int(p.clock().timestamp()) - 61),
    "never expires": lambda p: p.token(exp=None),
    "expires at no time": lambda p: p.token(exp=float("nan")),
    "expires beyond any number": lambda p: p.token(exp=10**400),
    "began beyond any number": lambda p: p.token(nbf=-10**400),
    "expires at the end of days": lambda p: p.token(exp=float("inf")),
    "not yet": lambda p: p.token(nbf=int(p.clock().timestamp()) + 120),
    "issued in the future": lambda p: p.token(iat=int(p.clock().timestamp()) + 120),
    "nobody's": lambda p: p.token(sub=None),
    "an empty subject": lambda p: p.token(sub=""),
    "a subject that is a number": lambda p: p.token(sub=7),
    "alg none": lambda p: forged(p, "none"),
    "alg None": lambda p: forged(p, "None"),
    "HS256 under the public key": lambda p: forged(p, "HS256", p.keys[0].pem),
    "HS256 under the public key as JSON": lambda p: forged(p, "HS256", json.dumps(p.keys[0].jwk).encode()),
    "HS256 under nothing": lambda p: forged(p, "HS256", b""),
    "RS256 said, HMAC made": lambda p: forged(p, "RS256", p.keys[0].pem),
    "another algorithm than the key's": lambda p: forged(p, "PS256"),
    "an elliptic curve said of an RSA key": lambda p: forged(p, "ES256"),
    "signed by somebody else": lambda p: p.token(OTHER),
    "an unknown key": lambda p: p.token(SigningKey("two", "RS256")),
    "a key of its own": lambda p: p.token(OTHER, {"jwk": OTHER.jwk}),
    "a key from elsewhere": lambda p: p.token(OTHER, {"jku": "https://evil.example.org/keys", "kid": "x"}),
    "a critical header": lambda p: p.token(headers={"crit": ["mine"], "mine": 1}),
    "a token to sign out": lambda p: p.token(headers={"typ": "logout+jwt"}),
    "altered": lambda p: ".".join((p.token().split(".")[0], encoded({"sub": "ben"}), p.token().split(".")[2])),
    "no signature": lambda p: p.token().rpartition(".")[0] + ".",
    "two parts": lambda p: p.token().rpartition(".")[0],
    "not a token": lambda p: "a.b.c",
    "far too long": lambda p: p.token(sub="x" * 20_000),
    "a deep header": lambda p: f"{base64.urlsafe_b64encode(b'[' * 9_000).decode()}.e30.e30",
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_tokens_that_are_refused(millbrook: TestClient, provider: LocalProvider, give: Give) -> None:
    give("auditor")
    for name, attack in ATTACKS.items():
        answer = millbrook.get(PERIODS, headers=bearer(attack(provider)))
        assert (answer.status_code, answer.json()["code"]) == (401, "token-refused"), name
        assert answer.headers["www-authenticate"] == "Bearer"
    assert millbrook.get(PERIODS, headers=bearer(provider.token())).status_code == 200
    late = provider.token(exp=int(provider.clock().timestamp()) - 30)
    assert millbrook.get(PERIODS, headers=bearer(late)).status_code == 200, "clocks may differ by a minute"


def test_an_api_key_still_opens_and_no_token_passes_for_one(admin: TestClient) -> None:
    assert admin.put(f"{MILLBROOK}/agreement", content=AGREEMENT, headers=YAML).status_code == 200
    refused(admin.get(PERIODS, headers=bearer("pbk_a.b.c")), 401, "bearer-unknown")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_token_means_nothing_to_a_server_without_a_provider(millbrook: TestClient, provider: LocalProvider) -> None:
    millbrook.app.state.provider = None
    refused(millbrook.get(PERIODS, headers=bearer(provider.token())), 401, "bearer-unknown")
    refused(millbrook.get("/auth/login"), 404, "sign-in-off")


# Keys that rotate, a provider that fails

@pytest.fixture
def ticks() -> list[float]:
    return [0.0]


@pytest.fixture
def client(provider: LocalProvider, ticks: list[float]) -> oidc.Provider:
    return oidc.Provider(provider.issuer, CLIENT, CLIENT, ticks=lambda: ticks[0])


def test_rotated_keys_are_found_and_made_up_ones_cost_nothing(provider: LocalProvider, client: oidc.Provider,
                                                              clock: Clock, ticks: list[float]) -> None:
    old = provider.token()
    assert client.verify(old, clock.at).subject == "ann"
    provider.keys = [SigningKey("two", "ES256")]
    for _ in range(50):
        with pytest.raises(TokenRefused, match="no such key"):
            client.verify(provider.token(SigningKey("made-up", "ES256")), clock.at)
    assert provider.asked["/keys"] == 1, "not asked again within half a minute"
    assert client.verify(old, clock.at), "nor forgotten"
    ticks[0] += oidc.REFETCH
    assert client.verify(provider.token(), clock.at).actor == f"oidc:{provider.issuer}#ann"
    with pytest.raises(TokenRefused):
        client.verify(old, clock.at)
    assert provider.asked["/keys"] == 2
    ticks[0] += oidc.KEPT
    client.verify(provider.token(), clock.at)
    assert provider.asked["/keys"] == 3, "a key that was taken back is forgotten in time"


def test_a_provider_that_does_not_answer(provider: LocalProvider, client: oidc.Provider, clock: Clock,
                                         ticks: list[float]) -> None:
    provider.down = True
    for _ in range(20):
        with pytest.raises(ProviderUnusable):
            client.verify(provider.token(), clock.at)
    assert provider.asked["/.well-known/openid-configuration"] == 1
    provider.down, ticks[0] = False, oidc.REFETCH
    client.verify(provider.token(), clock.at)
    provider.down, ticks[0] = True, ticks[0] + oidc.KEPT
    assert client.verify(provider.token(), clock.at), "what is known serves for a day"
    ticks[0] += oidc.STALE + 1
    with pytest.raises(ProviderUnusable):
        client.verify(provider.token(), clock.at)


@pytest.mark.parametrize("said", [
    {"issuer": "https://evil.example.org"}, {"jwks_uri": None}, {"jwks_uri": "http://evil.example.org/keys"},
    {"jwks_uri": "file:///etc/passwd"}, {"jwks_uri": "ftp://localhost/keys"},
])
def test_a_discovery_document_that_is_not_the_issuers(provider: LocalProvider, client: oidc.Provider, clock: Clock,
                                                      said: dict[str, Any]) -> None:
    provider.document = said
    with pytest.raises(ProviderUnusable):
        client.verify(provider.token(), clock.at)


def test_the_provider_is_asked_over_https_and_follows_nobody(provider: LocalProvider) -> None:
    for url in ("http://id.example.org", "ftp://localhost/x", "file:///etc/passwd", "http://localhost.evil.org/"):
        with pytest.raises(ProviderUnusable, match="not an https address"):
            oidc.fetch(url, None, {})
    away = f"{provider.issuer}/authorize?code_challenge_method=S256&state=s&redirect_uri={provider.issuer}/keys"
    with pytest.raises(ProviderUnusable, match="answers 302"):
        oidc.fetch(away, None, {})
    assert provider.asked["/keys"] == 0


def answering(pieces: Iterable[bytes]) -> str:
    """The address of a server that sends these pieces to whoever asks first, and hangs up."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listening, listening.accept()[0] as asked, suppress(OSError):
            asked.recv(65_536)
            for piece in pieces:
                asked.sendall(piece)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}/keys"


@pytest.mark.parametrize("said", [
    b"hello there\r\n\r\n", b"", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 200 + b"\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 1_100_000])
def test_an_answer_that_is_none_is_a_provider_that_cannot_be_used(said: bytes) -> None:
    with pytest.raises(ProviderUnusable):
        oidc.fetch(answering([said]), None, {})


def test_an_answer_that_drips_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def dripping(between: float) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"
        for _ in range(6):
            time.sleep(between)
            yield b"1"

    assert oidc.fetch(answering(dripping(0)), None, {}) == b"111111"
    monkeypatch.setattr(oidc, "TIMEOUT", 0.2)
    with pytest.raises(ProviderUnusable, match="TimeoutError"):
        oidc.fetch(answering(dripping(0.1)), None, {})


# Signing in with a browser

def begun(browser: TestClient, to: str = "/") -> dict[str, str]:
    """Begins at /auth/login; what the browser is sent to the provider with."""
    answer = browser.get("/auth/login", params={"to": to})
    assert answer.status_code == 303
    return {name: value[0] for name, value in parse_qs(urlsplit(answer.headers["location"]).query).items()} | {
        "at": answer.headers["location"]}


def sent_back(asked: dict[str, str]) -> dict[str, str]:
    """Goes through the provider's page; what it sends the browser back with."""
    answer = httpx.get(asked["at"])
    return {name: value[0] for name, value in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def signed_in(browser: TestClient, to: str = "/") -> httpx.Response:
    return browser.get("/auth/callback", params=sent_back(begun(browser, to)))


def test_signing_in_with_a_browser(millbrook: TestClient, give: Give) -> None:
    give("finance-officer")
    refused(millbrook.get(PERIODS), 401, "bearer-missing")
    asked = begun(millbrook, "/pool?x=1")
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"{HOME}/auth/callback"
    answer = millbrook.get("/auth/callback", params=sent_back(asked))
    assert (answer.status_code, answer.headers["location"]) == (303, "/pool?x=1")
    (cookie,) = [value for value in answer.headers.get_list("set-cookie") if value.startswith(SESSION)]
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie
    assert LOGIN not in millbrook.cookies
    assert millbrook.get(PERIODS).status_code == 200
    give()
    refused(millbrook.get(PERIODS), 404, "partnership-unknown")


def test_a_change_by_cookie_comes_from_our_own_pages(millbrook: TestClient, give: Give) -> None:
    give("finance-officer")
    signed_in(millbrook)
    path = f"{MILLBROOK}/entries"
    for headers in ({}, {"Origin": "https://evil.example.org"}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-site"},
                    {"Origin": "http://pool.example.org"}, {"Sec-Fetch-Site": "cross-site"},
                    {"Origin": "https://evil.example.org", "Sec-Fetch-Site": "same-origin"}):
        refused(millbrook.post(path, json=entry(), headers=headers), 403, "from-elsewhere")
        refused(millbrook.post("/auth/logout", headers=headers), 403, "from-elsewhere")
    assert millbrook.post(path, json=entry("J-1"), headers={"Origin": HOME}).status_code == 201
    assert millbrook.post(path, json=entry("J-2"), headers={"Sec-Fetch-Site": "same-origin"}).status_code == 201
    out = millbrook.post("/auth/logout", headers={"Origin": HOME})
    assert out.status_code == 204
    assert SESSION not in millbrook.cookies
    refused(millbrook.get(PERIODS), 401, "bearer-missing")


def test_pages_are_read_by_signing_in(millbrook: TestClient, give: Give) -> None:
    give("board-reader", partner="nhs")
    page = "/pools/millbrook/statements"
    assert millbrook.get(page).headers["location"] == f"/sign-in?to={page.replace('/', '%2F')}"
    assert f"/auth/login?to={page.replace('/', '%2F')}" in millbrook.get(f"/sign-in?to={page}").text
    signed_in(millbrook)
    assert millbrook.get("/").headers["location"] == "/pools/millbrook", "straight to the only one"
    assert "for partner nhs" in millbrook.get(page).text
    assert millbrook.post("/sign-out", headers={"Origin": "https://evil.example.org"}).status_code == 403
    assert millbrook.post("/sign-out", headers={"Origin": HOME}).status_code == 303
    assert SESSION not in millbrook.cookies
    signed_in(millbrook)
    give()
    assert "no partnership whose books you may read" in millbrook.get("/").text
    assert millbrook.get(page).status_code == 404


def test_a_session_ends(millbrook: TestClient, give: Give, clock: Clock) -> None:
    give("auditor")
    signed_in(millbrook)
    clock.at += dt.timedelta(hours=7, minutes=59)
    assert millbrook.get(PERIODS).status_code == 200
    clock.at += dt.timedelta(minutes=2)
    refused(millbrook.get(PERIODS), 401, "bearer-missing")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_cookies_that_we_did_not_make(millbrook: TestClient, give: Give, provider: LocalProvider) -> None:
    give("auditor")
    begun(millbrook)
    login = millbrook.cookies[LOGIN]
    data = {"issuer": provider.issuer, "subject": "ann", "name": "", "kind": SESSION, "exp": 2**33}
    none = f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{encoded(data)}."
    signature = base64.urlsafe_b64encode(hmac.new(
        SECRET.encode(), f"{encoded({'alg': 'HS256'})}.{encoded(data)}".encode(), sha256).digest()).decode().rstrip("=")
    under_the_secret = f"{encoded({'alg': 'HS256'})}.{encoded(data)}.{signature}"
    for wrong in (login, none, under_the_secret, provider.token(), "", "x"):
        millbrook.cookies.clear()
        refused(millbrook.get(PERIODS, headers={"Cookie": f"{SESSION}={wrong}"}), 401, "bearer-missing")


def test_a_sign_in_is_finished_once_and_by_who_began_it(millbrook: TestClient, give: Give,
                                                        provider: LocalProvider) -> None:
    give("auditor")
    back, kept = sent_back(begun(millbrook)), millbrook.cookies[LOGIN]
    victim = {"Cookie": ""}
    refused(millbrook.get("/auth/callback", params={**back, "state": "another"}), 400, "sign-in-failed")
    refused(millbrook.get("/auth/callback", params={**back, "state": "é"}), 400, "sign-in-failed")
    jar = dict(millbrook.cookies)
    millbrook.cookies.clear()
    refused(millbrook.get("/auth/callback", params=back, headers=victim), 400, "sign-in-failed")
    millbrook.cookies.update(jar)
    assert millbrook.get("/auth/callback", params=back).status_code == 303
    replay = millbrook.get("/auth/callback", params=back, headers={"Cookie": f"{LOGIN}={kept}"})
    assert "finished before" in refused(replay, 400, "sign-in-failed")["detail"]
    assert provider.asked["/token"] == 1, "the provider is not even asked"


def test_what_comes_back_from_the_provider_is_for_this_sign_in(millbrook: TestClient, provider: LocalProvider,
                                                               give: Give) -> None:
    give("auditor")
    for wrong in ({"nonce": "another"}, {"nonce": None}, {"nonce": "é"}, {"nonce": "\ud800"},
                  {"aud": "another"}, {"aud": [CLIENT, "x"], "azp": "x"}, {"exp": 1}, {"iss": "https://evil.example.org"}):
        provider.claims = wrong
        refused(signed_in(millbrook), 401, "token-refused")
        assert SESSION not in millbrook.cookies
    provider.claims = {}
    back = sent_back(begun(millbrook))
    refused(millbrook.get("/auth/callback", params={**back, "code": "made-up"}), 400, "sign-in-failed")
    back = sent_back(begun(millbrook))
    stolen = sent_back(begun(millbrook))
    refused(millbrook.get("/auth/callback", params={"code": back["code"], "state": stolen["state"]}), 400,
            "sign-in-failed")  # a code of another sign-in does not meet the verifier of this one
    back = sent_back(begun(millbrook))
    refused(millbrook.get("/auth/callback", params={"state": back["state"], "error": "access_denied"}), 400,
            "sign-in-failed")


def test_a_sign_in_takes_ten_minutes_at_most(millbrook: TestClient, give: Give, clock: Clock) -> None:
    give("auditor")
    back = sent_back(begun(millbrook))
    clock.at += dt.timedelta(minutes=11)
    refused(millbrook.get("/auth/callback", params=back), 400, "sign-in-failed")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("to", ["https://evil.example.org", "//evil.example.org", "/\\evil.example.org", "javascript:1",
                                "/\t/evil.example.org", "", f"/{'a' * 3_000}", f"/{'å' * 500}"])
def test_afterwards_the_browser_stays_with_us(millbrook: TestClient, give: Give, to: str) -> None:
    give("auditor")
    assert signed_in(millbrook, to).headers["location"] == "/"


def test_the_person_is_named_where_they_act(millbrook: TestClient, provider: LocalProvider, give: Give) -> None:
    give("administrator")
    answer = millbrook.post(f"{MILLBROOK}/members", json={"subject": "ben", "roles": ["auditor"]},
                            headers=bearer(provider.token()))
    assert answer.json()["recorded_by"] == f"oidc:{provider.issuer}#ann"
    assert answer.json()["issuer"] == provider.issuer
