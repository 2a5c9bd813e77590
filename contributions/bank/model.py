"""What a bank's file says, whatever its format: pages as they stand in it, and the statements that they make up.

Amounts in minor units of the pool's currency; more than zero is money that came in.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ledger.errors import NOWHERE, Place, PoolbookError

LONGEST = 2_000  # characters of one text
YEARS = range(1900, 2200)  # of which there are periods


@dataclass(frozen=True, slots=True)
class BankLine:
    """One movement on a bank account.

    `id`: what it goes by in the books, the same whenever the line is read. `bank_reference`: the bank's own, where it
    gives one. `references`: what the payer wrote to be recognised by. `reversal`: the bank says that it undoes another.
    """

    account: str
    booked: dt.date
    amount: int
    name: str = ""
    text: str = ""
    references: tuple[str, ...] = ()
    bank_reference: str = ""
    reversal: bool = False
    id: str = ""
    statement: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a statement, as one file has it. `number` counts from 1; `last`: none comes after it.

    `opening` and `closing` are None where the page does not say. `waiting`: entries not booked yet, which are left out.
    `other`: lines in another currency, each as a refusal. `foreign`: the account itself is in another.
    """

    account: str
    statement: str
    number: int = 1
    last: bool = True
    starts: dt.date | None = None
    ends: dt.date | None = None
    opening: int | None = None
    closing: int | None = None
    lines: tuple[BankLine, ...] = ()
    waiting: int = 0
    other: tuple[PoolbookError, ...] = ()
    foreign: bool = False
    sequence: int = 0
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Statement:
    """A whole statement of one account, its lines with their ids; it ties where both balances are known."""

    account: str
    id: str
    starts: dt.date | None
    ends: dt.date | None
    opening: int | None
    closing: int | None
    lines: tuple[BankLine, ...]
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Read:
    """All that some files say. `again`: lines that stood in more than one of them, and are taken once."""

    statements: tuple[Statement, ...]
    waiting: int = 0
    again: int = 0
    other: tuple[PoolbookError, ...] = ()

    @property
    def lines(self) -> tuple[BankLine, ...]:
        return tuple(line for statement in self.statements for line in statement.lines)


def clean(text: str) -> str:
    """A bank's text on one line, without characters that nobody sees, and not longer than anybody writes."""
    return "".join(filter(str.isprintable, " ".join(text.split())))[:LONGEST]


def day_of(year: int, month: int, day: int) -> dt.date:
    """A day of a year that the books may have; raises `ValueError` for any other."""
    if year not in YEARS:
        raise ValueError(year)
    return dt.date(year, month, day)
