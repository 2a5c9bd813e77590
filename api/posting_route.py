"""The short way of a request that posts journal entries: into the queue, where it shares a commit with others.

It is taken by what most requests are: a few entries as plain JSON, under an API key. Everything else, and whatever the
queue hands back, goes the ordinary way with the same request, which also says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi.requests import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from api import keys
from api.bodies import JSON, Given, json_of
from api.logs import told
from api.posting_batch import STATUS, Asked
from api.schemas import EntryIn
from commissioning.agreement import ID
from ledger.errors import PoolbookError, Refused

LONGEST = 65_536  # bytes; a longer body would make the others of its batch wait
_KEY = re.compile(r"[\x20-\x7e]{1,255}")
_ONE, _MANY = TypeAdapter(EntryIn), TypeAdapter(list[EntryIn])


class Together(APIRoute):
    """A route that tries the short way first."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        ordinary = super().get_route_handler()

        async def handler(request: Request) -> Response:
            asked = await _asked(request)
            partnership = str(request.path_params["partnership"])
            found = await request.app.state.posting.post(partnership, asked) if asked is not None else None
            if found is None:
                return await ordinary(request)
            known = told()
            known.actor, known.partnership, known.entries = found.caller.actor, partnership, found.made
            return Response(found.body, STATUS, media_type="application/json")

        return handler


def sent(given: Given) -> list[EntryIn]:
    """The entries of a body; whether it is one or a list decides how its faults are placed."""
    return json_of(given, _MANY) if given.body.lstrip()[:1] == b"[" else [json_of(given, _ONE)]


async def _asked(request: Request) -> Asked | None:
    """What is asked, if it may take the short way."""
    headers = request.headers
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    length, key = headers.get("content-length", ""), headers.get("idempotency-key")
    plain = (scheme.lower() == "bearer" and bearer.startswith(keys.PREFIX) and not request.url.query
             and headers.get("content-type") == JSON[0] and length.isascii() and length.isdigit() and len(length) < 9
             and int(length) <= min(LONGEST, request.app.state.settings.max_body)
             and (key is None or _KEY.fullmatch(key)) and ID.fullmatch(request.path_params["partnership"]))
    if not plain:
        return None
    given = Given(request.method, request.url.path, "", JSON[0], await request.body(), key,
                  request.app.state.settings.max_body)
    try:
        entries: Sequence[EntryIn] = sent(given)
    except (PoolbookError, Refused):
        return None
    return Asked(bearer, given, list(entries), request.app.state.clock()) if entries else None
