"""Every refusal over HTTP as RFC 9457 problem details, with the same code, place and remedy as everywhere else."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api import refusals
from api.logs import told
from api.reader import language_of
from api.shapes.base import FORMS, Fault, Problem
from exports.language import speaking
from exports.words import counted
from ledger.constraints import as_domain_error
from ledger.errors import MOST_FAULTS, Place, PoolbookError, Refused
from ledger.foreign import finding, foreign
from ledger.language import Said, ngettext
from ledger.refusals import DatabaseBusy, DatabaseFailed

MEDIA_TYPE = "application/problem+json"
LOG = logging.getLogger("poolbook")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_KINDS = ("constrained-str", "constrained-int", "str", "int")  # what Pydantic calls the kinds of one value
_AT_LINE = re.compile(r" at line (\d+) column (\d+)")


def install(app: FastAPI) -> None:
    """Makes every foreseen way in which a request can fail answer with problem details; `api.door` has the rest."""
    answers: dict[type[Exception], Callable[[Request, Any], Response]] = {
        PoolbookError: lambda _request, error: problem([error]),
        Refused: lambda _request, error: problem(error.faults),
        RequestValidationError: lambda _request, error: problem(faults_of(error.errors())),
        HTTPException: _framework_error,
        DBAPIError: lambda _request, error: problem([as_domain_error(error)]),
        PoolTimeout: lambda _request, _error: problem([DatabaseBusy()]),
    }
    for kind, handler in answers.items():
        app.add_exception_handler(kind, _spoken(handler))


def _spoken(handler: Callable[[Request, Any], Response]) -> Callable[[Request, Any], Response]:
    """The handler in the language that the request asks for."""
    def answer(request: Request, error: Any) -> Response:
        with speaking(language_of(request)):
            return handler(request, error)
    return answer


def problem(faults: Sequence[PoolbookError], headers: Mapping[str, str] | None = None) -> Response:
    """One answer for all the faults found: the first one's code and status, and each with its place and remedy."""
    failed = next((fault for fault in faults if isinstance(fault, DatabaseFailed)), None)
    if failed is not None:  # the database's own words are for the log, not for the caller
        LOG.error("%s", failed.message)
        faults = [refusals.ServerNotReady()]
    first = faults[0]
    told().code = first.code
    body = Problem(
        type=f"urn:poolbook:error:{first.code}", title=first.code.replace("-", " ").capitalize(), status=first.status,
        detail=_detail(faults), code=first.code, remedy=first.advice,
        errors=[Fault.model_validate(_plain(fault)) for fault in faults[:MOST_FAULTS]])
    return Response(body.model_dump_json(exclude_none=True), first.status, media_type=MEDIA_TYPE,
                    headers={**_headers(first), **(headers or {})})


def _detail(faults: Sequence[PoolbookError]) -> str:
    first = f"{faults[0].place}: {faults[0].message}" if str(faults[0].place) else faults[0].message
    more = len(faults) - 1
    if not more:
        return first
    return ngettext("{first} (and {more} more fault)", "{first} (and {more} more faults)", more).format(
        first=first, more=counted(more))


def _plain(fault: PoolbookError) -> dict[str, Any]:
    """A fault as data; the item of a list that it is about is its line, where no file has lines of its own."""
    placed = fault if fault.index is None else fault.at(Place(line=fault.index + 1))
    return placed.as_data()


def _headers(first: PoolbookError) -> dict[str, str]:
    return {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": str(first.facts.get("seconds", 1))},
            503: {"Retry-After": "1"}}.get(first.status, {})


def faults_of(errors: Iterable[Any]) -> list[PoolbookError]:
    """What Pydantic found in a request, as refusals with the parameter, or the item and key, in which it stands.

    Of a value that is neither of several kinds it says so once for each kind; the first is told.
    """
    found: dict[tuple[object, ...], PoolbookError] = {}
    for one in errors:
        loc = tuple(one["loc"])
        kinds = len(loc) > 2 and loc[-1] in _KINDS
        place = loc[:-1] if kinds else (*loc, len(found))
        found.setdefault(place, _fault({**one, "loc": loc[:-1]} if kinds else one))
    return list(found.values())


def _fault(one: Any) -> PoolbookError:
    part, *path = one["loc"] or ("body",)
    where, place = _where(str(part), path)
    error = (one.get("ctx") or {}).get("error")
    if isinstance(error, PoolbookError):
        return error.at(place)
    if one["type"] == "json_invalid":
        line = _AT_LINE.search(one["msg"])
        fault = _AT_LINE.sub("", one["msg"]).removeprefix("Invalid JSON: ")
        return refusals.JsonUnreadable(Place(line=int(line[1]) if line else None), fault=foreign(fault))
    form = (one.get("ctx") or {}).get("pattern")
    return refusals.RequestInvalid(place, where=where, fault=Said(FORMS[form]) if form in FORMS
                                   else finding(one))


def _where(part: str, path: Sequence[str | int]) -> tuple[str, Place]:
    line = path[0] + 1 if path and isinstance(path[0], int) else None
    field = ""
    for step in path[1:] if line else path:
        field += f"[{step}]" if isinstance(step, int) else f".{step}" if field else str(step)
    named: str = {"body": Said("the body"), "query": Said("the query"), "path": Said("the path"),
                  "header": Said("the header")}.get(part, part)
    if line:
        named = Said("{part} item {number}", part=named, number=line)
    return Said("{part} {key}", part=named, key=field) if field else named, Place(line=line, field=field)


def _framework_error(request: Request, error: HTTPException) -> Response:
    path = request.url.path
    if error.status_code == 404:
        return problem([refusals.RouteUnknown(path=path)])
    if error.status_code == 405:
        allowed = _methods(request)
        return problem([refusals.MethodUnknown(path=path, method=request.method, allowed=allowed)], {"Allow": allowed})
    return problem([refusals.RequestMalformed(fault=error.detail)], error.headers)


def _methods(request: Request) -> str:
    """What may be done at a request's path; the framework names but the first route of those that stand there."""
    return ", ".join(method for method in _METHODS if any(
        route.matches({**request.scope, "method": method})[0] is Match.FULL for route in request.app.routes))
