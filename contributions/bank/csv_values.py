"""How a bank's CSV writes days and amounts, found out from the file as a whole; what stays unclear is refused."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contributions.bank import refusals as no
from contributions.bank.model import day_of
from ledger.errors import Place, PoolbookError
from ledger.language import Said
from ledger.money import decimals, to_minor

_PARTS = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{2}|\d{4})(?:[ T].*)?")
_NAMED = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3})[a-z]*[ -](\d{2}|\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PLAIN = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CURRENCY = re.compile(r"[£$€¥\s']|\b[A-Za-z]{2,3}\b\.?")  # beside a number: a sign, a code, spaces between thousands
_NUMBER = re.compile(r"[(+-]?[\d.,]*\d[\d.,]*[)-]?")
_WHOLE = re.compile(r"\d*|\d{1,3}([.,])(?:\d{2,3}\1)*\d{3}")  # thousands apart, or as in India
_SIDE = re.compile(r"(.*\d\)?)\s*(CR?|DR?|OD|S|H)\.?", re.IGNORECASE)  # credit, debit, overdrawn, Soll, Haben


@dataclass(frozen=True, slots=True)
class Dates:
    """`day_first`: 3/4/2024 is the third of April."""

    day_first: bool = True

    @classmethod
    def told(cls, cells: Iterable[tuple[str, Place]]) -> Dates:
        """Day first, as in most of the world, unless a date of the file has no such day; both together are refused."""
        day_first = month_first = None
        for text, place in cells:
            found = _PARTS.fullmatch(text)
            if found is None or len(found[1]) == len("2024"):
                continue
            if int(found[1]) > 12:
                day_first = day_first or (text, place)
            elif int(found[3]) > 12:
                month_first = month_first or (text, place)
        if day_first and month_first:
            raise no.BankValueWrong(month_first[1], found=month_first[0],
                                    wanted=Said("a date written like {day_first} further up or down",
                                                day_first=day_first[0]))
        return cls(month_first is None)

    def read(self, text: str, place: Place) -> dt.date:
        try:
            if plain := _PLAIN.fullmatch(text):
                return day_of(int(plain[1]), int(plain[2]), int(plain[3]))
            if named := _NAMED.fullmatch(text):
                return day_of(_year(named[3]), 1 + _MONTHS.index(named[2].lower()), int(named[1]))
            found = _PARTS.fullmatch(text)
            if found is None:
                raise ValueError
            first, second, third = int(found[1]), int(found[3]), int(found[4])
            if len(found[1]) == len("2024"):
                return day_of(first, second, third)
            day, month = (first, second) if self.day_first else (second, first)
            return day_of(_year(found[4]), month, day)
        except ValueError:
            raise no.BankValueWrong(place, found=text, wanted=Said("a date")) from None


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == len("24") else 0)


def _bare(text: str) -> str:
    """An amount without its currency, its side and spaces."""
    sided = _SIDE.fullmatch(text)
    return _CURRENCY.sub("", sided[1] if sided else text).replace("−", "-")


@dataclass(frozen=True, slots=True)
class Amounts:
    """`mark`: what stands before the decimals; empty where nothing does, and all marks are of thousands."""

    currency: str
    mark: str = "."

    @classmethod
    def told(cls, cells: Sequence[str], currency: str) -> Amounts:
        """A mark is the decimal one where it comes last of two kinds, or once before other than three digits."""
        for text in cells:
            plain = _bare(text).strip("()+-")
            comma, point = plain.rfind(","), plain.rfind(".")
            if comma >= 0 and point >= 0:
                return cls(currency, "," if comma > point else ".")
            at = max(comma, point)
            if at >= 0 and plain.count(plain[at]) == 1 and len(plain) - 1 - at != 3:
                return cls(currency, plain[at])
        return cls(currency, "." if decimals(currency) == 3 else "")

    def read(self, text: str, place: Place) -> int:
        """An amount in minor units; in brackets, with a minus before or after it, or as DR, it is less than zero."""
        sided = _SIDE.fullmatch(text)
        plain = _bare(text)
        less = plain.startswith(("-", "(")) or plain.endswith(("-", ")"))
        whole, _, part = plain.strip("()+-").partition(self.mark or " ")
        try:
            if not _NUMBER.fullmatch(plain) or not _WHOLE.fullmatch(whole):
                raise ValueError
            if len(part) > decimals(self.currency) and part.strip("0"):
                raise ValueError
            amount = to_minor(f"{re.sub('[.,]', '', whole) or '0'}.{part or '0'}", self.currency)
            if sided and sided[2][0] in "CcHh":
                if less:  # two signs that say different things
                    raise ValueError
                return amount
        except (PoolbookError, ValueError):
            raise no.BankValueWrong(place, found=text, wanted=Said("an amount")) from None
        return -amount if less or sided else amount
