"""The other reports of the year, each as PDF, workbook, CSV (one table) or the metadata that explains the columns."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import Field

from api import openapi
from api.bodies import CSV, Sent, expect, rows_of
from api.calls import Audits, Call, Reads
from api.commands.reports import Given, make
from api.reader import language_of
from api.shapes.base import Moment, PeriodName, Shape, Word
from exports.language import speaking
from exports.reports import faces
from exports.reports.catalogue import REPORTS

router = APIRouter(tags=["reports"])
Format = Literal["pdf", "xlsx", "csv", "json"]
Words = Annotated[list[Annotated[str, Field(max_length=1_000)]], Field(max_length=200)]
Name = Annotated[Word, Path(description=f"One of {', '.join(REPORTS)}")]
_BYTES = {"type": "string", "format": "binary"}
_CONTENT = {faces.MEDIA["pdf"]: _BYTES, faces.MEDIA["xlsx"]: _BYTES, "text/csv": openapi.TEXT,
            faces.MEDIA["json"]: {"type": "object"}}
_ANSWER = openapi.answer(_CONTENT, "The report; the same bytes as long as the statement that it rests on is the latest")


class About(Shape):
    """For whom the report is, and from which statement."""

    partner: Word | None = Field(None, description="Only what concerns this partner; partner-accounts and "
                                                   "settlement-notice are made for one")
    known_at: Moment | None = Field(None, description="From the statement that was the latest then; a date: at its end")
    table: Word | None = Field(None, description="Which table a CSV holds, as the metadata names it; else the first")


class Wanted(About):
    """What the agreement has no words for as well."""

    net: bool = Field(False, description="partner-accounts: expenditure less income, instead of both")
    agent: Words = Field(default_factory=list, description="partner-accounts: a service for which the partner is the "
                                                           "agent; may be given several times")
    vat: Words = Field(default_factory=list, description="partner-accounts: SERVICE=REGIME; several times")
    minimum: Words = Field(default_factory=list, description="bcf-return: SOURCE=AMOUNT, or SOURCE=AMOUNT:SERVICE,…; "
                                                             "several times. Else what the agreement has it give")
    days: int = Field(30, ge=0, le=3660, description="settlement-notice: due so many days after the statement")


@router.get("/reports/{name}/{period}.{format}", responses=openapi.refusals("read") | _ANSWER, response_class=Response)
def get_report(call: Reads, name: Name, period: PeriodName, format: Format,  # noqa: A002
               wanted: Annotated[Wanted, Query()]) -> Response:
    """A report on a closed period: of the whole pool, or what one partner may see of it."""
    given = Given(net=wanted.net, agents=wanted.agent, vat=wanted.vat, minimums=wanted.minimum, days=wanted.days)
    return _report(call, name, period, format, wanted, given)


@router.post("/reports/balances/{period}.{format}", responses=openapi.refusals("write") | _ANSWER,
             response_class=Response, openapi_extra=openapi.body({CSV[0]: openapi.TEXT}, (
                 "The partners' own figures: the columns partner, figure and amount; figures are receivable, payable, "
                 "income or expenditure as the partner's books have them")))
def post_balances(request: Request, call: Audits, given: Sent, period: PeriodName, format: Format,  # noqa: A002
                  wanted: Annotated[About, Query()]) -> Response:
    """The agreement of balances with the partners' own figures beside the pool's. Nothing is kept."""
    expect(given, CSV)
    theirs = Given(balances=("", rows_of(given)))
    with speaking(language_of(request)):
        return _report(call, "balances", period, format, wanted, theirs)


def _report(call: Call, name: str, period: str, form: Format, wanted: About, given: Given) -> Response:
    partner = call.for_partner(wanted.partner) or ""
    with call.whole() as (conn, book):
        report = make(conn, book, name, period, partner, given=given, known_at=wanted.known_at)
    file = f"{report.stem}.{form}"
    if form == "csv":
        sheet = faces.sheet_of(report, wanted.table or "")
        file, content = faces.csv_name(report, sheet), faces.to_csv(report, sheet)
    else:
        content = {"pdf": faces.to_pdf, "xlsx": faces.to_xlsx, "json": faces.metadata}[form](report)
    shown = "inline" if form in ("pdf", "json") else "attachment"
    return Response(content, media_type=faces.MEDIA[form],
                    headers={"Content-Disposition": f'{shown}; filename="{file}"'})
