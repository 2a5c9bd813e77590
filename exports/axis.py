"""The axis of a chart of money: round ticks and their words, in whole minor units."""

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
