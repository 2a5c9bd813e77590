"""Money as whole minor units of an ISO 4217 currency, and the one way in which a whole is split: largest remainder.

No float ever touches an amount: text or `Decimal` comes in, `int` minor units (pence, cents, krona) are kept, and
shares are `Fraction`s. Source of the decimals: ISO 4217 list one, minor unit column.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from ledger.errors import PoolbookError

_AMOUNT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
LARGEST = 10**15  # minor units; ten trillion pounds is more than any pool, and far inside a 64-bit integer
LARGEST_SUM = 2**63 - 1  # what the books can hold in all

_DECIMALS = {0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
             3: "BHD IQD JOD KWD LYD OMR TND", 4: "CLF UYW"}
_TWO = """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC
CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES
KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR
NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT
TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"""
CURRENCIES = {code: places for places, codes in {2: _TWO, **_DECIMALS}.items() for code in codes.split()}


class CurrencyUnknown(PoolbookError):
    code = "currency-unknown"
    what = "{currency!r} is not an ISO 4217 currency code"
    remedy = "write the three-letter code of the partnership's currency, for example GBP, EUR, SEK or ISK"


class AmountUnreadable(PoolbookError):
    code = "amount-unreadable"
    what = "{text!r} is not an amount of money"
    remedy = "write digits with a full stop before the decimals and no thousands separator, for example 1250000.50"


class AmountTooFine(PoolbookError):
    code = "amount-too-fine"
    what = "{text} has more than the {places} decimals of {currency}"
    remedy = "round it to {places} decimals; Poolbook never rounds what it is given"


class AmountTooLarge(PoolbookError):
    code = "amount-too-large"
    what = "{text} {currency} is beyond what one amount may be"
    remedy = "check for a misplaced decimal point; split a real amount of this size into several"


def decimals(currency: str) -> int:
    """How many decimals the currency has (GBP 2, ISK 0, KWD 3)."""
    try:
        return CURRENCIES[currency]
    except KeyError:
        raise CurrencyUnknown(currency=currency) from None


def to_minor(amount: str | int | Decimal, currency: str, largest: int = LARGEST) -> int:
    """An amount in whole minor units, exactly; refuses what does not fit the currency instead of rounding it."""
    places = decimals(currency)
    text = f"{amount:f}" if isinstance(amount, Decimal) else str(amount).strip()
    if not _AMOUNT.fullmatch(text):
        raise AmountUnreadable(text=str(amount))
    if len(text) > 40:
        raise AmountTooLarge(text=f"{text[:20]}…", currency=currency)
    whole, _, part = text.lstrip("+-").partition(".")
    if part[places:].strip("0"):
        raise AmountTooFine(text=str(amount), places=places, currency=currency)
    minor = int(whole + part[:places].ljust(places, "0"))
    if minor > largest:
        raise AmountTooLarge(text=str(amount), currency=currency)
    return -minor if text.startswith("-") else minor


def from_text(text: str, currency: str) -> int:
    """A sum that `to_text` wrote, in whole minor units; a sum of amounts may be more than one amount may be."""
    return to_minor(text, currency, LARGEST_SUM)


def to_text(minor: int, currency: str) -> str:
    """The amount as the decimal string that files carry: `-1234.50`."""
    places = decimals(currency)
    digits = str(abs(minor)).rjust(places + 1, "0")
    whole, part = (digits[:-places], digits[-places:]) if places else (digits, "")
    return f"{'-' if minor < 0 else ''}{whole}{'.' if places else ''}{part}"


def round_half_up(value: Fraction) -> int:
    """The nearest whole number, halves away from zero (as an accountant rounds by hand)."""
    size = abs(value)
    whole = (2 * size.numerator + size.denominator) // (2 * size.denominator)
    return whole if value >= 0 else -whole


def largest_remainder(quotas: Sequence[Fraction | int]) -> list[int]:
    """Whole numbers nearest to exact quotas whose sum is whole; ties go to the earlier.

    Each part is its quota's floor, and the units left over go to the largest fractions (Hamilton's method). Where
    most of the total is negative the parts are taken on the absolute amount and the sign is restored (AGREEMENTS 2.6).
    """
    total = sum(quotas, Fraction(0))
    assert total.denominator == 1, "quotas must total a whole number of minor units"
    sign = -1 if total < 0 else 1
    sizes = [Fraction(quota) * sign for quota in quotas]
    parts = [size.numerator // size.denominator for size in sizes]
    left = total.numerator * sign - sum(parts)
    by_remainder = sorted(range(len(sizes)), key=lambda i: (parts[i] - sizes[i], i))
    for i in by_remainder[:left]:
        parts[i] += 1
    assert sum(parts) == total.numerator * sign, "the parts of a split sum to its whole"
    return [part * sign for part in parts]


def split(total: int, weights: Sequence[Fraction | int]) -> list[int]:
    """`total` in proportion to `weights` (not negative, not all zero), as whole minor units that sum to it."""
    assert weights, "a split needs parties"
    assert all(weight >= 0 for weight in weights), "weights are not negative"
    whole = sum(weights, Fraction(0))
    if total == 0:
        return [0] * len(weights)
    assert whole > 0, "a split needs a weight"
    return largest_remainder([Fraction(total) * weight / whole for weight in weights])


def grouped(minor: int, currency: str) -> str:
    """The amount for people: `1,234,567.89`."""
    whole, _, part = to_text(minor, currency).lstrip("-").partition(".")
    return f"{'-' if minor < 0 else ''}{int(whole):,}{'.' if part else ''}{part}"
