"""Periods: the calendar, closing one, opening it again with a reason."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import TypeAdapter
from sqlalchemy import Connection

from api import actions, openapi
from api.asking import ask
from api.bodies import JSON, Sent, json_of
from api.calls import Call, Closes, Reads, ledger
from api.logs import told
from api.routes.statements import issue_out
from api.shapes.base import Ledger, PeriodName
from api.shapes.periods import PeriodClosed, PeriodOut, PeriodsOut, PeriodsReopened, ReopenIn
from commissioning.proposals.model import Request
from commissioning.store import Issued
from ledger import service as books
from ledger import store
from ledger.model import Period

router = APIRouter(tags=["periods"])
_REASON = TypeAdapter(ReopenIn)
DryRun = Annotated[bool, Query(description="Say what would happen, and keep nothing")]


@router.get("/periods", responses=openapi.refusals("read"))
def get_periods(call: Reads) -> PeriodsOut:
    """The calendar in order, each period open or closed."""
    with call.reading() as (conn, book):
        found = store.periods(conn, book)
    return PeriodsOut(items=[PeriodOut(id=p.id, starts=p.starts, ends=p.ends, status="closed" if p.closed else "open")
                             for p in found])


@router.post("/periods/{period}/close", responses=openapi.refusals("write") | openapi.waits(),
             response_model=PeriodClosed)
def close(call: Closes, given: Sent, period: PeriodName, dry_run: DryRun = False) -> Response:
    """Close a period: work out the shares, post what is due, issue the statement and keep it."""
    request = Request("close", {"period": period})

    def shape(conn: Connection, issued: Issued) -> PeriodClosed:
        told().closes = 0 if dry_run else 1
        return PeriodClosed(statement=issue_out(issued), ledger=_ledger(conn, call), dry_run=dry_run)

    return ask(call, given, lambda: request,
               lambda conn: actions.close(conn, call.partnership, request.content, call.now), shape, dry_run=dry_run)


@router.post("/periods/{period}/reopen", responses=openapi.refusals("write") | openapi.waits(),
             response_model=PeriodsReopened,
             openapi_extra=openapi.body({JSON[0]: openapi.ref("ReopenIn")}, "Why; it is kept with the books"))
def reopen(call: Closes, given: Sent, period: PeriodName, dry_run: DryRun = False) -> Response:
    """Open a closed period again, and those after it; closing them again issues new statements."""
    request = Request("reopen", {"period": period, "reason": json_of(given, _REASON).reason})

    def shape(conn: Connection, found: list[Period]) -> PeriodsReopened:
        return PeriodsReopened(reopened=[p.id for p in found], ledger=_ledger(conn, call), dry_run=dry_run)

    return ask(call, given, lambda: request,
               lambda conn: actions.reopen(conn, call.partnership, request.content, call.now), shape, dry_run=dry_run)


def _ledger(conn: Connection, call: Call) -> Ledger:
    return ledger(conn, books.open_book(conn, call.partnership))
