"""Negotiations: options for a year of the books side by side, in the format asked for. Nothing is recorded."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import TypeAdapter

from allocation.negotiation.table import as_data as division_as_data
from api import openapi
from api.bodies import Sent, json_of
from api.calls import Scenarios
from api.negotiate import choose
from api.negotiations import DivisionIn, ExposureIn, NegotiationIn, chances_of, division_of, options_of
from commissioning import known
from commissioning.comparison_chances import weigh_chances
from commissioning.comparison_record import Record, read_record
from commissioning.comparison_weighed import weigh
from commissioning.exposure import as_data as exposure_as_data
from commissioning.exposure import expose
from commissioning.scenario_base import Base
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
    content = _worked_out(asked, base, name, call.now)
    file = f"negotiation-{base.period.id[:6]}.{name}"
    shown = "attachment" if name == "xlsx" else "inline"
    return Response(content, media_type=FORMATS[name].media_type, headers={
        "Content-Disposition": f'{shown}; filename="{file}"', "Content-Security-Policy": _NO_SCRIPTS, "Vary": "Accept"})


def _worked_out(asked: NegotiationIn, base: Base, face: str, when: dt.datetime) -> bytes:
    """The pack in one format."""
    options = options_of(asked, base)
    currency = base.agreement.currency
    inputs = {path for option in options for path in option.levers}
    record = read_record(asked.record, "record.yaml", base.agreement, inputs) if asked.record else Record()
    terms = chances_of(asked.chances, currency, len(options)) if asked.chances else None
    division = division_of(asked.fair, currency) if asked.fair else None
    weighed = weigh(options, (), record.grown)
    chances = weigh_chances(options, terms) if terms else None
    if face == "json":
        return to_json(weighed, record, chances, division).encode()
    return DRAWN[face](pack(weighed, record, when, chances, division))


@router.post("/scenarios/exposure", responses=openapi.refusals("write"), response_class=JSONResponse,
             openapi_extra=openapi.body({"application/json": openapi.ref("ExposureIn")}, "The year and its chances"))
def expose_year(call: Scenarios, given: Sent) -> dict[str, Any]:
    """Draw many years from stated chances, each shared by the agreement's rules: each partner's call, the limits."""
    asked = json_of(given, TypeAdapter(ExposureIn))
    with call.whole() as (conn, book):
        base = base_at(conn, book, asked.year, asked.entries)
    terms = chances_of(asked.chances, base.agreement.currency, 1)
    return exposure_as_data(expose(base, terms), base.agreement.currency)


@router.post("/scenarios/divide", responses=openapi.refusals("write"), response_class=JSONResponse,
             openapi_extra=openapi.body({"application/json": openapi.ref("DivisionIn")}, "What is to be divided"))
def divide(call: Scenarios, given: Sent) -> dict[str, Any]:
    """Divide a pot or a cost by every fair method that can answer, side by side, with the test of coalitions."""
    asked = json_of(given, TypeAdapter(DivisionIn))
    with call.whole() as (conn, book):
        currency = known.current(conn, book).currency
    return division_as_data(division_of(asked.fair, currency))
