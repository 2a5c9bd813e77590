"""How figures and dates are written for people: thousands separated, overspend and underspend in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import Enum
from fractions import Fraction

from ledger.money import round_half_up, to_text

SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}
CURRENCY_NAMES = {"GBP": "pounds sterling", "EUR": "euros", "USD": "US dollars", "SEK": "Swedish kronor",
                  "NOK": "Norwegian kroner", "DKK": "Danish kroner", "ISK": "Icelandic krónur",
                  "HUF": "Hungarian forints", "RON": "Romanian lei", "PLN": "Polish złoty", "CHF": "Swiss francs"}
SPACE = "\u00a0"
MINUS = "\u2212"

Value = str | int | Fraction | None


class Kind(Enum):
    """What a column holds, and so how each face writes it."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    VARIANCE = "variance"  # > 0 is an overspend
    SETTLEMENT = "settlement"  # > 0: the partner pays the pool
    CHANGE = "change"  # > 0: more than today
    PERCENT = "percent"
    RATING = "rating"


SIGNED_WORDS = {Kind.VARIANCE: ("over", "under"), Kind.SETTLEMENT: ("to pay", "to receive"),
                Kind.CHANGE: ("more", "less")}
"""The words that stand for plus and minus; a bare sign is never printed for these."""


def plain(minor: int, currency: str) -> str:
    """An amount as tables print it, without the currency: `1,234.50`, `−1,234.50`."""
    whole, point, part = to_text(abs(minor), currency).partition(".")
    return f"{MINUS if minor < 0 else ''}{int(whole):,}{point}{part}"


def money(minor: int, currency: str) -> str:
    """An amount in a sentence, with its currency: `£1,234.50`, `SEK 1,234.50`."""
    sign = MINUS if minor < 0 else ""
    symbol = SYMBOLS.get(currency, currency + SPACE)
    return f"{sign}{symbol}{plain(abs(minor), currency)}"


def signed(minor: int, kind: Kind, currency: str) -> str:
    """A variance or a settlement with its word in place of a sign: `1,234.50 over`."""
    plus, minus = SIGNED_WORDS[kind]
    return plain(0, currency) if not minor else f"{plain(abs(minor), currency)} {plus if minor > 0 else minus}"


def percent(part: int, whole: int) -> str:
    """A share in percent with one decimal, halves away from zero; never `0.0%` for what is not nothing."""
    if not whole:
        return "no plan" if part else "0.0%"
    ratio = Fraction(abs(part), abs(whole))
    tenths = round_half_up(ratio * 1000)
    return "under 0.1%" if part and not tenths else f"{tenths // 10:,}.{tenths % 10}%"


def over_or_under(variance: int, currency: str) -> str:
    """`an overspend of £12.00`, `an underspend of £12.00`, or `exactly on plan`."""
    if not variance:
        return "exactly on plan"
    return f"an {noun(variance)} of {money(abs(variance), currency)}"


def noun(variance: int) -> str:
    """`overspend` or `underspend`."""
    return "overspend" if variance > 0 else "underspend"


def day(when: dt.date) -> str:
    """`31 March 2019`."""
    return f"{when.day} {when:%B %Y}"


def clock(when: dt.datetime) -> str:
    """`8 April 2019, 09:30 UTC`."""
    zone = when.strftime("%Z") if when.tzinfo else ""
    return f"{day(when)}, {when:%H:%M}{' ' if zone else ''}{zone}"


def listed(items: Sequence[str]) -> str:
    """`a, b and c`; `a, of x; b; and c` where an item has a comma of its own."""
    if len(items) > 1 and any(", " in item for item in items):
        return "; ".join([*items[:-1], f"and {items[-1]}"])
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def number_word(count: int) -> str:
    """Small numbers in words, as in running text."""
    names = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return names[count] if count < len(names) else str(count)


def cell(value: Value, kind: Kind, currency: str) -> str:
    """What a table prints for a value; nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, int):
        if kind is Kind.COUNT:
            return f"{value:,}"
        return signed(value, kind, currency) if kind in SIGNED_WORDS else plain(value, currency)
    return str(value)
