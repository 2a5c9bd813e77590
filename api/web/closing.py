"""Closing a period: a checklist of what is missing or waits, and the button."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from api.bodies import Sent
from api.calls import Call, Closes
from api.routes import periods, proposals, statements
from api.shapes.base import PeriodName
from api.web.forms import after, fields
from api.web.page import Page, draw
from commissioning.events.model import details_of
from commissioning.statement import Statement
from exports.facts import forecast_variance, rating
from exports.words import listed, money
from ledger import store
from ledger.language import _, ngettext
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
    _issued, statement = statements.found(call, period, statements.Wanted(draft=True))
    done = [one for one in periods.get_periods(call).items if one.id == statement.period and one.status == "closed"]
    if done:
        return draw(request, "closed.html", {"period": statement.period}, call)
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
    yield _item(_("Earlier periods are closed"), before, _("Still open: {names}"), _("All are"), "periods")
    waiting = len(proposals.get_proposals(call, proposals.Wanted(status="open")).items)
    yield Item(_("Nothing waits for a second person"), ngettext(
        "{count} proposal waits", "{count} proposals wait", waiting).format(count=waiting) if waiting
        else _("Nothing does"), not waiting, "proposals?status=open")
    yield _item(_("The agreements are signed"), statement.signed_as("draft"),
                _("Not signed: {names}; the statement is a draft until it is"), _("All are"), "agreement")


def _item(asked: str, lacking: Sequence[str], lacks: str, well: str, to: str = "") -> Item:
    """An item that is well where nothing is lacking; `lacks` says what is, by {names}."""
    return Item(asked, lacks.format(names=listed(lacking)) if lacking else well, not lacking, to)


def _of_events(conn: Connection, book: Book, statement: Statement) -> Iterator[Item]:
    """Forecasts, accruals and what was spent at all, from what is recorded of the year so far."""
    told = store.memoranda(conn, book, ["forecast"], statement.starts, statement.ends)
    with_forecast = {details_of(one.entry.details).get("service", "") for one in told}
    without = [line.name or line.id for line in statement.services if line.id not in with_forecast]
    yield _item(_("Each service has a forecast"), without, _("None for {names}"), _("Each has"), "import")
    accruals = store.memoranda(conn, book, ["accrual"], statement.starts, statement.ends)
    yield Item(_("Accruals are posted"), _("Some are") if accruals else
               _("None this year: is every invoice in?"), bool(accruals), "entries?kind=accrual")
    idle = [line.name or line.id for line in statement.services if line.budget and not line.actual]
    yield _item(_("Each service with a plan has cost"), idle, _("Nothing yet for {names}"), _("Each has"), "entries")


def _of_statement(statement: Statement) -> Iterator[Item]:
    """Contributions, explanations and the statement's own checks, from the draft of what the close would issue."""
    draft = f"statements/{statement.period}"
    due = [_("{partner} {amount}").format(partner=line.name or line.id, amount=money(line.due_now, statement.currency))
           for line in statement.partners if line.due_now > 0]
    yield _item(_("Contributions due are paid"), due, _("Outstanding: {names}"), _("All are"),
                f"{draft}/contributions?draft=true")
    said = {note.service for note in statement.notes}
    silent = [line.name or line.id for line in statement.services if line.id not in said and rating(
        forecast_variance(line), line.annual_budget) != "Green"]
    yield _item(_("Each amber or red service has a reason"), silent, _("None for {names}"), _("Each has"), "import")
    failed = [_(check.check) for check in statement.checks if not check.holds]
    yield _item(_("The statement foots"), failed, _("It does not: {names}"), ngettext(
        "The {count} check holds", "All {count} checks hold", len(statement.checks)).format(
            count=len(statement.checks)), f"{draft}?draft=true")
