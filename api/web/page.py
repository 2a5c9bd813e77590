"""What every page shares: the frame that it is drawn in, what its answer carries, and how it says what went wrong.

A page asks the calls of `api.routes` for what it shows, so that nobody reads on a page what the interface would not
tell them. Refusals are pages too; who has not signed in is sent to do so.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.requests import Request
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api import refusals
from api.access.session import READS
from api.calls import Call
from api.logs import told
from api.problems import faults_of, problem
from api.reader import language_of, own_names
from api.shapes.entries import PostingOut
from api.web.codes import called
from api.web.refusals import FieldWrong, LateNotTicked, PageUnknown
from commissioning.refusals.periods import EventInClosedPeriod
from exports import words
from exports.language import languages, speaking
from exports.proposed import would_do
from exports.retold import retold
from exports.scenario.said import said
from ledger.constraints import as_domain_error
from ledger.errors import MOST_FAULTS, PoolbookError, Refused
from ledger.language import N_, Said, _, ngettext
from ledger.money import from_text, to_minor
from ledger.refusals import DatabaseBusy, DatabaseFailed

FOLDER = Path(__file__).parent
PROGRAMS = ("/v1/", "/health", "/ready", "/metrics", "/openapi.json")
FIELDS = {"amount": N_("Amount"), "reference": N_("Reference"), "memo": N_("What it is"), "date": N_("Date"),
          "postings": N_("Lines"), "account": N_("Account"), "fund": N_("Fund"), "service": N_("Service"),
          "partner": N_("Partner"), "source": N_("Source"), "text": N_("Memo or reference"), "from": N_("From"),
          "to": N_("To"), "reason": N_("Why"), "number": N_("Number"), "issue": N_("Issue"), "kind": N_("Kind")}
"""What fields are called on pages."""
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": ("default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
                                "base-uri 'none'; frame-ancestors 'none'"),
    # With `no-referrer` browsers would send `Origin: null` with our own forms, which `same_origin` must refuse.
    "Referrer-Policy": "same-origin", "Vary": "Accept-Language, Cookie"}
LATE = N_("What belongs to a closed period goes into the open one, marked")
"""What is ticked for `late`."""
LOG = logging.getLogger("poolbook")
Answers = Callable[[Request], Coroutine[Any, Any, Response]]


class Page(APIRoute):
    """A route whose refusals are pages, and which takes an empty field of a form for one that was left out.

    What only reads runs in the reader's language. A change runs in English, for its words may be kept with the books;
    what comes of it is drawn in the reader's language like every page.
    """

    def get_route_handler(self) -> Answers:
        """The route's own handler, with its refusals drawn."""
        plain = super().get_route_handler()

        async def handler(request: Request) -> Response:
            given = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
            request.scope["query_string"] = urlencode([(name, text) for name, text in given if text]).encode()
            reads = request.method in READS
            try:
                with speaking(language_of(request)) if reads else nullcontext():
                    return await plain(request)
            except (PoolbookError, Refused, RequestValidationError, DBAPIError, PoolTimeout) as error:
                return refused(request, faults(error))

        return handler


def faults(error: Exception) -> Sequence[PoolbookError]:
    """What was found wrong, by its cause and place."""
    if isinstance(error, PoolbookError):
        return [of_field(error)]
    if isinstance(error, Refused):
        return [of_field(fault) for fault in error.faults]
    if isinstance(error, RequestValidationError):
        return [of_field(fault) for fault in faults_of(error.errors())]
    return [as_domain_error(error) if isinstance(error, DBAPIError) else DatabaseBusy()]


def of_field(fault: PoolbookError) -> PoolbookError:
    """What a program would be told of its request, as whoever fills in a form reads it: by the field's own words."""
    if isinstance(fault, EventInClosedPeriod):
        return LateNotTicked(fault.place, index=fault.index, **fault.facts, box=Said(LATE))
    if not isinstance(fault, refusals.RequestInvalid):
        return fault
    field = FIELDS.get(fault.place.field.rpartition(".")[2])
    return FieldWrong(field=Said(field) if field else fault.facts["where"], fault=fault.facts["fault"])


def install(app: FastAPI) -> None:
    """Whoever asks for pages and for one that is not there gets a page; where a form was sent, the page before it."""
    plain = app.exception_handlers[HTTPException]

    def answer(request: Request, error: Exception) -> Any:
        path = request.url.path
        if not _of_people(request):
            return plain(request, error)
        if isinstance(error, HTTPException) and error.status_code == 405 and request.method in READS:
            return RedirectResponse(path.rpartition("/")[0] or "/", 303, HEADERS)
        return refused(request, [PageUnknown(path=path)])

    app.add_exception_handler(HTTPException, answer)


def _of_people(request: Request) -> bool:
    """Whether a browser asks, and for a page."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(PROGRAMS)


def failed(request: Request, fault: PoolbookError) -> Response:
    """What stops a request before or behind all routes: a page for people, problem details for programs."""
    return refused(request, [fault]) if _of_people(request) else problem([fault])


def refused(request: Request, found: Sequence[PoolbookError]) -> Response:
    """A page that says what is wrong and what to do; who is not signed in is asked to sign in."""
    first = found[0]
    if isinstance(first, DatabaseFailed):  # the database's own words are for the log
        LOG.error("%s", first.message)
        first, found = refusals.ServerNotReady(), [refusals.ServerNotReady()]
    told().code = first.code
    if first.status == 401 and request.method == "GET":
        there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        why = "" if first.code == "bearer-missing" else f"&why={quote(first.code)}"
        return RedirectResponse(f"/sign-in?to={quote(there, safe='')}{why}", 303)
    pool = request.path_params.get("partnership", "")
    back = f"/pools/{pool}" if pool and first.status not in (401, 404) else "/"
    return draw(request, "refused.html", {"faults": found[:MOST_FAULTS], "more": len(found) - MOST_FAULTS,
                                          "back": back}, status=first.status)


def draw(request: Request, name: str, about: Mapping[str, Any], call: Call | None = None, *,
         status: int = 200) -> Response:
    """One page in its frame and the reader's language; `call`: the request as admitted, where about a partnership."""
    pool = f"/pools/{call.partnership}" if call else ""
    language = language_of(request)
    here = request.url.path + (f"?{request.url.query}" if request.url.query and request.method == "GET" else "")
    others = [(tag, own) for tag, own in own_names().items() if tag != language] if len(languages()) > 1 else []
    with speaking(language):
        text = environment().get_template(name).render(
            call=call, pool=pool, path=request.url.path, request=told().request, tag=words.tag(), others=others,
            here=here, may=call.caller.rights if call else frozenset(), **about)
    return Response(text, status, HEADERS, media_type="text/html; charset=utf-8")


def link(base: str, **query: object) -> str:
    """An address with those parts of a query that say something."""
    given = {name.rstrip("_"): value for name, value in query.items() if value not in (None, "", False)}
    return f"{base}?{urlencode(given)}" if given else base


@cache
def environment() -> Environment:
    """The templates of pages; all that they are given is escaped."""
    made = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined,
                       trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"])
    made.install_gettext_callables(_, ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters |= {"day": words.day, "iso_day": lambda text: words.day(dt.date.fromisoformat(text)),
                     "clock": words.clock, "amount": amount, "moved": moved, "called": called,
                     "ended": ended, "count": count, "sentence": sentence, "retold": retold, "label": said}
    made.globals |= {"link": link, "static": static, "money": words.money, "plain": words.plain,
                     "listed": words.listed, "where": where, "would_do": would_do, "LATE": LATE,
                     "signed": lambda minor, kind, currency: words.signed(minor, words.Kind(kind), currency)}
    return made


def amount(text: str, currency: str) -> str:
    """An amount of the interface as tables print it: `-1234.50` as `−1,234.50`."""
    return words.plain(from_text(text, currency), currency)


def count(number: int) -> str:
    """How many, as people write it."""
    return words.counted(number)


def sentence(text: str) -> str:
    """A fault's words with a capital letter, as a sentence of its own begins."""
    return words.capital(text)


def ended(text: str) -> str:
    """What to do, ended as a sentence is; what asks keeps its question mark."""
    return text if text.endswith(("?", "!", ".", "…")) else f"{text}."


def where(fault: PoolbookError) -> str:
    """Where in a file that was brought a fault stands: its line and column, or its cell."""
    place = fault.place
    if place.line is None:
        return place.field or _("Whole file")
    return _("Line {line}, {column}").format(line=place.line, column=place.field) if place.field else (
        _("Line {line}").format(line=place.line))


def moved(postings: Iterable[PostingOut], currency: str) -> str:
    """What an entry moves, as far as it is seen: the larger of its debits and its credits; units alone move nothing."""
    amounts = [to_minor(line.amount, currency) for line in postings]
    moves = max(sum(a for a in amounts if a > 0), -sum(a for a in amounts if a < 0))
    return words.plain(moves, currency) if moves else ""


@cache
def static(name: str) -> str:
    """The address of a file of ours; it changes with the file, so that browsers may keep it."""
    digest = hashlib.sha256((FOLDER / "static" / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"
