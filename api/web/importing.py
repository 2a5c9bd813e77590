"""Importing events from a file: checked first, with every fault at its row or cell, and kept only after a look."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.bodies import CSV, Given, Sent, rows_of
from api.calls import Call, Posts
from api.routes.entries import cursor
from api.routes.events import XLSX, post_events
from api.web.forms import after, uploaded
from api.web.page import Page, draw, faults, link
from api.web.sealed import Checked, opened, seal
from ledger.errors import MOST_FAULTS, PoolbookError, Refused
from ledger.language import N_

router = APIRouter(route_class=Page, include_in_schema=False)
COLUMNS = ("date", "event", "service", "partner", "fund", "amount", "units", "reference", "source", "note")
ZIP = b"PK\x03\x04"
SHOWN = 20_000  # characters of a file that are shown again
USE = "import"


@router.get("/pools/{partnership}/import")
def get_import(request: Request, call: Posts, known: Annotated[int, Query(ge=0, le=2**31)] = 0) -> Response:
    """The form that takes a file; after a file of which all was in the books already, it says so."""
    return _form(request, call, known=known)


def _form(request: Request, call: Call, found: Sequence[PoolbookError] = (), said: str = "", *,
          late: bool = False, known: int = 0) -> Response:
    about = {"faults": found[:MOST_FAULTS], "more": max(len(found) - MOST_FAULTS, 0), "said": said, "late": late,
             "known": known, "columns": COLUMNS,
             "template": f"/v1/partnerships/{call.partnership}/events/template.xlsx"}
    return draw(request, "import.html", about, call, status=422 if found or said else 200)


@router.post("/pools/{partnership}/import")
def check(request: Request, call: Posts, given: Sent) -> Response:
    """Says what a file would do, or what is wrong with which row; nothing is kept."""
    sent = uploaded(request, given)
    content = sent.get("file", b"") or sent.get("rows", b"")
    late = bool(sent.get("late"))
    if not content.strip():
        return _form(request, call, said=N_("Choose a file, or paste its rows"), late=late)
    try:
        file = _as_file(given, content)
        answer = post_events(call, file, late=late, dry_run=True)
        sealed = seal(request, call, given, USE, Checked(content, {"late": "yes" if late else ""}))
    except (PoolbookError, Refused) as error:
        return _form(request, call, faults(error), late=late)
    would = json.loads(bytes(answer.body))
    text = rows_of(file)[:SHOWN] if file.content_type in CSV else ""
    return draw(request, "import_checked.html", {"would": would, "text": text, "sealed": sealed}, call)


@router.post("/pools/{partnership}/import/confirmed")
def confirm(request: Request, call: Posts, given: Sent) -> Response:
    """Posts what was checked; it is checked again against the books as they are now, and all or nothing is kept."""
    checked = opened(request, call, USE, uploaded(request, given).get("sealed", b""))
    answer = post_events(call, _as_file(given, checked.content), late=bool(checked.said["late"]))
    return after(call, answer, lambda done: link("entries", cursor=cursor(
        done["ledger"]["entries"] - done["posted"])) if done["posted"] else link("import", known=done["skipped"]))


def _as_file(given: Given, content: bytes) -> Given:
    """The file as the call of the interface takes it: a workbook is told from rows by how it begins."""
    return replace(given, content_type=XLSX if content.startswith(ZIP) else CSV[0], body=content)
