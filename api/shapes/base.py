"""What all shapes share: forms of amounts, days and words, where the books stand, and what was wrong."""

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


class Ledger(Shape):
    """Where the books stand: how many entries, and the hash of the chain over them. Worth keeping as proof."""

    entries: int
    head: str


class Verified(Shape):
    """Whether the books are what they were; if not, every difference in words."""

    sound: bool
    findings: list[str]
    ledger: Ledger


class Health(Shape):
    """That the server runs (health), or could serve a request now (ready)."""

    status: Literal["ok", "ready"]
