"""Closing a period: a checklist of what is missing or waits, and the button."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from api.bodies import Sent
from api.calls import Call, Closes
from api.routes import periods, proposals, statements
from api.schemas import PeriodName
from api.web.forms import after, fields
from api.web.page import Page, draw
from commissioning.events import details_of
from commissioning.statement import Statement
from exports.facts import forecast_variance, rating
from exports.words import listed, money
from ledger import store
from ledger.model import Book

router = APIRouter(route_class=Page, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to see to before a close: what is asked, how it stands, whether that is well, where to look."""

    asked: str
    stands: str
    well: bool
    to: str = ""


@router.get("/pools/{partnership}/periods/{period}/close")
def get_close(request: Request, call: Closes, period: PeriodName) -> Response:
    """What is missing or waits; a close may go ahead all the same, except where the books refuse it."""
    _, statement = statements.found(call, period, statements.Wanted(draft=True))
    with call.reading() as (conn, book):
        items = [*_of_books(call, statement), *_of_events(conn, book, statement), *_of_statement(statement)]
    return draw(request, "close.html", {"statement": statement, "items": items}, call)


@router.post("/pools/{partnership}/periods/{period}/close")
def close(call: Closes, given: Sent, period: PeriodName) -> Response:
    """Closes the period; where a second person must agree, it waits."""
    fields(given)
    answer = periods.close(call, given, period)
    return after(call, answer, lambda done: f"statements/{done['statement']['period']}")


def _of_books(call: Call, statement: Statement) -> Iterator[Item]:
    before = [one.id for one in periods.get_periods(call).items if one.status == "open" and one.ends < statement.ends]
    yield Item("Earlier periods are closed", f"Still open: {listed(before)}" if before else "All are", not before)
    waiting = proposals.get_proposals(call, proposals.Wanted(status="open")).items
    yield Item("Nothing waits for a second person", f"{len(waiting)} waiting" if waiting else "Nothing does",
               not waiting, "proposals?status=open")


def _of_events(conn: Connection, book: Book, statement: Statement) -> Iterator[Item]:
    """Forecasts, accruals and what was spent at all, from what is recorded of the year so far."""
    told = store.memoranda(conn, book, ["forecast"], statement.starts, statement.ends)
    with_forecast = {details_of(one.entry.details).get("service", "") for one in told}
    without = [line.name or line.id for line in statement.services if line.id not in with_forecast]
    yield Item("Each service has a forecast", f"None for {listed(without)}" if without else "Each has", not without)
    accruals = store.entries(conn, book, kinds=["accrual"], start=statement.starts, end=statement.ends, limit=1)
    yield Item("Accruals are posted", "Some are" if accruals else "None this year: is every invoice in?",
               bool(accruals), "entries?kind=accrual")
    idle = [line.name or line.id for line in statement.services if line.budget and not line.actual]
    yield Item("Each service with a plan has cost", f"Nothing yet for {listed(idle)}" if idle else "Each has", not idle)


def _of_statement(statement: Statement) -> Iterator[Item]:
    """Contributions, explanations and the statement's own checks, from the draft of what the close would issue."""
    due = [f"{line.name or line.id} {money(line.due_now, statement.currency)}" for line in statement.partners
           if line.due_now > 0]
    yield Item("Contributions due are paid", f"Outstanding: {listed(due)}" if due else "All are", not due,
               f"statements/{statement.period}/contributions?draft=true")
    said = {note.service for note in statement.notes}
    silent = [line.name or line.id for line in statement.services if line.id not in said and rating(
        forecast_variance(line), line.annual_budget) != "Green"]
    yield Item("Each amber or red service has a reason", f"None for {listed(silent)}" if silent else "Each has",
               not silent)
    failed = [check.check for check in statement.checks if not check.holds]
    yield Item("The statement foots", f"It does not: {listed(failed)}" if failed else
               f"All {len(statement.checks)} checks hold", not failed, f"statements/{statement.period}?draft=true")
