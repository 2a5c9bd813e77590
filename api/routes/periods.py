"""Periods: the calendar, closing one, opening it again with a reason."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import TypeAdapter
from sqlalchemy import Connection

from api import openapi
from api.bodies import JSON, Sent, json_of
from api.calls import Closes, Reads, change, ledger
from api.logs import told
from api.routes.statements import issue_out
from api.schemas import PeriodClosed, PeriodName, PeriodOut, PeriodsOut, PeriodsReopened, ReopenIn
from commissioning import service
from exports.statement import to_json
from ledger import service as books
from ledger import store

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


@router.post("/periods/{period}/close", responses=openapi.refusals("write"), response_model=PeriodClosed)
def close(call: Closes, given: Sent, period: PeriodName, dry_run: DryRun = False) -> Response:
    """Close a period: work out the shares, post what is due, issue the statement and keep it."""
    def do(conn: Connection) -> PeriodClosed:
        book = books.open_book(conn, call.partnership)
        issued = service.close(conn, book, period, call.now, to_json)
        told().closes = 0 if dry_run else 1
        return PeriodClosed(statement=issue_out(issued), ledger=ledger(conn, book), dry_run=dry_run)

    return change(call, given, do, dry_run=dry_run)


@router.post("/periods/{period}/reopen", responses=openapi.refusals("write"), response_model=PeriodsReopened,
             openapi_extra=openapi.body({JSON[0]: openapi.ref("ReopenIn")}, "Why; it is kept with the books"))
def reopen(call: Closes, given: Sent, period: PeriodName, dry_run: DryRun = False) -> Response:
    """Open a closed period again, and those after it; closing them again issues new statements."""
    sent = json_of(given, _REASON)

    def do(conn: Connection) -> PeriodsReopened:
        book = books.open_book(conn, call.partnership)
        found = service.reopen(conn, book, period, sent.reason, call.now)
        return PeriodsReopened(reopened=[p.id for p in found], ledger=ledger(conn, book), dry_run=dry_run)

    return change(call, given, do, dry_run=dry_run)
