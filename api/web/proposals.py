"""Proposals: what waits for a second person; looking at one, approving, rejecting or withdrawing it."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.bodies import Sent
from api.calls import Approves, Call, Posts, Reads
from api.routes import proposals
from api.routes.proposals import Number, Wanted
from api.web.forms import as_json, fields
from api.web.page import HEADERS, Page, draw
from commissioning.proposals.model import same_name

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/pools/{partnership}/proposals")
def get_proposals(request: Request, call: Reads, wanted: Annotated[Wanted, Query()]) -> Response:
    """What waits for a second person, and what has waited."""
    found = proposals.get_proposals(call, wanted)
    return draw(request, "proposals.html", {"found": found, "wanted": wanted}, call)


@router.get("/pools/{partnership}/proposals/{number}")
def get_proposal(request: Request, call: Reads, number: Number) -> Response:
    """One proposal: what it would do, who made it, and, for who may, the buttons that decide it."""
    found = proposals.get_proposal(call, number)
    own = found.made_by == call.actor or same_name(found.person) == same_name(call.person)
    request_text = json.dumps(found.request, indent=2, ensure_ascii=False)
    return draw(request, "proposal.html", {"found": found, "own": own, "request_text": request_text[:20_000]}, call)


@router.post("/pools/{partnership}/proposals/{number}/approval")
def approve(call: Approves, given: Sent, number: Number) -> Response:
    """Does what was proposed."""
    fields(given)
    proposals.approve(call, given, number)
    return _back(call, number)


@router.post("/pools/{partnership}/proposals/{number}/rejection")
def reject(call: Approves, given: Sent, number: Number) -> Response:
    """Turns a proposal down, for the reason given."""
    proposals.reject(call, as_json(given, "reason"), number)
    return _back(call, number)


@router.post("/pools/{partnership}/proposals/{number}/withdrawal")
def withdraw(call: Posts, given: Sent, number: Number) -> Response:
    """Takes one's own proposal back."""
    proposals.withdraw(call, as_json(given, "reason"), number)
    return _back(call, number)


def _back(call: Call, number: int) -> Response:
    return RedirectResponse(f"/pools/{call.partnership}/proposals/{number}", 303, HEADERS)
