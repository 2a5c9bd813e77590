"""What goes over HTTP: the shapes of requests and answers, from which /openapi.json is made."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from allocation.terms import carry
from api.refusals import MomentUnreadable
from commissioning.refusals.files import DateUnreadable
from ledger.calendar import PeriodNameWrong
from ledger.language import N_
from ledger.rules import LONGEST, LONGEST_TEXT

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LOST_PLUS = re.compile(r" (\d\d:\d\d)$")  # «+01:00» in a query that was not percent-encoded


def _day(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value
    try:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValueError
        return dt.date.fromisoformat(value)
    except ValueError:
        raise carry(DateUnreadable(text=str(value)[:40])) from None


def _moment(value: Any) -> Any:
    """A date stands for its last moment in UTC; a date with a time needs its zone."""
    if isinstance(value, dt.datetime):
        return value
    try:
        text = str(value)
        if _DAY.fullmatch(text):
            return dt.datetime.combine(dt.date.fromisoformat(text), dt.time.max, dt.UTC)
        found = dt.datetime.fromisoformat(_LOST_PLUS.sub(r"+\1", text))
        if found.tzinfo is None:
            raise ValueError
        return found.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise carry(MomentUnreadable(text=str(value)[:40])) from None


_PLAIN = r"^[^\x00-\x1f\x7f]*$"
TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"  # lines and tabs may stand in it
AMOUNT = r"^[+-]?[0-9]+(\.[0-9]+)?$"
Word = Annotated[str, StringConstraints(max_length=LONGEST, pattern=_PLAIN)]
Words = Annotated[str, StringConstraints(max_length=LONGEST_TEXT, pattern=TEXT)]
Day = Annotated[dt.date, BeforeValidator(_day)]
Moment = Annotated[dt.datetime, BeforeValidator(_moment), WithJsonSchema(
    {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]})]
Amount = Annotated[str, Field(description="A decimal string in the partnership's currency", pattern=AMOUNT,
                              max_length=40, examples=["1250.50"])]
UNITS = r"^-?[0-9]{1,11}(\.[0-9]{1,6})?$"
Units = Annotated[str, Field(description="A decimal string with up to six decimals", pattern=UNITS,
                             examples=["12", "7.5"])]
FORMS = {
    AMOUNT: N_("an amount is written as in 1250.50, without a currency sign or thousands separators"),
    UNITS: N_("a number is written as in 7.5, with at most 11 digits before the point and six after it"),
    **dict.fromkeys((_PLAIN, TEXT), N_("a character in it cannot be printed; type the text anew"))}
"""What the forms that texts must have are, in words."""


def _in_this_age(name: str) -> str:
    """Calendars are worked out up to the period that is named, so a slip of the finger must not name a far one."""
    year = re.match(r"FY(\d{4})", name)
    if year and not 1900 <= int(year[1]) < 2200:
        raise carry(PeriodNameWrong(name=name, example="FY2024-Q1"))
    return name


PeriodName = Annotated[str, AfterValidator(_in_this_age), Path(
    max_length=40, examples=["FY2018-Q4"], description="For example FY2018-Q4 or FY2018-M11; FY2018: its last one")]


class Shape(BaseModel):
    """One shape: a key that it does not have is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


# What is wrong

class Place(Shape):
    """Where in the file or request a fault stands; `line` counts from 1: of a file, or the item in a JSON list."""

    file: str | None = None
    line: int | None = None
    field: str | None = None


class Fault(Shape):
    """One fault, with what to do about it."""

    code: str
    message: str
    remedy: str
    place: Place | None = None
    facts: dict[str, str] = {}


class Problem(Shape):
    """What was wrong, as RFC 9457 problem details; nothing of the request has been recorded."""

    type: str = Field(description="urn:poolbook:error:CODE", examples=["urn:poolbook:error:unbalanced"])
    title: str
    status: int
    detail: str
    code: str
    remedy: str
    errors: list[Fault] = Field(description="Every fault found, at most the first 1,000")


# What is sent

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


class ReopenIn(Shape):
    """Why a period is opened again; the reason is kept for good."""

    reason: Words = Field(min_length=1)


# What comes back

class Ledger(Shape):
    """Where the books stand: how many entries, and the hash of the chain over them. Worth keeping as proof."""

    entries: int
    head: str


class AgreementApplied(Shape):
    """What an agreement changed, in words; no words where it was in force already."""

    partnership: str
    changes: list[str]
    ledger: Ledger
    dry_run: bool = False


class VersionOut(Shape):
    """One dated version of the agreement."""

    id: str
    reference: str
    status: Literal["signed", "draft", "retrospective"]
    effective: dt.date
    until: dt.date | None


class AgreementOut(Shape):
    """The agreement in force, with the file as it was applied."""

    partnership: str
    name: str
    currency: str
    entry: int = Field(description="The entry that recorded it; the chain covers its SHA-256")
    recorded_at: dt.datetime
    sha256: str
    versions: list[VersionOut]
    text: str


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


class MemberIn(Shape):
    """A person, as the sign-in service knows them, and the roles that they are to have: all of them."""

    issuer: Word | None = Field(None, description="The sign-in service; without it, the one of this server")
    subject: Word
    name: str = Field("", max_length=200, description="For people to read; it decides nothing")
    roles: list[str] = Field(min_length=1, max_length=20)
    partner: str = Field("", max_length=200, description="The partner whose view they are bound to, if they are")


class MemberOut(Shape):
    """What a person may do in the partnership, since when and by whom. Without roles: nothing any more."""

    member: int
    issuer: str
    subject: str
    name: str
    roles: list[str]
    partner: str
    recorded_at: dt.datetime
    recorded_by: str


class MembersOut(Shape):
    """Everybody who has a role."""

    items: list[MemberOut]


class EntryPage(Shape):
    """Entries in the order in which they were recorded; `next` is the cursor of what follows, if anything does."""

    items: list[EntryOut]
    next: str | None


class BalanceOut(Shape):
    """One balance, with the words by which it was asked."""

    account: str | None = None
    kind: str | None = None
    fund: str | None = None
    partner: str | None = None
    service: str | None = None
    source: str | None = None
    cost_class: str | None = None
    period: str | None = None
    debit: Amount
    credit: Amount
    amount: Amount = Field(description="Debit less credit")
    units: str


class BalancesOut(Shape):
    """Balances at the end of a day and as known at a moment; without these, now."""

    currency: str
    at: dt.date | None = None
    known_at: dt.datetime | None = None
    items: list[BalanceOut]


class PeriodOut(Shape):
    """One period of the calendar."""

    id: str
    starts: dt.date = Field(alias="from")
    ends: dt.date = Field(alias="to")
    status: Literal["open", "closed"]


class PeriodsOut(Shape):
    """The calendar in order."""

    items: list[PeriodOut]


class IssueOut(Shape):
    """One issue of a period's statement."""

    period: str
    issue: int
    indicative: bool
    known_at: dt.datetime
    entry: int = Field(description="The entry that recorded it; the chain covers its SHA-256")
    sha256: str


class IssuesOut(Shape):
    """Every issue of every statement, in order."""

    items: list[IssueOut]


class PeriodClosed(Shape):
    """The period that was closed and the statement issued for it."""

    statement: IssueOut
    ledger: Ledger
    dry_run: bool = False


class PeriodsReopened(Shape):
    """The periods that are open again: the one asked for and those after it."""

    reopened: list[str]
    ledger: Ledger
    dry_run: bool = False


class Verified(Shape):
    """Whether the books are what they were; if not, every difference in words."""

    sound: bool
    findings: list[str]
    ledger: Ledger


class Health(Shape):
    """That the server runs (health), or could serve a request now (ready)."""

    status: Literal["ok", "ready"]
