"""From a figure of a statement down: to its working and its clause, and to the entries that make it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import Field

from api.calls import Call, Reads
from api.routes import statements
from api.shapes.base import PeriodName
from api.web import behind
from api.web.codes import called
from api.web.page import Page, draw
from api.web.pools import shown
from api.web.refusals import FigureMissing, LineMissing
from api.web.sources import source
from api.web.sources.model import Rest, Source
from commissioning.events.model import details_of
from commissioning.statement import COLUMNS, FundLine, PartnerLine, ServiceLine, Statement
from exports.facts import COLUMN_WORDS, counted_as_paid, facts, is_detail, rating
from exports.view import Step, View
from exports.words import Kind, day, money, signed
from ledger import store
from ledger.language import N_, Said, _
from ledger.model import Recorded

router = APIRouter(route_class=Page, include_in_schema=False)


class Wanted(statements.Wanted):
    """Of which issue; and from the entry after which number on."""

    after: int = Field(0, ge=0, le=2**53)


L = TypeVar("L", ServiceLine, PartnerLine, FundLine)


def _get(call: Call, period: str, wanted: statements.Wanted) -> tuple[Statement, dict[str, Any]]:
    _, statement = statements.found(call, period, wanted)
    return statement, shown(call, statement, wanted)


def _line(statement: Statement, kind: str, lines: Sequence[L], name: str) -> L:
    """A line of the statement by the id of what it is about."""
    known = {line.id: line for line in lines}
    if name not in known:
        raise LineMissing(period=statement.period, kind=kind, name=name, known=", ".join(known) or Said("none"))
    return known[name]


@router.get("/pools/{partnership}/statements/{period}/services/{service}")
def get_service(request: Request, call: Reads, period: PeriodName, service: str,
                wanted: Annotated[statements.Wanted, Query()]) -> Response:
    """One service: its figures, who bears them, and by which steps and clauses."""
    statement, about = _get(call, period, wanted)
    line = _line(statement, "service", statement.services, service)
    beside = [(COLUMN_WORDS[key], getattr(line, key), f"services/{service}/{key}") for key in COLUMNS
              if getattr(line, key)]
    others = line.actual - sum(part.actual for part in line.partners.values()) - sum(part for _, part, _ in beside)
    beside += [(N_("Other partners"), others, "")] if others else []
    names = {partner.id: partner.name or partner.id for partner in statement.partners}
    return draw(request, "service.html", {
        **about, "line": line, "beside": beside, "names": names,
        "rating": rating(line.forecast - line.annual_budget, line.annual_budget),
        "steps": _of_service(statement, about["view"], service)}, call)


@router.get("/pools/{partnership}/statements/{period}/partners/{partner}")
def get_partner(request: Request, call: Reads, period: PeriodName, partner: str,
                wanted: Annotated[statements.Wanted, Query()]) -> Response:
    """One partner: what it owes, has paid and bears of each service, and by which steps and clauses."""
    statement, about = _get(call, period, wanted)
    line = _line(statement, "partner", statement.partners, partner)
    rows = [(one, one.partners[partner]) for one in statement.services if partner in one.partners]
    return draw(request, "partner.html", {
        **about, "line": line, "rows": rows, "counted": counted_as_paid(line),
        "clauses": facts(statement).clauses(partner), "steps": _of_partner(statement, about["view"], partner)}, call)


@router.get("/pools/{partnership}/statements/{period}/figures/{path:path}")
def get_figure(request: Request, call: Reads, period: PeriodName, path: Annotated[str, Path(max_length=300)],
               wanted: Annotated[statements.Wanted, Query()]) -> Response:
    """How one figure comes about: what it is made of, what it rests on, the steps and clauses that decide it."""
    statement, about = _get(call, period, wanted)
    figure = source(statement, path)
    if figure is None:
        raise FigureMissing(period=statement.period, name=path)
    with call.reading() as (conn, book):
        told = store.memoranda(conn, book, figure.memoranda, statement.starts, statement.ends,
                               statement.entries) if figure.memoranda else []
    rests = (*_told(told, figure, statement.currency), *figure.rests)
    said = money(figure.amount, statement.currency) if figure.kind is Kind.MONEY else (
        signed(figure.amount, figure.kind, statement.currency))
    pool = f"/pools/{call.partnership}"
    up = "/".join(path.split("/")[:2]) if path.startswith(("services/", "partners/")) else ""
    names = {f"services/{line.id}": line.name or line.id for line in statement.services} | {
        f"partners/{line.id}": line.name or line.id for line in statement.partners}
    return draw(request, "figure.html", {
        **about, "figure": replace(figure, rests=rests), "said": said, "up": up,
        "of": names.get(up, ""),
        "at": lambda to: f"{pool}{to}" if to.startswith("/") else about["figure_at"](to),
        "steps": _of_figure(statement, about["view"], figure)}, call)


def _told(told: Iterable[Recorded], figure: Source, currency: str) -> Iterator[Rest]:
    """What memoranda say about the figure's service, each leading to its entry."""
    for one in told:
        said = details_of(one.entry.details) if one.entry.details else {}  # none for who may not see it whole
        if said.get("service") == figure.about:
            amount = money(said["amount"], currency) if isinstance(said.get("amount"), int) else ""
            yield Rest(_("Entry {number} of {day}: {kind} {amount}, {reference}").format(
                number=one.number, day=day(one.entry.date), kind=called(one.entry.kind), amount=amount,
                reference=one.entry.reference), f"/entries/{one.number}")


def _of_figure(statement: Statement, view: View, figure: Source) -> list[Step]:
    """The steps that decide a figure: those of its service in which its partner takes a part, where it has both."""
    some = _of_service(statement, view, figure.service) if figure.service else []
    if not figure.partner:
        return some
    own = _of_partner(statement, view, figure.partner)
    return [step for step in some if step in own] if figure.service else own


def _of_service(statement: Statement, view: View, service: str) -> list[Step]:
    """The steps that are about a service, and those of the rule that shares its variance."""
    about = [line.step.rpartition(" ")[2] == service for line in statement.working]
    rules = {line.rule for line, own in zip(statement.working, about, strict=True) if own and line.rule}
    return _some(view, (own or (line.rule in rules and not is_detail(line))
                        for line, own in zip(statement.working, about, strict=True)))


def _of_partner(statement: Statement, view: View, partner: str) -> list[Step]:
    """The steps in which a partner takes a part, and those about it alone."""
    return _some(view, (line.step.rpartition(" ")[2] == partner or (not is_detail(line) and any(
        key == partner or key.endswith((f": {partner}", f":{partner}")) for key, part in line.out.items() if part))
        for line in statement.working))


def _some(view: View, wanted: Iterable[bool]) -> list[Step]:
    return [step for step, yes in zip(view.steps, wanted, strict=True) if yes]


@router.get("/pools/{partnership}/statements/{period}/services/{service}/actual")
def get_service_entries(request: Request, call: Reads, period: PeriodName, service: str,
                        wanted: Annotated[Wanted, Query()]) -> Response:
    """The entries behind a service's actual."""
    statement, about = _get(call, period, wanted)
    line = _line(statement, "service", statement.services, service)
    return _entries(request, call, statement, wanted, behind.service_figure(line),
                    {**about, "up": f"services/{service}", "of": line.name or service})


@router.get("/pools/{partnership}/statements/{period}/partners/{partner}/{figure}")
def get_partner_entries(request: Request, call: Reads, period: PeriodName, partner: str,
                        figure: Literal["contribution", "paid"], wanted: Annotated[Wanted, Query()]) -> Response:
    """The entries behind what a partner has paid."""
    statement, about = _get(call, period, wanted)
    line = _line(statement, "partner", statement.partners, partner)
    return _entries(request, call, statement, wanted, behind.partner_figure(line, figure),
                    {**about, "up": f"partners/{partner}", "of": line.name or partner})


@router.get("/pools/{partnership}/statements/{period}/funds/{fund}/{figure}")
def get_fund_entries(request: Request, call: Reads, period: PeriodName, fund: str,
                     figure: Literal["received", "paid"], wanted: Annotated[Wanted, Query()]) -> Response:
    """The entries behind what a fund's bank received or paid."""
    statement, about = _get(call, period, wanted)
    line = _line(statement, "fund", statement.funds, fund)
    return _entries(request, call, statement, wanted, behind.fund_figure(line, figure), {**about, "up": "", "of": ""})


def _entries(request: Request, call: Call, statement: Statement, wanted: Wanted, figure: behind.Figure,
             about: dict[str, Any]) -> Response:
    with call.reading() as (conn, book):
        found = behind.behind(conn, book, statement, figure, wanted.after)
    return draw(request, "behind.html", {**about, "found": found, "figure": figure}, call)
