"""What-if: a year of the books as a workbook that calculates, and what a returned one amounts to. Nothing is posted.

A scenario is begun from a year as the books knew it at a number of entries, and is named by both: `FY2024-369`. The
books never change what they said, so its workbook can be made again at any time, and one that comes back is held
against it. With a name it is kept: who worked out what, from which books, and what came of it.
"""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import TypeAdapter
from sqlalchemy import Connection

from api import openapi
from api.bodies import Given, Sent, expect, json_of
from api.calls import Call, Scenarios, change
from api.refusals import RequestInvalid
from api.shapes.scenarios import ScenarioIn, ScenarioKept, ScenarioOut, ScenarioRead, ScenariosKept
from commissioning.scenario.base import Base
from commissioning.scenario.books import base_at
from commissioning.scenario.refusals import ScenarioNotKept
from commissioning.scenario.store import Kept, keep, kept
from exports.faces import FORMATS
from ledger import service as books
from ledger.errors import Refused
from ledger.language import Said
from ledger.model import Book

router = APIRouter(tags=["scenarios"])
XLSX = FORMATS["xlsx"].media_type
_FILE = openapi.answer({XLSX: {"type": "string", "format": "binary"}}, "The workbook, with every input at its baseline")
_NAME = re.compile(r"(FY\d{4})-(\d{1,12})")
Name = Annotated[str, Path(max_length=30, description=(
    "A scenario's id: its year and the number of entries at which it was begun, as in FY2024-369"))]


@router.post("/scenarios", responses=openapi.refusals("write"), response_model=ScenarioOut,
             openapi_extra=openapi.body({"application/json": openapi.ref("ScenarioIn")}, "Which year",
                                        required=False))
def begin_scenario(call: Scenarios, given: Sent) -> ScenarioOut:
    """Begin a scenario from the books as they are now; nothing is recorded."""
    wanted = json_of(given, TypeAdapter(ScenarioIn)) if given.body else ScenarioIn()
    with call.whole() as (conn, book):
        base = base_at(conn, book, wanted.year)
    return _out(base)


@router.get("/scenarios/{scenario}.xlsx", responses=openapi.refusals("read") | _FILE, response_class=Response)
def get_scenario_workbook(call: Scenarios, scenario: Name) -> Response:
    """The workbook in which everything that the year depends on can be changed."""
    from exports.scenario.render import to_xlsx
    from exports.scenario.workbook import workbook

    about = {"Content-Disposition": f'attachment; filename="scenario-{scenario}.xlsx"'}
    return Response(to_xlsx(workbook(_base(call, scenario))), headers=about, media_type=XLSX)


@router.get("/scenarios/{scenario}", responses=openapi.refusals("read"))
def get_scenario(call: Scenarios, scenario: Name) -> ScenarioOut:
    """Where a scenario begins."""
    return _out(_base(call, scenario))


@router.post("/scenarios/{scenario}/workbook", responses=openapi.refusals("write"), response_model=ScenarioRead,
             openapi_extra=openapi.body({XLSX: {"type": "string", "format": "binary"}}, "The workbook as it came back"))
def read_scenario(call: Scenarios, scenario: Name, given: Sent, name: Annotated[str | None, Query(
        min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$",
        description="Keep it under this name, with who worked it out and from which books")] = None) -> Response:
    """Read a returned workbook: what was changed, what the engine makes of it, and where the two differ."""
    if name is None:
        read = _read(_base(call, scenario), scenario, given)
        return Response(read.model_dump_json(), media_type="application/json")

    def do(conn: Connection) -> ScenarioRead:
        book = books.open_book(conn, call.partnership)
        base = _base_in(conn, book, scenario)
        read = _read(base, scenario, given)
        one = Kept(name, read.year, base.head.entries, base.head.hash, hashlib.sha256(given.body).hexdigest(),
                   read.model_dump_json(), call.actor, call.caller.roles, call.now)
        return read.model_copy(update={"kept": keep(conn, book, one)})

    return change(call, given, do)


@router.get("/scenarios", responses=openapi.refusals("read"))
def get_scenarios(call: Scenarios) -> ScenariosKept:
    """Every scenario that was kept under a name."""
    with call.whole() as (conn, book):
        return ScenariosKept(items=[_kept(one) for one in kept(conn, book)])


@router.get("/scenarios/{scenario}/kept/{number}", responses=openapi.refusals("read"))
def get_kept_scenario(call: Scenarios, scenario: Name,
                      number: Annotated[int, Path(ge=1, le=2**31 - 1)]) -> ScenarioRead:
    """A scenario that was kept, as it was worked out then."""
    _named(scenario)
    with call.whole() as (conn, book):
        found = [one for one in kept(conn, book, number) if f"{one.year}-{one.entries}" == scenario]
    if not found:
        raise ScenarioNotKept(number=number)
    return ScenarioRead.model_validate_json(found[0].report).model_copy(update={"kept": number})


def _kept(one: Kept) -> ScenarioKept:
    read = ScenarioRead.model_validate_json(one.report)
    return ScenarioKept(number=one.number, name=one.name, scenario=f"{one.year}-{one.entries}", entries=one.entries,
                        head=one.head, author=one.actor, roles=list(one.roles), recorded_at=one.recorded_at,
                        workbook_sha256=one.workbook_sha256, changes=read.changes, partners=read.partners,
                        differences=len(read.compared.differences))


def _read(base: Base, scenario: str, given: Given) -> ScenarioRead:
    from exports.scenario.back import read_back
    from exports.scenario.report import as_data, worked_out

    expect(given, (XLSX,))
    try:
        report = worked_out(read_back(given.body, base, f"scenario {scenario}"))
    except Refused as refused:
        raise refused.in_file("workbook.xlsx") from None
    return ScenarioRead.model_validate(as_data(report))


def _base(call: Call, scenario: str) -> Base:
    with call.whole() as (conn, book):
        return _base_in(conn, book, scenario)


def _base_in(conn: Connection, book: Book, scenario: str) -> Base:
    year, entries = _named(scenario)
    return base_at(conn, book, year, entries)


def _named(scenario: str) -> tuple[str, int]:
    named = _NAME.fullmatch(scenario)
    if named is None:
        raise RequestInvalid(where="scenario",
                             fault=Said("a scenario is named by its year and entries, as in FY2024-369"))
    return named[1], int(named[2])


def _out(base: Base) -> ScenarioOut:
    from exports.scenario.workbook import workbook

    made = workbook(base)
    year = base.period.id[:6]
    return ScenarioOut(id=f"{year}-{base.head.entries}", year=year, as_at=base.as_at.id, entries=base.head.entries,
                       head=base.head.hash, inputs=len(made.levers), results=len(made.results()),
                       constants=sorted(made.constants()))
