"""What a browser keeps between requests: signed cookies, one while somebody signs in and one while they are signed in.

Who has no sign-in service gives an API key once: the cookie then says which key it was, never the key itself, and no
page of another site can have it sent (`SameSite=Strict`).

Cookies are signed under a key made from the server's secret, so that all servers of a database accept them. They
carry who signed in and nothing about what that person may do, which is looked up at every request: a role taken away
is gone at once. Signing out removes the cookie from the browser; a copy made before works until it expires.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import urlsplit

import jwt
from fastapi import Request
from fastapi.responses import Response

from api.access.oidc import Identity
from api.access.refusals import FromElsewhere

SESSION, LOGIN, KEYED = "__Host-poolbook_session", "__Host-poolbook_login", "__Host-poolbook_key"
LASTS: Mapping[str, dt.timedelta] = {SESSION: dt.timedelta(hours=8), LOGIN: dt.timedelta(minutes=10),
                                     KEYED: dt.timedelta(hours=8)}
READS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class KeyGiven:
    """The key with which somebody signed in: of which partnership, and its id."""

    partnership_key: int
    id: str

    @property
    def actor(self) -> str:
        """How what is done with the key is named."""
        return f"key:{self.id}"


def put(answer: Response, secret: bytes, cookie: str, data: Mapping[str, str], now: dt.datetime) -> None:
    """Sets a cookie that only we can have made and no script can read."""
    expires = int((now + LASTS[cookie]).timestamp())
    text = jwt.encode({**data, "kind": cookie, "exp": expires}, _key(secret), "HS256")
    answer.set_cookie(cookie, text, int(LASTS[cookie].total_seconds()), path="/", secure=True, httponly=True,
                      samesite=_site(cookie))


def drop(answer: Response, cookie: str) -> None:
    """Takes a cookie away."""
    answer.delete_cookie(cookie, path="/", secure=True, httponly=True, samesite=_site(cookie))


def read(request: Request, secret: bytes, cookie: str, now: dt.datetime) -> dict[str, Any] | None:
    """What a cookie of the request says; None where there is none that we made, for this use, and that still lasts."""
    try:
        data: dict[str, Any] = jwt.decode(request.cookies.get(cookie, ""), _key(secret), ["HS256"],
                                          {"verify_exp": False, "require": ["exp", "kind"]})
    except jwt.PyJWTError:
        return None
    return data if data["kind"] == cookie and now.timestamp() < data["exp"] else None


def identity(request: Request, now: dt.datetime) -> Identity | None:
    """Who is signed in with the browser that asks; a change must have been asked for by a page of ours."""
    state = request.app.state
    data = read(request, state.secret, SESSION, now)
    provider = state.provider
    if data is None or provider is None or data["issuer"] != provider.issuer:
        return None
    same_origin(request, state.settings.public_url)
    return Identity(data["issuer"], data["subject"], data["name"])


def key(request: Request, now: dt.datetime) -> KeyGiven | None:
    """Which key was given in the browser that asks; a change must have been asked for by a page of ours."""
    data = read(request, request.app.state.secret, KEYED, now)
    if data is None:
        return None
    same_origin(request, request.app.state.settings.public_url)
    return KeyGiven(int(data["partnership_key"]), data["id"])


def same_origin(request: Request, public_url: str) -> None:
    """Refuses a change that a page of another site asks for; browsers say which page it is."""
    if request.method in READS:
        return
    own = urlsplit(public_url)  # without one: the host that the browser itself addressed
    origin = request.headers.get("origin")
    if origin is None and request.headers.get("sec-fetch-site") == "same-origin":
        return
    host = request.headers.get("host", "")
    ours = [f"{own.scheme}://{own.netloc}"] if own.netloc else [f"http://{host}", f"https://{host}"]
    if origin is None or origin.lower() not in [one.lower() for one in ours]:
        raise FromElsewhere()


def _site(cookie: str) -> Literal["lax", "strict"]:
    """A sign-in service sends the browser back from another site; nobody else needs to."""
    return "strict" if cookie == KEYED else "lax"


def _key(secret: bytes) -> bytes:
    return hmac.new(secret, b"poolbook: cookies of signed-in browsers", sha256).digest()
