"""How a request that changes the books is answered: done at once, or kept for a second person and answered with 202."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import Connection

from api.bodies import Given
from api.calls import Call, change
from api.shapes.proposals import ProposalOut, proposal_out
from commissioning.proposals import service as proposals_service
from commissioning.proposals.model import Actor, Proposal, Request
from commissioning.proposals.service import Done

T = TypeVar("T")


def actor(call: Call) -> Actor:
    """Who acts in a call."""
    return Actor(call.actor, call.person)


def ask(call: Call, given: Given, request: Callable[[], Request], do: Callable[[Connection], Done[T]],
        shape: Callable[[Connection, T], BaseModel], *, status: int = 200, dry_run: bool = False) -> Response:
    """Makes the change and answers in its shape; one that waits is kept as a proposal. A dry run does neither."""
    def attempt(conn: Connection) -> BaseModel:
        if dry_run:
            return shape(conn, do(conn).answer)
        found = proposals_service.attempt(conn, call.partnership, request, do, actor(call), call.now)
        return proposal_out(found) if isinstance(found, Proposal) else shape(conn, found.answer)

    return change(call, given, attempt, status=lambda body: 202 if isinstance(body, ProposalOut) else status,
                  dry_run=dry_run)
