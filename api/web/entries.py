"""Entries: found by words, day, partner, service, fund and source, page by page; and one of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.calls import Reads
from api.routes import entries
from api.routes.entries import Number, Wanted
from api.web.page import Page, draw, link
from commissioning import service as commissioning
from commissioning.agreement import Agreement

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
                                          **_choices(agreement, call.partner)}, call)


@router.get("/pools/{partnership}/entries/{number}")
def get_entry(request: Request, call: Reads, number: Number) -> Response:
    """One entry with its postings."""
    return draw(request, "entry.html", {"entry": entries.get_entry(call, number)}, call)


def _choices(agreement: Agreement, own: str) -> dict[str, Any]:
    """What the form offers: partners (for one who belongs to a partner, that one), services and funds by name."""
    versions = agreement.versions()
    services = {name: terms.name or name for version in versions for name, terms in version.services.items()}
    return {"partners": {p: agreement.partner_name(p) for p in agreement.partners if own in ("", p)},
            "services": services, "funds": {fund: fund for version in versions for fund in version.funds}}
