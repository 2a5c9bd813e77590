"""One scale for several shares under floors and ceilings: who is at a limit stays there, the others move together.

For shares w and limits lo, hi it finds the exact λ with Σ clamp(λ·w, lo, hi) = total. That is the end of the hand
method "cut whoever is over, share the excess among the others in proportion, repeat until none is over".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction

from allocation.errors import LimitsInfeasible
from allocation.terms import number_text
from ledger.errors import PoolbookError

ZERO = Fraction(0)


class FloorAboveCeiling(PoolbookError):
    code = "floor-above-ceiling"
    what = "the floor of {partner}, {floor} percent, is above its ceiling of {ceiling} percent"
    remedy = "lower the floor or raise the ceiling"


class LimitWithoutShare(PoolbookError):
    code = "limit-without-share"
    what = "there is a floor or ceiling for {name}, which has no share in this basis"
    remedy = "limits stand on partners that share: {known}; take this one out, or give it a share"


def scale_within(weights: Sequence[Fraction], low: Sequence[Fraction], high: Sequence[Fraction | None],
                 total: Fraction) -> list[Fraction] | None:
    """The shares clamp(λ·w, low, high) that sum to `total`, or None where no λ ≥ 0 does it."""
    def at(scale: Fraction) -> list[Fraction]:
        return [clamp(scale * w, lo, hi) for w, lo, hi in zip(weights, low, high, strict=True)]

    turns = sorted({limit / w for w, lo, hi in zip(weights, low, high, strict=True) if w > 0
                    for limit in (lo, hi) if limit is not None} | {ZERO})
    before = at(turns[0])
    if sum(before) == total:
        return before
    for turn in turns:
        here = at(turn)
        if sum(here) >= total:
            return _between(before, here, total)
        before = here
    free = [w if hi is None else ZERO for w, hi in zip(weights, high, strict=True)]
    if sum(free) == 0 or sum(before) > total:
        return None
    missing = total - sum(before)
    return [part + missing * w / sum(free) for part, w in zip(before, free, strict=True)]


def _between(before: Sequence[Fraction], after: Sequence[Fraction], total: Fraction) -> list[Fraction] | None:
    """The point on the straight line between two turns at which the sum is `total`."""
    low, high = sum(before), sum(after)
    if not low <= total <= high:
        return None
    way = (total - low) / (high - low) if high > low else ZERO
    return [a + way * (b - a) for a, b in zip(before, after, strict=True)]


def clamp(value: Fraction, low: Fraction, high: Fraction | None) -> Fraction:
    """`value`, not below `low` and not above `high` (None: no ceiling)."""
    value = max(value, low)
    return value if high is None else min(value, high)


def limited_shares(shares: Mapping[str, Fraction], floor: Mapping[str, Fraction],
                   ceiling: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Shares that total 1 within floors and ceilings given in percent; refuses limits that cannot be met."""
    if not floor and not ceiling:
        return dict(shares)
    low = [floor.get(p, ZERO) / 100 for p in shares]
    high = [ceiling[p] / 100 if p in ceiling else None for p in shares]
    crossed = any(hi is not None and lo > hi for lo, hi in zip(low, high, strict=True))
    found = None if crossed else scale_within(list(shares.values()), low, high, Fraction(1))
    if found is None:
        raise infeasible(shares, low, high)
    return dict(zip(shares, found, strict=True))


def infeasible(shares: Mapping[str, Fraction], low: Sequence[Fraction],
               high: Sequence[Fraction | None]) -> LimitsInfeasible:
    """The refusal, with what the limits would allow in total."""
    most = sum(((hi if hi is not None else Fraction(1)) if w > 0 else lo
                for w, lo, hi in zip(shares.values(), low, high, strict=True)), ZERO)
    return LimitsInfeasible(least=number_text(100 * sum(low, ZERO)), most=number_text(100 * min(most, Fraction(1))))


def limit_faults(floor: Mapping[str, Fraction], ceiling: Mapping[str, Fraction], parties: Collection[str],
                 idle: Collection[str] = ()) -> Iterator[PoolbookError]:
    """What is wrong with limits that can be known without any figure.

    `parties`: who may share; empty: not known. `idle`: who of them, without its floor, shares nothing by the terms.
    """
    crossed = [p for p in floor if p in ceiling and floor[p] > ceiling[p]]
    for p in crossed:
        yield FloorAboveCeiling(partner=p, floor=number_text(floor[p]), ceiling=number_text(ceiling[p]))
    for name in dict.fromkeys((*floor, *ceiling)):
        if parties and name not in parties:
            yield LimitWithoutShare(name=name, known=", ".join(parties))
    least = sum(floor.values(), ZERO)
    most = sum((floor.get(p, ZERO) if p in idle else ceiling.get(p, Fraction(100)) for p in parties), ZERO) \
        if parties else Fraction(100)
    if not crossed and (least > 100 or most < 100):
        yield LimitsInfeasible(least=number_text(least), most=number_text(min(most, Fraction(100))))
