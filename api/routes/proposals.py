"""Proposals: what waits for a second person, its approval, rejection and withdrawal; and who recorded what."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import Field, TypeAdapter
from sqlalchemy import Connection

from api import actions, openapi
from api.asking import actor
from api.bodies import JSON, Given, Sent, json_of
from api.calls import Approves, Audits, Posts, Reads, change
from api.logs import told
from api.shapes.base import Shape
from api.shapes.proposals import (
    ProposalOut,
    ProposalsOut,
    RecordingsOut,
    RejectionIn,
    proposal_out,
    recording_out,
)
from commissioning.proposals import service, store
from commissioning.refusals.proposals import ProposalUnknown
from ledger import service as books

router = APIRouter(tags=["proposals"])
_REASON = TypeAdapter(RejectionIn)
_BODY = openapi.body({JSON[0]: openapi.ref("RejectionIn")}, "Why")
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="The proposal's number")]


class Wanted(Shape):
    """Which proposals."""

    status: Literal["open", "approved", "rejected", "withdrawn"] | None = None
    after: int = Field(0, ge=0, le=2**31 - 1, description="From the one after this number on")
    limit: int = Field(100, ge=1, le=1000)


class WantedRecordings(Shape):
    """Which entries' recording."""

    after: int = Field(0, ge=0, le=2**53, description="From the one after this entry on")
    limit: int = Field(100, ge=1, le=1000)


@router.get("/proposals", responses=openapi.refusals("read"))
def get_proposals(call: Reads, wanted: Annotated[Wanted, Query()]) -> ProposalsOut:
    """What waits for a second person, and what has waited."""
    with call.reading() as (conn, book):
        found = [] if call.partner else store.proposals(conn, book, wanted.status, wanted.after, wanted.limit + 1)
    page = found[:wanted.limit]
    return ProposalsOut(items=[proposal_out(one) for one in page],
                        next=page[-1].number if len(found) > wanted.limit else None)


@router.get("/proposals/{number}", responses=openapi.refusals("read"))
def get_proposal(call: Reads, number: Number) -> ProposalOut:
    """One proposal, with all that was asked for. One who belongs to a partner sees none: they are about the pool."""
    with call.reading() as (conn, book):
        if call.partner:
            raise ProposalUnknown(number=number)
        return proposal_out(service.get(conn, book, number), whole=True)


@router.post("/proposals/{number}/approval", responses=openapi.refusals("write"), response_model=ProposalOut)
def approve(call: Approves, given: Sent, number: Number) -> Response:
    """Do what was proposed, exactly as it was kept and shown. Its maker cannot, nor the same person by another key."""
    def do(conn: Connection) -> ProposalOut:
        book = books.open_book(conn, call.partnership)
        found, _ = service.approve(conn, book, number, actor(call), call.now,
                                   lambda conn, request: actions.do(conn, call.partnership, request, call.now))
        told().closes = 1 if found.request.kind == "close" else 0
        return proposal_out(found)

    return change(call, given, do)


@router.post("/proposals/{number}/rejection", responses=openapi.refusals("write"), response_model=ProposalOut,
             openapi_extra=_BODY)
def reject(call: Approves, given: Sent, number: Number) -> Response:
    """Turn a proposal down, with a reason; nothing of it is done."""
    sent = json_of(given, _REASON)

    def do(conn: Connection) -> ProposalOut:
        book = books.open_book(conn, call.partnership)
        return proposal_out(service.reject(conn, book, number, actor(call), sent.reason, call.now))

    return change(call, given, do)


@router.post("/proposals/{number}/withdrawal", responses=openapi.refusals("write"), response_model=ProposalOut,
             openapi_extra=_BODY)
def withdraw(call: Posts, given: Sent, number: Number) -> Response:
    """Take one's own proposal back."""
    sent = _reason(given)

    def do(conn: Connection) -> ProposalOut:
        book = books.open_book(conn, call.partnership)
        return proposal_out(service.withdraw(conn, book, number, actor(call), sent.reason, call.now))

    return change(call, given, do)


def _reason(given: Given) -> RejectionIn:
    """A withdrawal needs no reason, and so no body."""
    return json_of(given, _REASON) if given.body else RejectionIn()


@router.get("/recordings", responses=openapi.refusals("read"))
def get_recordings(call: Audits, wanted: Annotated[WantedRecordings, Query()]) -> RecordingsOut:
    """Who recorded which entries: the key or the sign-in, and the person behind it."""
    with call.reading() as (conn, book):
        found = [] if call.partner else store.recordings(conn, book, wanted.after, wanted.limit + 1)
    page = found[:wanted.limit]
    return RecordingsOut(items=[recording_out(one) for one in page],
                         next=page[-1].last if len(found) > wanted.limit else None)
