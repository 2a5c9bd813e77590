"""What every page shares: the frame that it is drawn in, what its answer carries, and how it says what went wrong.

A page asks the calls of `api.routes` for what it shows, so that nobody reads on a page what the interface would not
tell them. Refusals are pages too; who has not signed in is sent to do so.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from fastapi.exceptions import RequestValidationError
from fastapi.requests import Request
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api import refusals
from api.calls import Call
from api.logs import told
from api.problems import faults_of
from api.schemas import PostingOut
from exports import words
from ledger.constraints import as_domain_error
from ledger.errors import MOST_FAULTS, PoolbookError, Refused
from ledger.language import _, ngettext
from ledger.refusals import DatabaseBusy, DatabaseFailed

FOLDER = Path(__file__).parent
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": ("default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
                                "base-uri 'none'; frame-ancestors 'none'"),
    # With `no-referrer` browsers would send `Origin: null` with our own forms, which `same_origin` must refuse.
    "Referrer-Policy": "same-origin", "Vary": "Cookie"}
LOG = logging.getLogger("poolbook")
Answers = Callable[[Request], Coroutine[Any, Any, Response]]


class Page(APIRoute):
    """A route whose refusals are pages, and which takes an empty field of a form for one that was left out."""

    def get_route_handler(self) -> Answers:
        """The route's own handler, with its refusals drawn."""
        plain = super().get_route_handler()

        async def handler(request: Request) -> Response:
            given = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
            request.scope["query_string"] = urlencode([(name, text) for name, text in given if text]).encode()
            try:
                return await plain(request)
            except (PoolbookError, Refused, RequestValidationError, DBAPIError, PoolTimeout) as error:
                return refused(request, faults(error))

        return handler


def faults(error: Exception) -> Sequence[PoolbookError]:
    """What was found wrong, by its cause and place."""
    if isinstance(error, PoolbookError):
        return [error]
    if isinstance(error, Refused):
        return error.faults
    if isinstance(error, RequestValidationError):
        return faults_of(error.errors())
    return [as_domain_error(error) if isinstance(error, DBAPIError) else DatabaseBusy()]


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
    return draw(request, "refused.html", {"faults": found[:MOST_FAULTS], "more": len(found) - MOST_FAULTS},
                status=first.status)


def draw(request: Request, name: str, about: Mapping[str, Any], call: Call | None = None, *,
         status: int = 200) -> Response:
    """One page in its frame; `call` is the request as it was admitted, where it is about a partnership."""
    pool = f"/pools/{call.partnership}" if call else ""
    text = environment().get_template(name).render(
        call=call, pool=pool, path=request.url.path, request=told().request, **about)
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
    made.filters |= {"day": words.day, "clock": words.clock, "amount": amount, "moved": moved}
    made.globals |= {"link": link, "static": static, "money": words.money, "plain": words.plain,
                     "signed": lambda minor, kind, currency: words.signed(minor, words.Kind(kind), currency)}
    return made


def amount(text: str) -> str:
    """An amount of the interface as tables print it: `-1234.50` as `−1,234.50`."""
    whole, point, part = text.removeprefix("-").partition(".")
    return f"{words.MINUS if text.startswith('-') else ''}{int(whole):,}{point}{part}"


def moved(postings: Iterable[PostingOut]) -> str:
    """What an entry moves, as far as it is seen: the larger of its debits and its credits."""
    sums = {True: Decimal(0), False: Decimal(0)}
    for line in postings:
        amount = Decimal(line.amount)
        sums[amount > 0] += abs(amount)
    return str(max(sums.values()))


@cache
def static(name: str) -> str:
    """The address of a file of ours; it changes with the file, so that browsers may keep it."""
    digest = hashlib.sha256((FOLDER / "static" / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"
