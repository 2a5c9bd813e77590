"""The agreement: reading the one in force, and putting a new file in force once it was checked and looked at."""

from __future__ import annotations

import json
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.bodies import YAML, Given, Sent, text_of
from api.calls import Applies, Call, Reads
from api.reader import language_of
from api.routes.agreement import get_agreement as in_force
from api.routes.agreement import put_agreement
from api.shapes.agreement import AgreementOut
from api.web.forms import after, uploaded
from api.web.page import Page, draw, faults
from api.web.sealed import Checked, opened, seal
from commissioning import store as agreements
from exports.language import speaking
from ledger.errors import MOST_FAULTS, PoolbookError, Refused
from ledger.language import N_

router = APIRouter(route_class=Page, include_in_schema=False)
USE = "agreement"


@router.get("/pools/{partnership}/agreement")
def get_agreement(request: Request, call: Reads) -> Response:
    """The agreement in force, its versions and its file; for who may, the form that takes a new one."""
    return _page(request, call)


def _page(request: Request, call: Call, found: tuple[PoolbookError, ...] = (), said: str = "") -> Response:
    with call.reading() as (conn, book):
        kept = agreements.agreements(conn, book)
    answer = in_force(call, _asking_for_json(request)) if kept else None
    now = AgreementOut.model_validate_json(bytes(answer.body)) if isinstance(answer, Response) else answer
    about = {"now": now, "before": [number for number, _text in kept[:-1]][::-1], "faults": found[:MOST_FAULTS],
             "more": max(len(found) - MOST_FAULTS, 0), "said": said}
    return draw(request, "agreement.html", about, call, status=422 if found or said else 200)


def _asking_for_json(request: Request) -> Request:
    """The same request, asking as a program does: a browser's `Accept` would have neither form preferred."""
    headers = [pair for pair in request.scope["headers"] if pair[0] != b"accept"]
    return Request({**request.scope, "headers": [*headers, (b"accept", b"application/json")]})


@router.post("/pools/{partnership}/agreement")
def check(request: Request, call: Applies, given: Sent) -> Response:
    """Says what a file would change, or what is wrong with which line of it; nothing is kept."""
    content = uploaded(request, given).get("file", b"")
    if not content.strip():
        return _page(request, call, said=N_("Choose an agreement file"))
    try:
        file = _as_yaml(given, content)
        with speaking(language_of(request)):  # nothing of it is kept
            answer = put_agreement(call, file, dry_run=True)
        sealed = seal(request, call, given, USE, Checked(content, {}))
    except (PoolbookError, Refused) as error:
        return _page(request, call, tuple(faults(error)))
    would = json.loads(bytes(answer.body))
    return draw(request, "agreement_checked.html", {
        "changes": would["changes"], "text": text_of(file), "sealed": sealed}, call)


@router.post("/pools/{partnership}/agreement/confirmed")
def confirm(request: Request, call: Applies, given: Sent) -> Response:
    """Puts in force what was checked; where a second person must agree, it waits."""
    checked = opened(request, call, USE, uploaded(request, given).get("sealed", b""))
    return after(call, put_agreement(call, _as_yaml(given, checked.content)), lambda _done: "agreement")


def _as_yaml(given: Given, content: bytes) -> Given:
    return replace(given, content_type=YAML[0], body=content)
