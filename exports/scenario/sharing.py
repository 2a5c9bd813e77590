"""By what something is shared, in cells: each partner's whole weight, from the basis's own file in `bases`.

A basis without a file, or with limits or groups whose weights would grow beyond what cells hold exactly, stands as the
engine's shares. Where these depend on an input they are marked as constants that do not follow it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from math import lcm, prod
from typing import cast

from allocation.bases.fixed import Fixed
from allocation.bases.parties import Parties
from allocation.bases.weight import Weight as ByWeight
from allocation.basis import Basis
from commissioning.agreement import Agreement
from commissioning.scenario_levers import NESTED_PLACES, table_scale
from exports.scenario import bases
from exports.scenario.given import Sharing
from exports.scenario.model import Frozen, Term
from exports.scenario.split import LARGE, SMALL, Weight, Weights
from ledger.errors import PoolbookError
from ledger.money import largest_remainder

BY_AMOUNT = frozenset({"claims"})


Write = Callable[[Basis, Sharing], tuple[list[tuple[str, Term]], int]]
"""The figures of a basis by party, as terms, and the most that they can total."""
KINDS: Mapping[str, Write] = {
    info.name: importlib.import_module(f"{bases.__name__}.{info.name}").weights
    for info in pkgutil.iter_modules(bases.__path__)}


def expresses(basis: Basis, agreement: Agreement) -> bool:
    """Whether the workbook writes this basis as formulas, so that its own figures can be inputs."""
    if basis.name not in KINDS or basis.floor or basis.ceiling or basis.otherwise == "last_agreed":
        return False
    inner = _inner(basis, agreement)
    return not inner or (all(expresses(one, agreement) for one in inner) and _size(basis, agreement) <= LARGE // 10)


def _inner(basis: Basis, agreement: Agreement) -> list[Basis]:
    """What divides the groups among a basis's parties."""
    groups = agreement.parties
    return [basis.inner(name, groups) for name in basis.sharers() or () if name in groups]


def _size(basis: Basis, agreement: Agreement) -> int:
    """What the weights of a basis come to in whole numbers: a group's part × what its members count for."""
    if basis.name in ("fixed", "parties"):
        table = list(basis.percent.values()) if isinstance(basis, Fixed) else [
            party.percent for party in cast("Parties", basis).parties]
        places, parts = table_scale(table, NESTED_PLACES)
        size = 100 * int(10**places) * parts
    elif isinstance(basis, ByWeight):
        size = 0
        for name, value in basis.values.items():
            figure = _whole(value, basis.values)
            for times in basis.times:
                figure *= _whole(times.get(name, Fraction(1)), times)
            size += figure
    else:
        size = len(agreement.partners) if basis.name == "equal" else LARGE
    return size * prod(_size(one, agreement) for one in _inner(basis, agreement))


def _whole(value: Fraction, table: Mapping[str, Fraction]) -> int:
    places, parts = table_scale(list(table.values()), 0)
    return int(value * int(10**places) * parts)


def partner_weights(at: Sharing) -> Weights:
    """Each partner's weight, in the file's order of partners."""
    agreement = at.bench.base.agreement
    if not expresses(at.given, agreement):
        return _engines(at)
    figures, most = KINDS[at.given.name](at.given, at)
    figures = [(name, term) for name, term in figures if at.facts.may_share(name)]
    figures, most = _divided(figures, most, at)
    figures = _otherwise(figures, at)
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
            facts = replace(at.facts, taking_part=members, members=members)
            inside[name] = partner_weights(replace(at, path=path, given=inner, facts=facts, what=f"{at.what}, {name}"))
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


def _otherwise(figures: list[tuple[str, Term]], at: Sharing) -> list[tuple[str, Term]]:
    """`else: equal`: where every figure is zero, whoever takes part counts for one."""
    if at.given.otherwise != "equal":
        return figures
    whole = at.bench.total("Shares", f"{at.what}: all figures together", "", [term for _, term in figures],
                           "equal shares where this is zero")
    names = list(dict.fromkeys([*(name for name, _ in figures), *at.taking]))
    terms = dict(figures)
    return [(name, at.bench.line("Shares", f"{at.what}: weight", name,
                                 f"IF({whole}=0,{int(name in at.taking)},{terms.get(name, 0)})")) for name in names]


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
    names = [name for name in basis.sharers() or () if name in agreement.parties]
    inside = [basis.inner(name, agreement.parties) for name in names]
    return by_amount or planned or any(
        looks_at_inputs(one, agreement) or (expresses(one, agreement) and one.name != "equal") for one in inside)

