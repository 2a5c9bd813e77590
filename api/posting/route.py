"""The short way of a request that posts journal entries: into the queue, where it shares a commit with others.

It is taken by what most requests are: a few entries as plain JSON, under an API key. Everything else, and whatever the
queue hands back, goes on to the application's routes with the same request, which also say what is wrong with it. Their
own way to a function takes several times as long as everything here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.access import keys
from api.bodies import JSON, Given, json_of
from api.logs import told
from api.posting.batch import STATUS, Answered, Asked
from api.reader import language_of
from api.shapes.entries import EntryIn
from commissioning.agreement.model import ID
from exports.language import speaking
from ledger.errors import PoolbookError, Refused

LONGEST = 65_536  # bytes; a longer body would make the others of its batch wait
START, END = "/v1/partnerships/", "/entries"
_KEY = re.compile(r"[\x20-\x7e]{1,255}")
_ONE, _MANY = TypeAdapter(EntryIn), TypeAdapter(list[EntryIn])


class ShortWay:
    """The middleware that tries the short way first."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        plain = _plain(scope)
        if plain is None:
            await self.app(scope, receive, send)
            return
        came = await _whole(receive)
        body = b"".join(message.get("body", b"") for message in came)
        asked = _asked(scope, plain, body) if len(body) == plain.length else None
        try:
            found = await scope["app"].state.posting.post(plain.partnership, asked) if asked is not None else None
        except PoolbookError as error:
            with speaking(language_of(Request(scope))):
                await problems.problem([error])(scope, receive, send)
            return
        if found is None:
            await self.app(scope, _again(came, receive), send)
        else:
            await _answer(scope, plain.partnership, found, send)


@dataclass(frozen=True, slots=True)
class _Plain:
    """A request that may take the short way, as far as its head says."""

    partnership: str
    bearer: str
    key: str | None
    length: int  # what the body says of itself: less comes from a caller who has gone away


def sent(given: Given) -> list[EntryIn]:
    """The entries of a body; whether it is one or a list decides how its faults are placed."""
    return json_of(given, _MANY) if given.body.lstrip()[:1] == b"[" else [json_of(given, _ONE)]


def _plain(scope: Scope) -> _Plain | None:
    """What the head says, if it says all of it plainly: no header that matters twice, none that asks for more."""
    path = scope.get("path", "")
    if scope["type"] != "http" or scope["method"] != "POST" or not (path.startswith(START) and path.endswith(END)):
        return None
    headers = dict(scope["headers"])
    partnership = path[len(START):-len(END)]
    scheme, _, bearer = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    length, key = headers.get(b"content-length", b""), headers.get(b"idempotency-key", b"").decode("latin-1")
    plain = (ID.fullmatch(partnership) and scheme.lower() == "bearer" and bearer.startswith(keys.PREFIX)
             and not scope["query_string"] and len(headers) == len(scope["headers"])
             and b"transfer-encoding" not in headers and headers.get(b"content-type") == JSON[0].encode()
             and length.isdigit() and len(length) < 9
             and int(length) <= min(LONGEST, scope["app"].state.settings.max_body)
             and (b"idempotency-key" not in headers or _KEY.fullmatch(key)))
    return _Plain(partnership, bearer, key or None, int(length)) if plain else None


async def _whole(receive: Receive) -> list[Message]:
    """The messages that bring the body; the last one may say that the caller has gone away."""
    came = [await receive()]
    while came[-1].get("more_body"):
        came.append(await receive())
    return came


def _again(came: list[Message], receive: Receive) -> Receive:
    """What brings the same messages once more, and then those that follow."""
    async def following() -> Message:
        return came.pop(0) if came else await receive()
    return following


def _asked(scope: Scope, plain: _Plain, body: bytes) -> Asked | None:
    """What is asked, if it can be read."""
    state = scope["app"].state
    given = Given("POST", scope["path"], "", JSON[0], body, plain.key, state.settings.max_body)
    try:
        entries = sent(given)
    except (PoolbookError, Refused):
        return None
    return Asked(plain.bearer, given, entries, state.clock()) if entries else None


async def _answer(scope: Scope, partnership: str, found: Answered, send: Send) -> None:
    known = told()
    known.actor, known.partnership, known.entries = found.caller.actor, partnership, found.made
    scope["path_params"], scope["route"] = {"partnership": partnership}, ROUTE
    headers = [(b"content-length", str(len(found.body)).encode()), (b"content-type", JSON[0].encode())]
    await send({"type": "http.response.start", "status": STATUS, "headers": headers})
    await send({"type": "http.response.body", "body": found.body})


@dataclass(frozen=True)
class _Route:
    path: str


ROUTE = _Route(f"{START}{{partnership}}{END}")
"""As which route the log and the figures know these requests."""
