"""The calendar: which periods are open, closing the next one, opening a closed one again with a reason."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.bodies import Sent
from api.calls import Call, Closes, Reads
from api.routes import periods, statements
from api.shapes.base import PeriodName
from api.web.forms import after, as_json, fields
from api.web.page import Page, draw, faults
from ledger.errors import PoolbookError, Refused
from ledger.refusals import ReasonMissing

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/pools/{partnership}/periods")
def get_periods(request: Request, call: Reads) -> Response:
    """Every period of the books, whether it is closed, and what its statement is."""
    found = periods.get_periods(call).items
    issued = {one.period: one.issue for one in statements.get_statements(call).items}
    following = next((one.id for one in found if one.status == "open"), "")
    return draw(request, "periods.html", {"periods": found[::-1], "issued": issued, "next_period": following}, call)


@router.get("/pools/{partnership}/periods/{period}/reopen")
def get_reopen(request: Request, call: Closes, period: PeriodName) -> Response:
    """What opening a period again means, and the form that asks why."""
    return _form(request, call, period)


def _form(request: Request, call: Call, period: str, found: tuple[PoolbookError, ...] = (), said: str = "") -> Response:
    closed = [one.id for one in periods.get_periods(call).items if one.status == "closed"]
    again = closed[closed.index(period):] if period in closed else []
    return draw(request, "reopen.html", {"period": period, "again": again, "faults": found, "said": said}, call,
                status=422 if found else 200)


@router.post("/pools/{partnership}/periods/{period}/reopen")
def reopen(request: Request, call: Closes, given: Sent, period: PeriodName) -> Response:
    """Opens a closed period again, and those after it; where a second person must agree, it waits."""
    said = fields(given).get("reason", "")
    if not said:
        return _form(request, call, period, (ReasonMissing(period=period),))
    try:
        answer = periods.reopen(call, as_json(given, "reason"), period)
    except (PoolbookError, Refused) as error:
        return _form(request, call, period, tuple(faults(error)), said)
    return after(call, answer, lambda _done: "periods")
