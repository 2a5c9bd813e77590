"""Who meets each budget, in cells: on running totals by common weights, or by exact parts where services differ.

The twin of `commissioning.apportionment.met.budgets` and of `Stretch.budget_shares`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from allocation.costs.shared import BY_AMOUNT, Shared
from commissioning.agreement.checks import covered_by
from commissioning.agreement.model import Rule
from commissioning.apportionment.last_agreed import COST, last_shares
from commissioning.books.cost_items import cost_rules, cost_services
from exports.scenario.borne import Year, put
from exports.scenario.exact import Part, together
from exports.scenario.expressed import common, expresses, size
from exports.scenario.given import Sharing
from exports.scenario.model import Ref, Term, plus
from exports.scenario.plan import Given, Plan, sharing_of
from exports.scenario.sharing import exact_parts, shares
from exports.scenario.split import FINE, LARGE, Weight, Weights

LOST = "0.000001"
"""Less of a penny than this is lost by nothing but how cells reckon."""
Liable = Mapping[str, Mapping[str, Term]]
"""What partners are liable for in this version, by service, where the cost itself is shared."""


def budgets(year: Year, plan: Plan, place: int, liable: Liable) -> None:
    """Each fund's budgets by partner."""
    for fund in plan.stretch.version.funds:
        services = [s for s, terms in plan.stretch.version.services.items() if terms.fund == fund]
        if services:
            _Fund(year, plan, place, fund, services, liable).write()


@dataclass(frozen=True)
class _Fund:
    """One fund in one version."""

    year: Year
    plan: Plan
    place: int
    fund: str
    services: Sequence[str]
    liable: Liable

    @property
    def what(self) -> str:
        return f"{self.plan.said}{self.fund}"

    def write(self) -> None:
        """By common weights where there are some, else by exact parts, else as the engine has them."""
        of_cost = set(self.services) & cost_services(self.plan.stretch.version)
        if not self._common(of_cost):
            self._by_parts()
        elif of_cost:
            self._running(self._cost_weights(self.services[0]))
        else:
            self._running(self.plan.free(self.fund))

    def _common(self, of_cost: set[str]) -> bool:
        """Whether all services that are not kept are met by the same weights."""
        version = self.plan.stretch.version
        rules = [r for r in cost_rules(version) if set(self.services) & set(covered_by(version, r))]
        if of_cost:
            return len(rules) == 1 and of_cost == set(self.services) and self._weighs(rules[0])
        return not any(self.plan.fences(s) for s in self.services if version.line_of(s) != "own")

    # --------------------------------------------------------------------------------------- by common weights

    def _running(self, weights: Weights) -> None:
        """Largest remainder on running totals: what a service adds to each partner's part."""
        bench, version = self.year.bench, self.plan.stretch.version
        of_cost = cost_services(version)
        before: Mapping[str, Ref] = {}
        sum_before: Ref | None = None
        for service in self.services:
            row, budget = self.year.row(service), self.plan.budgets[service]
            if version.line_of(service) == "own" and service not in of_cost:
                put(row.budget, version.lead_of(service), budget)
                continue
            running = bench.line("Budgets", f"{self.what}: running total up to {service}", "",
                                 f"{'' if sum_before is None else f'{sum_before}+'}{budget}",
                                 "budgets that the partners meet by their weights")
            after = bench.splits.split(f"{self.what}: budgets up to {service}", running, weights)
            _put_more(row.budget, after, before)
            before, sum_before = after, running

    def _rule(self, service: str) -> Rule:
        version = self.plan.stretch.version
        return next(r for r in cost_rules(version) if service in covered_by(version, r))

    def _weighs(self, rule: Rule, most: int = FINE) -> bool:
        """Whether a rule that shares cost has whole weights, of so many at most, that meet its budgets."""
        if _by_outcome(rule):
            return False
        assert isinstance(rule.cost, Shared), "others' budgets go by the outcome"
        basis, agreement = rule.cost.basis, self.plan.bench.base.agreement
        if not expresses(basis, agreement):
            return True  # the engine's
        return common(basis, agreement) and size(basis, agreement) <= most

    def _cost_sharing(self, service: str) -> Sharing:
        """By what a budget is shared where the cost is: by its basis as planned."""
        rule = self._rule(service)
        covered = covered_by(self.plan.stretch.version, rule)
        books = self.year.position.figures
        facts = replace(self.plan.stretch.facts(covered, books.received, books.units), planning=True)
        facts = replace(facts, last=next(iter(last_shares(rule, COST, self.year.past(self.place))), None))
        assert isinstance(rule.cost, Shared), "others' budgets go by the outcome"
        path, what = f"{self.plan.prefix}rules.{rule.id}.cost", f"{self.plan.said}{rule.id}, budgets"
        return sharing_of(self.plan, rule.cost.basis, path, what, covered, facts)

    def _cost_weights(self, service: str) -> Weights:
        """Its weights, equal ones where they say nothing."""
        at = self._cost_sharing(service)
        weights = shares(at)
        assert isinstance(weights, Weights), "asked before"
        if at.given.name in ("fixed", "equal", "parties"):
            return weights
        whole = self.year.bench.total("Shares", f"{at.what}: all weights together", "",
                                      [part.weight for part in weights.parts], "equal parts where this is zero")
        known = {part.party: part.weight for part in weights.parts}
        return Weights(tuple(Weight(p, f"IF({whole}=0,{int(p in at.facts.taking_part)},{known.get(p, 0)})")
                             for p in at.facts.partners if p in known or p in at.facts.taking_part), weights.most)

    # ------------------------------------------------------------------------------------------ by exact parts

    def _by_parts(self) -> None:
        """Exact parts on running totals, where each service's are its own."""
        bench, so_far = self.year.bench, {p: [Part(0)] for p in self.year.bench.partners}
        before: Mapping[str, Ref] = {}
        running: Term = 0
        for service in self.services:
            running = bench.line("Budgets", f"{self.what}: running total up to {service}", "",
                                 f"{running}+{self.plan.budgets[service]}")
            for p, parts in self._parts(service).items():
                so_far[p] = [*so_far[p], *parts]
            what = f"{self.what}: budgets up to {service}"
            after, sums = bench.exact.running(what, running, so_far, bench.partners)
            _put_more(self.year.row(service).budget, after, before)
            before, so_far = after, {p: [part] for p, part in sums.items()}

    def _parts(self, service: str) -> Mapping[str, Sequence[Part]]:
        """A service's exact parts."""
        version, budget = self.plan.stretch.version, self.plan.budgets[service]
        if service in cost_services(version):
            rule = self._rule(service)
            return self._by_liabilities(service) if _by_outcome(rule) else self._by_cost(service, rule)
        if version.line_of(service) == "own":
            return {version.lead_of(service): [Part(budget)]}
        fences = self.plan.fences(service)
        if len({frozenset(g.line.services) for g in fences}) > 1:
            return self._by_several_fences(service, fences)
        return self._by_fences(service, fences)

    def _by_cost(self, service: str, rule: Rule) -> Mapping[str, Sequence[Part]]:
        """As the cost is shared: by weights that are small enough, or by exact parts, equal where these say nothing."""
        if self._weighs(rule, LARGE):
            return self._by_weights(service, self._cost_weights(service))
        bench, at = self.year.bench, replace(self._cost_sharing(service), amount=Part(self.plan.budgets[service]))
        parts, taking = exact_parts(at), at.facts.taking_part
        met, what = together(list(parts.values())), f"{self.what}: budget of {service}"
        lost = bench.line("Budgets", f"{what}, met equally", "",
                          f"IF(ABS({at.amount.whole}-{met.whole}-{met.rest})>{LOST},1,0)", "1: nothing says by whom")
        found: dict[str, list[Part]] = {}
        for p in (p for p in bench.partners if p in parts or p in taking):
            alike = bench.exact.times(f"{what}, met equally", p, at.amount, int(p in taking), len(taking))
            own = parts.get(p, Part(0))
            found[p] = [Part(f"IF({lost}=1,{alike.whole},{own.whole})", f"IF({lost}=1,{alike.rest},{own.rest})")]
        return found

    def _by_weights(self, service: str, weights: Weights) -> Mapping[str, Sequence[Part]]:
        whole = self.year.bench.total("Budgets", f"{self.what}: weights for {service}", "",
                                      [part.weight for part in weights.parts])
        return {part.party: [self._times(service, part.party, part.weight, whole)] for part in weights.parts}

    def _by_liabilities(self, service: str) -> Mapping[str, Sequence[Part]]:
        """In the ratio of what partners are liable for; equally while that totals zero."""
        bench, version = self.year.bench, self.plan.stretch.version
        taking = self.plan.stretch.facts(covered_by(version, self._rule(service))).taking_part
        liable = self.liable.get(service, {})
        whole = bench.line("Budgets", f"{self.what}: liabilities for {service}", "", plus(list(liable.values())),
                           "equal parts where this is zero")
        over = bench.line("Budgets", f"{self.what}: budget of {service} is divided by", "",
                          f"IF({whole}=0,{len(taking)},ABS({whole}))")
        return {p: [self._times(service, p, f"IF({whole}=0,{int(p in taking)},SIGN({whole})*({liable.get(p, 0)}))",
                                over)] for p in bench.partners if p in taking or p in liable}

    def _by_fences(self, service: str, fences: Sequence[Given]) -> Mapping[str, Sequence[Part]]:
        """Ring-fenced money first, as far as it goes, each source by its amount; the rest by what is free."""
        bench, free = self.year.bench, self.plan.free(self.fund)
        whole = bench.total("Budgets", f"{self.what}: weights of free contributions", "",
                            [part.weight for part in free.parts])
        if not fences:
            return {part.party: [self._times(service, part.party, part.weight, whole)] for part in free.parts}
        some = f"{self.plan.full[service]}>0"  # or nothing ring-fenced meets it
        held = bench.total("Budgets", f"{self.what}: ring-fenced for {service}", "", [
            f"IF({some},{g.full},0)" for g in fences])
        need = bench.total("Budgets", f"{self.what}: budgets that this may meet", "", self.plan.to_meet(fences[0]))
        lone = f"AND({self.plan.all_free(self.fund)}=0,{held}>0)"  # no other money: all is met in its proportions
        over = bench.line("Budgets", f"{self.what}: budget of {service} is divided by", "",
                          f"IF({some},IF({lone},{held},MAX({held},{need})),1)",
                          "ring-fenced money, or what it is for: the larger, if there is other money")
        found: dict[str, list[Part]] = {}
        for p in bench.partners:
            own = [g.full for g in fences if g.line.partner == p]
            if own:
                found.setdefault(p, []).append(self._times(service, p, f"IF({some},{plus(own)},0)", over))
        rest = self._times(service, "beyond ring-fenced money", f"({over}-{held})", over)
        return self._with_free(service, found, rest, free, whole)

    def _with_free(self, service: str, found: dict[str, list[Part]], rest: Part, free: Weights,
                   whole: Ref) -> Mapping[str, Sequence[Part]]:
        """What is beyond ring-fenced money, by what is free."""
        for part in free.parts:
            found.setdefault(part.party, []).append(self.year.bench.exact.times(
                f"{self.what}: budget of {service}, by what is free", part.party, rest, part.weight, whole))
        return found

    def _by_several_fences(self, service: str, fences: Sequence[Given]) -> Mapping[str, Sequence[Part]]:
        """The same where the money is for unlike services. What is more than the budget is used in its proportions."""
        bench, budget, said = self.year.bench, self.plan.budgets[service], f"{self.what}: ring-fenced for {service}"
        scale, covered = self._covered(service, said, fences)
        every = together([part for parts in covered.values() for part in parts])
        lone = f"AND({self.plan.all_free(self.fund)}=0,{every.whole}+{every.rest}>0)"
        more = bench.line("Budgets", f"{said}: more than its budget, or nothing else", "",
                          f"IF(OR({every.whole}-{scale}+{every.rest}>0,{lone}),1,0)",
                          "1: used in its proportions, nothing else")
        over = Part(bench.line("Budgets", f"{said}: divided by", "", f"IF({more}=1,{every.whole},{scale})"),
                    f"IF({more}=1,{every.rest},0)")
        what = f"{self.what}: budget of {service}"
        found = {p: [bench.exact.times(what, p, Part(budget), together(covered[p]), over)]
                 for p in bench.partners if p in covered}
        met = together([part for parts in found.values() for part in parts])
        rest = Part(f"IF({more}=1,0,{budget}-{met.whole})", f"IF({more}=1,0,-{met.rest})")
        free = self.plan.free(self.fund)
        whole = bench.total("Budgets", f"{self.what}: weights of free contributions", "",
                            [part.weight for part in free.parts])
        return self._with_free(service, found, rest, free, whole)

    def _covered(self, service: str, said: str, fences: Sequence[Given]) -> tuple[Ref, dict[str, list[Part]]]:
        """In how many parts a budget is counted, and of how many of these each partner's ring-fenced money is.

        A sum for several services meets the same part of each. So many parts that all fences together are at most a
        million millions of them, which formulas divide exactly.
        """
        bench = self.year.bench
        needs: dict[frozenset[str], Ref] = {}
        for g in fences:
            key = frozenset(g.line.services)
            if key not in needs:
                needs[key] = bench.total("Budgets", f"{self.what}: budgets that this may meet", "",
                                         self.plan.to_meet(g))
        sums = [(g, needs[frozenset(g.line.services)]) for g in fences]
        often = "+".join(f"IF({need}=0,0,INT({g.full}/{need}))" for g, need in sums)
        scale = bench.line("Budgets", f"{said}: all of the budget", "", f"INT({LARGE}/({len(sums)}+{often}))",
                           "so many parts, which are counted exactly")
        covered: dict[str, list[Part]] = {}
        for g, need in sums:
            used = f"IF({self.plan.full[service]}>0,{g.full},0)"
            covered.setdefault(g.line.partner, []).append(bench.exact.times(
                f"{said}, {g.line.source}", g.line.partner, Part(scale), used, need))
        return scale, covered

    def _times(self, service: str, who: str, times: Term, over: Term) -> Part:
        budget = self.plan.budgets[service]
        return self.year.bench.exact.times(f"{self.what}: budget of {service}", who, Part(f"ABS({budget})"),
                                           f"IF({budget}<0,-1,1)*{times}", over)


def _put_more(into: dict[str, list[Term]], after: Mapping[str, Ref], before: Mapping[str, Ref]) -> None:
    for p, ref in after.items():
        put(into, p, f"({ref}-{before[p]})" if p in before else ref)


def _by_outcome(rule: Rule) -> bool:
    """Whether only the outcome tells who meets a budget under a rule that shares cost."""
    return not isinstance(rule.cost, Shared) or rule.cost.basis.name in BY_AMOUNT
