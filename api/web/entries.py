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
from api.web.codes import called
from api.web.forms import after, as_json
from api.web.page import Page, draw, link
from commissioning import service as commissioning
from commissioning.agreement.model import Agreement
from commissioning.events.model import KINDS
from exports.words import money
from ledger import store
from ledger.language import N_
from ledger.units import units_text

router = APIRouter(route_class=Page, include_in_schema=False)
SHOWN = 50  # entries on one page
MADE = ("journal", "opening", "instalment", "apportionment", "squaring", "reapportionment", "release", "agreement",
        "statement", "reopen", "approval")
"""Kinds of entry that are no events."""
GIVEN = {"amount": N_("amount"), "units": N_("units"), "fund": N_("fund"), "service": N_("service"),
         "partner": N_("partner"), "beneficiary": N_("for"), "source": N_("source"), "cost_class": N_("cost class"),
         "case": N_("case"), "account": N_("account"), "against": N_("against")}
"""What the words of an event are called."""


@router.get("/pools/{partnership}/entries")
def get_entries(request: Request, call: Reads, wanted: Annotated[Wanted, Query()]) -> Response:
    """The entries that meet every filter, a page at a time, with the form that asks for them."""
    page = entries.get_entries(call, wanted.model_copy(update={"limit": min(wanted.limit, SHOWN)}))
    with call.reading() as (conn, book):
        agreement, last = commissioning.current(conn, book), store.head(conn, book).entries
    asked = {name: text for name, text in request.query_params.items() if name not in ("cursor", "limit")}
    kinds = {kind: called(kind) for kind in dict.fromkeys([*KINDS, *MADE, *filter(None, [wanted.kind])])}
    return draw(request, "entries.html", {
        "page": page, "asked": asked, "currency": book.currency, "kinds": kinds,
        "following": link(request.url.path, **asked, cursor=page.next) if page.next else "",
        "leading": link(request.url.path, **asked) if wanted.cursor else "",
        "latest": link(request.url.path, cursor=entries.cursor(last - SHOWN)) if last > SHOWN and not asked else "",
        **choices(agreement, call.partner)}, call)


@router.get("/pools/{partnership}/entries/{number}")
def get_entry(request: Request, call: Reads, number: Number) -> Response:
    """One entry with its postings."""
    found = entries.get_entry(call, number)
    with call.reading() as (_, book):
        given = dict(_given(found.details or {}, book.currency))
    undo = "post" in call.caller.rights and found.reversed_by is None and found.kind in (*KINDS, "journal")
    return draw(request, "entry.html", {"entry": found, "given": given, "undo": undo, "today": call.now.date(),
                                        "currency": book.currency}, call)


@router.post("/pools/{partnership}/entries/{number}/reversal")
def reverse(call: Posts, given: Sent, number: Number) -> Response:
    """Undoes an entry by a new one; where a second person must agree, it waits."""
    answer = entries.post_reversal(call, as_json(given, "date", "reference", "memo"), number)
    return after(call, answer, lambda made: f"entries/{made['id']}")


def _given(details: dict[str, Any], currency: str) -> Iterator[tuple[str, object]]:
    """What an event said beside what the page shows anyway; amounts and units as people write them."""
    for name, said in details.items():
        if name in ("date", "event", "reference", "note"):
            continue
        if isinstance(said, int):
            said = money(said, currency) if name == "amount" else units_text(said) if name == "units" else said
        yield GIVEN.get(name, name.replace("_", " ")), said


def choices(agreement: Agreement, own: str) -> dict[str, Any]:
    """What the form offers: partners (for one who belongs to a partner, that one), services and funds by name."""
    versions = agreement.versions()
    services = {name: terms.name or name for version in versions for name, terms in version.services.items()}
    return {"partners": {p: agreement.partner_name(p) for p in agreement.partners if own in ("", p)},
            "services": services, "funds": {fund: fund for version in versions for fund in version.funds},
            "sources": {line.source: line.source for version in versions for line in version.contributions
                        if line.source}}
