"""The axis of a chart of money, in whole minor units, and where a bar's amount is printed.

Places on the drawing are lengths, so they are floats; no amount of money is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exports.words import short, with_currency
from ledger.language import N_, _
from ledger.money import decimals

_LETTERS = ((10**9, N_("bn")), (10**6, N_("m")), (10**3, N_("k")))


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
    size, letter = next(((size, letter) for size, letter in _LETTERS if top >= size * unit), (1, ""))
    ticks = range(0, top + 1, step)
    return Scale(top, tuple((tick, with_currency(f"{short(tick * 10 // (size * unit))}{_(letter) if tick else ''}",
                                                 currency)) for tick in ticks))


def place(size: float, end: float, lines: Sequence[float], limit: float) -> tuple[float, bool]:
    """Where the amount of a bar from 0 to `end` is printed, and whether that is on the bar.

    On the bar where it is clear of all lines; else after the bar and between or after the lines, within `limit`;
    where there is no such room, on the bar's end.
    """
    if end > size + 7 and all(line < 1 or line > size + 6 for line in lines):
        return 3, True
    starts = sorted([end, *(line for line in lines if line > end)])
    for start, after in zip(starts, [*starts[1:], limit + 4], strict=True):
        if after - start >= size + 8:
            return start + 4, False
    return (end - size - 3, True) if end > size + 7 else (max(min(starts[-1] + 4, limit - size), 0), False)
