"""Negotiations: options for a year of the books side by side, in the format asked for. Nothing is posted.

With a name a negotiation is kept: what was asked, from which state of the books, by whom, and what came of it.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import TypeAdapter
from sqlalchemy import Connection

from allocation.negotiation.table import as_data as division_as_data
from api import openapi
from api.bodies import Given, Sent, json_of
from api.calls import Call, Scenarios, change
from api.negotiate import choose
from api.reader import language_of
from api.shapes.negotiations import (
    DivisionIn,
    ExposureIn,
    NegotiationIn,
    NegotiationKept,
    NegotiationResult,
    NegotiationsKept,
    chances_of,
    division_of,
    options_of,
)
from commissioning.closing import known
from commissioning.exposure.expose import as_data as exposure_as_data
from commissioning.exposure.expose import expose
from commissioning.negotiation.chances import weigh_chances
from commissioning.negotiation.record import Record, read_record
from commissioning.negotiation.store import Kept, keep, kept, one_kept
from commissioning.negotiation.weighed import weigh
from commissioning.scenario.base import Base
from commissioning.scenario.books import base_at
from exports.faces import FORMATS
from exports.language import speaking
from exports.pack.build import pack
from exports.pack.faces import DRAWN, to_json
from ledger import service as books

router = APIRouter(tags=["scenarios"])
_MEDIA = {name: face.media_type.partition(";")[0] for name, face in FORMATS.items()}
_BYTES = {"type": "string", "format": "binary"}
_CONTENT = {media: {"type": "object"} if name == "json" else openapi.TEXT if name == "html" else _BYTES
            for name, media in _MEDIA.items()}
_NO_SCRIPTS = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'none'"


@router.post("/negotiations", response_class=Response,
             responses=openapi.refusals("write", 406) | openapi.answer(_CONTENT, "The pack, or its data as JSON"),
             openapi_extra=openapi.body({"application/json": openapi.ref("NegotiationIn")}, "The options"))
def negotiate(call: Scenarios, given: Sent, request: Request, name: Annotated[str | None, Query(
        min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$",
        description="Keep it under this name; it is then answered as JSON, with its number")] = None) -> Response:
    """Set options beside today's rules: who owes more or less under each, to the penny, and what that turns on."""
    face = choose(request.headers.get("accept", ""), _MEDIA) if name is None else "json"
    asked = json_of(given, TypeAdapter(NegotiationIn))
    with call.whole() as (conn, book):
        base = base_at(conn, book, asked.year, asked.entries)
    if name is not None:
        return _keep(call, given, name, asked, base, _worked_out(asked, base, face, call.now))
    with speaking(language_of(request)):  # nothing of it is kept
        return _answer(_worked_out(asked, base, face, call.now), base.period.id[:6], face)


def _answer(content: bytes, year: str, face: str) -> Response:
    shown = "attachment" if face == "xlsx" else "inline"
    return Response(content, media_type=FORMATS[face].media_type, headers={
        "Content-Disposition": f'{shown}; filename="negotiation-{year}.{face}"',
        "Content-Security-Policy": _NO_SCRIPTS,
        "Vary": "Accept, Accept-Language"})


def _keep(call: Call, given: Given, name: str, asked: NegotiationIn, base: Base, result: bytes) -> Response:
    """Keeps what was worked out, with the year and the entries by which it can be worked out again."""
    year = base.period.id[:6]
    pinned = asked.model_copy(update={"year": year, "entries": base.head.entries})
    one = Kept(name, year, base.head.entries, base.head.hash, pinned.model_dump_json(exclude_none=True),
               result.decode(), call.actor, call.caller.roles, call.now)

    def do(conn: Connection) -> NegotiationResult:
        number = keep(conn, books.open_book(conn, call.partnership), one)
        return NegotiationResult({**json.loads(one.result), "kept": number})

    return change(call, given, do)


@router.get("/negotiations", responses=openapi.refusals("read"))
def get_negotiations(call: Scenarios) -> NegotiationsKept:
    """Every negotiation that was kept under a name."""
    with call.whole() as (conn, book):
        return NegotiationsKept(items=[_kept(one) for one in kept(conn, book)])


@router.get("/negotiations/{number}", response_class=Response,
            responses=openapi.refusals("read", 406) | openapi.answer(_CONTENT, "As it was kept, or its pack"))
def get_negotiation(call: Scenarios, request: Request, number: Annotated[int, Path(ge=1, le=2**31 - 1)]) -> Response:
    """A negotiation that was kept: as JSON what came of it then; its pack is drawn again from the same books."""
    face = choose(request.headers.get("accept", ""), _MEDIA)
    with call.whole() as (conn, book):
        one = one_kept(conn, book, number)
        if face == "json":
            whole = {**json.loads(one.result), "kept": number, "asked": json.loads(one.asked)}
            return _answer(json.dumps(whole, ensure_ascii=False, indent=1).encode(), one.year, face)
        asked = NegotiationIn.model_validate_json(one.asked)
        base = base_at(conn, book, asked.year, asked.entries)
    return _answer(_worked_out(asked, base, face, one.recorded_at), one.year, face)


def _kept(one: Kept) -> NegotiationKept:
    result = json.loads(one.result)
    return NegotiationKept(number=one.number, name=one.name, year=one.year, entries=one.entries, head=one.head,
                           author=one.actor, roles=list(one.roles), recorded_at=one.recorded_at,
                           options=[option["name"] for option in result["options"]])


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
