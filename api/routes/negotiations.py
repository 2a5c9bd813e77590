"""Negotiations: options for a year of the books side by side, in the format asked for. Nothing is recorded."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import TypeAdapter

from api import openapi
from api.bodies import Sent, json_of
from api.calls import Scenarios
from api.negotiate import choose
from api.negotiations import NegotiationIn, options_of
from commissioning.comparison_record import Record, read_record
from commissioning.comparison_weighed import weigh
from commissioning.scenario_books import base_at
from exports.faces import FORMATS
from exports.pack.build import pack
from exports.pack.faces import DRAWN, to_json

router = APIRouter(tags=["scenarios"])
_MEDIA = {name: face.media_type.partition(";")[0] for name, face in FORMATS.items()}
_BYTES = {"type": "string", "format": "binary"}
_CONTENT = {media: {"type": "object"} if name == "json" else openapi.TEXT if name == "html" else _BYTES
            for name, media in _MEDIA.items()}
_NO_SCRIPTS = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'none'"


@router.post("/negotiations", response_class=Response,
             responses=openapi.refusals("write", 406) | openapi.answer(_CONTENT, "The pack, or its data as JSON"),
             openapi_extra=openapi.body({"application/json": openapi.ref("NegotiationIn")}, "The options"))
def negotiate(call: Scenarios, given: Sent, request: Request) -> Response:
    """Set options beside today's rules: who owes more or less under each, to the penny, and what that turns on."""
    name = choose(request.headers.get("accept", ""), _MEDIA)
    asked = json_of(given, TypeAdapter(NegotiationIn))
    with call.whole() as (conn, book):
        base = base_at(conn, book, asked.year, asked.entries)
    options = options_of(asked, base)
    inputs = {path for option in options for path in option.levers}
    record = read_record(asked.record, "record.yaml", base.agreement, inputs) if asked.record else Record()
    weighed = weigh(options)
    content = to_json(weighed, record).encode() if name == "json" else DRAWN[name](pack(weighed, record, call.now))
    file = f"negotiation-{base.period.id[:6]}.{name}"
    shown = "attachment" if name == "xlsx" else "inline"
    return Response(content, media_type=FORMATS[name].media_type, headers={
        "Content-Disposition": f'{shown}; filename="{file}"', "Content-Security-Policy": _NO_SCRIPTS, "Vary": "Accept"})
