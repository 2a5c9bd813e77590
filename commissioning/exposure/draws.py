"""Draws years from stated chances. Chance alone is in floating point here; what leaves is whole millionths.

The same seed gives the same years: each factor has a stream of its own, named by the seed and the factor, so that one
more service, or a change of its chances, leaves the draws of all others as they were. Correlated factors are drawn by a
Gaussian copula: normal numbers with the stated correlations, turned into chances, then into each factor's own values.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from math import exp, log, sqrt
from random import Random
from statistics import NormalDist

from commissioning.exposure.terms import Chance, LogNormal, Normal, Triangular, Uncertainty, Uniform

MILLION = 10**6
_NORMAL = NormalDist()
_STEPS = 2**53
_FURTHEST = 10**6  # percent or months; beyond it nothing is meant, and whole numbers stay small

Draws = Mapping[str, Sequence[int]]
"""By factor, one number a year, in millionths of a percent (demand, price) or of a month (timing)."""


def draw(terms: Uncertainty) -> dict[str, list[int]]:
    """Every stated factor's changes, year by year."""
    chances = {name: _chances(Random(f"{terms.seed} {name}"), terms.draws)  # noqa: S311  # chances, not secrets
               for name in terms.factors}
    chances.update(_together(terms, chances))
    found = {}
    for name, chance in terms.factors.items():
        value = _quantile(chance)
        found[name] = [_whole(value(at)) for at in chances[name]]
    return found


def _chances(stream: Random, count: int) -> list[float]:
    """Numbers strictly between 0 and 1, all alike likely."""
    return [(stream.getrandbits(53) + 1 / 2) / _STEPS for _ in range(count)]


def _together(terms: Uncertainty, chances: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """The chances of correlated factors, mixed."""
    names = terms.correlated
    if not names:
        return {}
    lower, sizes = terms.mixing()
    rows = [[float(part) * sqrt(size) for part, size in zip([*line, 1], sizes, strict=False)]
            for line in lower]
    plain = [[_NORMAL.inv_cdf(at) for at in chances[name]] for name in names]
    return {name: [_inside(_NORMAL.cdf(sum(part * z for part, z in zip(row, year, strict=False))))
                   for year in zip(*plain, strict=True)] for name, row in zip(names, rows, strict=True)}


def _inside(chance: float) -> float:
    """A chance that rounding took to 0 or 1 is brought back."""
    return min(max(chance, 1 / _STEPS), 1 - 1 / _STEPS)


def _whole(value: float) -> int:
    """The one place where a drawn number becomes a whole one."""
    return round(min(max(value, -_FURTHEST), _FURTHEST) * MILLION)


def _quantile(chance: Chance) -> Callable[[float], float]:
    """The value below which a factor stays with a given chance."""
    if chance.discrete is not None:
        values = sorted(chance.discrete)
        upto = [float(part) / 100 for part in accumulate(chance.discrete[value] for value in values)]
        return lambda at: float(values[min(bisect_left(upto, at), len(values) - 1)])
    one = chance.normal or chance.lognormal or chance.triangular or chance.uniform
    assert one is not None, "exactly one distribution is stated"
    return _continuous(one)


def _continuous(one: Normal | LogNormal | Triangular | Uniform) -> Callable[[float], float]:
    if isinstance(one, Normal):
        mean, sd = float(one.mean), float(one.sd)
        return lambda at: mean + sd * _NORMAL.inv_cdf(at)
    if isinstance(one, LogNormal):  # of 100 + change, so that all of it stays above nothing
        mean, sd = float(100 + one.mean), float(one.sd)
        spread = sqrt(log(1 + (sd / mean) ** 2))
        centre = log(mean) - spread**2 / 2
        return lambda at: exp(centre + spread * _NORMAL.inv_cdf(at)) - 100
    low, high = float(one.low), float(one.high)
    if isinstance(one, Uniform):
        return lambda at: low + (high - low) * at
    mode = float(one.mode)

    def triangular(at: float) -> float:
        if at * (high - low) < mode - low:
            return low + sqrt(at * (high - low) * (mode - low))
        return high - sqrt((1 - at) * (high - low) * (high - mode))
    return triangular
