"""Contributions due and paid: by partner, as the books stand now or as a statement said."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.calls import Reads
from api.routes import statements
from api.shapes.base import PeriodName
from api.web.page import Page, draw
from api.web.pools import shown

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/pools/{partnership}/statements/{period}/contributions")
def get_contributions(request: Request, call: Reads, period: PeriodName,
                      wanted: Annotated[statements.Wanted, Query()]) -> Response:
    """What each partner was to pay to date, what it has paid, and what is overdue."""
    _, statement = statements.found(call, period, wanted)
    about = shown(call, statement, wanted)
    table = next(one for one in about["view"].tables if one.name == "Contributions")
    return draw(request, "contributions.html", {**about, "table": table}, call)
