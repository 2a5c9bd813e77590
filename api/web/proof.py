"""Proof: whether the books are what they were, where the chain stands, and receipts to take away."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.calls import Audits, Call, Reads, ledger
from api.routes import proof, statements
from api.shapes.base import Verified
from api.web.page import Page, draw, link

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/pools/{partnership}/proof")
def get_proof(request: Request, call: Reads) -> Response:
    """Where the chain stands, receipts over it, and for who may, the button that has all of it checked."""
    return _page(request, call)


@router.get("/pools/{partnership}/proof/verified")
def get_verified(request: Request, call: Audits) -> Response:
    """Walks the whole chain now and says what it finds; nothing is changed."""
    return _page(request, call, proof.verify(call))


def _page(request: Request, call: Call, verified: Verified | None = None) -> Response:
    with call.reading() as (conn, book):
        head = ledger(conn, book)
    issued = {one.period: one.issue for one in statements.get_statements(call).items}
    api = f"/v1/partnerships/{call.partnership}/receipts"
    receipts = [(period, issue, link(api, of=period)) for period, issue in issued.items()][::-1]
    return draw(request, "proof.html", {"head": head, "verified": verified, "receipts": receipts, "whole": api}, call)
