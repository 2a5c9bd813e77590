"""Share basis `formula` in cells: a base for every party, and the rest by indicators.

With a base, or with indicators whose totals are too large to be multiplied, its shares are exact parts of the amount.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import lcm
from typing import cast

from allocation.bases.formula import Formula
from allocation.basis import Basis
from allocation.groups import in_order
from exports.scenario.exact import Part, together
from exports.scenario.given import Sharing
from exports.scenario.model import Ref, Term, plus
from exports.scenario.split import LARGE


def weights(basis: Basis, at: Sharing) -> tuple[list[tuple[str, Term]], int]:
    terms = cast("Formula", basis)
    names = _recipients(terms, at)
    wholes = _wholes(terms, names, at)
    under = lcm(*(indicator.weight.denominator for indicator in terms.indicators))
    found: list[tuple[str, Term]] = []
    for name in names:
        pieces = []
        for k, indicator in enumerate(terms.indicators, 1):
            others = "".join(f"*{whole}" for other, whole in wholes.items() if other != k)
            pieces.append(f"{int(indicator.weight * under)}*{at.own('indicators', k, 'values', name)}{others}")
        found.append((name, at.line("mix of indicators", name, "+".join(pieces),
                                    "each indicator's part × its own value × the other indicators' totals")))
    return found, LARGE * 10


def parts(basis: Basis, at: Sharing) -> Mapping[str, Part]:
    """Each party's exact part of the amount: the base, and its part of what is left by each indicator."""
    terms = cast("Formula", basis)
    names = _recipients(terms, at)
    found, left = _bases(terms, names, at) if terms.base else ({name: [] for name in names}, at.amount)
    wholes = _wholes(terms, names, at)
    for k, indicator in enumerate(terms.indicators, 1):
        what = f"{at.what}: {indicator.name}"
        weight = Fraction(indicator.weight)
        part = at.bench.exact.times(f"{what}, its part of what is left", "", left, weight.numerator,
                                    weight.denominator)
        for name in names:
            found[name].append(at.bench.exact.times(what, name, part, at.own("indicators", k, "values", name),
                                                    wholes.get(k, 0)))
    return {name: together(some) for name, some in found.items()}


def _bases(terms: Formula, names: tuple[str, ...], at: Sharing) -> tuple[dict[str, list[Part]], Part]:
    """What each has as its base, or equal parts where the amount does not reach; and what is left beyond the bases."""
    base, amount, rest, count = at.own("base"), at.amount.whole, at.amount.rest, len(names)
    enough = at.line("all have their base", "", f"IF({amount}>={count}*{base},1,0)",
                     "0: the amount is less than all bases together, and divided equally")
    if not terms.scale_base:
        at.bench.book.checks.append(("Shares", f"{at.what}: the amount reaches for everybody's base",
                                     f"=IF({amount}=0,0,1-{enough})"))
    left = at.line("left beyond the bases", "", f"IF({enough}=1,{amount}-{count}*{base},0)")
    short = at.line("to be divided equally", "", f"IF({enough}=1,0,{amount})")
    beside = [0 if rest == 0 else f"IF({enough}={one},{rest},0)" for one in (1, 0)]
    alike = at.bench.exact.times(f"{at.what}: equal part where bases are not reached", "", Part(short, beside[1]), 1,
                                 count)
    own = Part(at.line("base", "", f"IF({enough}=1,{base},0)"))
    return {name: [own, alike] for name in names}, Part(left, beside[0])


def _recipients(terms: Formula, at: Sharing) -> tuple[str, ...]:
    return in_order((name for name in terms.sharers() if at.facts.may_share(name)), at.facts)


def _wholes(terms: Formula, names: tuple[str, ...], at: Sharing) -> dict[int, Ref]:
    """Each indicator's total over those who share, by its number."""
    return {k: at.line(f"{indicator.name}, all together", "", plus([at.own("indicators", k, "values", name)
                                                                    for name in names]))
            for k, indicator in enumerate(terms.indicators, 1) if indicator.weight}
