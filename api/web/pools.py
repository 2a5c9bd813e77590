"""A partnership's pages about its statements: the pool at a glance, every statement, and one of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.calls import Call, Reads
from api.routes import proposals, statements
from api.routes.periods import get_periods
from api.routes.statements import Issues, Wanted
from api.schemas import PeriodName
from api.web.page import Page, draw, link
from commissioning.statement import Statement
from exports.faces import FORMATS
from exports.html import helpers, picture
from exports.present import present
from exports.view import Table, View

router = APIRouter(route_class=Page, include_in_schema=False)
OF_SERVICES = ("Services", "Actual by partner", "Variance by partner", "Budget by partner")
OF_PARTNERS = ("Asked of partners", "Partners", "Contributions")
BEHIND = {("Services", "Actual to date"): "actual", ("Contributions", "Contribution paid"): "contribution",
          ("Asked of partners", "Paid or credited"): "paid", ("Funds", "Received"): "received",
          ("Funds", "Paid"): "paid"}
"""Columns whose figures lead to the entries behind them."""
FACES = {"pdf": "PDF", "xlsx": "Workbook (XLSX)", "html": "Page to keep (HTML)", "json": "Data (JSON)"}
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
    api = f"/v1/partnerships/{call.partnership}/statements/{statement.period}"
    files = [(words, link(f"{api}.{name}", partner=wanted.partner, **query)) for name, words in FACES.items()]
    return {"statement": statement, "view": view, "files": files, "base": base, "query": query,
            "picture": picture(view.chart, view.currency) if view.chart else None, **helpers(view.currency),
            "leads": lambda table, row, column: leads(statement, view, base, query, table, row, column)}


def asked(statement: Statement, wanted: Wanted) -> dict[str, Any]:
    """The query with which links stay at the same issue, or at the same draft."""
    return {"issue": statement.issue} if statement.issue else {
        "draft": "true", "known_at": wanted.known_at.isoformat() if wanted.known_at else None}


def leads(statement: Statement, view: View, base: str, query: dict[str, Any], table: Table, row: int,
          column: int) -> str:
    """Where a cell of a table leads: a row's name to its working and clause, some figures to their entries."""
    kind, lines = ("services", statement.services) if table.name in OF_SERVICES else (
        ("partners", statement.partners) if table.name in OF_PARTNERS else (
            ("funds", statement.funds) if table.name == "Funds" else ("", ())))
    figure = BEHIND.get((table.name, table.columns[column].head))
    if not kind or (column and not figure) or (not column and kind == "funds"):
        return ""
    return link(f"{base}/{kind}/{lines[row].id}{f'/{figure}' if column else ''}", **query)
