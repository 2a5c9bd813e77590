"""How figures and dates are written for people, in the form of the reader's language: the one place that decides it.

Thousands are separated, and an overspend or underspend is said in words. Amounts stay whole minor units up to here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import cache

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import get_currency_name, get_currency_symbol, get_decimal_symbol, get_group_symbol

from exports.language import ENGLISH, language, locale
from ledger.language import N_, _
from ledger.money import round_half_up, to_text

SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}
"""In English; other currencies are named by their code there, so that no krona or dollar is taken for another."""
_ENGLISH_NAMES = {"GBP": "pounds sterling"}  # as British bodies say it
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
    RATING = "rating"  # a word of English, by which it is coloured; said in the reader's language


WORDS = (Kind.TEXT, Kind.COUNT, Kind.RATING)
"""What stands at the left of its column."""


SIGNED_WORDS = {Kind.VARIANCE: (N_("over"), N_("under")), Kind.SETTLEMENT: (N_("to pay"), N_("to receive")),
                Kind.CHANGE: (N_("more"), N_("less"))}
"""The words that stand for plus and minus, after the amount; a bare sign is never printed for these."""
_SMALL = (N_("no"), N_("one"), N_("two"), N_("three"), N_("four"), N_("five"), N_("six"), N_("seven"), N_("eight"),
          N_("nine"))


@dataclass(frozen=True, slots=True)
class _Form:
    """How a language writes numbers: what stands between thousands, before decimals, round a currency or percent."""

    group: str
    point: str
    before: str  # ¤ stands for the currency
    after: str
    percent: str


@cache
def _form(tag: str, of: Locale) -> _Form:
    money = of.currency_formats["standard"]
    return _Form(_wide(get_group_symbol(of)), get_decimal_symbol(of), _wide(money.prefix[0]), _wide(money.suffix[0]),
                 _wide(of.percent_formats[None].suffix[0]))


def _wide(text: str) -> str:
    """Not every typeface has the narrow space that some languages ask for."""
    return text.replace("\u202f", SPACE)


def _here() -> _Form:
    return _form(language(), locale())


def tag() -> str:
    """The reader's language as documents declare it: `en-GB`."""
    return str(locale()).replace("_", "-")


def counted(number: int) -> str:
    """A count, with its thousands separated."""
    return f"{number:,}".replace(",", _here().group)


def plain(minor: int, currency: str) -> str:
    """An amount as tables print it, without the currency: `1,234.50`, `−1,234.50`."""
    whole, point, part = to_text(abs(minor), currency).partition(".")
    return f"{MINUS if minor < 0 else ''}{counted(int(whole))}{_here().point if point else ''}{part}"


def money(minor: int, currency: str) -> str:
    """An amount in a sentence, with its currency: `£1,234.50`, `SEK 1,234.50`."""
    return f"{MINUS if minor < 0 else ''}{with_currency(plain(abs(minor), currency), currency)}"


def with_currency(text: str, currency: str) -> str:
    """A written number with its currency where the language has it, before or after."""
    sign = symbol(currency)
    gap = SPACE if sign[-1].isalpha() else ""
    form = _here()
    return f"{form.before.replace('¤', sign + gap)}{text}{form.after.replace('¤', sign)}"


def symbol(currency: str) -> str:
    """A currency's sign in the reader's language: `£`, `SEK`, in Swedish `kr`."""
    return SYMBOLS.get(currency, currency) if language() == ENGLISH else get_currency_symbol(currency, locale())


def currency_name(currency: str) -> str:
    """A currency's name in the plural: `pounds sterling`, `Swedish kronor`."""
    own = _ENGLISH_NAMES.get(currency) if language() == ENGLISH else None
    return own or get_currency_name(currency, count=2, locale=locale())


def signed_words(kind: Kind) -> tuple[str, str]:
    """The words for plus and minus in the reader's language."""
    plus, minus = SIGNED_WORDS[kind]
    return _(plus), _(minus)


def signed(minor: int, kind: Kind, currency: str) -> str:
    """A variance or a settlement with its word in place of a sign: `1,234.50 over`."""
    plus, minus = signed_words(kind)
    return plain(0, currency) if not minor else f"{plain(abs(minor), currency)} {plus if minor > 0 else minus}"


def short(tenths: int) -> str:
    """A rounded number, with one decimal where it needs one: `2`, `2.5`."""
    return f"{counted(tenths // 10)}{_here().point}{tenths % 10}" if tenths % 10 else counted(tenths // 10)


def percent(part: int, whole: int) -> str:
    """A share in percent with one decimal, halves away from zero; never `0.0%` for what is not nothing."""
    if not whole:
        return _("no plan") if part else _percent(0)
    tenths = round_half_up(Fraction(abs(part), abs(whole)) * 1000)
    return _("under {share}").format(share=_percent(1)) if part and not tenths else _percent(tenths)


def _percent(tenths: int) -> str:
    return f"{counted(tenths // 10)}{_here().point}{tenths % 10}{_here().percent}"


def whole_percent(share: Fraction) -> str:
    """A threshold in whole percent: `5%`."""
    return f"{round_half_up(share * 100)}{_here().percent}"


def over_or_under(variance: int, currency: str) -> str:
    """`an overspend of £12.00`, `an underspend of £12.00`, or `exactly on plan`."""
    if not variance:
        return _("exactly on plan")
    amount = money(abs(variance), currency)
    return (_("an overspend of {amount}") if variance > 0 else _("an underspend of {amount}")).format(amount=amount)


def day(when: dt.date) -> str:
    """`31 March 2019`."""
    return format_date(when, "long", locale=locale())


def clock(when: dt.datetime) -> str:
    """`8 April 2019, 09:30 UTC`."""
    zone = when.strftime("%Z") if when.tzinfo else ""
    time = format_time(when.time(), "short", locale=locale())
    return f"{day(when)}, {time}{' ' if zone else ''}{zone}"


def listed(items: Sequence[str]) -> str:
    """`a, b and c`; `a, of x; b; and c` where an item has a comma of its own."""
    if len(items) > 1 and any(", " in item for item in items):
        return _("{others}; and {last}").format(others="; ".join(items[:-1]), last=items[-1])
    return format_list(list(items), locale=locale())


def number_word(count: int) -> str:
    """Small numbers in words, as in running text."""
    return _(_SMALL[count]) if count < len(_SMALL) else counted(count)


def capital(text: str) -> str:
    """A sentence that begins with a name or an amount, with a capital."""
    return text[:1].upper() + text[1:]


def cell(value: Value, kind: Kind, currency: str) -> str:
    """What a table prints for a value; nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, int):
        if kind is Kind.COUNT:
            return counted(value)
        return signed(value, kind, currency) if kind in SIGNED_WORDS else plain(value, currency)
    return _(str(value)) if kind is Kind.RATING else str(value)
