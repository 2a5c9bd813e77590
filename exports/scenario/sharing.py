"""By what something is shared, in cells: whole weights that all have in common, or exact parts of the amount.

Each basis's own file in `bases` gives its figures; `expressed` says which of the two they can be. What is neither is
the engine's shares. Where these depend on an input they are marked as constants that do not follow it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import lcm

from allocation.groups import behind, member_facts
from exports.scenario.exact import Part, together
from exports.scenario.expressed import EXACT, KINDS, PRODUCTS, common, expresses, level, looks_at_inputs, size, weighed
from exports.scenario.given import Sharing
from exports.scenario.limited import limited
from exports.scenario.model import Frozen, Ref, Term, plus
from exports.scenario.split import LARGE, SMALL, Weight, Weights
from ledger.errors import PoolbookError
from ledger.money import largest_remainder

Figures = list[tuple[str, Term]]


def shared_out(at: Sharing, what: str, amount: Term) -> Mapping[str, Ref]:
    """An amount (either sign) divided by a basis to the penny."""
    whole = amount if not isinstance(amount, str) else at.line("amount to be divided", "", amount)
    ways = shares(replace(at, amount=Part(f"ABS({whole})")))
    if isinstance(ways, Weights):
        return at.bench.splits.split(what, whole, ways)
    return at.bench.exact.settle(what, whole, {p: [part] for p, part in ways.items()}, at.facts.partners)


def shares(at: Sharing) -> Weights | Mapping[str, Part]:
    """Each partner's weight, or its exact part of the amount, in the file's order of partners."""
    agreement = at.bench.base.agreement
    if not expresses(at.given, agreement):
        return _engines(at)
    return partner_weights(at) if common(at.given, agreement) else exact_parts(at)


def partner_weights(at: Sharing) -> Weights:
    """Each partner's whole weight, before the basis's own limits."""
    figures, most = _divided(*_figures(at), at)
    weights, more = _otherwise({name: Part(term) for name, term in figures}, at)
    place = {partner: i for i, partner in enumerate(at.facts.partners)}
    names = sorted(weights, key=lambda name: place.get(name, len(place)))
    return Weights(tuple(Weight(name, weights[name].whole) for name in names), max(most, more))


def _figures(at: Sharing) -> tuple[Figures, int]:
    figures, most = KINDS[at.given.name](at.given, at)
    return [(name, term) for name, term in figures if at.facts.may_share(name)], most


def _within(name: str, at: Sharing) -> Sharing:
    """What divides a group's part among its members."""
    groups = at.facts.groups
    members = groups[name].members
    own = getattr(at.given, "parties", None)
    within = own is not None and any(p.group == name and p.within is not None for p in own)
    path = f"{at.path}.parties.{name}.within" if within else f"groups.{name}.shares"
    facts = replace(member_facts(at.facts, name, Fraction(1)), taking_part=members, members=members)
    return replace(at, path=path, given=at.given.inner(name, groups), facts=facts, what=f"{at.what}, {name}",
                   contributions=_together(at.contributions, members, at), units=_together(at.units, members, at))


def _together(figures: Mapping[str, Term], members: Iterable[str], at: Sharing) -> dict[str, Term]:
    """What the members of a group have, a group among them as one."""
    found: dict[str, Term] = {}
    for name in members:
        some = [figures[p] for p in behind(name, at.facts.groups) if p in figures]
        if some:
            found[name] = some[0] if len(some) == 1 else f"({plus(some)})"
    return found


# ------------------------------------------------------------------------------------------------------ whole weights

def _divided(figures: Figures, most: int, at: Sharing) -> tuple[Figures, int]:
    """The figures of groups divided among their members: what the group counts for × the member's part of it."""
    inside = {name: partner_weights(_within(name, at)) for name, _ in figures if name in at.facts.groups}
    if not inside:
        return figures, most
    wholes = {name: at.bench.total("Shares", f"{at.what}: weights within {name}", name,
                                   [part.weight for part in weights.parts])
              for name, weights in inside.items()}
    found: dict[str, list[str]] = {}
    for name, term in figures:
        others = "".join(f"*MAX({whole},1)" for other, whole in wholes.items() if other != name)
        for part in inside[name].parts if name in inside else (Weight(name, 1),):
            found.setdefault(part.party, []).append(f"{term}*{part.weight}{others}")
    for weights in inside.values():
        most *= weights.most
    return [(name, at.bench.line("Shares", f"{at.what}: weight", name, "+".join(terms),
                                 "what the group counts for × the member's weight × the other groups' totals"))
            for name, terms in found.items()], most


def _otherwise(figures: Mapping[str, Part], at: Sharing) -> tuple[Mapping[str, Part], int]:
    """Where every figure is zero: whoever takes part counts for one, or the shares are as last agreed."""
    if at.given.otherwise == "refuse":
        return figures, 0
    whole = at.bench.total("Shares", f"{at.what}: all figures together", "",
                           [term for one in figures.values() for term in (one.whole, one.rest) if term != 0],
                           f"{at.given.otherwise.replace('_', ' ')} where this is zero")
    other, more = _last(at) if at.given.otherwise == "last_agreed" else (dict.fromkeys(at.taking, 1), 0)
    found: dict[str, Part] = {}
    for name in dict.fromkeys([*figures, *other]):
        one = figures.get(name, Part(0))
        found[name] = Part(at.line("weight", name, f"IF({whole}=0,{other.get(name, 0)},{one.whole})"),
                           0 if one.rest == 0 else f"IF({whole}=0,0,{one.rest})")
    return found, more


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


# -------------------------------------------------------------------------------------------------------- exact parts

def exact_parts(at: Sharing) -> dict[str, Part]:
    """Each partner's exact part of the amount, within the basis's limits; the amount may have a fraction."""
    limits = bool(at.given.floor or at.given.ceiling)
    found = _whole_weights(at)
    if found is None:
        found = _spread(at)
    elif not limits:
        found = _by_weights(at, found)
    parts = limited(at, found) if limits else found
    return {p: parts[p] for p in (*at.facts.partners, *parts) if p in parts}


def _whole_weights(at: Sharing) -> dict[str, Part] | None:
    """Whole weights that divide an amount three digits at a time, where there are some."""
    agreement = at.bench.base.agreement
    if not weighed(at.given, agreement) or size(at.given, agreement) > LARGE:
        return None
    return {one.party: Part(one.weight) for one in partner_weights(at).parts}


def _by_weights(at: Sharing, weights: Mapping[str, Part]) -> dict[str, Part]:
    over = _all(at, list(weights.values()))
    return {name: at.bench.exact.times(f"{at.what}: its part", name, at.amount, weight, over)
            for name, weight in weights.items()}


def _all(at: Sharing, parts: Sequence[Part]) -> Part:
    """Exact parts added up, in cells."""
    whole = at.bench.total("Shares", f"{at.what}: weights in all", "", [part.whole for part in parts])
    return Part(whole, together(parts).rest)


def _spread(at: Sharing) -> dict[str, Part]:
    """The parts of the basis's parties, and of what a group has the parts of its members."""
    found: dict[str, list[Part]] = {}
    for name, part in _parties(at).items():
        if name in at.facts.groups:
            amount = at.bench.exact.tidy(f"{at.what}: the part of {name}", name, part)
            for member, own in exact_parts(replace(_within(name, at), amount=amount)).items():
                found.setdefault(member, []).append(own)
        else:
            found.setdefault(name, []).append(part)
    return {name: some[0] if len(some) == 1 else together(some) for name, some in found.items()}


def _parties(at: Sharing) -> Mapping[str, Part]:
    """Each party's exact part, before groups are divided."""
    if at.given.name in EXACT:
        return EXACT[at.given.name](at.given, at)
    if at.given.name in PRODUCTS and level(at.given, at.bench.base.agreement) > LARGE:
        figures = PRODUCTS[at.given.name](at.given, at)
    else:
        figures = {name: Part(term) for name, term in _figures(at)[0]}
    return _by_weights(at, _otherwise(figures, at)[0])


# -------------------------------------------------------------------------------------------------------- the engine's

def _engines(at: Sharing) -> Weights:
    """The engine's own shares as whole weights; marked where an input could change them."""
    amount = at.facts.amount or 10**9
    try:
        found = dict(at.given.shares(replace(at.facts, amount=amount)))
    except PoolbookError:
        found = {name: Fraction(1, len(at.taking)) for name in at.taking}
    under = lcm(*(share.denominator for share in found.values()))
    exact = under <= LARGE
    sizes = [int(share * under) for share in found.values()] if exact else largest_remainder(
        [share * LARGE for share in found.values()])
    reason = f"{at.what}: the shares by {at.given.name} are the engine's"
    marked = not exact or looks_at_inputs(at.given, at.bench.base.agreement)
    parts = tuple(Weight(name, at.bench.line("Shares", f"{at.what}: weight", name, Frozen(size, reason),
                                             "the engine's share; it does not follow the inputs") if marked else size)
                  for name, size in zip(found, sizes, strict=True))
    return Weights(parts, SMALL if sum(sizes) <= SMALL else LARGE)
