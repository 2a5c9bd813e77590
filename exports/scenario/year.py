"""The year in cells, stage by stage as the engine works: costs, budgets, kept lines, rules, what nobody bears.

The twin of `commissioning.apportion`; every function here has the name of what it mirrors there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from allocation.cost import UNALLOCATED
from allocation.costs.shared import Shared
from commissioning.agreement import Rule
from commissioning.checks import covered_by
from commissioning.cost_items import cost_rules, cost_services
from commissioning.plan import Stretch
from commissioning.position import Position
from commissioning.scenario_base import Cost
from commissioning.statement import COLUMNS
from exports.scenario.bench import Bench
from exports.scenario.model import Frozen, Ref, Term, plus, times_half_up
from exports.scenario.plan import Plan, sharing_of
from exports.scenario.sharing import partner_weights
from exports.scenario.split import Weight, Weights
from exports.scenario.waterfall import Done, Start, waterfall

Amounts = dict[str, list[Term]]
BY_OUTCOME = frozenset({"claims", "formula", "activity"})
"""Bases whose shares of a budget are not those of the cost."""


@dataclass
class Row:
    """One service: terms to be summed, by partner or column. `kept` is variance where cost is not shared."""

    budget: Amounts = field(default_factory=dict)
    variance: Amounts = field(default_factory=dict)
    columns: Amounts = field(default_factory=dict)
    cost: Amounts = field(default_factory=dict)
    kept: Amounts = field(default_factory=dict)


@dataclass
class Year:
    """Everything in cells that results are made of."""

    bench: Bench
    position: Position
    rows: dict[str, Row] = field(default_factory=dict)
    gaps: dict[str, Row] = field(default_factory=dict)  # by fund
    actuals: dict[str, list[Term]] = field(default_factory=dict)
    budgets: dict[str, list[Term]] = field(default_factory=dict)
    more_paid: Amounts = field(default_factory=dict)  # directly, by partner, beyond the baseline
    owed: Amounts = field(default_factory=dict)
    due: Amounts = field(default_factory=dict)
    held: dict[str, dict[str, Term]] = field(default_factory=dict)
    drawn: dict[str, Amounts] = field(default_factory=dict)
    added: dict[str, Amounts] = field(default_factory=dict)
    used: dict[tuple[str, str], list[Done]] = field(default_factory=dict)
    uncommon: set[str] = field(default_factory=set)
    moving: Term = 0  # a mark on reserves that partners join or leave

    def row(self, service: str) -> Row:
        return self.rows.setdefault(service, Row())


def put(into: Amounts, who: str, *terms: Term) -> None:
    into.setdefault(who, []).extend(terms)


def work_out(bench: Bench, position: Position) -> Year:
    """Writes every stage. `position` is the engine's baseline: facts that are no inputs are taken from it."""
    year = Year(bench, position)
    several = len(bench.base.planned) > 1
    plans = [Plan(bench, stretch, f"{stretch.version.id}." if several else "") for stretch in bench.base.planned]
    year.uncommon = {fund for plan in plans for fund in _uncommon(plan)}
    _reserves(year, plans)
    for i, plan in enumerate(plans):
        one = _Version(year, plan, i)
        one.contributions()
        one.costs()
        one.charges()
        one.budgets()
        one.faults()
        one.kept_lines()
        for rule in plan.stretch.version.rules:
            if rule.cost is None:
                one.rule(rule)
        one.uncovered()
    for service in {s for plan in plans for s in cost_services(plan.stretch.version)}:
        row = year.row(service)
        for p in {**row.budget, **row.cost}:
            put(row.variance, p, f"({plus(row.cost.get(p, []))})-({plus(row.budget.get(p, []))})")
    for service, amount in position.strays.items():
        put(year.row(service).columns, UNALLOCATED, amount)
        year.actuals.setdefault(service, []).append(amount)
    return year


def _reserves(year: Year, plans: Sequence[Plan]) -> None:
    """Each reserve by origin after the plan's own use of it."""
    bench, books = year.bench, year.position.figures
    moving = any(plan.stretch.version.leavers or plan.stretch.version.joiners for plan in plans)
    for reserve in bench.base.agreement.reserves:
        year.held[reserve] = {}
        for p in bench.partners:
            opening = bench.minor(f"reserves.{reserve}.{p}", books.reserves[reserve][p])
            moved = books.put_in[reserve][p] - books.taken_out[reserve][p]
            year.held[reserve][p] = bench.line("Variances", f"reserve {reserve} before the plan's own use", p,
                                               f"{opening}+({moved})", "what it held, with transfers of the year")
        if moving:
            reason = f"reserve {reserve}: what a partner that comes or goes puts in or takes out is the engine's to say"
            year.moving = bench.line("Variances", f"reserve {reserve}: partners that come or go", "", Frozen(0, reason))
            year.held[reserve] = {p: f"({held}+{year.moving})" for p, held in year.held[reserve].items()}
    for plan in plans:
        wanted: dict[str, list[Term]] = {}
        passed = plan.stretch.passed(plan.stretch.window.ends)
        for name, fund in plan.stretch.version.funds.items():
            for reserve, amount in fund.planned_reserve.items():
                cell = bench.minor(f"{plan.prefix}funds.{name}.planned_reserve.{reserve}", amount)
                wanted.setdefault(reserve, []).append(bench.part(cell, passed))
        for reserve, terms in wanted.items():
            held = year.held[reserve]
            sizes = {p: bench.line("Variances", f"{plan.said}reserve {reserve}: may be drawn on", p, f"MAX({term},0)")
                     for p, term in held.items()}
            amount_used = bench.line("Variances", f"{plan.said}reserve {reserve}: planned use", "",
                                     f"MIN({plus(terms)},{plus(list(sizes.values()))})", "as far as it lasts")
            parts = bench.splits.split(f"{plan.said}planned use of {reserve}", amount_used,
                                       Weights(tuple(Weight(p, size) for p, size in sizes.items())))
            for p, part in parts.items():
                put(year.drawn.setdefault(reserve, {}), p, part)
                held[p] = bench.line("Variances", f"{plan.said}reserve {reserve} after the plan's own use", p,
                                     f"{held[p]}-{part}")


def _uncommon(plan: Plan) -> set[str]:
    """Funds whose budgets by partner have no common fraction: kinds of shares meet, or the outcome decides."""
    version, stretch = plan.stretch.version, plan.stretch
    of_cost = cost_services(version)
    found: set[str] = set()
    for fund in version.funds:
        services = [s for s, terms in version.services.items() if terms.fund == fund]
        rules = [r for r in cost_rules(version) if set(services) & set(covered_by(version, r))]
        by_outcome = any(not isinstance(r.cost, Shared) or r.cost.basis.name in BY_OUTCOME for r in rules)
        mixed = bool(set(services) & of_cost) and not set(services) <= of_cost
        fences = {s: plan.fences(s) for s in services if version.line_of(s) != "own" and s not in of_cost}
        fenced = any(some and (not stretch.whole_year or len({g.line.partner for g in some}) > 1
                               or any(len(g.line.services) > 1 for g in some)) for some in fences.values())
        if by_outcome or mixed or fenced or len(rules) > 1:
            found.add(fund)
    return found


class _Version:
    """One version's days."""

    def __init__(self, year: Year, plan: Plan, place: int) -> None:
        self.year, self.plan, self.place, self.bench = year, plan, place, year.bench
        self.stretch: Stretch = plan.stretch
        self.version = plan.stretch.version
        self.spent = year.position.spent[place]
        self.cost: dict[str, Ref] = {}
        self.left: dict[str, Term] = {}
        self.rows_of: dict[str, list[tuple[Cost, Ref]]] = {}
        self.shared = cost_services(self.version)
        self.gaps = plan.gaps()

    def contributions(self) -> None:
        """What falls due and what is owed in itself, by partner."""
        for given in self.plan.lines:
            if self.stretch.owes(given.line):
                put(self.year.owed, given.line.partner, given.due)
            if given.line.kind != "user_charge" and self.version.funds[given.line.fund].pooled:
                put(self.year.due, given.line.partner, given.due)

    def costs(self) -> None:
        """What each service costs: units × cost of a unit with growth, and what stands beside it."""
        for cost in (c for c in self.bench.base.costs if c.stretch == self.place):
            self.rows_of.setdefault(cost.service, []).append((cost, self._cost(cost)))
        for service in self.version.services:
            terms = [ref for _, ref in self.rows_of.get(service, [])]
            fixed = 0 if terms else self.spent.actuals.get(service, 0)
            name = self.version.services[service].name or service
            self.cost[service] = self.bench.line("Costs", f"{self.plan.said}{name}: cost", "",
                                                 plus([*terms, fixed]) if terms else str(fixed),
                                                 "" if terms else "as the books have it, case by case")
            self.year.actuals.setdefault(service, []).append(self.cost[service])
            self.year.budgets.setdefault(service, []).append(self.plan.budgets[service])
            for one, ref in self.rows_of.get(service, []):
                if one.payer:
                    put(self.year.more_paid, one.payer, f"({ref}-({one.amount}))")

    def _cost(self, cost: Cost) -> Ref:
        tail = [word for word in (cost.cost_class, cost.payer) if word and cost.cost_class]
        prefix, name = self.plan.prefix, cost.service
        beside = self.bench.cells[".".join([f"{prefix}actual.{name}", *tail])]
        growth = self.bench.cells[f"{prefix}growth.{name}"]
        words = f"{self.plan.said}{self.version.services[name].name or name}"
        if f"{prefix}units.{name}" in self.bench.cells:
            paths = [f"{prefix}{what}.{name}" for what in ("units", "unit_cost")]
            units, price = (self.bench.cells[path] for path in paths)
            under = prod(self.bench.levers[path].scale for path in paths) // self.bench.scale
            by_units = self.bench.line("Costs", f"{words}: units × cost of a unit", "",
                                       times_half_up(str(units), str(price), under), "rounded half up")
            grown = self.bench.line("Costs", f"{words}: with growth", "",
                                    times_half_up(str(by_units), f"(10000+{growth})", 10000), "rounded half up")
            return self.bench.line("Costs", f"{words}: with cost beside its units", "", f"{grown}+{beside}")
        return self.bench.line("Costs", f"{words}{': ' if tail else ''}{', '.join(tail)}: with growth", "",
                               times_half_up(str(beside), f"(10000+{growth})", 10000), "rounded half up")

    def charges(self) -> None:
        """Who bears the cost of services whose cost itself is shared."""
        for rule in cost_rules(self.version):
            services = covered_by(self.version, rule)
            for service in services:
                row, faults = self.year.row(service), self.spent.faults.get(service, {})
                if isinstance(rule.cost, Shared):
                    self._share_cost(rule, rule.cost, service, services)
                    for p, amount in faults.items():
                        put(row.cost, p, amount)
                elif self._last_with(service):  # no input changes what is worked out case by case
                    done = self.year.position.shares.rows[service]
                    for p, amount in done.cost.items():
                        put(row.cost, p, amount)
                    put(row.columns, UNALLOCATED, done.columns.get(UNALLOCATED, 0))

    def _share_cost(self, rule: Rule, cost: Shared, service: str, services: Sequence[str]) -> None:
        row, what = self.year.row(service), f"{self.plan.said}{rule.id}, cost of {service}"
        rest: list[Term] = []
        for one, ref in self.rows_of.get(service, []):
            if cost.eligible is None or one.cost_class in cost.eligible:
                rest.append(ref)
            elif one.payer:
                put(row.cost, one.payer, ref)
            else:
                put(row.columns, UNALLOCATED, ref)
        fault = sum(self.spent.faults.get(service, {}).values())
        total = self.bench.line("Variances", f"{what}: to be shared", "", f"{plus(rest)}-({fault})")
        facts = self.stretch.facts(services, self.year.position.figures.received, self.year.position.figures.units)
        sharing = sharing_of(self.plan, cost.basis, f"{self.plan.prefix}rules.{rule.id}.cost", what, services, facts)
        for p, part in self.bench.splits.split(what, total, partner_weights(sharing)).items():
            put(row.cost, p, part)

    def budgets(self) -> None:
        """Each fund's budgets by partner: ring-fenced money in whole pence, the rest on running totals."""
        for fund in self.version.funds:
            services = [s for s, terms in self.version.services.items() if terms.fund == fund]
            if fund in self.year.uncommon:
                self._engines_budgets(services, fund)
            elif set(services) & self.shared:
                self._running(fund, services, self._cost_weights(services), fenced={})
            elif services:
                fenced = {s: self.plan.fenced(s) for s in services if self.version.line_of(s) != "own"}
                self._running(fund, services, self.plan.free(fund), fenced)

    def _last_with(self, service: str) -> bool:
        """Whether no later version of the year has the service."""
        return self.place == max(i for i, s in enumerate(self.bench.base.planned) if service in s.version.services)

    def _cost_weights(self, services: Sequence[str]) -> Weights:
        """By what budgets are shared where the cost is."""
        rule = next(r for r in cost_rules(self.version) if services[0] in covered_by(self.version, r))
        covered = covered_by(self.version, rule)
        facts = self.stretch.facts(covered, self.year.position.figures.received, self.year.position.figures.units)
        assert isinstance(rule.cost, Shared), "others' budgets go by the outcome"
        path = f"{self.plan.prefix}rules.{rule.id}.cost"
        return partner_weights(sharing_of(self.plan, rule.cost.basis, path, f"{rule.id}, budgets", covered, facts))

    def _running(self, fund: str, services: Sequence[str], weights: Weights,
                 fenced: Mapping[str, Mapping[str, Term]]) -> None:
        """Largest remainder on running totals: what a service adds to each partner's part."""
        before: dict[str, Ref] = {}
        sum_before: Ref | None = None
        for service in services:
            row, budget = self.year.row(service), self.plan.budgets[service]
            if self.version.line_of(service) == "own" and service not in self.shared:
                put(row.budget, self.version.lead_of(service), budget)
                continue
            own = fenced.get(service, {})
            for p, amount in own.items():
                put(row.budget, p, amount)
            tail = f"-({plus(list(own.values()))})" if own else ""
            running = self.bench.line("Budgets", f"{self.plan.said}{fund}: running total up to {service}", "",
                                      f"{'' if sum_before is None else f'{sum_before}+'}{budget}{tail}",
                                      "budgets that the partners meet by their weights")
            after = self.bench.splits.split(f"{self.plan.said}{fund}: budgets up to {service}", running, weights)
            for p, ref in after.items():
                put(row.budget, p, f"({ref}-{before[p]})" if p in before else ref)
            before, sum_before = after, running

    def _engines_budgets(self, services: Sequence[str], fund: str) -> None:
        """Budgets by partner as the engine has them, where their exact parts are no common fractions."""
        reason = (f"budgets by partner in {fund} are the engine's: they follow what was spent, several kinds of shares "
                  "meet in one fund, or ring-fenced money has several sources or services")
        for service in services:
            row = self.year.position.shares.rows[service]
            if not self._last_with(service):
                continue
            for p, amount in row.budget.items():
                ref = self.bench.line("Budgets", f"{service}: met by", p, Frozen(amount, reason), "the engine's figure")
                put(self.year.row(service).budget, p, ref)

    def faults(self) -> None:
        """What is left of each variance after recorded faults, each on its partner."""
        for service in self.version.services:
            if service in self.shared:
                self.left[service] = 0
                continue
            faults = self.spent.faults.get(service, {})
            for p, amount in faults.items():
                put(self.year.row(service).variance, p, amount)
                put(self.year.row(service).kept, p, amount)
            tail = f"-({sum(faults.values())})" if faults else ""
            self.left[service] = self.bench.line(
                "Variances", f"{self.plan.said}{service}: variance", "",
                f"{self.cost[service]}-{self.plan.budgets[service]}{tail}",
                "cost less budget" + (", less recorded faults" if faults else ""))

    def kept_lines(self) -> None:
        """The variance of an `own` line stays with its lead, of a `host_bears` line with the fund's host."""
        for service, terms in self.version.services.items():
            line = self.version.line_of(service)
            if line != "shared" and service not in self.shared:
                bearer = self.version.lead_of(service) if line == "own" else self.version.funds[terms.fund].host
                put(self.year.row(service).variance, bearer, self.left[service])
                put(self.year.row(service).kept, bearer, self.left[service])
                if service in self.gaps:
                    put(self._gap_row(service).kept, bearer, self.gaps[service])

    def _gap_row(self, service: str) -> Row:
        return self.year.gaps.setdefault(self.version.services[service].fund, Row())

    def rule(self, rule: Rule) -> None:
        """One rule's waterfall on the net variance of its services, spread back over them."""
        services = [s for s in covered_by(self.version, rule) if self.version.line_of(s) == "shared"]
        if not services:
            return
        what = f"{self.plan.said}{rule.id}"
        short: dict[str, list[Term]] = {}
        for service in services:
            if service in self.gaps:
                put(short, self.version.services[service].fund, self.gaps[service])
        gaps = {fund: self.bench.total("Variances", f"{what}: {fund} is short by", "", terms)
                for fund, terms in short.items()}
        variance = self.bench.total("Variances", f"{what}: variance to be shared", "",
                                    [*(self.left[s] for s in services), *gaps.values()],
                                    "what is left of its services, together, and what contributions are short")
        facts = self.stretch.facts(services, self.year.position.figures.received, self.year.position.figures.units)
        start = Start(self.bench, self.plan, rule, what, services, facts, variance, self.year.held,
                      self._fenced(rule, services), self._usable(rule),
                      {name: (b.numerator, b.denominator) for name, b in self.spent.better.items()}, self.year.used)
        done = waterfall(start)
        for reserve, origins in done.drawn.items():
            for p, terms in origins.items():
                put(self.year.drawn.setdefault(reserve, {}), p, *terms)
        for reserve, origins in done.added.items():
            for p, terms in origins.items():
                put(self.year.added.setdefault(reserve, {}), p, *terms)
        rows = [(s, self.year.row(s), self.left[s]) for s in services]
        rows += [(f"gap of {fund}", self.year.gaps.setdefault(fund, Row()), gap) for fund, gap in gaps.items()]
        self._spread(what, rows, variance, done.borne, start)
        for service, terms in done.used.items():
            self.left[service] = self.bench.line("Variances", f"{what}: left of {service} after offsets", "",
                                                 f"{self.left[service]}+{plus(terms)}", "what was used is gone")
            put(self.year.row(service).columns, "offset", f"-({plus(terms)})")

    def _fenced(self, rule: Rule, services: Sequence[str]) -> dict[str, Term]:
        """Ring-fenced money of these services that is not used, by source, where a step asks for it."""
        if not any(getattr(step, "ring_fenced_first", False) for step in rule.underspend):
            return {}
        sums: Amounts = {}
        for service in services:
            unused = self.plan.unused_fenced(service, self.cost[service], self.left[service])
            if unused is None:
                reason = f"{rule.id}: ring-fenced money not used in {service} is the engine's figure"
                stretch, spent = self.stretch, self.spent
                amounts = stretch.unused_fenced(service, spent.date, spent.actuals.get(service, 0))
                unused = {p: self.bench.line("Variances", f"{service}: ring-fenced money not used", p,
                                             Frozen(amount, reason)) for p, amount in amounts.items()}
            for p, ref in unused.items():
                put(sums, p, ref)
        return {p: self.bench.line("Variances", f"{rule.id}: ring-fenced money not used", p, plus(terms))
                for p, terms in sums.items()}

    def _usable(self, rule: Rule) -> list[tuple[dict[str, Term], Term]]:
        """What is left of the underspends under each later rule, and that rule's net underspend."""
        named = {s for step in rule.overspend for s in step.services_named()}
        found: list[tuple[dict[str, Term], Term]] = []
        later = self.version.rules[self.version.rules.index(rule) + 1:]
        for other in later:
            services = [s for s in covered_by(self.version, other) if self.version.line_of(s) == "shared"]
            if named & set(services):
                sizes: dict[str, Term] = {
                    s: self.bench.line("Variances", f"{rule.id}: underspend of {s}", "", f"MAX(-{self.left[s]},0)")
                    for s in services}
                gaps = [self.gaps[s] for s in services if s in self.gaps]
                net = self.bench.line("Variances", f"{rule.id}: net underspend under {other.id}", "",
                                      f"-({plus([*(self.left[s] for s in services), *gaps])})")
                found.append((sizes, net))
        return found

    def _spread(self, what: str, rows: Sequence[tuple[str, Row, Term]], variance: Ref, borne: Mapping[str, Ref],
                start: Start) -> None:
        """Each service's part of what partners and columns have: on running totals by what each has of the whole."""
        if len(rows) == 1:
            for who, ref in borne.items():
                _bears(rows[0][1], who, ref)
            return
        names = [*(p for p in self.bench.partners if p in borne or p in start.facts.taking_part),
                 *(c for c in COLUMNS if c in borne)]
        given = self.plan.contributions(start.services)
        whole = self.bench.total("Shares", f"{what}: contributions of who takes part", "",
                                 [given[p] for p in start.facts.taking_part if p in given])
        weights = Weights(tuple(Weight(who, self.bench.line(
            "Shares", f"{what}: weight in spreading", who,
            f"IF({variance}=0,{self._when_zero(who, given, whole, start)},ABS({borne.get(who, 0)}))",
            "what it has of the whole variance; by contributions where that is zero")) for who in names))
        before: dict[str, Ref] = {}
        running: Term = 0
        for name, row, amount in rows:
            running = self.bench.line("Shares", f"{what}: running total up to {name}", "", f"{running}+{amount}")
            after = self.bench.splits.split(f"{what}: spread up to {name}", running, weights)
            for who, ref in after.items():
                _bears(row, who, f"({ref}-{before[who]})" if who in before else ref)
            before = after

    def _when_zero(self, who: str, given: Mapping[str, Ref], whole: Ref, start: Start) -> str:
        if who not in start.facts.taking_part:
            return "0"
        return f"IF({whole}=0,1,{given.get(who, 0)})"

    def uncovered(self) -> None:
        """A variance that no rule covers is unallocated."""
        covered = {s for rule in self.version.rules for s in covered_by(self.version, rule)}
        for service in self.version.services:
            if service not in covered and self.version.line_of(service) == "shared":
                put(self.year.row(service).columns, UNALLOCATED, self.left[service])
                if service in self.gaps:
                    put(self._gap_row(service).columns, UNALLOCATED, self.gaps[service])


def _bears(row: Row, who: str, term: Term) -> None:
    if who in COLUMNS:
        put(row.columns, who, term)
    else:
        put(row.variance, who, term)
        put(row.kept, who, term)


