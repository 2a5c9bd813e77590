"""Bank statements on pages: what each line is thought to be and why, and the posting of those that were ticked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.bodies import JSON, Given, Sent
from api.calls import Call, Posts
from api.reader import language_of
from api.routes.bank import post_matches, suggested
from api.shapes.bank import BankRow, BankSuggested
from api.uploads import parts
from api.web.forms import every_field, line_of
from api.web.page import HEADERS, Page, draw, faults
from api.web.sealed import Checked, opened, seal
from commissioning.bank.rows import IN_BOOKS, NOTHING, UNMATCHED
from exports.language import speaking
from ledger.errors import MOST_FAULTS, PoolbookError, Refused
from ledger.language import N_

router = APIRouter(route_class=Page, include_in_schema=False)
USE = "bank"
MOST = 1_000
"""Suggestions on one page; whoever has more splits the file, or uses the command line."""
Count = Annotated[int, Query(ge=0, le=2**31)]
TAGS = {"certain": "green", "likely": "blue", "possible": "orange"}
CALLED = {"certain": N_("certain"), "likely": N_("likely"), "possible": N_("possible"), IN_BOOKS: N_("in the books"),
          NOTHING: N_("nothing to post"), UNMATCHED: N_("unmatched")}


@router.get("/pools/{partnership}/bank")
def get_bank(request: Request, call: Posts, posted: Count | None = None, left: Count = 0) -> Response:
    """The form that takes a bank's file; after a posting, what it came to."""
    return _form(request, call, posted=posted, left=left)


def _form(request: Request, call: Call, found: Sequence[PoolbookError] = (), said: str = "", **more: Any) -> Response:
    about = {"faults": found[:MOST_FAULTS], "more": max(len(found) - MOST_FAULTS, 0), "said": said,
             "account": "", "posted": None, "left": 0, **more}
    return draw(request, "bank.html", about, call, status=422 if found or said else 200)


@router.post("/pools/{partnership}/bank")
def suggest(request: Request, call: Posts, given: Sent) -> Response:
    """Says what each line is thought to be and why, and how bank and books tie; nothing is posted or kept."""
    sent = list(parts(request, given))
    files = [(part.file, part.content) for part in sent if part.field == "file" and part.content.strip()]
    account = next((line_of(part.content) for part in sent if part.field == "account"), "")
    if not files:
        return _form(request, call, said=N_("Choose a file of the bank"), account=account)
    try:
        with speaking(language_of(request)):  # nothing of it is kept but what rows say themselves
            found = suggested(call, files, [account] if account else [])
        sealed = seal(request, call, given, USE, Checked(found.model_dump_json(by_alias=True).encode(), {}))
    except (PoolbookError, Refused) as error:
        return _form(request, call, faults(error), account=account)
    return _offer(request, call, found, sealed)


def _offer(request: Request, call: Call, found: BankSuggested, sealed: str,
           sent: Mapping[str, Sequence[str]] | None = None, *, wrong: Sequence[PoolbookError] = (),
           said: str = "") -> Response:
    """What each line is thought to be, to be ticked. `sent`: as it was ticked, where nothing could be posted."""
    offered = list(_offered(found.rows))[:MOST]
    first = {(rows[0].bank_account, rows[0].line): n for n, rows in offered}
    rows = [found.rows[(fault.place.line or 2) - 2] for fault in wrong]  # numbered from 2, as in a file
    return draw(request, "bank_suggested.html", {
        "found": found, "sealed": sealed, "tags": TAGS, "called_strength": CALLED, "most": MOST, "offered": offered,
        "rest": [row for row in found.rows if not row.event], "counts": _counts(found.rows), "sent": sent or {},
        "said": said, "more": max(len(wrong) - MOST_FAULTS, 0),
        "faults": [(fault, row, first.get((row.bank_account, row.line)))
                   for fault, row in list(zip(wrong, rows, strict=True))[:MOST_FAULTS]]},
        call, status=422 if wrong or said else 200)


def _offered(rows: Sequence[BankRow]) -> Iterator[tuple[int, list[BankRow]]]:
    """Each line for which something is suggested, by the number of its first row: all its rows are one answer."""
    lines: dict[tuple[str, str], list[tuple[int, BankRow]]] = {}
    for number, row in enumerate(rows):
        if row.event:
            lines.setdefault((row.bank_account, row.line), []).append((number, row))
    for found in lines.values():
        yield found[0][0], [row for _number, row in found]


def _counts(rows: Sequence[BankRow]) -> Mapping[str, int]:
    """How many lines there are of each strength, in the order of `CALLED`."""
    lines = {(row.bank_account, row.line): row.strength for row in rows}
    return {one: many for one in CALLED if (many := list(lines.values()).count(one))}


@router.post("/pools/{partnership}/bank/confirmed")
def confirm(request: Request, call: Posts, given: Sent) -> Response:
    """Posts the suggestions that were ticked, all or none; where a second person must agree, they wait."""
    sent = every_field(given, MOST + 10)
    sealed = sent.get("sealed", [""])[-1]
    found = BankSuggested.model_validate_json(opened(request, call, USE, sealed.encode()).content)
    ticked = {(row.bank_account, row.line) for n, row in enumerate(found.rows) if str(n) in sent.get("accept", [])}
    certain = ["certain"] if sent.get("certain") else []
    if not ticked and not certain:
        return _offer(request, call, found, sealed, sent, said=N_("Tick at least one line; nothing was posted"))
    rows = [{**row.model_dump(by_alias=True),
             "accept": "yes" if row.event and (row.bank_account, row.line) in ticked else ""} for row in found.rows]
    try:
        answer = post_matches(call, _as_json(given, rows), accept=certain, late=bool(sent.get("late")))
    except Refused as refused:
        if any(fault.place.line is None for fault in refused.faults):
            raise  # it is about no row
        return _offer(request, call, found, sealed, sent, wrong=faults(refused))
    done = json.loads(bytes(answer.body))
    to = f"proposals/{done['number']}" if answer.status_code == 202 else (
        f"bank?posted={done['posted']}&left={len(done['left'])}")
    return RedirectResponse(f"/pools/{call.partnership}/{to}", 303, HEADERS)


def _as_json(given: Given, rows: Sequence[Mapping[str, str]]) -> Given:
    return replace(given, content_type=JSON[0], body=json.dumps({"rows": rows}).encode())
