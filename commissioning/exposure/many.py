"""Many years at once: the common steps of a waterfall on arrays of whole numbers, to the same penny as the engine.

It takes agreements of one version all year that share variances by constant shares; all others go year by year through
`year`, which is what this is tested against, draw by draw. Arrays are of 64-bit whole numbers, one row a year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocation.basis import Basis
from allocation.groups import Group
from allocation.model import Facts
from allocation.step import Step, contribution_limits, limit_in_minor
from allocation.steps.absorb import Bearer
from commissioning.agreement.model import Rule
from commissioning.apportionment.borne import Spent
from commissioning.apportionment.by_rule import shared_services
from commissioning.books.cost_items import cost_services
from commissioning.exposure.year import PARKED, Ground, Outcome
from ledger.errors import PoolbookError

Whole = NDArray[np.int64]
CONSTANT = frozenset({"fixed", "equal", "contribution", "weight", "activity", "shapley"})
"""Bases whose shares are the same whatever the amount."""
MOST_WEIGHT = 2**31 - 1  # so that a product of two weights, or of a weight and a remainder, stays within 64 bits
MOST_COST = 2**60
ALONE = ("absorb", "repay")
AWAY = ("dispute", "carry_forward", "to_reserve", "recover", "fault")


@dataclass(frozen=True, slots=True)
class Shares:
    """Constant shares as whole weights; `who` are the partners' places, in the order of ties."""

    who: tuple[int, ...]
    weights: Whole


@dataclass(frozen=True, slots=True)
class Line:
    """One step made ready: what it takes at most, its shares, and their caps (−1: none).

    `alone`: the place of the one partner that bears all of it, or what is over the caps of others. `limits`: every cap
    by its partner's place, of those without a share too.
    """

    step: Step
    up_to: int | None
    shares: Shares | None = None
    caps: Whole | None = None
    alone: int = -1
    limits: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One rule: the columns of its services, and its two lists."""

    rule: Rule
    services: tuple[str, ...]
    lists: Mapping[str, tuple[Line, ...]]


@dataclass(slots=True)
class _Years:
    """What has been placed so far, a row a year."""

    partners: Whole
    parked: dict[str, Whole]
    reserves: dict[str, Whole]
    reached: dict[tuple[str, str, int, int | None], NDArray[np.bool_]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Many:
    """A year's agreement made ready for arrays."""

    ground: Ground
    rules: tuple[Prepared, ...]

    @classmethod
    def of(cls, ground: Ground) -> Many | None:
        """The agreement made ready, or None where something in it is not for arrays."""
        spent = ground.position.spent
        if len(spent) != 1 or any(ground.position.strays.values()) or not _plain(spent[0]):
            return None
        prepared = [_prepared(ground, spent[0], rule) for rule in spent[0].stretch.version.rules]
        rules = tuple(rule for rule in prepared if rule is not None)
        return cls(ground, rules) if len(rules) == len(prepared) else None

    def run(self, costs: Sequence[Sequence[int]]) -> list[Outcome]:
        """Every year's outcome, in order; a year with costs beyond all measure goes through the engine alone."""
        if any(sum(map(abs, year)) > MOST_COST for year in costs):
            return [self.ground.run(year) for year in costs]
        one = self.ground.position.spent[0]
        left = self._variances(one, costs)
        partners, reserves = self.ground.partners, self.ground.position.reserves
        years = _Years(np.zeros((len(costs), len(partners)), np.int64),
                       {column: np.zeros(len(costs), np.int64) for column in PARKED},
                       {r: np.full(len(costs), sum(reserves[r].values()), np.int64) for r in self.ground.reserves})
        covered = self._kept(one, left, years)
        for rule in self.rules:
            covered |= set(rule.services)
            variance = sum((left[s] for s in rule.services), np.zeros(len(costs), np.int64))
            for side, sign in (("overspend", 1), ("underspend", -1)):
                _waterfall(rule, side, sign, np.maximum(sign * variance, 0), years)
        for service, variance in left.items():
            if service not in covered:
                years.parked["unallocated"] += variance
        return self._outcomes(years)

    def _variances(self, one: Spent, costs: Sequence[Sequence[int]]) -> dict[str, Whole]:
        """Actual less budget of every service, year by year."""
        table = np.array(costs, np.int64)
        left = {s: np.full(len(costs), one.variance(s), np.int64) for s in one.budgets}
        for i, cost in enumerate(self.ground.base.costs):
            left[cost.service] += table[:, i] - cost.amount
        return left

    def _kept(self, one: Spent, left: Mapping[str, Whole], years: _Years) -> set[str]:
        """The services whose variance stays with their lead or with the host, now placed there."""
        version, found = one.stretch.version, set()
        for service, terms in version.services.items():
            line = version.line_of(service)
            if line != "shared":
                bearer = version.lead_of(service) if line == "own" else version.funds[terms.fund].host
                years.partners[:, self.ground.partners.index(bearer)] += left[service]
                found.add(service)
        return found

    def _outcomes(self, years: _Years) -> list[Outcome]:
        ground, count = self.ground, len(years.partners)
        rows = ground.position.shares.rows.values()
        plan = np.array([sum(row.budget.get(p, 0) for row in rows) for p in ground.partners], np.int64)
        calls = years.partners
        never = np.zeros(count, np.bool_)
        flags = [years.reached.get((one.rule, one.side, one.step, ground.partners.index(one.partner)
                                    if one.partner else None), never) for one in ground.limits]
        tables = (calls, calls + np.array(ground.owed, np.int64), calls + plan,
                  _beside([years.reserves[r] for r in ground.reserves], count),
                  _beside([years.parked[column] for column in PARKED], count), _beside(flags, count))
        return [Outcome(*map(tuple, year)) for year in zip(*(table.tolist() for table in tables), strict=True)]


def _beside(columns: Sequence[NDArray[Any]], count: int) -> NDArray[Any]:
    return np.column_stack(columns) if columns else np.zeros((count, 0), np.int64)


# ------------------------------------------------------------------------------------------------- what can be taken

def _plain(one: Spent) -> bool:
    """Nothing but shares of a variance: no cost that is shared, no gap, no fault, nobody who comes or goes."""
    version = one.stretch.version
    return not (cost_services(version) or one.faults or any(one.gaps.values()) or version.leavers or version.joiners)


def _prepared(ground: Ground, one: Spent, rule: Rule) -> Prepared | None:
    services = shared_services(one.stretch.version, rule)
    facts = one.stretch.facts(services, ground.grounds.received, ground.grounds.units)
    annual = sum(one.stretch.full_budget(s) for s in services)
    lists = {side: [_line(step, facts, annual) for step in rule.steps(side)] for side in ("overspend", "underspend")}
    if any(line is None for some in lists.values() for line in some):
        return None
    return Prepared(rule, tuple(services), {side: tuple(filter(None, some)) for side, some in lists.items()})


def _line(step: Step, facts: Facts, annual: int) -> Line | None:
    """A step made ready, or None where its arithmetic is not for arrays."""
    up_to, basis = limit_in_minor(step.up_to, annual), step.basis()
    shares = _shares(basis, facts) if basis is not None else None
    if basis is not None and shares is None:
        return None
    terms: Any = step
    if step.name in ALONE:
        return Line(step, up_to, alone=facts.partners.index(getattr(terms, step.name).partner))
    if step.name in ("reserve", *AWAY):
        return Line(step, up_to)
    if step.name == "return" and not terms.ring_fenced_first:
        return Line(step, up_to, shares)
    if step.name == "share" and shares is not None:
        caps = contribution_limits(terms.caps, facts)
        table = np.array([caps.get(facts.partners[i], -1) for i in shares.who], np.int64) if caps else None
        alone = facts.partners.index(terms.excess.partner) if isinstance(terms.excess, Bearer) else -1
        return Line(step, up_to, shares, table, alone, {facts.partners.index(p): cap for p, cap in caps.items()})
    return None


def _shares(basis: Basis, facts: Facts) -> Shares | None:
    if not _constant(basis, facts.groups):
        return None
    try:
        shares = basis.shares(replace(facts, amount=Fraction(1)))
    except PoolbookError:
        return None  # the engine says so of the years in which it matters
    whole = lcm(*(share.denominator for share in shares.values()))
    if whole > MOST_WEIGHT:
        return None
    weights = np.array([int(share * whole) for share in shares.values()], np.int64)
    return Shares(tuple(map(facts.partners.index, shares)), weights)


def _constant(basis: Basis, groups: Mapping[str, Group]) -> bool:
    """Whether the shares do not depend on the amount or on other versions; groups are divided as they say."""
    if basis.otherwise == "last_agreed":
        return False
    parties = basis.sharers() or ()
    inner = [basis.inner(name, groups) for name in parties if name in groups]
    return (basis.name in CONSTANT or basis.name == "parties") and all(_constant(one, groups) for one in inner)


# -------------------------------------------------------------------------------------------------- the waterfall

def _waterfall(rule: Prepared, side: str, sign: int, size: Whole, years: _Years) -> None:
    """One list of a rule on the sizes of its variance (0 where it runs the other way)."""
    rest = size
    for place, line in enumerate(rule.lists[side], 1):
        offered = rest if line.up_to is None else np.minimum(rest, line.up_to)
        tier = line.step.until()
        if tier is not None:
            offered = np.minimum(offered, np.maximum(tier - (size - rest), 0))
        parts, away = _take(line, sign, offered, years)
        taken = away + parts.sum(axis=1)
        rest = rest - taken
        years.partners += sign * parts
        for i, cap in line.limits.items():
            years.reached[rule.rule.id, side, place, i] = (taken > 0) & (parts[:, i] >= cap)
        if line.up_to is not None:
            years.reached[rule.rule.id, side, place, None] = (taken > 0) & (taken >= line.up_to)
    years.parked["unallocated"] += sign * rest


def _take(line: Line, sign: int, offered: Whole, years: _Years) -> tuple[Whole, Whole]:
    """What a step puts on each partner, and what it puts elsewhere; all absolute."""
    step: Any = line.step
    parts, nothing = np.zeros_like(years.partners), np.zeros_like(offered)
    if step.name == "reserve":
        away = np.minimum(offered, np.maximum(years.reserves[step.reserve], 0))
        years.reserves[step.reserve] = years.reserves[step.reserve] - away
        return parts, away
    if step.name in ALONE:
        parts[:, line.alone] = offered
        return parts, nothing
    if step.name in AWAY:
        if step.name == "dispute":
            years.parked["contested"] += sign * offered
        if step.name == "to_reserve":
            years.reserves[step.to_reserve] = years.reserves[step.to_reserve] + offered
        return parts, offered if step.name in ("dispute", "carry_forward", "to_reserve") else nothing
    assert line.shares is not None, "what is left are shares"
    who = list(line.shares.who)
    if line.caps is not None and step.excess == "others":
        parts[:, who] = _capped(offered, line.shares.weights, line.caps)
        return parts, nothing
    given = _split(offered, np.broadcast_to(line.shares.weights, (len(offered), len(who))))
    if line.caps is None:
        parts[:, who] = given
        return parts, nothing
    kept = np.where(line.caps >= 0, np.minimum(given, line.caps), given)
    excess = (given - kept).sum(axis=1)
    parts[:, who] = kept
    if step.excess == "dispute":
        years.parked["contested"] += sign * excess
        return parts, excess
    parts[:, line.alone] += excess
    return parts, nothing


def _split(amounts: Whole, weights: Whole) -> Whole:
    """Each row's amount in proportion to its weights: largest remainder, ties to the earlier.

    amount · w / W is taken apart as (amount div W) · w + (amount mod W) · w / W, so that no product leaves 64 bits.
    Rows of weights that are all nothing take nothing.
    """
    whole = np.maximum(weights.sum(axis=1), 1)
    times, left = np.divmod(amounts, whole)
    over, remainders = np.divmod(left[:, None] * weights, whole[:, None])
    parts = times[:, None] * weights + over
    missing = np.where(weights.any(axis=1), amounts - parts.sum(axis=1), 0)
    order = np.argsort(np.argsort(-remainders, axis=1, kind="stable"), axis=1, kind="stable")
    return parts + (order < missing[:, None])


def _capped(amounts: Whole, weights: Whole, caps: Whole) -> Whole:
    """As `allocation.steps.share.capped`: whoever is over its cap bears that, the others the rest, until none is over.

    A cap of −1 is none.
    """
    at_cap = np.zeros((len(amounts), len(weights)), np.bool_)
    while True:
        free = np.where(at_cap, 0, weights)
        rest = amounts - np.where(at_cap, caps, 0).sum(axis=1)
        whole = np.maximum(free.sum(axis=1), 1)
        times, left = np.divmod(rest, whole)
        over, remainders = np.divmod(left[:, None] * free, whole[:, None])
        quota = times[:, None] * free + over
        beyond = (free > 0) & (caps >= 0) & ((quota > caps) | ((quota == caps) & (remainders > 0)))
        if not beyond.any():
            return np.where(at_cap, caps, _split(rest, free))
        at_cap |= beyond
