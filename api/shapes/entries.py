"""Entries and events as they are sent, and entries as the books have them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import Field

from api.shapes.base import Amount, Day, Ledger, Shape, Units, Word, Words


class PostingIn(Shape):
    """One line of an entry. `service`, `fund` and `partner` are filled in where the account says them."""

    account: Word = Field(examples=["expenses:reablement"])
    amount: Amount = Field(description="Debit positive, credit negative")
    fund: Word = ""
    partner: Word = ""
    service: Word = ""
    source: Word = ""
    cost_class: Word = ""
    case: Word = ""
    units: Units | Annotated[int, Field(strict=True, gt=-10**11, lt=10**11)] = "0"


class EntryIn(Shape):
    """A journal entry: two or more postings that total zero, in all and in each fund."""

    date: Day
    reference: Word = Field(min_length=1, description="Unique among the partnership's journal entries")
    memo: Words = ""
    postings: list[PostingIn] = Field(min_length=2, max_length=10_000)
    belongs_to: Word = Field("", description="The closed period that a late entry is about, for example FY2024-Q1")


class EventIn(Shape):
    """An event of AGREEMENTS section 3; which keys it needs depends on its kind."""

    date: dt.date
    event: str = Field(examples=["expenditure"])
    reference: str
    fund: str | None = None
    service: str | None = None
    partner: str | None = None
    beneficiary: str | None = Field(None, alias="for")
    amount: str | int | None = None
    units: str | int | None = None
    source: str | None = None
    cost_class: str | None = None
    case: str | None = None
    account: str | None = None
    against: str | None = None
    note: str | None = None


class ReversalIn(Shape):
    """How an entry is undone: on which day, in an open period, under which reference."""

    date: Day | None = Field(None, description="Without it, the day of the entry that is undone")
    reference: Word | None = Field(None, min_length=1, description="Without it, REV- and the number of that entry")
    memo: Words = ""


class EventsPosted(Shape):
    """How many events are new in the books, and how many were there already."""

    posted: int
    skipped: int
    ledger: Ledger
    dry_run: bool = False


class EntryPosted(Shape):
    """The number that an entry has in the books."""

    id: int
    reference: str


class EntriesPosted(Shape):
    """The entries asked for, in that order; `skipped` of them were there already with the same content."""

    posted: int
    skipped: int
    entries: list[EntryPosted]
    ledger: Ledger
    dry_run: bool = False


class PostingOut(Shape):
    """One line of an entry; words that do not apply are empty. A reversal's lines keep the kind of what they undo."""

    account: str
    amount: Amount
    fund: str
    partner: str
    service: str
    source: str
    cost_class: str
    case: str
    units: str
    kind: str


class EntryOut(Shape):
    """An entry in the books. One without postings is a memorandum, whose `details` say what it records."""

    id: int
    kind: str
    date: dt.date
    period: str
    recorded_at: dt.datetime
    reference: str
    memo: str
    postings: list[PostingOut]
    details: dict[str, Any] | None
    reverses: int | None
    reversed_by: int | None
    belongs_to: str | None
    content_hash: str


class EntryPage(Shape):
    """Entries in the order in which they were recorded; `next` is the cursor of what follows, if anything does."""

    items: list[EntryOut]
    next: str | None
