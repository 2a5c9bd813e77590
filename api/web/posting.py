"""Posting a journal entry by hand: a few lines that total zero, checked before anything is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.bodies import JSON, Given, Sent
from api.calls import Call, Posts
from api.routes.entries import post_entries
from api.web.entries import choices
from api.web.forms import after, fields
from api.web.page import Page, draw, faults
from commissioning import service
from ledger import store
from ledger.errors import Place, PoolbookError, Refused
from ledger.language import Said
from ledger.money import to_minor

router = APIRouter(route_class=Page, include_in_schema=False)
LINES = range(1, 9)
MINUS = "\u2212"  # as our own pages write it, from which it may be copied
WORDS = ("account", "amount", "fund", "service", "partner")


@router.get("/pools/{partnership}/post")
def get_post(request: Request, call: Posts) -> Response:
    """The form of an entry."""
    return _form(request, call, {"date": call.now.date().isoformat()})


def _form(request: Request, call: Call, said: Mapping[str, str], found: Sequence[PoolbookError] = ()) -> Response:
    with call.reading() as (conn, book):
        accounts = store.accounts(conn, book)
        offered = choices(service.current(conn, book), call.partner)
    wrong = {fault.place.line for fault in found if fault.place.line}
    return draw(request, "post.html", {"said": said, "faults": found, "wrong": wrong, "accounts": accounts,
                                       "lines": LINES, **offered}, call, status=422 if found else 200)


@router.post("/pools/{partnership}/post")
def post(request: Request, call: Posts, given: Sent) -> Response:
    """Posts the entry; refused, it comes back as it was filled in. Where a second person must agree, it waits."""
    said = {name: text.replace(MINUS, "-") if name.startswith("amount-") else text
            for name, text in fields(given).items()}
    try:
        answer = post_entries(call, _entry(call, given, said))
    except (PoolbookError, Refused) as error:
        return _form(request, call, said, faults(error))
    return after(call, answer, lambda done: f"entries/{done['entries'][0]['id']}")


def _wrong_amounts(call: Call, lines: Sequence[Mapping[str, str]]) -> Iterator[PoolbookError]:
    """Amounts that are none, each with its line as the form numbers them."""
    with call.reading() as (_conn, book):
        currency = book.currency
    for number, line in enumerate(lines, 1):
        try:
            if line:
                to_minor(line.get("amount", ""), currency)
        except PoolbookError as fault:
            yield fault.at(Place(line=number, field=Said("amount")))


def _entry(call: Call, given: Given, said: Mapping[str, str]) -> Given:
    """The form as the call of the interface takes it: lines that say nothing are left out."""
    lines = [{word: text for word in WORDS if (text := said.get(f"{word}-{number}", ""))} for number in LINES]
    wrong = list(_wrong_amounts(call, lines))
    if wrong:
        raise Refused(wrong)
    body = {**{name: said.get(name, "") for name in ("date", "reference", "memo")},
            "postings": [{"account": "", "amount": "", **line} for line in lines if line]}
    return replace(given, content_type=JSON[0], body=json.dumps(body).encode())
