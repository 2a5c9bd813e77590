"""Proof and open formats: whether the books are what they were, receipts, and the whole journal for other tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import Field

from api import openapi
from api.calls import Audits, Call, Reads, ledger
from api.shapes.base import Shape, Verified, Word
from api.signing import signing_key
from commissioning import service
from commissioning.receipts import wanted as numbers_of
from ledger import store
from ledger.receipt_books import make
from ledger.receipt_file import to_json

router = APIRouter(tags=["proof"])
MEDIA = {"beancount": "text/plain; charset=utf-8", "hledger": "text/plain; charset=utf-8",
         "csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}
Format = Literal["beancount", "hledger", "csv", "jsonl"]
BLOCK = 1000  # lines of an export that are sent at once
_CONTENT = {media.partition(";")[0]: openapi.TEXT for media in MEDIA.values()}


@router.get("/verify", responses=openapi.refusals("read"))
def verify(call: Audits) -> Verified:
    """Walk the whole chain: every entry, balance and kept document. A partner hears whether all is sound, not where."""
    with call.whole() as (conn, book):
        findings = service.verify(conn, book)
        if findings and call.partner:
            findings = ["the books are not what they were; the partnership's own auditor can see where"]
        return Verified(sound=not findings, findings=findings, ledger=ledger(conn, book))


class Wanted(Shape):
    """What a receipt shows, and since which older one nothing has changed."""

    of: list[Word] = Field(default_factory=list, max_length=100, description=(
        "What it shows: the number of an entry, FY2024-Q1 for its latest statement, FY2024-Q1/2 for that one's second "
        "issue; may be given several times"))
    since: int | None = Field(None, ge=0, le=2**53, description="The entries of an older receipt, to be proved a part")
    partner: Word | None = Field(None, description="Show only what this partner may see, and refuse anything else")


@router.get("/receipts", response_class=Response, responses=openapi.refusals("read", 409) | openapi.answer(
    {"application/json": openapi.ref("ReceiptFile")}, "The receipt, as a file to be kept"))
def get_receipt(call: Reads, wanted: Annotated[Wanted, Query()], request: Request) -> Response:
    """A signed receipt over all that is recorded: proof, for later and for elsewhere, of what the books hold now."""
    partner = call.for_partner(wanted.partner)
    key = signing_key(request.app.state.settings)
    with call.whole() as (conn, book):
        shown = numbers_of(conn, book, wanted.of, partner or "")
        text = to_json(make(conn, book, shown, key, call.now, wanted.since))
    return Response(text, media_type="application/json", headers={
        "Content-Disposition": f'attachment; filename="receipt-{call.partnership}.json"'})


@router.get("/export.{format}", responses=openapi.refusals("read") | openapi.answer(_CONTENT, "The whole journal"),
            response_class=StreamingResponse)
def export(call: Audits, format: Format) -> StreamingResponse:  # noqa: A002
    """The journal as text that other tools read, piece by piece: whole, or the entries that a partner sees whole."""
    with call.reading():
        pass  # refuses before the answer has begun
    return StreamingResponse(_pieces(call, format), media_type=MEDIA[format], headers={
        "Content-Disposition": f'attachment; filename="{call.partnership}.{format}"'})


def _pieces(call: Call, name: str) -> Iterator[str]:
    """The lines of the export by the block: each piece sent is a turn of another thread."""
    from exports import journal

    block: list[str] = []
    with call.reading() as (conn, book):
        accounts = store.accounts(conn, book)
        for line in journal.FORMATS[name](book.name, book.currency, accounts, store.all_entries(conn, book)):
            block.append(line)
            if len(block) == BLOCK:
                yield "".join(block)
                block = []
    yield "".join(block)
