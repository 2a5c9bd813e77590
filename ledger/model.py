"""What the books hold: postings, entries, periods. Frozen values; money in whole minor units, debit positive."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

UNIT = 10**6  # units (packages, days, visits) are kept in whole millionths


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an entry. `amount` in minor units, debit positive, credit negative; `units` in millionths.

    The words beside the account say what the line is about; empty where they do not apply. `kind` is empty for the
    entry's own kind; a reversal's lines keep the kind of what they undo, so that movements by kind net out.
    """

    account: str
    amount: int
    fund: str = ""
    partner: str = ""
    service: str = ""
    source: str = ""
    cost_class: str = ""
    case: str = ""
    units: int = 0
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be recorded: an entry of two or more postings, or a memorandum with none.

    `reference` is unique per `kind` in the partnership. `details` is canonical JSON (sorted keys) that the chain
    covers but the ledger does not interpret. `reverses` is the number of the entry undone. `belongs_to` names the
    closed period that a late item is about.
    """

    kind: str
    date: dt.date
    reference: str
    memo: str = ""
    postings: tuple[Posting, ...] = ()
    details: str = ""
    reverses: int | None = None
    belongs_to: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry in the books: its gapless number, the moment it was recorded, and its content hash (hex)."""

    number: int
    recorded_at: dt.datetime
    content_hash: str
    period: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of the partnership's calendar, both days included. `number` orders periods (201804 = FY2018-Q4)."""

    number: int
    id: str
    starts: dt.date
    ends: dt.date
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """A partnership's books, opened in a transaction: `key` is the first part of every key in the database.

    With `partner`, they are read with the eyes of that one partner (`ledger.visibility`); such books are not written.
    """

    key: int
    id: str
    name: str
    currency: str
    partner: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain stands: how many entries, and the hash (hex) over all of them in order."""

    entries: int
    hash: str


@dataclass(frozen=True, slots=True)
class Movement:
    """What one cell (an account with its words, for one kind of entry) moved in one period. Sums, never a history."""

    account: str
    kind: str
    fund: str
    partner: str
    service: str
    source: str
    cost_class: str
    period: int
    debit: int
    credit: int
    units: int

    @property
    def amount(self) -> int:
        """Net movement, debit positive."""
        return self.debit - self.credit


@dataclass(frozen=True, slots=True)
class Posted:
    """What a call to post did: the numbers given (in the order asked) and how many were there already."""

    numbers: tuple[int, ...]
    skipped: int
