"""Signing in and out with a browser, by OpenID Connect: the authorization code flow with PKCE, state and nonce."""

from __future__ import annotations

import base64
import hmac
import secrets
import threading
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from api import openapi
from api.access import session as cookies
from api.access.oidc import Provider
from api.access.refusals import SignInFailed, SignInOff
from api.settings import Settings
from ledger.language import Said

router = APIRouter(prefix="/auth", tags=["sign-in"])
_PROBLEMS = {code: words for code, words in openapi.refusals("read", 400).items() if code not in (401, 403)}
_AWAY: dict[int | str, dict[str, Any]] = {
    303: {"description": "To the sign-in service, or back to where the person was going"}, **_PROBLEMS}
_OUT: dict[int | str, dict[str, Any]] = {
    204: {"description": "Signed out in this browser"}, 403: openapi.refusals("read")[403], **_PROBLEMS}
LONGEST = 1_500  # bytes of an address; browsers drop a cookie of more than 4,096 without a word
Text = Annotated[str, Query(max_length=4_000)]


class Used:
    """The sign-ins that were finished lately in this process: none is finished twice, though a cookie were kept."""

    def __init__(self, most: int = 10_000) -> None:
        self._seen: dict[str, None] = {}
        self._most, self._lock = most, threading.Lock()

    def first(self, state: str) -> bool:
        """Whether this state is met for the first time."""
        with self._lock:
            if state in self._seen:
                return False
            self._seen[state] = None
            while len(self._seen) > self._most:
                del self._seen[next(iter(self._seen))]
            return True


def _set_up(request: Request) -> tuple[Provider, Settings]:
    provider, settings = request.app.state.provider, request.app.state.settings
    if provider is None or not settings.oidc_client_id or not settings.public_url:
        raise SignInOff()
    return provider, settings


def _callback(settings: Settings) -> str:
    return f"{settings.public_url.rstrip('/')}/auth/callback"


def local(to: str) -> str:
    """Where to go afterwards: a page of ours and of nobody else, whose address is short enough for a cookie."""
    ours = to.startswith("/") and to.isprintable() and to[1:2] not in ("/", "\\")
    return to if ours and len(to.encode("unicode_escape")) <= LONGEST else "/"


@router.get("/login", status_code=303, response_class=RedirectResponse, responses=_AWAY)
def login(request: Request, to: Text = "/") -> Response:
    """Begin to sign in: to the sign-in service, and afterwards to the page `to`."""
    provider, settings = _set_up(request)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = urlencode({"response_type": "code", "client_id": provider.client_id, "redirect_uri": _callback(settings),
                       "scope": "openid profile", "state": state, "nonce": nonce, "code_challenge": challenge,
                       "code_challenge_method": "S256"})
    address = provider.endpoint("authorization_endpoint")
    answer = RedirectResponse(f"{address}{'&' if '?' in address else '?'}{query}", 303)
    kept = {"state": state, "nonce": nonce, "verifier": verifier, "to": local(to)}
    cookies.put(answer, request.app.state.secret, cookies.LOGIN, kept, request.app.state.clock())
    return answer


@router.get("/callback", status_code=303, response_class=RedirectResponse, responses=_AWAY)
def callback(request: Request, code: Text = "", state: Text = "", error: Text = "") -> Response:
    """Finish: the sign-in service sends the browser here with a code, which is traded for who it is."""
    provider, settings = _set_up(request)
    now = request.app.state.clock()
    kept = cookies.read(request, request.app.state.secret, cookies.LOGIN, now)
    if kept is None or not hmac.compare_digest(kept["state"].encode(), state.encode()):
        raise SignInFailed(fault=Said("it was not begun in this browser, or too long ago"))
    if not request.app.state.used.first(state):
        raise SignInFailed(fault=Said("it was finished before"))
    if error or not code:
        raise SignInFailed(fault=Said("the sign-in service refused it"))
    found = provider.exchanged(code, kept["verifier"], _callback(settings), kept["nonce"], now)
    answer = RedirectResponse(kept["to"], 303)
    who = {"issuer": found.issuer, "subject": found.subject, "name": found.name}
    cookies.put(answer, request.app.state.secret, cookies.SESSION, who, now)
    cookies.drop(answer, cookies.LOGIN)
    return answer


@router.post("/logout", status_code=204, responses=_OUT)
def logout(request: Request) -> Response:
    """Sign out in this browser."""
    _, settings = _set_up(request)
    cookies.same_origin(request, settings.public_url)
    answer = Response(status_code=204)
    cookies.drop(answer, cookies.SESSION)
    return answer
