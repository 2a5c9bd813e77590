"""What a scenario may change: every figure of the agreement and of the year that is an input, with where it stands.

An input's path names it for people and workbooks (`services.beds.budget`); `at` is its place in the agreement's data,
or in the year's. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from allocation.basis import Basis
from allocation.costs.shared import Shared
from commissioning.agreement.checks import covered_by
from commissioning.agreement.model import Agreement, Rule, Service, Version
from commissioning.agreement.reading import load
from commissioning.books.figures import figures
from commissioning.scenario.base import Base
from commissioning.scenario.case_levers import case_levers
from commissioning.scenario.order import stays
from commissioning.scenario.text import At
from commissioning.scenario.values import (
    GROWTH_PLACES,
    MOST,
    NESTED_PLACES,
    PERCENT_PLACES,
    UNIT_COST_PLACES,
    Found,
    Lever,
    most_weight,
    table_scale,
    unit_amount,
    unit_price,
)

Expresses = Callable[[Basis], bool]
Stays = Callable[[Agreement, Rule, str], str]


def levers(base: Base, expresses: Expresses = lambda basis: True, stays: Stays = stays) -> list[Lever]:
    """Every input of the year, in the order in which people think: money in, services, reserves, rules.

    `expresses`: whether a basis's own figures may be changed; `stays`: why a list's steps may not change places.
    """
    data = load(base.text).data
    found = _Finder(base, data, expresses, stays)
    several = len(base.planned) > 1
    for i, stretch in enumerate(base.planned):
        place = next(n for n, one in enumerate(data["agreements"]) if one["id"] == stretch.version.id)
        part = _Version(i, stretch.version, ("agreements", place), f"{stretch.version.id}." if several else "",
                        data["agreements"][place])
        found.version(part)
    found.activity()
    found.groups()
    found.reserves()
    return found.levers


@dataclass(frozen=True, slots=True)
class _Version:
    stretch: int
    version: Version
    at: At
    prefix: str
    data: Mapping[str, Any]


class _Finder(Found):
    """Walks an agreement's terms and its data side by side."""

    def __init__(self, base: Base, data: Mapping[str, Any], expresses: Expresses, stays: Stays) -> None:
        super().__init__(base.agreement.currency)
        self.base, self.data, self.expresses, self.stays = base, data, expresses, stays

    def version(self, part: _Version) -> None:
        """The inputs of one version."""
        for j, line in enumerate(part.version.contributions):
            words = f"{line.source}, {line.kind.replace('_', ' ')}, {line.fund}"
            at, path = (*part.at, "contributions", j), f"{part.prefix}contributions.{j + 1}"
            if line.by is None:
                self.money(f"{path}.amount", "Contributions", words, line.partner, (*at, "amount"), line.amount or 0)
            else:
                self.money(f"{path}.total", "Contributions", f"{words}, in all", "", (*at, "total"), line.total or 0)
                inner = part.data["contributions"][j]
                inline = isinstance(inner["by"], str)
                self.basis(line.by, f"{path}.by", "Contributions", f"{words}: ", at if inline else (*at, "by"))
        for name, fund in part.version.funds.items():
            for reserve, amount in fund.planned_reserve.items():
                at = (*part.at, "funds", name, "planned_reserve", reserve)
                self.money(f"{part.prefix}funds.{name}.planned_reserve.{reserve}", "Reserves",
                           f"planned use of {reserve} in {name}", "", at, amount)
        self.services(part)
        for k, rule in enumerate(part.version.rules):
            for side in ("overspend", "underspend"):
                for n, step in enumerate(rule.steps(side)):
                    self.step(part, k, side, n, step)
            if isinstance(rule.cost, Shared):
                self.basis(rule.cost.basis, f"{part.prefix}rules.{rule.id}.cost", "Rules",
                           f"{rule.id}, share of cost: ", (*part.at, "rules", k, "cost"))
            for one in self.base.cases:
                if (one.stretch, one.rule.id) == (part.stretch, rule.id) and not one.reason:
                    case_levers(self, one, part.prefix, (*part.at, "rules", k, "cost"))

    def services(self, part: _Version) -> None:
        """Budgets, and what each service costs in the year."""
        stretch = self.base.planned[part.stretch]
        for name, terms in part.version.services.items():
            said = terms.name or name
            if terms.profile == "even" or stretch.whole_year:
                self.money(f"{part.prefix}services.{name}.budget", "Budgets", "budget for the year", said,
                           (*part.at, "services", name, "budget"), terms.budget)
            self.costs(part, name, terms)

    def costs(self, part: _Version, name: str, terms: Service) -> None:
        """What a service costs: by units where it has planned units, else as an amount; and by how much it grows."""
        costs = [cost for cost in self.base.costs if (cost.stretch, cost.service) == (part.stretch, name)]
        said, year, beside = terms.name or name, ("year", part.stretch, name), 0
        by_units = len(costs) == 1 and terms.planned_units
        if by_units:
            unit, units = terms.unit or "unit", terms.planned_units or Fraction(0)
            price = unit_price(costs[0].amount, units, self.places)
            beside = unit_amount(units, price, self.places)
            self.number(f"{part.prefix}units.{name}", "Costs", f"number of {unit}", said, unit, (*year, "units"), units,
                        scale=table_scale([units], 0), high=10**7, form="year")
            self.number(f"{part.prefix}unit_cost.{name}", "Costs", "cost of a unit", said, self.currency,
                        (*year, "unit_cost"), price, scale=(UNIT_COST_PLACES, 1), high=10**7, form="year")
        for cost in costs:
            tail = self.base.told_apart(cost)
            words = ", ".join(["cost beside its units" if by_units else "cost in the year", *tail[:1],
                               *(f"paid by {who}" for who in tail[1:])])
            self.money(".".join([f"{part.prefix}actual.{name}", *tail]), "Costs", words, said,
                       (*year, "actual", cost.cost_class, cost.payer), cost.amount - beside, "year", low=-MOST)
        if costs:
            self.number(f"{part.prefix}growth.{name}", "Costs", "growth in demand or price", said, "percent",
                        (*year, "growth"), Fraction(0), scale=(GROWTH_PLACES, 1), high=1000, form="year", low=-100)

    def step(self, part: _Version, k: int, side: str, n: int, step: Any) -> None:
        """The inputs of one step of a waterfall."""
        rule = part.version.rules[k]
        data = part.data["rules"][k][side][n]
        at, path = (*part.at, "rules", k, side, n), f"{part.prefix}rules.{rule.id}.{side}.{n + 1}"
        words = f"{rule.id}, {side} step {n + 1}, {step.name}"
        self.levers.append(Lever(f"{path}.on", "Rules", f"{words}: on or off", "", "1 on, 0 off", "switch", at,
                                 Fraction(1), 0, high=1))
        if not self.stays(self.base.agreement, rule, side):
            self.levers.append(Lever(f"{path}.order", "Rules", f"{words}: runs as number", "", "", "order",
                                     (*at, "order"), Fraction(n + 1), 0, low=1, high=len(rule.steps(side))))
        for key, what in (("up_to", "takes at most"), ("until_variance", "until the variance reaches")):
            limit = getattr(step, key, None)
            if limit is not None:
                self.limit(f"{path}.{key}", f"{words}: {what}", "", (*at, key), limit, "of the budgets covered")
        for partner, cap in getattr(step, "caps", {}).items():
            self.limit(f"{path}.caps.{partner}", f"{words}: cap", partner, (*at, "caps", partner), cap,
                       "of its contribution")
        if step.name == "gain_after":
            self.limit(f"{path}.others", f"{words}: each other partner gains first", "", (*at, "gain_after", "others"),
                       step.gain_after.others, "of its contribution")
        if step.name == "performance":
            for key in ("price", "pot"):
                self.money(f"{path}.{key}", "Rules", f"{words}: {key}", "", (*at, "performance", key),
                           getattr(step.performance, key))
        key = {"share": "share", "to_reserve": "owned", "return": "return"}.get(step.name, "")
        if key and step.basis() is not None and key in data:
            self.basis(step.basis(), f"{path}.{key}", "Rules", f"{words}: ", (*at, key))

    def limit(self, path: str, words: str, who: str, at: At, limit: Any, of: str) -> None:
        """An amount, or a percentage of something."""
        if isinstance(limit, int):
            self.money(path, "Rules", words, who, at, limit)
        else:
            self.number(path, "Rules", words, who, f"percent {of}", at, limit.percent,
                        scale=table_scale([limit.percent], 2), high=1000, form="percent")

    def basis(self, basis: Basis, path: str, group: str, words: str, at: At, inside: bool = False) -> None:
        """The figures by which a basis shares. Percentages of and in groups are multiplied, so have fewer decimals."""
        if not self.expresses(basis):
            return
        self.limits(basis, path, group, words, at)
        nested = inside or any(name in self.base.agreement.groups for name in basis.sharers() or ())
        least = NESTED_PLACES if nested else PERCENT_PLACES
        if basis.name in ("fixed", "activity"):
            key = "percent" if basis.name == "fixed" else "estimate"
            table = getattr(basis, key)
            scale = table_scale(list(table.values()), least)
            for partner, percent in table.items():
                self.number(f"{path}.{key}.{partner}", group, f"{words}{'share' if key == 'percent' else key}", partner,
                            "percent", (*at, key, partner), percent, scale=scale, high=100)
            if basis.name == "activity":
                self.tolerance(basis, path, group, words, at)
        elif basis.name == "claims":
            for partner, claim in basis.claims.items():  # type: ignore[attr-defined]
                self.money(f"{path}.claims.{partner}", group, f"{words}claim", partner, (*at, "claims", partner), claim)
        elif basis.name == "formula":
            self.formula(basis, path, group, words, at)
        elif basis.name in ("weight", "shapley"):
            self.tables(basis, path, group, words, at)
        elif basis.name == "parties":
            self.parties(basis, path, group, words, at, least)

    def tables(self, basis: Any, path: str, group: str, words: str, at: At) -> None:
        """Weights and the further tables that they are multiplied by; or the cost of each coalition."""
        if basis.name == "shapley":
            self.weights(f"{path}.costs", group, f"{words}cost", (*at, "costs"), basis.costs, "cost")
            return
        self.weights(f"{path}.values", group, f"{words}weight", (*at, "values"), basis.values)
        for k, table in enumerate(basis.times):
            self.weights(f"{path}.times.{k + 1}", group, f"{words}times, table {k + 1}", (*at, "times", k), table)

    def parties(self, basis: Any, path: str, group: str, words: str, at: At, least: int) -> None:
        """Each party's percentage, and what divides a group's part where the party says so itself."""
        scale = table_scale([party.percent for party in basis.parties], least)
        for k, party in enumerate(basis.parties):
            self.number(f"{path}.parties.{party.named}.percent", group, f"{words}share", party.named, "percent",
                        (*at, "parties", k, "percent"), party.percent, scale=scale, high=100)
            if party.within is not None:
                self.basis(party.within, f"{path}.parties.{party.named}.within", group,
                           f"{words}within {party.named}: ", (*at, "parties", k, "within"), inside=True)

    def limits(self, basis: Basis, path: str, group: str, words: str, at: At) -> None:
        """Floors and ceilings, which need not total anything."""
        places, parts = table_scale([*basis.floor.values(), *basis.ceiling.values()], PERCENT_PLACES)
        for key, table in (("floor", basis.floor), ("ceiling", basis.ceiling)):
            for partner, limit in table.items():
                self.number(f"{path}.{key}.{partner}", group, f"{words}{key}", partner, "% of the whole",
                            (*at, key, partner), limit, scale=(places, parts), high=100)

    def tolerance(self, basis: Any, path: str, group: str, words: str, at: At) -> None:
        """How far use may be from the estimate before it counts."""
        if basis.estimate:
            self.number(f"{path}.tolerance_points", group, f"{words}tolerance", "", "points", (*at, "tolerance_points"),
                        basis.tolerance_points, high=100, scale=table_scale([basis.tolerance_points], PERCENT_PLACES))

    def formula(self, basis: Any, path: str, group: str, words: str, at: At) -> None:
        """The base where there is one, and each indicator's values."""
        if basis.base:
            self.money(f"{path}.base", group, f"{words}base of each", "", (*at, "base"), basis.base)
        for k, indicator in enumerate(basis.indicators):
            self.weights(f"{path}.indicators.{k + 1}.values", group, f"{words}{indicator.name}",
                         (*at, "indicators", k, "values"), indicator.values)

    def weights(self, path: str, group: str, words: str, at: At, table: Mapping[str, Fraction],
                unit: str = "weight") -> None:
        for partner, value in table.items():
            self.number(f"{path}.{partner}", group, words, partner, unit, (*at, partner), value,
                        scale=table_scale(list(table.values()), 0), high=most_weight(table))

    def activity(self) -> None:
        """The units that each partner used of services by whose use something is shared."""
        partners, services = self.base.agreement.partners, services_by_use(self.base, self.expresses)
        used = {(s, p): Fraction(self.base.units.get((s, p), 0), 10**6) for s in services for p in partners}
        for (service, partner), units in used.items():
            said = self.base.agreement.versions()[-1].services.get(service)
            words = f"units used of {said.name or service}" if said else f"units used of {service}"
            self.number(f"activity.{service}.{partner}", "Activity", words, partner, "unit",
                        ("activity", service, partner), units, scale=table_scale(list(used.values()), 0, 6), high=10**7,
                        form="year")

    def groups(self) -> None:
        for name, group in self.base.agreement.groups.items():
            if group.shares is not None:
                self.basis(group.shares, f"groups.{name}.shares", "Groups", f"within {name}: ",
                           ("groups", name, "shares"), inside=True)

    def reserves(self) -> None:
        """What each reserve held when the year began, by partner of origin."""
        held = figures(self.base.known.before, self.base.known.year).reserves
        for reserve in self.base.agreement.reserves:
            for partner in self.base.agreement.partners:
                self.money(f"reserves.{reserve}.{partner}", "Reserves", f"{reserve} at the start of the year", partner,
                           ("reserve", reserve, partner), held[reserve][partner], "year", low=-MOST)


def services_by_use(base: Base, expresses: Expresses) -> list[str]:
    """The services whose rules share by units used."""
    found: dict[str, None] = {}
    for stretch in base.planned:
        for rule in stretch.version.rules:
            steps = [step.basis() for step in (*rule.overspend, *rule.underspend)]
            some = [basis for basis in (*steps, *(rule.cost.bases() if rule.cost else ())) if basis is not None]
            if any(_by_use(basis, base, expresses) for basis in some):
                found.update(dict.fromkeys(covered_by(stretch.version, rule)))
    return list(found)


def _by_use(basis: Basis, base: Base, expresses: Expresses) -> bool:
    groups = base.agreement.parties
    return expresses(basis) and (basis.name == "activity" or any(
        basis.inner(name, groups).name == "activity" for name in basis.sharers() or () if name in groups))
