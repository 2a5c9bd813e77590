"""Importing events from a CSV file: checked first, with every fault at its row, and kept only after a look."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.bodies import CSV, Given, Sent, rows_of
from api.calls import Call, Posts
from api.routes.events import post_events
from api.web.forms import after, fields, uploaded
from api.web.page import Page, draw
from ledger.errors import MOST_FAULTS, PoolbookError, Refused

router = APIRouter(route_class=Page, include_in_schema=False)
COLUMNS = ("date", "event", "service", "partner", "fund", "amount", "units", "reference", "source", "note")


@router.get("/pools/{partnership}/import")
def get_import(request: Request, call: Posts) -> Response:
    """The form that takes a file."""
    return _form(request, call)


def _form(request: Request, call: Call, found: Sequence[PoolbookError] = (), said: str = "") -> Response:
    about: dict[str, Any] = {"faults": found[:MOST_FAULTS], "more": max(len(found) - MOST_FAULTS, 0), "said": said,
                             "columns": COLUMNS}
    return draw(request, "import.html", about, call, status=422 if found or said else 200)


@router.post("/pools/{partnership}/import")
def check(request: Request, call: Posts, given: Sent) -> Response:
    """Says what a file would do, or what is wrong with which row; nothing is kept."""
    sent = uploaded(request, given)
    rows = sent.get("file", b"") or sent.get("rows", b"")
    if not rows.strip():
        return _form(request, call, said="Choose a file, or paste its rows")
    late = bool(sent.get("late"))
    try:
        csv = _csv(given, rows)
        text = rows_of(csv)
        answer = post_events(call, csv, late=late, dry_run=True)
    except PoolbookError as fault:
        return _form(request, call, [fault])
    except Refused as refused:
        return _form(request, call, refused.faults)
    would = json.loads(bytes(answer.body))
    return draw(request, "import_checked.html", {"would": would, "text": text, "late": late}, call)


@router.post("/pools/{partnership}/import/confirmed")
def confirm(call: Posts, given: Sent) -> Response:
    """Posts what was checked; what changed in between is checked again, and all or nothing is kept."""
    sent = fields(given)
    answer = post_events(call, _csv(given, sent.get("rows", "").encode()), late=bool(sent.get("late")))
    return after(call, answer, lambda _: "entries")


def _csv(given: Given, rows: bytes) -> Given:
    return replace(given, content_type=CSV[0], body=rows)
