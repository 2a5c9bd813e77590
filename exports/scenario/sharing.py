"""By what something is shared, in cells: each partner's whole weight, from the basis's own file in `bases`.

A basis without a file, or with limits or groups whose weights would grow beyond what cells hold exactly, stands as the
engine's shares. Where these depend on an input they are marked as constants that do not follow it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from math import lcm, prod
from typing import cast

from allocation.bases.claims import Claims
from allocation.bases.fixed import Fixed
from allocation.bases.formula import Formula
from allocation.bases.parties import Parties
from allocation.bases.weight import Weight as ByWeight
from allocation.basis import Basis
from allocation.groups import behind, member_facts
from commissioning.agreement import Agreement
from commissioning.scenario_levers import NESTED_PLACES, limit_scale, table_scale
from exports.scenario import bases
from exports.scenario.exact import Sums
from exports.scenario.given import Sharing
from exports.scenario.limited import limited
from exports.scenario.model import Frozen, Ref, Term, plus
from exports.scenario.split import FINE, LARGE, SMALL, Weight, Weights
from ledger.errors import PoolbookError
from ledger.money import largest_remainder

BY_AMOUNT = frozenset({"claims"})
UNITS = 10**7  # what units used are taken to total where nothing says so


Write = Callable[[Basis, Sharing], tuple[list[tuple[str, Term]], int]]
"""The figures of a basis by party, as terms, and the most that they can total."""
_MODULES = {info.name: importlib.import_module(f"{bases.__name__}.{info.name}")
            for info in pkgutil.iter_modules(bases.__path__)}
KINDS: Mapping[str, Write] = {name: module.weights for name, module in _MODULES.items()}
EXACT: Mapping[str, Callable[[Basis, Sharing], Sums]] = {
    name: module.parts for name, module in _MODULES.items() if hasattr(module, "parts")}


def expresses(basis: Basis, agreement: Agreement) -> bool:
    """Whether the workbook writes this basis as formulas, so that its own figures can be inputs."""
    if basis.name not in KINDS:
        return False
    inner = _inner(basis, agreement)
    if by_parts(basis):
        return not (basis.floor or basis.ceiling or inner)
    if any(by_parts(one) or one.name in BY_AMOUNT or one.otherwise == "last_agreed" or one.floor or one.ceiling
           for one in inner):
        return False
    plain = basis.name in ("fixed", "parties", "equal", "weight", "contribution") and not inner and not (
        basis.floor or basis.ceiling)
    return plain or (all(expresses(one, agreement) for one in inner) and _size(basis, agreement) <= FINE // 10)


def by_parts(basis: Basis) -> bool:
    """Whether its shares are exact parts of the amount rather than common weights."""
    return isinstance(basis, Formula) and basis.base > 0


def _inner(basis: Basis, agreement: Agreement) -> list[Basis]:
    """What divides the groups among a basis's parties."""
    groups = agreement.parties
    return [basis.inner(name, groups) for name in basis.sharers() or () if name in groups]


def _size(basis: Basis, agreement: Agreement) -> int:
    """What the weights of a basis come to in whole numbers: a group's part × what its members count for."""
    size = prod(_size(one, agreement) for one in _inner(basis, agreement))
    if basis.floor or basis.ceiling:
        size *= 100 * limit_scale(basis)
    if basis.name in ("fixed", "parties"):
        table = list(basis.percent.values()) if isinstance(basis, Fixed) else [
            party.percent for party in cast("Parties", basis).parties]
        places, parts = table_scale(table, NESTED_PLACES)
        return size * 100 * int(10**places) * parts
    if isinstance(basis, ByWeight):
        return size * max(_weights_size(basis), 1)
    if isinstance(basis, Formula):
        under = lcm(*(one.weight.denominator for one in basis.indicators))
        return size * under * prod(max(sum(_whole(x, one.values) for x in one.values.values()), 1)
                                   for one in basis.indicators if one.weight)
    if isinstance(basis, Claims):
        return size * sum(basis.claims.values()) * len(basis.claims) * 2
    sizes = {"equal": len(agreement.partners), "activity": UNITS, "contribution": _money(agreement)}
    if basis.name in ("activity", "contribution") and getattr(basis, "round_percent", None) is not None:
        return size * 100 * int(10**basis.round_percent)  # type: ignore[attr-defined]
    return size * sizes[basis.name]


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


def shared_out(at: Sharing, what: str, amount: Term) -> Mapping[str, Ref]:
    """An amount (either sign) divided by a basis to the penny: by common weights, or by exact parts."""
    size = amount if not isinstance(amount, str) else at.line("amount to be divided", "", amount)
    at = replace(at, amount=f"ABS({size})")
    if not (by_parts(at.given) and expresses(at.given, at.bench.base.agreement)):
        return at.bench.splits.split(what, size, partner_weights(at))
    return at.bench.exact.settle(what, size, EXACT[at.given.name](at.given, at).terms, at.facts.partners)


def partner_weights(at: Sharing) -> Weights:
    """Each partner's weight, in the file's order of partners."""
    agreement = at.bench.base.agreement
    if by_parts(at.given) or not expresses(at.given, agreement):
        return _engines(at)
    figures, most = KINDS[at.given.name](at.given, at)
    figures = [(name, term) for name, term in figures if at.facts.may_share(name)]
    figures, most = _divided(figures, most, at)
    figures, most = _otherwise(figures, most, at)
    if at.given.floor or at.given.ceiling:
        figures, most = limited(at, figures, most)
    place = {partner: i for i, partner in enumerate(at.facts.partners)}
    parts = sorted((Weight(name, term) for name, term in figures), key=lambda w: place.get(w.party, len(place)))
    return Weights(tuple(parts), most)


def _divided(figures: list[tuple[str, Term]], most: int, at: Sharing) -> tuple[list[tuple[str, Term]], int]:
    """The figures of groups divided among their members: what the group counts for × the member's part of it."""
    groups = at.facts.groups
    inside: dict[str, Weights] = {}
    for name, _ in figures:
        if name in groups:
            members = groups[name].members
            inner = at.given.inner(name, groups)
            own = getattr(at.given, "parties", None)
            within = own is not None and any(p.group == name and p.within is not None for p in own)
            path = f"{at.path}.parties.{name}.within" if within else f"groups.{name}.shares"
            facts = replace(member_facts(at.facts, name, Fraction(1)), taking_part=members, members=members)
            inside[name] = partner_weights(replace(
                at, path=path, given=inner, facts=facts, what=f"{at.what}, {name}",
                contributions=_together(at.contributions, members, at), units=_together(at.units, members, at)))
    if not inside:
        return figures, most
    wholes = {name: at.bench.total("Shares", f"{at.what}: weights within {name}", name,
                                   [part.weight for part in weights.parts])
              for name, weights in inside.items()}
    found: dict[str, list[str]] = {}
    for name, term in figures:
        others = "".join(f"*{whole}" for other, whole in wholes.items() if other != name)
        for part in inside[name].parts if name in inside else (Weight(name, 1),):
            found.setdefault(part.party, []).append(f"{term}*{part.weight}{others}")
    for weights in inside.values():
        most *= weights.most
    return [(name, at.bench.line("Shares", f"{at.what}: weight", name, "+".join(terms),
                                 "what the group counts for × the member's weight × the other groups' totals"))
            for name, terms in found.items()], most


def _together(figures: Mapping[str, Term], members: Iterable[str], at: Sharing) -> dict[str, Term]:
    """What the members of a group have, a group among them as one."""
    found: dict[str, Term] = {}
    for name in members:
        some = [figures[p] for p in behind(name, at.facts.groups) if p in figures]
        if some:
            found[name] = some[0] if len(some) == 1 else f"({plus(some)})"
    return found


def _otherwise(figures: list[tuple[str, Term]], most: int, at: Sharing) -> tuple[list[tuple[str, Term]], int]:
    """Where every figure is zero: whoever takes part counts for one, or the shares are as last agreed."""
    if at.given.otherwise == "refuse":
        return figures, most
    whole = at.bench.total("Shares", f"{at.what}: all figures together", "", [term for _, term in figures],
                           f"{at.given.otherwise.replace('_', ' ')} where this is zero")
    terms = dict(figures)
    if at.given.otherwise == "equal":
        other: Mapping[str, Term] = dict.fromkeys(at.taking, 1)
    else:
        other, more = _last(at)
        most = max(most, more)
    names = list(dict.fromkeys([*(name for name, _ in figures), *other]))
    return [(name, at.line("weight", name, f"IF({whole}=0,{other.get(name, 0)},{terms.get(name, 0)})"))
            for name in names], most


def _last(at: Sharing) -> tuple[Mapping[str, Term], int]:
    """What everybody last counted for, by the engine; marked where an input may have a part in that."""
    last = {name: share for name, share in (at.facts.last or {}).items() if at.facts.may_share(name)}
    under = lcm(*(share.denominator for share in last.values()))
    sizes = [int(share * under) for share in last.values()] if under <= LARGE else largest_remainder(
        [share * LARGE for share in last.values()])
    paid = getattr(at.given, "measure", "") == "paid" and len(at.bench.base.agreement.versions()) == 1
    reason = f"{at.what}: the shares that were last agreed are the engine's"
    return {name: size if paid and under <= LARGE else at.bench.line(
        "Shares", f"{at.what}: as last agreed", name, Frozen(size, reason), "the engine's share")
        for name, size in zip(last, sizes, strict=True)}, LARGE


def _engines(at: Sharing) -> Weights:
    """The engine's own shares as whole weights; marked where an input could change them."""
    amount = at.facts.amount or 10**9
    try:
        shares = dict(at.given.shares(replace(at.facts, amount=amount)))
    except PoolbookError:
        shares = {name: Fraction(1, len(at.taking)) for name in at.taking}
    under = lcm(*(share.denominator for share in shares.values()))
    exact = under <= LARGE
    sizes = [int(share * under) for share in shares.values()] if exact else largest_remainder(
        [share * LARGE for share in shares.values()])
    reason = f"{at.what}: the shares by {at.given.name} are the engine's"
    marked = not exact or looks_at_inputs(at.given, at.bench.base.agreement)
    parts = tuple(Weight(name, at.bench.line("Shares", f"{at.what}: weight", name, Frozen(size, reason),
                                             "the engine's share; it does not follow the inputs") if marked else size)
                  for name, size in zip(shares, sizes, strict=True))
    return Weights(parts, SMALL if sum(sizes) <= SMALL else LARGE)


def looks_at_inputs(basis: Basis, agreement: Agreement) -> bool:
    """Whether a basis that stands as the engine's shares depends on something that is an input."""
    by_amount = basis.name in BY_AMOUNT or (basis.name == "formula" and bool(getattr(basis, "base", 0)))
    planned = basis.name == "contribution" and getattr(basis, "measure", "") == "planned"
    by_amount = by_amount or basis.name == "activity" or basis.otherwise == "last_agreed"
    names = [name for name in basis.sharers() or () if name in agreement.parties]
    inside = [basis.inner(name, agreement.parties) for name in names]
    return by_amount or planned or any(
        looks_at_inputs(one, agreement) or (expresses(one, agreement) and one.name != "equal") for one in inside)

