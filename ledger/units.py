"""Units (packages, days, visits) between whole millionths, as they are kept, and decimal text, as people write them."""

from __future__ import annotations

import re
from fractions import Fraction

from ledger.model import UNIT

_TEXT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")


def units_text(units: int) -> str:
    """Millionths as a decimal string without needless zeros."""
    whole, part = divmod(abs(units), UNIT)
    decimals = f"{part:06}".rstrip("0")
    return f"{'-' if units < 0 else ''}{whole}{'.' if decimals else ''}{decimals}"


def to_units(text: str) -> int:
    """A decimal string with up to six decimals as millionths; a ValueError for any other text."""
    if not _TEXT.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a number with up to six decimals")
    return (Fraction(text) * UNIT).numerator
