"""What-if: a year of the books as a workbook that calculates, and what a returned one amounts to. Nothing is posted.

A scenario is begun from a year as the books knew it at a number of entries, and is named by both: `FY2024-369`. The
books never change what they said, so its workbook can be made again at any time, and one that comes back is held
against it.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import TypeAdapter

from api import openapi
from api.bodies import Given, Sent, expect, json_of
from api.calls import Call, Scenarios
from api.refusals import RequestInvalid
from api.scenario_shapes import ScenarioIn, ScenarioOut, ScenarioRead
from commissioning.scenario_base import Base
from commissioning.scenario_books import base_at
from exports.faces import FORMATS
from ledger.errors import Refused

router = APIRouter(tags=["scenarios"])
XLSX = FORMATS["xlsx"].media_type
_FILE = openapi.answer({XLSX: {"type": "string", "format": "binary"}}, "The workbook, with every input at its baseline")
_NAME = re.compile(r"(FY\d{4})-(\d{1,12})")
Name = Annotated[str, Path(max_length=30, description=(
    "A scenario's id: its year and the number of entries at which it was begun, as in FY2024-369"))]


@router.post("/scenarios", responses=openapi.refusals("write"), response_model=ScenarioOut,
             openapi_extra=openapi.body({"application/json": openapi.ref("ScenarioIn")}, "Which year"))
def begin_scenario(call: Scenarios, given: Sent) -> ScenarioOut:
    """Begin a scenario from the books as they are now; nothing is recorded."""
    wanted = json_of(given, TypeAdapter(ScenarioIn))
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
def read_scenario(call: Scenarios, scenario: Name, given: Sent) -> Response:
    """Read a returned workbook: what was changed, what the engine makes of it, and where the two differ."""
    return Response(_read(_base(call, scenario), scenario, given), media_type="application/json")


def _read(base: Base, scenario: str, given: Given) -> str:
    from exports.scenario.back import read_back
    from exports.scenario.report import as_data, worked_out

    expect(given, (XLSX,))
    try:
        report = worked_out(read_back(given.body, base, f"scenario {scenario}"))
    except Refused as refused:
        raise refused.in_file("workbook.xlsx") from None
    return ScenarioRead.model_validate(as_data(report)).model_dump_json()


def _base(call: Call, scenario: str) -> Base:
    named = _NAME.fullmatch(scenario)
    if named is None:
        raise RequestInvalid(where="scenario", fault="a scenario is named by its year and entries, as in FY2024-369")
    with call.whole() as (conn, book):
        return base_at(conn, book, named[1], int(named[2]))


def _out(base: Base) -> ScenarioOut:
    from exports.scenario.workbook import workbook

    made = workbook(base)
    year = base.period.id[:6]
    return ScenarioOut(id=f"{year}-{base.head.entries}", year=year, as_at=base.as_at.id, entries=base.head.entries,
                       head=base.head.hash, inputs=len(made.levers), results=len(made.results()),
                       constants=sorted(made.constants()))
