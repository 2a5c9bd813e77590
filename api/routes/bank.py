"""Bank statements: what their lines are, as far as it can be told, and the posting of what an officer accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import TypeAdapter
from sqlalchemy import Connection

from api import actions, openapi
from api.asking import ask
from api.bodies import CSV, JSON, Given, Sent, expect, json_of, rows_of
from api.calls import Call, Posts, ledger
from api.refusals import RequestInvalid
from api.shapes.bank import BankLeft, BankPosted, BankRowsIn, BankSuggested
from api.uploads import MOST_FIELDS, UPLOAD, parts
from commissioning.bank.rows import Accepted, Row, accepted, left_total, read_rows, row_of
from commissioning.bank.service import suggest
from commissioning.proposals.service import Done
from commissioning.service import Imported, current
from exports.faces import FORMATS
from ledger import service as books
from ledger.errors import Refused
from ledger.language import Said
from ledger.money import to_text

router = APIRouter(tags=["bank"])
XML = ("application/xml", "text/xml")
XLSX = FORMATS["xlsx"].media_type
FILES = {"type": "object", "required": ["file"],
         "properties": {"file": {"type": "array", "items": openapi.BINARY, "maxItems": MOST_FIELDS}}}
_LIKE = r"^(certain|likely|possible)$"


def _pairs(values: Sequence[str]) -> Mapping[str, str]:
    """`NAME=VALUE` or `NAME`, as in the query."""
    return {name.strip(): said.strip() for name, _, said in (value.partition("=") for value in values)}


@router.post("/bank/suggestions", responses=openapi.refusals("write"), response_model=BankSuggested,
             openapi_extra=openapi.body({XML[0]: openapi.TEXT, XML[1]: openapi.TEXT, CSV[0]: openapi.TEXT,
                                         UPLOAD[0]: FILES}, "A bank statement in camt.053, or in CSV with a line of "
                                        "column names; or several files of them, such as the pages of one statement"))
def suggest_matches(request: Request, call: Posts, given: Sent, account: Annotated[list[str], Query(
        default_factory=list, max_length=50,
        description="Only this account, as IBAN or IBAN=FUND with the fund whose money it holds")],
        column: Annotated[list[str], Query(
            default_factory=list, max_length=50,
            description="Which column of a CSV is what: date=Posted, text=Details+Memo")]) -> Response:
    """Say what the lines of bank statements are, and how bank and books tie. Nothing is posted or kept."""
    expect(given, (*XML, *CSV, *UPLOAD))
    files = [("", given.body)]
    if given.content_type in UPLOAD:
        files = [(part.file, part.content) for part in parts(request, given) if part.field == "file"]
        if not files:
            raise RequestInvalid(where="file", fault=Said("it is missing"))
    found = suggested(call, files, account, column)
    return Response(found.model_dump_json(by_alias=True), media_type="application/json")


def suggested(call: Call, files: Sequence[tuple[str, bytes]], accounts: Sequence[str],
              columns: Sequence[str] = ()) -> BankSuggested:
    """What the lines of these files (name and content), taken together, are thought to be."""
    from contributions.bank.files import read_statements
    from exports.bank.data import to_data

    with call.whole() as (conn, book):
        read = read_statements(files, book.currency, _pairs(columns))
        return BankSuggested.model_validate(to_data(suggest(conn, book, read, _pairs(accounts))))


@router.post("/bank/postings", responses=openapi.refusals("write") | openapi.waits(), response_model=BankPosted,
             openapi_extra=openapi.body({JSON[0]: openapi.ref("BankRowsIn"), CSV[0]: openapi.TEXT,
                                         XLSX: openapi.BINARY}, "Rows of suggestions, with a yes where they are right"))
def post_matches(call: Posts, given: Sent, accept: Annotated[list[Annotated[str, Query(pattern=_LIKE)]], Query(
        default_factory=list, max_length=3,
        description="Also post suggestions of this strength beside which no 'no' stands")],
                 late: Annotated[bool, Query(
                     description="Post what belongs to a closed period in the open one, marked")] = False,
                 dry_run: Annotated[bool, Query(description="Say what would be posted, and keep nothing")] = False,
                 ) -> Response:
    """Post the accepted rows, all or none; a row that was posted before is skipped."""
    expect(given, (*JSON, *CSV, XLSX))
    if given.content_type == XLSX:
        from exports.bank.sheet import from_sheet

        filled, rows = from_sheet(given.body)
        try:
            return _posted(call, given, rows, accept, late=late, dry_run=dry_run)
        except Refused as refused:
            raise Refused(map(filled.in_cells, refused.faults)) from None
    rows = read_rows(rows_of(given)) if given.content_type in CSV else _objects(given)
    return _posted(call, given, rows, accept, late=late, dry_run=dry_run)


def _objects(given: Given) -> list[Row]:
    sent = json_of(given, TypeAdapter(BankRowsIn)).rows
    return [row_of(number, one.model_dump(by_alias=True)) for number, one in enumerate(sent, 2)]


def _posted(call: Call, given: Given, rows: Sequence[Row], also: Sequence[str], *, late: bool,
            dry_run: bool) -> Response:
    with call.whole() as (conn, book):
        currency = book.currency
        taken = accepted(conn, book, current(conn, book), rows, also)
    request = actions.bank_request("", taken, late=late)

    def do(conn: Connection) -> Done[Imported]:
        return actions.events(conn, call.partnership, request.content, call.now)

    def shape(conn: Connection, done: Imported) -> BankPosted:
        book = books.open_book(conn, call.partnership)
        return BankPosted(posted=done.posted, skipped=done.skipped, ledger=ledger(conn, book), dry_run=dry_run,
                          lines=len(taken.lines), left=_left(taken), left_total=to_text(
                              left_total(taken.left, currency), currency))

    return ask(call, given, lambda: request, do, shape, dry_run=dry_run)


def _left(taken: Accepted) -> list[BankLeft]:
    return [BankLeft(**{key: row.cells[key] for key in BankLeft.model_fields}) for row in taken.left]


