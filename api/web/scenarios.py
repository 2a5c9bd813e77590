"""What-if on pages: a fresh workbook to take away, a returned one worked out, those kept, and several side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.bodies import Sent
from api.calls import Call, Scenarios
from api.routes import scenarios
from api.routes.periods import get_periods
from api.shapes.scenarios import ScenarioKept, ScenarioRead
from api.web.forms import line_of, uploaded
from api.web.page import HEADERS, Page, draw, faults
from commissioning import service
from commissioning.scenario.refusals import ScenarioNotKept
from ledger import store
from ledger.errors import MOST_FAULTS, PoolbookError, Refused
from ledger.language import N_
from ledger.money import to_minor

router = APIRouter(route_class=Page, include_in_schema=False)
MOST = 6
"""Scenarios side by side: more columns are not read."""
Kept = Annotated[list[int], Query(max_length=100)]


@router.get("/pools/{partnership}/scenarios")
def get_scenarios(request: Request, call: Scenarios) -> Response:
    """Scenarios that were kept, a workbook to begin another, and the form that takes one back."""
    return _list(request, call)


def _list(request: Request, call: Call, found: Sequence[PoolbookError] = (), said: str = "",
          name: str = "") -> Response:
    with call.reading() as (conn, book):
        head = store.head(conn, book).entries
    years = list(dict.fromkeys(one.id[:6] for one in get_periods(call).items))
    about = {"kept": scenarios.get_scenarios(call).items[::-1], "years": years[::-1], "entries": head, "name": name,
             "api": f"/v1/partnerships/{call.partnership}/scenarios", "most": MOST, "said": said,
             "faults": found[:MOST_FAULTS], "more": max(len(found) - MOST_FAULTS, 0)}
    return draw(request, "scenarios.html", about, call, status=422 if found or said else 200)


@router.post("/pools/{partnership}/scenarios")
def read_scenario(request: Request, call: Scenarios, given: Sent) -> Response:
    """Works a returned workbook out beside today; under a name it is kept. Nothing is ever posted."""
    sent = uploaded(request, given)
    content, name = sent.get("file", b""), line_of(sent.get("name", b""))
    if not content:
        return _list(request, call, said=N_("Choose a workbook"), name=name)
    try:
        scenario, file = _named(content), replace(given, content_type=scenarios.XLSX, body=content)
        answer = scenarios.read_scenario(call, scenario, file, name or None)
    except (PoolbookError, Refused) as error:
        return _list(request, call, faults(error), name=name)
    read = ScenarioRead.model_validate(json.loads(bytes(answer.body)))
    if read.kept is not None:
        return RedirectResponse(f"/pools/{call.partnership}/scenarios/kept/{read.kept}", 303, HEADERS)
    return _result(request, call, read, None)


def _named(content: bytes) -> str:
    """Which scenario a workbook says that it is; the call holds it against the books."""
    from exports.scenario.back import base_in

    base = base_in(content)
    return f"{base.period.id[:6]}-{base.head.entries}"


def _result(request: Request, call: Call, read: ScenarioRead, kept: ScenarioKept | None) -> Response:
    with call.reading() as (_conn, book):
        currency = book.currency
    return draw(request, "scenario.html", {
        "read": read, "kept": kept, "currency": currency, "names": partners(call),
        "minor": lambda text: to_minor(text, currency)}, call)


def partners(call: Call) -> dict[str, str]:
    """Every partner of the agreement in force, by name."""
    with call.whole() as (conn, book):
        agreement = service.current(conn, book)
    return {partner: agreement.partner_name(partner) for partner in agreement.partners}


@router.get("/pools/{partnership}/scenarios/kept/{number}")
def get_kept(request: Request, call: Scenarios, number: Annotated[int, Path(ge=1, le=2**31 - 1)]) -> Response:
    """A scenario that was kept, as it was worked out then."""
    kept = _kept(call, [number])[0]
    return _result(request, call, scenarios.get_kept_scenario(call, kept.scenario, number), kept)


def _kept(call: Call, numbers: Sequence[int]) -> list[ScenarioKept]:
    there = {one.number: one for one in scenarios.get_scenarios(call).items}
    for number in numbers:
        if number not in there:
            raise ScenarioNotKept(number=number)
    return [there[number] for number in numbers]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure under every scenario: what it is today, and for each what it would be and how far that is away."""

    words: str
    today: int
    columns: tuple[tuple[int, int], ...]


@router.get("/pools/{partnership}/scenarios/compare")
def compare(request: Request, call: Scenarios, kept: Kept = []) -> Response:  # noqa: B006 -- FastAPI copies it
    """Kept scenarios side by side: what each partner owes, and which inputs each changes."""
    numbers = list(dict.fromkeys(kept))[:MOST]
    if len(numbers) < 2:
        return _list(request, call, said=N_("Tick two scenarios or more to compare them"))
    some = _kept(call, numbers)
    with call.reading() as (_conn, book):
        currency = book.currency
    names = partners(call)
    tables = {key: [_row(one, names.get(one, one), key, some, currency) for one in some[0].partners]
              for key in ("liability", "settlement")}
    inputs = list(dict.fromkeys((change.input, change.what, change.who) for one in some for change in one.changes))
    return draw(request, "compare.html", {
        "some": some, "tables": tables, "inputs": inputs, "currency": currency, "same": len(
            {one.scenario for one in some}) == 1, "given": [_changes(one) for one in some]}, call)


def _row(partner: str, words: str, key: str, some: Sequence[ScenarioKept], currency: str) -> Row:
    def minor(one: ScenarioKept, which: str) -> int:
        return to_minor(one.partners[partner][key][which], currency) if partner in one.partners else 0

    return Row(words, minor(some[0], "baseline"), tuple((minor(one, "scenario"), minor(one, "change")) for one in some))


def _changes(one: ScenarioKept) -> dict[str, Any]:
    return {change.input: change for change in one.changes}
