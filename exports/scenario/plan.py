"""What was planned, in cells: contribution lines, what each partner contributes, budgets and who meets them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from math import lcm

from allocation.basis import Basis, shared_out
from allocation.model import Facts
from commissioning.plan import Stretch
from contributions.model import CASH_KINDS, Line, Window
from contributions.rules import year_amount
from exports.scenario.bench import Bench
from exports.scenario.given import Sharing
from exports.scenario.model import Frozen, Ref, Term, plus
from exports.scenario.sharing import partner_weights
from exports.scenario.split import Weight, Weights


@dataclass(frozen=True)
class Given:
    """A contribution line in cells: what it comes to in a full year, and in this version's days."""

    line: Line
    full: Ref
    due: Ref


class Plan:
    """One version's plan."""

    def __init__(self, bench: Bench, stretch: Stretch, prefix: str) -> None:
        self.bench, self.stretch, self.prefix = bench, stretch, prefix
        self.said = f"{stretch.version.id}: " if prefix else ""
        self.lines = list(self._lines())
        self._of_services: dict[tuple[str, ...], dict[str, Ref]] = {}
        self.budgets: dict[str, Ref] = {}
        self.full: dict[str, Ref] = {}
        for service in stretch.version.services:
            self._budget(service)

    def _lines(self) -> Sequence[Given]:
        found = []
        partners = tuple(self.bench.partners)
        for j, terms in enumerate(self.stretch.version.contributions, 1):
            path = f"{self.prefix}contributions.{j}"
            if terms.by is None or terms.total is None:
                found.append(self._given(terms.line(terms.partner, terms.amount or 0),
                                         self.bench.minor(f"{path}.amount", terms.amount or 0)))
                continue
            named = {line.partner for line in self.stretch.version.contributions
                     if line.fund == terms.fund and line.partner}
            taking = tuple(p for p in partners if p in named) or partners
            facts = Facts(partners, taking, currency=self.bench.base.agreement.currency, amount=terms.total,
                          groups=self.bench.base.agreement.parties)
            what = f"{self.said}{terms.source} in {terms.fund}"
            sharing = Sharing(self.bench, f"{path}.by", what, facts, {}, terms.by)
            parts = self.bench.splits.split(what, self.bench.minor(f"{path}.total", terms.total),
                                            partner_weights(sharing))
            found += [self._given(terms.line(partner, terms.total), parts[partner])
                      for partner in shared_out(terms.total, terms.by, facts) if partner in parts]
        return found

    def _given(self, line: Line, amount: Term) -> Given:
        year = self.stretch.year
        full, due = (_factor(line, self.stretch, window)
                     for window in (Window(year.starts, year.ends), self.stretch.window))
        what = f"{self.said}{line.source}, {line.kind.replace('_', ' ')}, {line.fund}"
        how = "the input" if full == 1 else f"the input × {full.numerator}/{full.denominator}, rounded half up"
        whole = self.bench.line("Contributions", f"{what}: full year", line.partner, self.bench.part(amount, full), how)
        if due == full:
            return Given(line, whole, whole)
        how = f"the input × {due.numerator}/{due.denominator}, rounded half up"
        return Given(line, whole, self.bench.line("Contributions", f"{what}: while the version is in force",
                                                  line.partner, self.bench.part(amount, due), how))

    def contributions(self, services: Sequence[str]) -> dict[str, Ref]:
        """c_i of these services, by partner."""
        key = tuple(services)
        if key not in self._of_services:
            funds = {self.stretch.version.services[s].fund for s in services}
            lines = [g for g in self.lines if g.line.fund in funds and g.line.kind in CASH_KINDS
                     and (not g.line.services or set(services) & set(g.line.services))]
            self._of_services[key] = {
                p: self.bench.total("Contributions", f"{self.said}counts as contribution to {_some(services)}", p,
                                    [g.full for g in lines if g.line.partner == p], "its lines for a full year")
                for p in self.bench.partners if any(g.line.partner == p for g in lines)}
        return self._of_services[key]

    def _budget(self, service: str) -> None:
        terms, stretch = self.stretch.version.services[service], self.stretch
        path = f"{self.prefix}services.{service}.budget"
        moved = stretch.moved.get(service, 0)
        said = f"{self.said}{terms.name or service}"
        tail = f"+({moved})" if moved else ""
        how = "the input" + (" and what virements and last year moved" if moved else "")
        cell = self.bench.minor(path, terms.budget)
        self.full[service] = self.bench.line("Budgets", f"{said}: budget for a full year", "", f"{cell}{tail}", how)
        if stretch.whole_year:
            self.budgets[service] = self.full[service]
        elif terms.profile == "even":
            passed = stretch.passed(stretch.window.ends)
            self.budgets[service] = self.bench.line(
                "Budgets", f"{said}: budget while the version is in force", "",
                f"{self.bench.part(cell, passed)}{tail}", f"× {passed.numerator}/{passed.denominator} by days")
        else:
            self.budgets[service] = self.bench.line("Budgets", f"{said}: budget while the version is in force", "",
                                                    stretch.annual_budget(service), "by its profile")

    def gaps(self) -> dict[str, Ref]:
        """What contributions are short of the budgets, by service, in funds that share their gap."""
        found: dict[str, Ref] = {}
        version, bench = self.stretch.version, self.bench
        passed = self.stretch.passed(self.stretch.window.ends)
        for name, fund in version.funds.items():
            services = [s for s, terms in version.services.items() if terms.fund == name]
            if fund.balance != "share" or not fund.pooled or name in self.stretch.cost_funds or not services:
                continue
            if not self.stretch.whole_year and any(version.services[s].profile != "even" for s in services):
                reason = f"{self.said}what contributions to {name} are short by is the engine's: budgets have profiles"
                amounts = self.stretch.gaps(self.stretch.window.ends)
                found.update({s: bench.line("Budgets", f"{self.said}{name}: short for {s}", "",
                                            Frozen(amounts.get(s, 0), reason)) for s in services})
                continue
            cells = {s: bench.minor(f"{self.prefix}services.{s}.budget", version.services[s].budget) for s in services}
            given = [g.due for g in self.lines if g.line.fund == name and g.line.kind in CASH_KINDS]
            planned = [bench.minor(f"{self.prefix}funds.{name}.planned_reserve.{reserve}", amount)
                       for reserve, amount in fund.planned_reserve.items()]
            budgets, money, drawn = (bench.total("Budgets", f"{self.said}{name}: {what}", "", list(terms))
                                     for what, terms in (("budgets", list(cells.values())), ("contributions", given),
                                                         ("planned use of reserves", planned)))
            short = bench.line("Budgets", f"{self.said}{name}: short of its budgets", "",
                               f"MAX({bench.part(budgets, passed)}-{money}-{bench.part(drawn, passed)},0)",
                               "budgets less contributions and planned use of reserves")
            found.update(bench.splits.split(f"{self.said}{name}: what is short, by budgets", short,
                                            Weights(tuple(Weight(s, cell) for s, cell in cells.items()))))
        return found

    # ------------------------------------------------------------------------------------- who meets a budget

    def fences(self, service: str) -> list[Given]:
        """Lines that only this service, or this and others, may use."""
        return [g for g in self.lines if service in g.line.services and g.line.kind in CASH_KINDS]

    def free(self, fund: str) -> Weights:
        """What is not ring-fenced in a fund, by partner; equal parts where there is none."""
        lines = [g for g in self.lines if g.line.fund == fund and g.line.kind in CASH_KINDS and not g.line.services]
        taking = self.stretch.partners_of([fund])
        sums = {p: plus([g.full for g in lines if g.line.partner == p]) for p in self.bench.partners}
        whole = self.bench.total("Budgets", f"{self.said}{fund}: contributions free to use", "",
                                 [g.full for g in lines], "equal parts where this is zero")
        return Weights(tuple(
            Weight(p, self.bench.line("Budgets", f"{self.said}{fund}: weight for budgets", p,
                                      f"IF({whole}=0,{int(p in taking)},{sums[p]})", "what it contributes freely"))
            for p in self.bench.partners if p in taking or sums[p] != "0"))

    def fenced(self, service: str) -> dict[str, Term]:
        """Ring-fenced money that meets the service's budget, by its one source, in whole pence."""
        fences = self.fences(service)
        if not fences:
            return {}
        partner = fences[0].line.partner
        held = plus([g.full for g in fences])
        return {partner: self.bench.line("Budgets", f"{self.said}{service}: met by ring-fenced money", partner,
                                         f"MIN({held},{self.budgets[service]})", "as far as the budget goes")}

    def unused_fenced(self, service: str, actual: Term, left: Term) -> dict[str, Ref] | None:
        """Ring-fenced money planned for a service and not used there, by source; None where it cannot be written.

        `left`: what is left of the service's variance, of whose underspend no more than that can go back.
        """
        planned: dict[str, list[Term]] = {}
        for g in self.fences(service):
            amount = self._for_service(g, service)
            planned.setdefault(g.line.partner, []).append(amount)
            several = [h for h in self.fences(service) if h.line.partner == g.line.partner]
            if len(several) > 1 and any(len(h.line.services) > 1 for h in several):
                return None
        if not planned:
            return {}
        if not self.stretch.whole_year:
            return None
        budget = self.budgets[service]
        sums = {p: self.bench.line("Variances", f"{self.said}{service}: ring-fenced money planned", p,
                                   f"IF({budget}=0,0,{plus(terms)})") for p, terms in planned.items()}
        whole = plus(list(sums.values()))
        unused = self.bench.line("Variances", f"{self.said}{service}: ring-fenced money not used", "",
                                 f"IF({whole}=0,0,MIN(MAX(MIN({whole},{budget})-({actual}),0),MAX(-({left}),0)))",
                                 "planned less cost, at most what is left of the underspend")
        return self.bench.splits.split(f"{self.said}{service}: ring-fenced money not used", unused,
                                       Weights(tuple(Weight(p, ref) for p, ref in sums.items())))

    def _for_service(self, given: Given, service: str) -> Term:
        """A fenced line's part for one of its services, by their budgets, rounded half up."""
        others = [s for s in given.line.services if s != service and s in self.full]
        if not others:
            return given.full
        rest = plus([self.full[s] for s in others])
        what = f"{self.said}{given.line.source}: for {service}"
        parts = self.bench.splits.split(what, given.full, Weights((Weight(service, self.full[service]),
                                                                   Weight("the other services", rest))))
        return parts[service]


def _some(services: Sequence[str]) -> str:
    return ", ".join(services[:3]) + (f" and {len(services) - 3} more" if len(services) > 3 else "")


@cache
def _everything(days: int) -> int:
    """A number of minor units that every part of a year divides: exact parts can be read off it."""
    return 12 * days * lcm(*range(1, 367))


def _factor(line: Line, stretch: Stretch, window: Window) -> Fraction:
    """The part of a line's amount that a window takes."""
    probe = _everything(stretch.year.days)
    return Fraction(year_amount(replace(line, amount=probe), stretch.year, window), probe)


def sharing_of(plan: Plan, basis: Basis, path: str, what: str, services: Sequence[str], facts: Facts) -> Sharing:
    """A basis as it stands in a version's rule over some services."""
    return Sharing(plan.bench, path, f"{plan.said}{what}", facts, plan.contributions(services), basis)
