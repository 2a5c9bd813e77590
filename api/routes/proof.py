"""Proof and open formats: whether the books are what they were, and the whole journal for other tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from api import openapi
from api.calls import Audits, Call, ledger
from api.schemas import Verified
from commissioning import service
from ledger import store

router = APIRouter(tags=["proof"])
MEDIA = {"beancount": "text/plain; charset=utf-8", "hledger": "text/plain; charset=utf-8",
         "csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}
Format = Literal["beancount", "hledger", "csv", "jsonl"]
_CONTENT = {media.partition(";")[0]: openapi.TEXT for media in MEDIA.values()}


@router.get("/verify", responses=openapi.refusals("read"))
def verify(call: Audits) -> Verified:
    """Walk the whole chain: every entry, balance and kept document. A partner hears whether all is sound, not where."""
    with call.whole() as (conn, book):
        findings = service.verify(conn, book)
        if findings and call.partner:
            findings = ["the books are not what they were; the partnership's own auditor can see where"]
        return Verified(sound=not findings, findings=findings, ledger=ledger(conn, book))


@router.get("/export.{format}", responses=openapi.refusals("read") | openapi.answer(_CONTENT, "The whole journal"),
            response_class=StreamingResponse)
def export(call: Audits, format: Format) -> StreamingResponse:  # noqa: A002
    """The journal as text that other tools read, piece by piece: whole, or the entries that a partner sees whole."""
    with call.reading():
        pass  # refuses before the answer has begun
    return StreamingResponse(_pieces(call, format), media_type=MEDIA[format], headers={
        "Content-Disposition": f'attachment; filename="{call.partnership}.{format}"'})


def _pieces(call: Call, name: str) -> Iterator[str]:
    from exports import journal

    with call.reading() as (conn, book):
        accounts = store.accounts(conn, book)
        yield from journal.FORMATS[name](book.name, book.currency, accounts, store.all_entries(conn, book))
