"""Entries: found by words, day, partner, service, fund and source, page by page; and one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.bodies import Sent
from api.calls import Posts, Reads
from api.routes import entries
from api.routes.entries import Number, Wanted
from api.web.forms import after, as_json
from api.web.page import Page, draw, link
from commissioning import service as commissioning
from commissioning.agreement import Agreement
from commissioning.events import KINDS
from exports.words import money
from ledger.units import units_text

router = APIRouter(route_class=Page, include_in_schema=False)
SHOWN = 50  # entries on one page


@router.get("/pools/{partnership}/entries")
def get_entries(request: Request, call: Reads, wanted: Annotated[Wanted, Query()]) -> Response:
    """The entries that meet every filter, a page at a time, with the form that asks for them."""
    page = entries.get_entries(call, wanted.model_copy(update={"limit": min(wanted.limit, SHOWN)}))
    with call.reading() as (conn, book):
        agreement = commissioning.current(conn, book)
    asked = {name: text for name, text in request.query_params.items() if name not in ("cursor", "limit")}
    following = link(request.url.path, **asked, cursor=page.next) if page.next else ""
    return draw(request, "entries.html", {"page": page, "wanted": wanted, "asked": asked, "following": following,
                                          **choices(agreement, call.partner)}, call)


@router.get("/pools/{partnership}/entries/{number}")
def get_entry(request: Request, call: Reads, number: Number) -> Response:
    """One entry with its postings."""
    found = entries.get_entry(call, number)
    with call.reading() as (_, book):
        given = dict(_given(found.details or {}, book.currency))
    undo = "post" in call.caller.rights and found.reversed_by is None and found.kind in (*KINDS, "journal")
    return draw(request, "entry.html", {"entry": found, "given": given, "undo": undo, "today": call.now.date()}, call)


@router.post("/pools/{partnership}/entries/{number}/reversal")
def reverse(call: Posts, given: Sent, number: Number) -> Response:
    """Undoes an entry by a new one; where a second person must agree, it waits."""
    answer = entries.post_reversal(call, as_json(given, "date", "reference", "memo"), number)
    return after(call, answer, lambda made: f"entries/{made['id']}")


def _given(details: dict[str, Any], currency: str) -> Iterator[tuple[str, object]]:
    """What an event said beside what the page shows anyway; amounts and units as people write them."""
    for name, said in details.items():
        if name not in ("date", "event", "reference", "note"):
            units = name == "units" and isinstance(said, int)
            yield name.replace("_", " "), (money(said, currency) if name == "amount" and isinstance(said, int)
                                           else units_text(said) if units else said)


def choices(agreement: Agreement, own: str) -> dict[str, Any]:
    """What the form offers: partners (for one who belongs to a partner, that one), services and funds by name."""
    versions = agreement.versions()
    services = {name: terms.name or name for version in versions for name, terms in version.services.items()}
    return {"partners": {p: agreement.partner_name(p) for p in agreement.partners if own in ("", p)},
            "services": services, "funds": {fund: fund for version in versions for fund in version.funds}}
