"""The axis of a chart of money, in whole minor units, and where a bar's amount is printed.

Places on the drawing are lengths, so they are floats; no amount of money is.
"""

from __future__ import annotations

from dataclasses import dataclass

from exports.words import SYMBOLS
from ledger.money import decimals


@dataclass(frozen=True, slots=True)
class Scale:
    """The chart's axis: the largest tick in minor units, and the ticks with their words."""

    top: int
    ticks: tuple[tuple[int, str], ...]


def scale(largest: int, currency: str) -> Scale:
    """Ticks at 1, 2 or 5 times a power of ten, three to six of them."""
    unit: int = 10 ** decimals(currency)
    step = next(s for power in range(16) for s in (unit * 10**power, 2 * unit * 10**power, 5 * unit * 10**power)
                if s * 5 >= largest)
    top = -(-max(largest, 1) // step) * step
    size, letter = next(((size, letter) for size, letter in ((10**9, "bn"), (10**6, "m"), (10**3, "k"))
                         if top >= size * unit), (1, ""))
    symbol = SYMBOLS.get(currency, f"{currency} ")
    ticks = range(0, top + 1, step)
    return Scale(top, tuple((tick, f"{symbol}{_tenths(tick, size * unit)}{letter if tick else ''}") for tick in ticks))


def _tenths(tick: int, size: int) -> str:
    """A tick in thousands or millions, with one decimal where it needs one."""
    whole, rest = divmod(tick * 10 // size, 10)
    return f"{whole:,}.{rest}" if rest else f"{whole:,}"


def place(size: float, end: float, plan: float, limit: float) -> tuple[float, bool]:
    """Where the amount of a bar from 0 to `end` is printed, and whether that is on the bar.

    On the bar where it is clear of the plan's line; else between bar and line, or after both within `limit`.
    """
    if end > size + 7 and (plan < 1 or plan > size + 6):
        return 3, True
    if plan - end > size + 10:
        return end + 4, False
    if max(end, plan) + 4 + size <= limit or end <= size + 7:
        return max(end, plan) + 4, False
    return end - size - 3, True
