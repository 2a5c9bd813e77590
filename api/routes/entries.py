"""Journal entries: posting them, finding them page by page, and undoing one by another."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import Field, TypeAdapter
from sqlalchemy import Connection

from api import actions, openapi
from api.asking import ask
from api.bodies import JSON, Sent, json_of
from api.calls import Posts
from api.looking import Looks
from api.posting.batch import STATUS, answer
from api.posting.route import sent
from api.refusals import CursorUnreadable
from api.shapes.base import Amount, Day, Moment, Shape, Word
from api.shapes.entries import EntriesPosted, EntryOut, EntryPage, PostingOut, ReversalIn
from commissioning.proposals.model import Request
from ledger import service as books
from ledger import store
from ledger.model import Book, Posted, Recorded
from ledger.money import to_minor, to_text
from ledger.units import units_text

router = APIRouter(tags=["entries"])
_REVERSAL = TypeAdapter(ReversalIn)
_SENT = {"anyOf": [openapi.ref("EntryIn"), {"type": "array", "items": openapi.ref("EntryIn")}]}
_FIRST = b"after:"
Number = Annotated[int, Path(ge=1, le=2**53, description="The entry's number in the books")]


class Wanted(Shape):
    """Which entries; all filters must be met, and those of a posting by one and the same posting."""

    account: Word | None = Field(None, description="An account, or the start of its path: those below it are found too")
    partner: Word | None = None
    service: Word | None = None
    fund: Word | None = None
    source: Word | None = None
    starts: Day | None = Field(None, alias="from", description="Dated on this day or later")
    ends: Day | None = Field(None, alias="to", description="Dated on this day or earlier")
    known_at: Moment | None = Field(None, description="As the books stood at that moment; a date: at its end, UTC")
    reference: Word | None = None
    text: Word | None = Field(None, description="Words in the memo or the reference, in small or capital letters")
    amount: Amount | None = Field(None, description="With a posting of this amount, either way")
    kind: Word | None = Field(None, description="Kinds of entry, separated by commas", examples=["journal,reversal"])
    cursor: str | None = Field(None, max_length=100, description="`next` of the page before")
    limit: int = Field(100, ge=1, le=1000)


def post_entries(call: Posts, given: Sent, dry_run: Annotated[bool, Query(
        description="Say what would be posted, and keep nothing")] = False) -> Response:
    """Post journal entries; one whose reference is there already, with the same content, is skipped."""
    entries = sent(given)

    def shape(conn: Connection, posted: Posted) -> EntriesPosted:
        head = store.head(conn, books.open_book(conn, call.partnership))
        return answer(entries, posted, head, dry_run=dry_run)

    return ask(call, given, lambda: actions.entries_request(entries),
               lambda conn: actions.entries(conn, call.partnership, entries, call.now), shape, status=STATUS,
               dry_run=dry_run)


router.add_api_route(
    "/entries", post_entries, methods=["POST"], status_code=STATUS, response_model=EntriesPosted,
    responses=openapi.refusals("write") | openapi.waits()
    | {200: {"model": EntriesPosted, "description": "A dry run"}},
    openapi_extra=openapi.body({JSON[0]: _SENT}, "One entry or a list of entries: all or none are posted"))


@router.get("/entries", responses=openapi.refusals("read"))
def get_entries(call: Looks, wanted: Annotated[Wanted, Query()]) -> EntryPage:
    """The entries that meet every filter given, in the order in which they were recorded."""
    with call.reading() as (conn, book):
        found = store.entries(
            conn, book, account=wanted.account, partner=wanted.partner, service=wanted.service, fund=wanted.fund,
            source=wanted.source, kinds=wanted.kind.split(",") if wanted.kind else None,
            start=wanted.starts, end=wanted.ends, reference=wanted.reference, text=wanted.text,
            amount=None if wanted.amount is None else to_minor(wanted.amount, book.currency),
            known_at=wanted.known_at, after=_after(wanted.cursor), limit=wanted.limit + 1)
        page = found[:wanted.limit]
        more = cursor(page[-1].number) if len(found) > wanted.limit else None
        return EntryPage(items=_shown(conn, book, page), next=more)


@router.get("/entries/{number}", responses=openapi.refusals("read"))
def get_entry(call: Looks, number: Number) -> EntryOut:
    """One entry with its postings, and by which entry it was undone, if it was."""
    with call.reading() as (conn, book):
        return _shown(conn, book, [store.entry(conn, book, number)])[0]


@router.post("/entries/{number}/reversal", status_code=201, response_model=EntryOut,
             responses=openapi.refusals("write") | openapi.waits(),
             openapi_extra=openapi.body({JSON[0]: openapi.ref("ReversalIn")}, "When, and under which reference",
                                        required=False))
def post_reversal(call: Posts, given: Sent, number: Number) -> Response:
    """Undo an entry by a new one that takes every amount back; once."""
    sent = json_of(given, _REVERSAL) if given.body else ReversalIn()
    request = Request("reversal", {"number": number, "date": sent.date.isoformat() if sent.date else None,
                                   "reference": sent.reference, "memo": sent.memo})

    def shape(conn: Connection, made: Recorded) -> EntryOut:
        return _shown(conn, books.open_book(conn, call.partnership), [made])[0]

    return ask(call, given, lambda: request,
               lambda conn: actions.reversal(conn, call.partnership, request.content, call.now), shape, status=201)


def cursor(number: int) -> str:
    """What begins a page after the entry of that number."""
    return base64.urlsafe_b64encode(_FIRST + str(number).encode()).decode().rstrip("=")


def _after(cursor: str | None) -> int:
    """The number of the last entry of the page before."""
    if cursor is None:
        return 0
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        number = text.removeprefix(_FIRST)
        if text == number or not number.isdigit() or len(number) > 15:
            raise ValueError
    except (ValueError, binascii.Error):
        raise CursorUnreadable(cursor=cursor) from None
    return int(number)


def _shown(conn: Connection, book: Book, found: Iterable[Recorded]) -> list[EntryOut]:
    some = list(found)
    undone = store.reversed_by(conn, book, (one.number for one in some))
    return [_entry(one, book.currency, undone.get(one.number)) for one in some]


def _entry(one: Recorded, currency: str, reversed_by: int | None) -> EntryOut:
    e = one.entry
    lines = [PostingOut(account=p.account, amount=to_text(p.amount, currency), fund=p.fund, partner=p.partner,
                        service=p.service, source=p.source, cost_class=p.cost_class, case=p.case,
                        units=units_text(p.units), kind=p.kind or e.kind) for p in e.postings]
    return EntryOut(id=one.number, kind=e.kind, date=e.date, period=one.period, recorded_at=one.recorded_at,
                    reference=e.reference, memo=e.memo, postings=lines,
                    details=json.loads(e.details) if e.details else None, reverses=e.reverses,
                    reversed_by=reversed_by, belongs_to=e.belongs_to or None, content_hash=one.content_hash)
