"""The JSON that calls about bank statements take and give. Amounts are decimal strings, more than zero: money in."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from api.shapes.base import Fault, Shape, Words
from api.shapes.entries import EventsPosted


class BankRow(Shape):
    """A row of suggestions: what the bank says, what is suggested, and under `accept` an officer's yes or no."""

    line: Words
    bank_account: Words = ""
    booked: Words
    bank_amount: Words
    name: Words = ""
    text: Words = ""
    strength: Words = Field("", description="certain, likely, possible, in the books, nothing to post, unmatched")
    why: Words = ""
    accept: Words = Field("", description="yes, no, or empty", examples=["yes"])
    event: Words = ""
    fund: Words = ""
    service: Words = ""
    partner: Words = ""
    for_: Words = Field("", alias="for")
    amount: Words = ""
    source: Words = ""
    cost_class: Words = ""
    case: Words = ""
    account: Words = ""
    against: Words = ""
    reference: Words = Field("", description="The event's own; without it, the bank's")
    note: Words = ""


class BankStatement(Shape):
    """One statement that was read."""

    account: str
    statement: str
    from_: dt.date | None = Field(alias="from")
    to: dt.date | None
    opening: str | None
    closing: str | None
    lines: int


class BankLineOut(Shape):
    """One line of the bank."""

    line: str
    account: str
    booked: dt.date
    name: str
    text: str
    amount: str


class BankEntry(Shape):
    """One entry of the books that moved the bank's money."""

    entry: int
    kind: str
    reference: str
    date: dt.date
    amount: str


class BankReconciled(Shape):
    """bank = books + not_in_books - not_at_bank + later + brought_forward, to the penny."""

    accounts: list[str]
    funds: list[str]
    from_: dt.date | None = Field(alias="from")
    to: dt.date | None
    bank: str | None = Field(description="The closing balance; null where the statements say none")
    books: str = Field(description="Cash in the books at the end of the last day")
    not_in_books: str
    not_at_bank: str
    later: str = Field(description="What the books have of these lines after the last day")
    brought_forward: str = Field(description="What bank and books differed by before the first line")
    lines: list[BankLineOut]
    entries: list[BankEntry]
    words: list[str]


class BankSuggested(Shape):
    """What the lines of statements are, as far as it can be told. Nothing is posted or kept."""

    currency: str
    statements: list[BankStatement]
    lines: int
    strengths: dict[str, int]
    not_booked: int = Field(description="Entries that the bank has not booked yet, which are left out")
    again: int = Field(description="Lines that stood in the files twice, and count once")
    unmatched: list[BankLineOut]
    reconciled: list[BankReconciled]
    rows: list[BankRow]
    refused: list[Fault] = Field(description="Lines in another currency, which are left out")


class BankRowsIn(Shape):
    """Rows of suggestions; those with a yes are posted."""

    rows: list[BankRow] = Field(max_length=50_000)


class BankLeft(Shape):
    """A line of which nothing was accepted."""

    line: str
    bank_account: str
    booked: str
    bank_amount: str
    name: str
    text: str


class BankPosted(EventsPosted):
    """How many events are new in the books, for how many bank lines, and which lines are left."""

    lines: int
    left: list[BankLeft]
    left_total: str
