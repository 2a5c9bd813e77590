"""Statements as they were issued: the list, and each one in the format asked for."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field

from api import openapi
from api.calls import Call
from api.commands.faces import file_name
from api.looking import Looks
from api.negotiate import choose
from api.refusals import RequestInvalid
from api.shapes.base import Moment, PeriodName, Shape, Word
from api.shapes.differences import DIFFERENCES
from api.shapes.periods import IssueOut, IssuesOut
from commissioning.closing import drafts
from commissioning.closing.differences import Differences, differences
from commissioning.closing.known import recorded_issues
from commissioning.statement import Statement
from commissioning.store import Issued
from exports import differences as written
from exports.extract import for_partner
from exports.faces import FORMATS
from exports.statement import from_json, to_json
from ledger.language import Said

router = APIRouter(tags=["statements"])
Format = Literal["json", "xlsx", "pdf", "html"]
_MEDIA = {name: face.media_type.partition(";")[0] for name, face in FORMATS.items()}
_BYTES = {"type": "string", "format": "binary"}
_CONTENT = {media: openapi.ref("Statement") if name == "json" else openapi.TEXT if name == "html" else _BYTES
            for name, media in _MEDIA.items()}
_ANSWER = openapi.answer(_CONTENT, "The statement; as JSON without `partner`, the kept document to the byte")
_NO_SCRIPTS = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'none'"


class Wanted(Shape):
    """Which issue of the statement, and for whom."""

    partner: Word | None = Field(None, description="Only what concerns this partner")
    known_at: Moment | None = Field(None, description=(
        "The issue that was the latest then, or before the first one a draft of how it would have been; a date: at its "
        "end, UTC"))
    issue: int | None = Field(None, ge=1, le=1_000_000, description="This issue; without it, the latest")
    draft: bool = Field(False, description=(
        "How the statement would be if the period were closed now, or at `known_at`; its issue is 0, nothing is kept"))


@router.get("/statements", responses=openapi.refusals("read"))
def get_statements(call: Looks) -> IssuesOut:
    """Every issue of every statement."""
    with call.whole() as (conn, book):
        return IssuesOut(items=[IssueOut(period=one.period, issue=one.issue, indicative=one.indicative,
                                         known_at=one.known_at, entry=one.entry_number, sha256=one.sha256)
                                for one in recorded_issues(conn, book)])


def issue_out(issued: Issued) -> IssueOut:
    """What an issue is, without its figures."""
    document = json.loads(issued.document)
    return IssueOut(period=document["period"]["id"], issue=issued.issue, indicative=document["indicative"],
                    known_at=issued.known_at, entry=issued.entry_number,
                    sha256=hashlib.sha256(issued.document.encode()).hexdigest())


class Issues(Shape):
    """Which two issues of a statement."""

    from_issue: int | None = Field(None, ge=1, le=1_000_000, description="Without it, the one before `to_issue`")
    to_issue: int | None = Field(None, ge=0, le=1_000_000, description=(
        "Without it, the latest; 0: a draft of how the statement would be now"))
    partner: Word | None = Field(None, description="Only what concerns this partner")


@router.get("/statements/{period}/differences", response_class=Response, responses=openapi.refusals("read", 406) |
            openapi.answer({"application/json": DIFFERENCES, "text/plain": openapi.TEXT}, "What changed, and why"))
def get_differences(call: Looks, period: PeriodName, wanted: Annotated[Issues, Query()], request: Request) -> Response:
    """What changed between two issues of a statement: every figure, and the entries that did it."""
    name = choose(request.headers.get("accept", ""), {"json": "application/json", "text": "text/plain"})
    changed = between(call, period, wanted)
    text = written.to_json(changed) if name == "json" else written.to_text_page(changed)
    media = "application/json" if name == "json" else "text/plain; charset=utf-8"
    return Response(text, media_type=media, headers={"Vary": "Accept, Accept-Language"})


def between(call: Call, period: str, wanted: Issues) -> Differences:
    """What changed between two issues, as far as the caller may see it."""
    partner = call.for_partner(wanted.partner)
    with call.whole() as (conn, book):
        pair = drafts.compared(conn, book, period, call.now, to_json, wanted.from_issue, wanted.to_issue)
    before, after = (from_json(one.document) for one in pair)
    if partner is not None:
        before, after = for_partner(before, partner), for_partner(after, partner)
    with call.reading() as (conn, book):
        return differences(conn, replace(book, partner=partner or ""), before, after)


@router.get("/statements/{period}.{format}", responses=openapi.refusals("read", 409) | _ANSWER, response_class=Response)
def get_statement_as(call: Looks, period: PeriodName, format: Format, wanted: Annotated[Wanted, Query()]) -> Response:  # noqa: A002
    """A statement in the format that the address names."""
    return _face(call, period, format, wanted)


@router.get("/statements/{period}", responses=openapi.refusals("read", 406, 409) | _ANSWER, response_class=Response)
def get_statement(call: Looks, period: PeriodName, wanted: Annotated[Wanted, Query()], request: Request) -> Response:
    """A statement in the format that the header Accept prefers."""
    return _face(call, period, choose(request.headers.get("accept", ""), _MEDIA), wanted,
                 {"Vary": "Accept, Accept-Language"})


def _face(call: Call, period: str, name: str, wanted: Wanted, headers: dict[str, str] | None = None) -> Response:
    issued, statement = found(call, period, wanted)
    partner = call.for_partner(wanted.partner)
    kept = issued if name == "json" and partner is None else None
    content = kept.document.encode() if kept else FORMATS[name].render(statement)
    file = file_name(statement, FORMATS[name].suffix, partner)
    shown = "attachment" if name == "xlsx" else "inline"
    about = {"Content-Disposition": f'{shown}; filename="{file}"', "Content-Security-Policy": _NO_SCRIPTS}
    return Response(content, headers={**about, **(headers or {})}, media_type=FORMATS[name].media_type)


def found(call: Call, period: str, wanted: Wanted) -> tuple[Issued | None, Statement]:
    """The issue asked for (None: it is a draft), and its statement as far as the caller may see it."""
    partner = call.for_partner(wanted.partner)
    if wanted.draft and wanted.issue is not None:
        raise RequestInvalid(where="draft", fault=Said("a draft was never issued, so it goes without `issue`"))
    with call.whole() as (conn, book):
        there = drafts.issued_else_draft(conn, book, period, call.now, issue=wanted.issue, known_at=wanted.known_at,
                                         as_draft=wanted.draft, keep=call.drafts)
    issued = there if isinstance(there, Issued) else None
    statement = from_json(there.document) if isinstance(there, Issued) else there
    return issued, statement if partner is None else for_partner(statement, partner)
