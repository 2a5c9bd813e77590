"""A partnership's pages about its statements: the pool at a glance, every statement, and one of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.calls import Call, Reads
from api.routes import proposals, statements
from api.routes.periods import get_periods
from api.routes.statements import Issues, Wanted
from api.shapes.base import PeriodName
from api.web.leads import Leads
from api.web.page import Page, draw, link
from commissioning.statement import Statement
from exports.faces import FORMATS
from exports.facts import facts
from exports.html import helpers
from exports.present import present
from ledger.language import N_, _

router = APIRouter(route_class=Page, include_in_schema=False)
FACES = {"pdf": N_("PDF"), "xlsx": N_("Workbook (XLSX)"), "html": N_("Page to keep (HTML)"), "json": N_("Data (JSON)")}
assert set(FACES) == set(FORMATS), "every format can be downloaded"


@router.get("/pools/{partnership}")
def get_glance(request: Request, call: Reads) -> Response:
    """The pool at a glance: the latest statement's verdict, its three figures, its chart, and where to go on."""
    latest = statements.get_statements(call).items
    wanted = Wanted(draft=not latest)
    period = latest[-1].period if latest else _first_open(call)
    _, statement = statements.found(call, period, wanted)
    waiting = proposals.get_proposals(call, proposals.Wanted(status="open")).items
    return draw(request, "glance.html", {**shown(call, statement, wanted), "waiting": waiting}, call)


def _first_open(call: Call) -> str:
    periods = get_periods(call).items
    return next((one.id for one in periods if one.status == "open"), periods[-1].id)


@router.get("/pools/{partnership}/statements")
def get_statements(request: Request, call: Reads) -> Response:
    """Every statement that was issued, the latest first, and the period that comes next."""
    issued = statements.get_statements(call).items
    return draw(request, "statements.html", {"issued": issued[::-1], "next_period": _first_open(call)}, call)


@router.get("/pools/{partnership}/statements/{period}")
def get_statement(request: Request, call: Reads, period: PeriodName, wanted: Annotated[Wanted, Query()]) -> Response:
    """One statement, as its HTML twin shows it, with its issues, what changed between them, and its files."""
    _, statement = statements.found(call, period, wanted)
    issues = [one for one in statements.get_statements(call).items if one.period == statement.period]
    return draw(request, "statement.html", {**shown(call, statement, wanted), "issues": issues[::-1]}, call)


@router.get("/pools/{partnership}/statements/{period}/differences")
def get_differences(request: Request, call: Reads, period: PeriodName,
                    wanted: Annotated[Issues, Query()]) -> Response:
    """What changed between two issues of a statement: every figure, and the entries that did it."""
    from exports.differences import to_text_page

    changed = statements.between(call, period, wanted)
    return draw(request, "differences.html", {"statement": changed.after, "before": changed.before,
                                              "text": to_text_page(changed), "query": {}}, call)


def shown(call: Call, statement: Statement, wanted: Wanted) -> dict[str, Any]:
    """What a template needs to draw a statement: its view, chart, links and files."""
    view = present(statement)
    base = f"/pools/{call.partnership}/statements/{statement.period}"
    query = asked(statement, wanted)
    leads, drawing = Leads(statement, base, link("", **query)), helpers(view.currency)
    api = f"/v1/partnerships/{call.partnership}/statements/{statement.period}"
    files = [(_(words), link(f"{api}.{name}", partner=wanted.partner, **query)) for name, words in FACES.items()]
    return {"statement": statement, "view": view, "files": files, "base": base, "query": query,
            "figure_of": drawing["draw"], **{name: drawing[name] for name in ("text", "words", "place")},
            "leads": leads.cell, "figure_at": leads.figure, "key_leads": _key_leads(statement, leads)}


def _key_leads(statement: Statement, leads: Leads) -> tuple[str, str, str]:
    """Where the three figures of the first page lead, in their order (`exports.opening.figures`)."""
    known = facts(statement)
    reserves = f"{leads.here}#reserves" if statement.reserves and not known.extract else f"{leads.here}#measures"
    second = reserves if known.outturn else leads.figure("totals/forecast_variance")
    return leads.figure("totals/variance"), second, f"{leads.here}#asked"


def asked(statement: Statement, wanted: Wanted) -> dict[str, Any]:
    """The query with which links stay at the same issue, or at the same draft."""
    return {"issue": statement.issue} if statement.issue else {
        "draft": "true", "known_at": wanted.known_at.isoformat() if wanted.known_at else None}
