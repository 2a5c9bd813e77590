"""Events: what happened in the pool, as a JSON list, as the CSV file that people keep or as the workbook for it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import ConfigDict, StringConstraints, TypeAdapter
from sqlalchemy import Connection

from api import actions, openapi
from api.asking import ask
from api.bodies import CSV, JSON, Given, Sent, expect, json_of, rows_of
from api.calls import Call, Posts, Reads, ledger
from api.shapes.base import TEXT
from api.shapes.entries import EventsPosted
from commissioning.proposals.model import Request
from commissioning.service import Imported, current
from exports.faces import FORMATS
from ledger import service as books
from ledger.errors import Refused

router = APIRouter(tags=["events"])
_Text = Annotated[str, StringConstraints(pattern=TEXT)]
_OBJECTS = TypeAdapter(list[dict[str, _Text | int | None]], config=ConfigDict(strict=True))
XLSX = FORMATS["xlsx"].media_type
_LIST = {"type": "array", "items": openapi.ref("EventIn")}


@router.post("/events", responses=openapi.refusals("write") | openapi.waits(), response_model=EventsPosted,
             openapi_extra=openapi.body({JSON[0]: _LIST, CSV[0]: openapi.TEXT, XLSX: openapi.BINARY},
                                        "Events of AGREEMENTS section 3: a list of objects, a CSV file, or the "
                                        "workbook of .../events/template.xlsx"))
def post_events(call: Posts, given: Sent, late: Annotated[bool, Query(
        description="Post what belongs to a closed period in the open one, marked")] = False,
                dry_run: Annotated[bool, Query(description="Say what would be posted, and keep nothing")] = False,
                ) -> Response:
    """Post events, all or none; an event that is there already, with the same content, is skipped."""
    expect(given, (*CSV, *JSON, XLSX))
    if given.content_type == XLSX:
        from exports.entry_template.entries import read_entries

        filled, text = read_entries(given.body)
        try:
            return _posted(call, given, actions.events_request(files=[("", text)], late=late), dry_run)
        except Refused as refused:
            raise Refused(map(filled.in_cells, refused.faults)) from None
    request = (actions.events_request(files=[("", rows_of(given))], late=late) if given.content_type in CSV
               else actions.events_request(objects=json_of(given, _OBJECTS), late=late))
    return _posted(call, given, request, dry_run)


def _posted(call: Call, given: Given, request: Request, dry_run: bool) -> Response:
    def shape(conn: Connection, done: Imported) -> EventsPosted:
        book = books.open_book(conn, call.partnership)
        return EventsPosted(posted=done.posted, skipped=done.skipped, ledger=ledger(conn, book), dry_run=dry_run)

    return ask(call, given, lambda: request,
               lambda conn: actions.events(conn, call.partnership, request.content, call.now), shape, dry_run=dry_run)


@router.get("/events/template.xlsx", response_class=Response,
            responses=openapi.refusals("read") | openapi.answer({XLSX: openapi.BINARY}, "The workbook"))
def get_template(call: Reads) -> Response:
    """A workbook to type events in, with the pool's own funds, services, partners and sources to choose from."""
    from exports.entry_template.entries import template

    with call.reading() as (conn, book):
        made = template(current(conn, book))
    about = {"Content-Disposition": f'attachment; filename="entries-{call.partnership}.xlsx"'}
    return Response(made, headers=about, media_type=XLSX)
