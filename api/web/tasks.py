"""What can be done in a partnership's books, and who may: the page from which every task is begun."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.calls import Reads
from api.web.page import Page, draw

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/pools/{partnership}/tasks")
def get_tasks(request: Request, call: Reads) -> Response:
    """Every task, those that the caller may do as links."""
    return draw(request, "tasks.html", {}, call)
