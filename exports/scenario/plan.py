"""What was planned, in cells: contribution lines, what each partner contributes, budgets and who meets them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from math import lcm

from allocation.basis import Basis
from allocation.model import Facts
from commissioning.agreement.plan import Stretch
from contributions.model import CASH_KINDS, Line, Window
from contributions.rules import year_amount
from exports.scenario.bench import Bench
from exports.scenario.exact import Part
from exports.scenario.given import Sharing
from exports.scenario.model import Ref, Term, plus
from exports.scenario.sharing import shared_out
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
            what = f"{self.said}{terms.source}, {terms.fund}"
            sharing = Sharing(self.bench, f"{path}.by", what, facts, {}, terms.by)
            parts = shared_out(sharing, what, self.bench.minor(f"{path}.total", terms.total))
            found += [self._given(terms.line(partner, terms.total), part) for partner, part in parts.items()]
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
            cells = {s: bench.minor(f"{self.prefix}services.{s}.budget", version.services[s].budget) for s in services}
            given = [g.due for g in self.lines if g.line.fund == name and g.line.kind in CASH_KINDS]
            planned = [bench.minor(f"{self.prefix}funds.{name}.planned_reserve.{reserve}", amount)
                       for reserve, amount in fund.planned_reserve.items()]
            budgets, money, drawn = (bench.total("Budgets", f"{self.said}{name}: {what}", "", list(terms))
                                     for what, terms in (("budgets", list(cells.values())), ("contributions", given),
                                                         ("planned use of reserves", planned)))
            planned_budgets = self._planned_budgets(name, services, cells, budgets)
            short = bench.line("Budgets", f"{self.said}{name}: short of its budgets", "",
                               f"MAX({planned_budgets}-{money}-{bench.part(drawn, passed)},0)",
                               "budgets less contributions and planned use of reserves")
            found.update(bench.splits.split(f"{self.said}{name}: what is short, by budgets", short,
                                            Weights(tuple(Weight(s, cell) for s, cell in cells.items()))))
        return found

    def _planned_budgets(self, fund: str, services: Sequence[str], cells: Mapping[str, Term], budgets: Ref) -> str:
        """The budgets while the version is in force, rounded half up together; a listed profile's is no input then."""
        passed = self.stretch.passed(self.stretch.window.ends)
        listed = {s: self.stretch.version.services[s].profile for s in services
                  if self.stretch.version.services[s].profile != "even"} if not self.stretch.whole_year else {}
        if not listed:
            return self.bench.part(budgets, passed)
        fixed = sum((self.stretch.planned_exactly(s) for s in listed), Fraction(0))
        under = lcm(passed.denominator, fixed.denominator)
        over, more = passed.numerator * under // passed.denominator, fixed.numerator * under // fixed.denominator
        even = self.bench.total("Budgets", f"{self.said}{fund}: budgets that run evenly", "",
                                [cell for s, cell in cells.items() if s not in listed])
        whole = f"INT({even}/{under})"
        return (f"({whole}*{over}+{more // under}"
                f"+INT((2*(({even}-{whole}*{under})*{over}+{more % under})+{under})/{2 * under}))")

    # ------------------------------------------------------------------------------------- who meets a budget

    def fences(self, service: str) -> list[Given]:
        """Lines that only this service, or this and others, may use."""
        return [g for g in self.lines if service in g.line.services and g.line.kind in CASH_KINDS]

    def to_meet(self, given: Given) -> list[str]:
        """The budgets that a fenced line may meet; from one of them a virement may have taken more than there is."""
        return [f"MAX({self.full[s]},0)" for s in given.line.services if s in self.full]

    def _unfenced(self, fund: str) -> list[Given]:
        return [g for g in self.lines if g.line.fund == fund and g.line.kind in CASH_KINDS and not g.line.services]

    def all_free(self, fund: str) -> Ref:
        """All that is not ring-fenced in a fund."""
        return self.bench.total("Budgets", f"{self.said}{fund}: contributions free to use", "",
                                [g.full for g in self._unfenced(fund)],
                                "where this is zero, in the proportions of ring-fenced money, or equal parts")

    def free(self, fund: str) -> Weights:
        """What is not ring-fenced in a fund, by partner; equal parts where there is none."""
        lines, whole = self._unfenced(fund), self.all_free(fund)
        taking = self.stretch.partners_of([fund])
        sums = {p: plus([g.full for g in lines if g.line.partner == p]) for p in self.bench.partners}
        return Weights(tuple(
            Weight(p, self.bench.line("Budgets", f"{self.said}{fund}: weight for budgets", p,
                                      f"IF({whole}=0,{int(p in taking)},{sums[p]})", "what it contributes freely"))
            for p in self.bench.partners if p in taking or sums[p] != "0"))

    def unused_fenced(self, service: str, actual: Term, left: Term) -> dict[str, Ref]:
        """Ring-fenced money planned for a service and not used there, by source.

        `left`: what is left of the service's variance, of whose underspend no more than that can go back.
        """
        planned: dict[str, list[Part]] = {}
        for g in self.fences(service):
            planned.setdefault(g.line.partner, []).append(self._for_service(g, service))
        if not planned:
            return {}
        sums = {p: self._rounded(service, p, parts) for p, parts in planned.items()}
        whole, budget = plus(list(sums.values())), self.budgets[service]
        unused = self.bench.line("Variances", f"{self.said}{service}: ring-fenced money not used", "",
                                 f"IF({whole}=0,0,MIN(MAX(MIN({whole},{budget})-({actual}),0),MAX(-({left}),0)))",
                                 "planned less cost, at most what is left of the underspend")
        return self.bench.splits.split(f"{self.said}{service}: ring-fenced money not used", unused,
                                       Weights(tuple(Weight(p, ref) for p, ref in sums.items())))

    def _for_service(self, given: Given, service: str) -> Part:
        """A fenced line's exact part for one of its services while the version is in force, by their budgets."""
        others = [s for s in given.line.services if s != service and s in self.full]
        if not others and self.stretch.whole_year:
            return Part(f"IF({self.full[service]}<=0,0,{given.full})")
        whole = self.bench.total("Budgets", f"{self.said}{given.line.source}: budgets that it may meet", "",
                                 self.to_meet(given))
        return self.bench.exact.times(f"{self.said}{given.line.source}: for {service}", given.line.partner,
                                      Part(given.full), f"IF({self.full[service]}<=0,0,{self.budgets[service]})", whole)

    def _rounded(self, service: str, partner: str, parts: Sequence[Part]) -> Ref:
        """Exact parts added up and rounded half up."""
        wholes, rests = [part.whole for part in parts], [part.rest for part in parts if part.rest != 0]
        tail = f"+INT(ROUND({plus(rests)},11)+0.5)" if rests else ""
        return self.bench.line("Variances", f"{self.said}{service}: ring-fenced money planned", partner,
                               f"{plus(wholes)}{tail}", "each line's part, rounded half up together")


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
    return Sharing(plan.bench, path, what, facts, plan.contributions(services), basis,
                   units=units_of(plan.bench, services, facts))


def units_of(bench: Bench, services: Sequence[str], facts: Facts) -> dict[str, Term]:
    """The units of some services that each partner used, where somebody used any: inputs, in whole parts of a unit."""
    found: dict[str, Term] = {}
    for p in facts.partners:
        some = [bench.cells[path] for s in services if (path := f"activity.{s}.{p}") in bench.cells]
        if some or facts.units.get(p):
            found[p] = f"({plus(some)})" if some else facts.units[p]
    return found
