"""The year in cells, stage by stage as the engine works: costs, budgets, kept lines, rules, what nobody bears.

The twin of `commissioning.apportionment.apportion`; every function here has the name of what it mirrors there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod

from allocation.cost import UNALLOCATED
from allocation.costs.shared import Shared
from commissioning.agreement.checks import covered_by
from commissioning.agreement.model import Rule
from commissioning.agreement.plan import Stretch
from commissioning.apportionment.last_agreed import COST, last_shares
from commissioning.books.cost_items import cost_rules, cost_services
from commissioning.closing.position import Position
from commissioning.scenario.base import Cost
from commissioning.statement import COLUMNS
from exports.scenario import reserves
from exports.scenario.bench import Bench
from exports.scenario.borne import Amounts, Row, Year, bears, put
from exports.scenario.costs import KINDS as CASES
from exports.scenario.costs.given import Cases, SoFar, engines
from exports.scenario.met import budgets
from exports.scenario.model import Ref, Term, plus, times_half_up
from exports.scenario.plan import Plan, sharing_of
from exports.scenario.sharing import shared_out
from exports.scenario.split import Weight, Weights
from exports.scenario.waterfall import Start, waterfall


def work_out(bench: Bench, position: Position) -> Year:
    """Writes every stage. `position` is the engine's baseline: facts that are no inputs are taken from it."""
    year = Year(bench, position)
    several = len(bench.base.planned) > 1
    plans = [Plan(bench, stretch, f"{stretch.version.id}." if several else "") for stretch in bench.base.planned]
    reserves.begin(year, plans)
    for i, plan in enumerate(plans):
        one = _Version(year, plan, i)
        reserves.come_and_go(year, plan)
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


class _Version:
    """One version's days."""

    def __init__(self, year: Year, plan: Plan, place: int) -> None:
        self.year, self.plan, self.place, self.bench = year, plan, place, year.bench
        self.stretch: Stretch = plan.stretch
        self.version = plan.stretch.version
        self.spent = year.position.spent[place]
        self.cost: dict[str, Ref] = {}
        self.left: dict[str, Term] = {}
        self.liable: dict[str, Mapping[str, Term]] = {}
        self.rows_of: dict[str, list[tuple[Cost, Ref]]] = {}
        self.shared = cost_services(self.version)
        self.cases = {one.rule.id: Cases(self.bench, one, plan.prefix, f"{plan.said}{one.rule.id}",
                                         year.so_far.setdefault(one.rule.id, SoFar()))
                      for one in self.bench.base.cases if one.stretch == place}
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
            terms += [ref for cases in self.cases.values() if not cases.one.reason for ref in cases.costs(service)]
            name = self.version.services[service].name or service
            self.cost[service] = self.bench.total("Costs", f"{self.plan.said}{name}: cost", "", terms) if terms else (
                self.bench.line("Costs", f"{self.plan.said}{name}: cost", "", str(self.spent.actuals.get(service, 0)),
                                "as the books have it, case by case"))
            self.year.actuals.setdefault(service, []).append(self.cost[service])
            self.year.budgets.setdefault(service, []).append(self.plan.budgets[service])
            for one, ref in self.rows_of.get(service, []):
                if one.payer:
                    put(self.year.more_paid, one.payer, f"({ref}-({one.amount}))")

    def _cost(self, cost: Cost) -> Ref:
        tail = self.bench.base.told_apart(cost)
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
            if rule.id in self.cases:
                self._by_case(self.cases[rule.id])

    def _by_case(self, cases: Cases) -> None:
        """What a rule that looks at cases puts on whom; the engine's figures where its rows are no inputs."""
        if cases.one.reason:
            engines(cases)
        else:
            assert cases.one.rule.cost is not None, "a rule that shares cost"
            CASES[cases.one.rule.cost.name](cases)
        for service, parts in cases.totals().items():
            if UNALLOCATED in parts:
                put(self.year.row(service).columns, UNALLOCATED, parts[UNALLOCATED])
            self._liable(service, {p: [ref] for p, ref in parts.items() if p != UNALLOCATED})

    def _share_cost(self, rule: Rule, cost: Shared, service: str, services: Sequence[str]) -> None:
        row, what = self.year.row(service), f"{self.plan.said}{rule.id}, cost of {service}"
        rest: list[Term] = []
        liable: Amounts = {}
        for one, ref in self.rows_of.get(service, []):
            if cost.eligible is None or one.cost_class in cost.eligible:
                rest.append(ref)
            elif one.payer:
                put(liable, one.payer, ref)
            else:
                put(row.columns, UNALLOCATED, ref)
        fault = sum(self.spent.faults.get(service, {}).values())
        total = self.bench.line("Variances", f"{what}: to be shared", "", f"{plus(rest)}-({fault})")
        facts = self.stretch.facts(services, self.year.position.figures.received, self.year.position.figures.units)
        facts = replace(facts, last=next(iter(last_shares(rule, COST, self.year.past(self.place))), None))
        sharing = sharing_of(self.plan, cost.basis, f"{self.plan.prefix}rules.{rule.id}.cost", what, services, facts)
        for p, part in shared_out(sharing, what, total).items():
            put(liable, p, part)
        self._liable(service, liable)

    def _liable(self, service: str, liable: Amounts) -> None:
        """Notes what partners are liable for of a service's cost."""
        self.liable[service] = {p: f"({plus(terms)})" for p, terms in liable.items()}
        for p, terms in liable.items():
            put(self.year.row(service).cost, p, *terms)

    def budgets(self) -> None:
        """Each fund's budgets by partner."""
        budgets(self.year, self.plan, self.place, self.liable)

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
                      {name: (b.numerator, b.denominator) for name, b in self.spent.better.items()}, self.year.used,
                      self.year.past(self.place))
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
                bears(rows[0][1], who, ref)
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
                bears(row, who, f"({ref}-{before[who]})" if who in before else ref)
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
