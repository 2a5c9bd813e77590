"""Events: what happened in the pool, as a JSON list or as the CSV file that people keep."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import ConfigDict, StringConstraints, TypeAdapter
from sqlalchemy import Connection

from api import actions, openapi
from api.asking import ask
from api.bodies import CSV, JSON, Sent, expect, json_of, rows_of
from api.calls import Posts, ledger
from api.schemas import TEXT, EventsPosted
from commissioning.service import Imported
from ledger import service as books

router = APIRouter(tags=["events"])
_Text = Annotated[str, StringConstraints(pattern=TEXT)]
_OBJECTS = TypeAdapter(list[dict[str, _Text | int | None]], config=ConfigDict(strict=True))
_LIST = {"type": "array", "items": openapi.ref("EventIn")}


@router.post("/events", responses=openapi.refusals("write") | openapi.waits(), response_model=EventsPosted,
             openapi_extra=openapi.body({JSON[0]: _LIST, CSV[0]: openapi.TEXT},
                                        "Events of AGREEMENTS section 3: a list of objects, or a CSV file"))
def post_events(call: Posts, given: Sent, late: Annotated[bool, Query(
        description="Post what belongs to a closed period in the open one, marked")] = False,
                dry_run: Annotated[bool, Query(description="Say what would be posted, and keep nothing")] = False,
                ) -> Response:
    """Post events, all or none; an event that is there already, with the same content, is skipped."""
    expect(given, (*CSV, *JSON))

    request = (actions.events_request(files=[("", rows_of(given))], late=late) if given.content_type in CSV
               else actions.events_request(objects=json_of(given, _OBJECTS), late=late))

    def shape(conn: Connection, done: Imported) -> EventsPosted:
        book = books.open_book(conn, call.partnership)
        return EventsPosted(posted=done.posted, skipped=done.skipped, ledger=ledger(conn, book), dry_run=dry_run)

    return ask(call, given, lambda: request,
               lambda conn: actions.events(conn, call.partnership, request.content, call.now), shape, dry_run=dry_run)
