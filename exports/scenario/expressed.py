"""What a basis's shares can be in cells: common whole weights, exact parts of an amount, or only the engine's.

Whole weights are what people can follow with a calculator. Exact parts are for shares that depend on the amount, for
floors and ceilings, and where weights that are multiplied would grow beyond what cells hold.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from fractions import Fraction
from math import factorial, lcm, prod

from allocation.bases.fixed import Fixed
from allocation.bases.formula import Formula
from allocation.bases.parties import Parties
from allocation.bases.shapley import Shapley
from allocation.bases.weight import Weight as ByWeight
from allocation.basis import Basis
from commissioning.agreement.model import Agreement
from commissioning.scenario.values import NESTED_PLACES, limit_scale, table_scale
from exports.scenario import bases
from exports.scenario.exact import Part
from exports.scenario.given import Sharing
from exports.scenario.model import Term
from exports.scenario.split import FINE, LARGE

MOST_PARTIES = 5  # of a Shapley value: 31 coalitions, each an input and a term of a formula
UNITS = 10**7  # what units used are taken to total where nothing says so
TENFOLD = 10  # as much as inputs may grow within what cells hold exactly
FINEST_LIMIT = 10**6  # the parts of a whole in which floors and ceilings may be: percentages with four decimals

Write = Callable[[Basis, Sharing], tuple[list[tuple[str, Term]], int]]
"""The figures of a basis by party, as terms, and the most that they can total."""
_MODULES = {info.name: importlib.import_module(f"{bases.__name__}.{info.name}")
            for info in pkgutil.iter_modules(bases.__path__)}
KINDS: Mapping[str, Write] = {name: module.weights for name, module in _MODULES.items() if hasattr(module, "weights")}
EXACT: Mapping[str, Callable[[Basis, Sharing], Mapping[str, Part]]] = {
    name: module.parts for name, module in _MODULES.items() if hasattr(module, "parts")}
"""Those that are exact parts of the amount, always or where their weights are too large."""
PRODUCTS: Mapping[str, Callable[[Basis, Sharing], Mapping[str, Part]]] = {
    name: module.products for name, module in _MODULES.items() if hasattr(module, "products")}
"""Those whose figures, where they are too large for whole weights, are exact with a fraction."""


def expresses(basis: Basis, agreement: Agreement) -> bool:
    """Whether the workbook writes this basis as formulas, so that its own figures can be inputs."""
    inner = inner_of(basis, agreement)
    if basis.name not in _MODULES or any(one.otherwise == "last_agreed" or not expresses(one, agreement)
                                         for one in inner):
        return False
    if isinstance(basis, Shapley) and len(basis.values) > MOST_PARTIES:
        return False
    if (basis.floor or basis.ceiling) and 100 * limit_scale(basis) > FINEST_LIMIT:
        return False
    return _most_divided_by(basis, agreement) <= LARGE


def _most_divided_by(basis: Basis, agreement: Agreement) -> int:
    """The most that one division is by: weights together, but each table by itself where they need no multiplying."""
    if isinstance(basis, ByWeight):
        return max(TENFOLD**2 * _whole(max(table.values(), default=Fraction(1)), table)
                   for table in (basis.values, *basis.times))
    if isinstance(basis, Formula):
        return max(sum(_whole(x, one.values) for x in one.values.values()) for one in basis.indicators)
    return 0 if basis.name in EXACT else level(basis, agreement)


def common(basis: Basis, agreement: Agreement) -> bool:
    """Whether its shares are whole weights, whatever is shared."""
    return not (basis.floor or basis.ceiling) and weighed(basis, agreement)


def weighed(basis: Basis, agreement: Agreement) -> bool:
    """Whether they are, but for its own floors and ceilings."""
    if basis.name not in KINDS or (isinstance(basis, Formula) and basis.base > 0):
        return False
    inner = inner_of(basis, agreement)
    if not all(common(one, agreement) for one in inner):
        return False
    bounded = not inner and basis.name not in EXACT and basis.name not in PRODUCTS
    return bounded or size(basis, agreement) <= FINE // TENFOLD


def inner_of(basis: Basis, agreement: Agreement) -> list[Basis]:
    """What divides the groups among a basis's parties."""
    groups = agreement.parties
    return [basis.inner(name, groups) for name in basis.sharers() or () if name in groups]


def level(basis: Basis, agreement: Agreement) -> int:
    """What the weights of a basis come to in whole numbers, before groups are divided."""
    if isinstance(basis, Fixed | Parties):
        table = list(basis.percent.values()) if isinstance(basis, Fixed) else [one.percent for one in basis.parties]
        places, parts = table_scale(table, NESTED_PLACES)
        return 100 * int(10**places) * parts
    if isinstance(basis, ByWeight):
        return max(_weights_size(basis), 1)
    if isinstance(basis, Formula):
        under = lcm(*(one.weight.denominator for one in basis.indicators))
        return under * prod(max(sum(_whole(x, one.values) for x in one.values.values()), 1)
                            for one in basis.indicators if one.weight)
    if isinstance(basis, Shapley):
        return factorial(len(basis.values)) * sum(_whole(cost, basis.costs) for cost in basis.costs.values())
    if basis.name in ("activity", "contribution") and getattr(basis, "round_percent", None) is not None:
        return 100 * int(10**basis.round_percent)  # type: ignore[attr-defined]
    sizes = {"equal": len(agreement.partners), "activity": UNITS}
    return sizes.get(basis.name) or _money(agreement)


def size(basis: Basis, agreement: Agreement) -> int:
    """The same with groups divided: a group's part × what its members count for."""
    return level(basis, agreement) * prod(size(one, agreement) for one in inner_of(basis, agreement))


def _weights_size(basis: ByWeight) -> int:
    size = 0
    for name, value in basis.values.items():
        figure = _whole(value, basis.values)
        for times in basis.times:
            figure *= _whole(times.get(name, Fraction(1)), times)
        size += figure
    return size


def _money(agreement: Agreement) -> int:
    """What all contributions come to in a year, at least one in minor units."""
    return max(sum(line.amount or line.total or 0 for line in version.contributions)
               for version in agreement.versions()) or 1


def _whole(value: Fraction, table: Mapping[str, Fraction]) -> int:
    places, parts = table_scale(list(table.values()), 0)
    return int(value * int(10**places) * parts)


def looks_at_inputs(basis: Basis, agreement: Agreement) -> bool:
    """Whether a basis that stands as the engine's shares depends on something that is an input."""
    by_amount = basis.name == "claims" or (isinstance(basis, Formula) and basis.base > 0)
    planned = basis.name == "contribution" and getattr(basis, "measure", "") == "planned"
    by_amount = by_amount or basis.name == "activity" or basis.otherwise == "last_agreed"
    return by_amount or planned or any(
        looks_at_inputs(one, agreement) or (expresses(one, agreement) and one.name != "equal")
        for one in inner_of(basis, agreement))

