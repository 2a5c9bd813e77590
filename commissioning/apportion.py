"""Who bears what: budgets by partner, variances through the rules, both spread over services so that all tables foot.

Works on the year to date, version by version; annual limits continue over the versions of a year (AGREEMENTS 2.2, 2.6,
2.7, 4). Pure: the plan, the actuals and the reserves in; parts, reserve movements and the working out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from allocation.cost import UNALLOCATED, Carried, Charged, CostItem
from allocation.model import Facts, Usable
from allocation.waterfall import Given, Outcome, Used, run
from commissioning.agreement import Rule, Version
from commissioning.checks import covered_by
from commissioning.cost_items import cost_rules, cost_services
from commissioning.figures import JOINING, LEAVING, LEFT
from commissioning.last_agreed import COST, Past, last_shares
from commissioning.plan import Stretch
from commissioning.statement import COLUMNS, WorkingLine
from ledger.money import grouped, largest_remainder, split

Reserves = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Spent:
    """One version's days: what was planned and what was spent on each service, in minor units."""

    stretch: Stretch
    date: dt.date  # the day up to which the budgets run
    budgets: Mapping[str, int]
    actuals: Mapping[str, int]
    faults: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # by service and partner at fault
    items: Sequence[CostItem] | None = ()  # of services whose cost is shared; None: leave these out
    better: Mapping[str, Fraction] = field(default_factory=dict)  # units by which each outcome beats its baseline

    def leaves_out(self, service: str) -> bool:
        """Whether the service's cost is shared and nobody asked by whom."""
        return self.items is None and service in cost_services(self.stretch.version)

    def variance(self, service: str) -> int:
        return self.actuals.get(service, 0) - self.budgets[service]

    @cached_property
    def gaps(self) -> Mapping[str, int]:
        """What contributions fall short of the budgets, by service, in funds that share their gap."""
        return self.stretch.gaps(self.date)


@dataclass(slots=True)
class Row:
    """One service: what each partner has of its budget and of its variance, and what stands in a column.

    `cost` is what partners are liable for where the cost itself is shared, `cost_variance` that less their budgets.
    """

    fund: str
    budget: dict[str, int] = field(default_factory=dict)
    variance: dict[str, int] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    cost: dict[str, int] = field(default_factory=dict)
    cost_variance: dict[str, int] = field(default_factory=dict)

    @property
    def borne(self) -> int:
        """What partners and columns have of the variance, together."""
        return sum(self.variance.values()) + sum(self.columns.values())


@dataclass(frozen=True, slots=True)
class Moved:
    """What a joining or leaving partner puts into a reserve (+) or takes out of it (−), and by which word."""

    reserve: str
    partner: str
    amount: int
    how: str


@dataclass(slots=True)
class Apportioned:
    """What each partner and column has, by service; what was drawn from and added to each reserve, by origin.

    `gaps`: the same of each fund whose contributions fall short of its budgets, where the gap is shared.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    gaps: dict[str, Row] = field(default_factory=dict)
    drawn: dict[str, dict[str, int]] = field(default_factory=dict)
    added: dict[str, dict[str, int]] = field(default_factory=dict)
    repayable: dict[tuple[str, str, int], int] = field(default_factory=dict)  # by fund, partner and years
    moved: list[Moved] = field(default_factory=list)
    carried: dict[str, int] = field(default_factory=dict)  # to next year's budget, by service
    working: list[WorkingLine] = field(default_factory=list)

    def share_of_variance(self, partner: str) -> int:
        """What the rules and its own lines put on a partner; where cost is shared there is no share of variance."""
        rows = [*self.rows.values(), *self.gaps.values()]
        return sum(row.variance.get(partner, 0) - row.cost_variance.get(partner, 0) for row in rows)

    def share_of_cost(self, partner: str) -> int:
        """What a partner is liable for where the cost itself is shared."""
        return sum(row.cost.get(partner, 0) for row in self.rows.values())


@dataclass(frozen=True, slots=True)
class Grounds:
    """What shares rest on beside plan and cost.

    `balances`: each reserve by partner of origin as the year found it. `received`: paid this year by fund and partner.
    `units`: used this year by service and partner. `opening`: each case's units before the year. Both in millionths.
    `final`: neither a forecast nor indicative. `strays`: cost on services that no version in force on its day has.
    `past`: the versions before this one, the latest first; None where no share is ever to be as it last was.
    """

    balances: Reserves = field(default_factory=dict)
    received: Mapping[tuple[str, str], int] = field(default_factory=dict)
    units: Mapping[tuple[str, str], int] = field(default_factory=dict)
    opening: Mapping[str, int] = field(default_factory=dict)
    final: bool = True
    strays: Mapping[str, int] = field(default_factory=dict)
    past: tuple[Past, ...] | None = None

    def after(self, stretch: Stretch) -> Grounds:
        """What the year's next version rests on: it may look back at this one."""
        if self.past is None:
            return self
        return replace(self, past=(Past(stretch, self.received, self.units), *self.past))


def apportion(spent: Sequence[Spent], grounds: Grounds, funds: Mapping[str, str]) -> Apportioned:
    """Every version's budgets and variances, apportioned. `funds`: the fund of every service there ever was.

    Raises the errors of `allocation.errors` where a rule cannot be worked out.
    """
    found = Apportioned()
    used: dict[tuple[str, str], tuple[Used, ...]] = {}
    held = {reserve: dict(parts) for reserve, parts in grounds.balances.items()}
    carried: dict[str, Carried] = {}
    for one in spent:
        _come_and_go(one, held, found)
        charges = _charges(one, grounds, carried)
        _budgets(one, charges, found)
        left = _faults(one, found)
        _kept_lines(one, left, found)
        for rule in one.stretch.version.rules:
            if rule.cost is not None:
                continue
            outcome = _rule(one, rule, left, replace(grounds, balances=held), used, found)
            _move(held, outcome.reserves)
            _record(found, outcome.reserves)
        _uncovered(one, left, found)
        grounds = grounds.after(one.stretch)
    _strays(grounds.strays, funds, found)
    for name, row in found.rows.items():
        ones = [one for one in spent if name in one.budgets and not one.leaves_out(name)]
        whole = grounds.strays.get(name, 0) + sum(one.variance(name) for one in ones)
        assert row.borne == whole, f"the variance of {name} is borne"
    whole = sum(sum(one.gaps.values()) for one in spent)
    assert sum(row.borne for row in found.gaps.values()) == whole, "what is short is borne"
    return found


def _come_and_go(one: Spent, held: dict[str, dict[str, int]], found: Apportioned) -> None:
    """On the day on which a version takes effect, who joins buys into reserves, and who leaves has its part settled."""
    version, order = one.stretch.version, one.stretch.agreement.partners
    if one.stretch.window.starts != version.effective:
        return
    moves = [Moved(reserve, partner, -amount, LEAVING if terms.reserves == "paid_out" else LEFT)
             for partner, terms in version.leavers.items()
             for reserve, parts in held.items() if (amount := parts.get(partner, 0))]
    for gone in [one for one in moves if one.how == LEFT]:
        staying = {p: max(held[gone.reserve].get(p, 0), 0) for p in order if p not in version.leavers}
        weights = staying if sum(staying.values()) else dict.fromkeys(staying, 1)
        parts = zip(staying, split(abs(gone.amount), list(weights.values())), strict=True)
        moves += [Moved(gone.reserve, p, part if gone.amount < 0 else -part, LEFT) for p, part in parts if part]
    moves += [Moved(reserve, partner, amount, JOINING) for partner, terms in version.joiners.items()
              for reserve, amount in terms.reserves.items() if amount]
    for move in moves:
        _move(held, {move.reserve: {move.partner: move.amount}})
    found.moved += moves


def _faults(one: Spent, found: Apportioned) -> dict[str, int]:
    """Puts each recorded fault on its partner, in its service's row; answers what is left of each variance."""
    left = {service: one.variance(service) for service in one.budgets}
    for service, parts in one.faults.items():
        if service in cost_services(one.stretch.version):
            found.working.append(WorkingLine("", one.stretch.version.reference, f"fault {service}", sum(parts.values()),
                                             parts, 0, "recorded as the partner's fault, before the cost is shared"))
            continue
        row = _row(found, one, service)
        _add(row.variance, parts)
        found.working.append(WorkingLine("", one.stretch.version.reference, f"fault {service}", left[service], parts,
                                         left[service] - sum(parts.values()), "recorded as the partner's fault"))
        left[service] -= sum(parts.values())
    return left


def _add(total: dict[str, int], parts: Mapping[str, int]) -> None:
    for who, amount in parts.items():
        total[who] = total.get(who, 0) + amount


def _move(total: dict[str, dict[str, int]], changes: Reserves) -> None:
    for reserve, parts in changes.items():
        held = total.setdefault(reserve, {})
        for partner, amount in parts.items():
            held[partner] = held.get(partner, 0) + amount


def _record(found: Apportioned, changes: Reserves) -> None:
    for reserve, parts in changes.items():
        _move(found.drawn, {reserve: {p: -amount for p, amount in parts.items() if amount < 0}})
        _move(found.added, {reserve: {p: amount for p, amount in parts.items() if amount > 0}})


def _row(found: Apportioned, one: Spent, service: str) -> Row:
    return found.rows.setdefault(service, Row(one.stretch.version.services[service].fund))


def _gap_row(found: Apportioned, fund: str) -> Row:
    return found.gaps.setdefault(fund, Row(fund))


def _gaps_of(one: Spent, services: Iterable[str]) -> dict[str, int]:
    """What these services' funds are short of, as far as it lies on them, by fund."""
    found: dict[str, int] = {}
    for service in services:
        if one.gaps.get(service):
            _add(found, {one.stretch.version.services[service].fund: one.gaps[service]})
    return found


def spread(totals: Iterable[int], quotas: Callable[[int, int], Mapping[str, Fraction]],
           order: Sequence[str]) -> list[dict[str, int]]:
    """Rows over columns by largest remainder on running totals, so that every row and every column foots.

    `quotas(i, total)` gives row i's exact parts, which sum to its total; `order` is that of ties.
    """
    running = dict.fromkeys(order, Fraction(0))
    before = dict.fromkeys(order, 0)
    rows = []
    for i, total in enumerate(totals):
        parts = quotas(i, total)
        assert sum(parts.values()) == total, "a row's exact parts sum to it"
        for who, part in parts.items():
            running[who] += part
        after = dict(zip(order, largest_remainder([running[who] for who in order]), strict=True))
        rows.append({who: after[who] - before[who] for who in order})
        before = after
    return rows


@dataclass(frozen=True, slots=True)
class _Charge:
    """What a cost rule put on partners for its services."""

    rule: Rule
    facts: Facts
    charged: Charged

    def budget_shares(self, service: str, budget: int) -> Mapping[str, Fraction]:
        assert self.rule.cost is not None
        return self.rule.cost.budget_shares(budget, self.charged.liabilities.get(service, {}), self.facts)


def _charges(one: Spent, grounds: Grounds, carried: dict[str, Carried]) -> dict[str, _Charge]:
    """Each service whose cost is shared, with what its rule made of it; `carried` goes from version to version."""
    found: dict[str, _Charge] = {}
    version = one.stretch.version
    for rule in cost_rules(version) if one.items is not None else ():
        assert rule.cost is not None
        services = covered_by(version, rule)
        facts = one.stretch.facts(services, grounds.received, grounds.units)
        facts = replace(facts, last=next(iter(last_shares(rule, COST, grounds.past)), None))
        items = [item for item in one.items or () if item.service in services]
        items += [rule.cost.fault_item(s, sum(one.faults[s].values())) for s in services if s in one.faults]
        charged = rule.cost.charge(items, facts, carried.get(rule.id, Carried(grounds.opening)))
        carried[rule.id] = charged.carried
        found.update(dict.fromkeys(services, _Charge(rule, facts, charged)))
    return found


def _budgets(one: Spent, charges: Mapping[str, _Charge], found: Apportioned) -> None:
    """Each fund's budgets to date by partner; where the cost is shared, the cost beside them."""
    version, partners = one.stretch.version, list(one.stretch.agreement.partners)
    for fund in version.funds:
        services = [s for s, terms in version.services.items() if terms.fund == fund and not one.leaves_out(s)]
        shares = [charges[s].budget_shares(s, one.budgets[s]) if s in charges else one.stretch.budget_shares(s)
                  for s in services]
        covers = one.stretch.partners_of([fund])

        def quotas(i: int, total: int, shares: Sequence[Mapping[str, Fraction]] = shares) -> dict[str, Fraction]:
            return {p: total * share for p, share in shares[i].items()}

        rows = spread([one.budgets[s] for s in services], quotas, partners)
        for service, share, parts in zip(services, shares, rows, strict=True):
            row = _row(found, one, service)
            for partner in partners:
                if partner in covers or parts[partner]:
                    row.budget[partner] = row.budget.get(partner, 0) + parts[partner]
                    row.variance.setdefault(partner, 0)
            found.working.append(_budget_line(one, service, share, parts))
            if service in charges:
                _cost(service, charges[service], one.faults.get(service, {}), parts, row, found)


def _cost(service: str, charge: _Charge, faults: Mapping[str, int], budget: Mapping[str, int], row: Row,
          found: Apportioned) -> None:
    """Where cost is shared, a partner's actual is what it is liable for, and its variance that less its budget.

    A recorded fault has left the cost before the rule; it is its partner's.
    """
    liable = dict(charge.charged.liabilities.get(service, {}))
    _add(liable, faults)
    variance = {p: liable.get(p, 0) - budget.get(p, 0) for p in (*budget, *(f for f in faults if f not in budget))}
    _add(row.cost, liable)
    _add(row.cost_variance, variance)
    _add(row.variance, variance)
    _add(row.columns, {UNALLOCATED: charge.charged.unallocated.get(service, 0)})
    rule = charge.rule
    found.working += [WorkingLine(rule.id, rule.reference, line.step, line.amount_in, line.out, line.remaining,
                                  line.because) for line in charge.charged.lines if line.service == service]


def _budget_line(one: Spent, service: str, shares: Mapping[str, Fraction],
                 parts: Mapping[str, int]) -> WorkingLine:
    said = ", ".join(f"{p} {share.numerator}/{share.denominator}" for p, share in shares.items())
    return WorkingLine("", one.stretch.version.reference, f"budget of {service}", one.budgets[service],
                       {p: part for p, part in parts.items() if part}, 0, f"met by {said}")


def _kept_lines(one: Spent, left: Mapping[str, int], found: Apportioned) -> None:
    """The variance of an `own` line stays with its lead, of a `host_bears` line with the fund's host."""
    version = one.stretch.version
    for service, terms in version.services.items():
        line, variance = version.line_of(service), left[service]
        if line == "shared" or service in cost_services(version):
            continue
        bearer = version.lead_of(service) if line == "own" else version.funds[terms.fund].host
        _add(_row(found, one, service).variance, {bearer: variance})
        why = "its own line: the lead partner keeps its variance" if line == "own" else "the host bears its variance"
        if variance:
            said = WorkingLine("", version.reference, f"{line} {service}", variance, {bearer: variance}, 0, why)
            found.working.append(said)
        for fund, short in _gaps_of(one, [service]).items():
            _add(_gap_row(found, fund).variance, {bearer: short})
            found.working.append(WorkingLine("", version.reference, f"{line} gap of {fund}", short, {bearer: short}, 0,
                                             f"what contributions are short of the budget of {service}"))


def _shared(version: Version, rule: Rule) -> list[str]:
    """The services whose variance a rule shares."""
    return [s for s in covered_by(version, rule) if version.line_of(s) == "shared"]


def _rule(one: Spent, rule: Rule, left: dict[str, int], grounds: Grounds,
          used: dict[tuple[str, str], tuple[Used, ...]], found: Apportioned) -> Outcome:
    """One rule on what is left of its services' net variance, spread back over them."""
    version = one.stretch.version
    services = _shared(version, rule)
    gaps = _gaps_of(one, services)
    variance = sum(left[s] for s in services) + sum(gaps.values())
    side = "overspend" if variance >= 0 else "underspend"
    steps = rule.steps(side) if variance else ()
    facts = one.stretch.facts(services, grounds.received, grounds.units)
    given = Given(facts, sum(one.stretch.full_budget(s) for s in services), grounds.balances,
                  _unused_fenced(one, services), grounds.final, _usable(one, rule, left), one.better,
                  last_shares(rule, side, grounds.past))
    outcome = run(variance, steps, given, used.get((rule.id, side), ()))
    if steps:
        used[rule.id, side] = outcome.used
    found.working.append(_variance_line(one, rule, {s: left[s] for s in services}, gaps))
    found.working += [WorkingLine(rule.id, rule.reference, line.step, line.amount_in, line.out, line.remaining,
                                  line.because) for line in outcome.lines]
    _spread_rule(one, rule, {s: left[s] for s in services}, gaps, outcome, found)
    _use(one, outcome.offsets, left, found)
    _keep(one, services, left, outcome, found)
    return outcome


def _usable(one: Spent, rule: Rule, left: Mapping[str, int]) -> tuple[Usable, ...]:
    """What is left of the underspends under each rule that comes later in the file."""
    version = one.stretch.version
    later = version.rules[version.rules.index(rule) + 1:]
    return tuple(Usable({s: max(-left[s], 0) for s in _shared(version, other)},
                        -sum(left[s] + one.gaps.get(s, 0) for s in _shared(version, other))) for other in later)


def _use(one: Spent, offsets: Mapping[str, int], left: dict[str, int], found: Apportioned) -> None:
    """Underspends used to offset another rule's overspend are gone for their own."""
    for service, amount in offsets.items():
        left[service] += amount
        _add(_row(found, one, service).columns, {"offset": -amount})
        found.working.append(WorkingLine("", one.stretch.version.reference, f"used of {service}", -amount,
                                         {"offset": -amount}, 0, "this much of its underspend offsets an overspend"))


def _keep(one: Spent, services: Sequence[str], left: Mapping[str, int], outcome: Outcome, found: Apportioned) -> None:
    """Notes what is repayable to whom, and to which services' next budgets an underspend is added."""
    fund = one.stretch.version.services[services[0]].fund if services else ""
    for (partner, years), amount in outcome.repayable.items():
        found.repayable[fund, partner, years] = found.repayable.get((fund, partner, years), 0) + amount
    for named, amount in outcome.carried:
        unspent = {s: max(-left.get(s, 0), 0) for s in named}
        weights = unspent if sum(unspent.values()) else {s: one.budgets.get(s, 0) for s in named}
        weights = weights if sum(weights.values()) else dict.fromkeys(named, 1)
        _add(found.carried, dict(zip(weights, split(amount, list(weights.values())), strict=True)))


def _unused_fenced(one: Spent, services: Sequence[str]) -> dict[str, int]:
    """Ring-fenced money of these services that was planned to date and not used, by source."""
    unused: dict[str, int] = {}
    for service in services:
        _add(unused, one.stretch.unused_fenced(service, one.date, one.actuals.get(service, 0)))
    return unused


def _variance_line(one: Spent, rule: Rule, variances: Mapping[str, int], gaps: Mapping[str, int]) -> WorkingLine:
    """The variance as the rule's waterfall finds it, service by service."""
    money = one.stretch.agreement.currency
    said = []
    for service, variance in variances.items():
        before = one.variance(service) - variance
        taken = f" - {grouped(before, money)} borne or used before" if before else ""
        said.append(f"{service} {grouped(one.actuals.get(service, 0), money)} - {grouped(one.budgets[service], money)}"
                    f"{taken} = {grouped(variance, money)}")
    said += [f"contributions to {fund} short of its budgets by {grouped(gap, money)}" for fund, gap in gaps.items()]
    total = sum(variances.values()) + sum(gaps.values())
    return WorkingLine(rule.id, rule.reference, "variance", total, {}, total,
                       f"actual less budget to date: {'; '.join(said)}")


def _spread_rule(one: Spent, rule: Rule, variances: Mapping[str, int], gaps: Mapping[str, int], outcome: Outcome,
                 found: Apportioned) -> None:
    """Each service's part of what partners and columns have: v_s · S_p / V; where V is 0, by contributions.

    A gap that is shared with the variance is a row of its own, of its fund.
    """
    services, variance = list(variances), sum(variances.values()) + sum(gaps.values())
    facts = one.stretch.facts(services)
    whole: Mapping[str, int] = {**outcome.partners, **outcome.columns}
    if variance == 0:
        whole = {p: facts.contributions.get(p, 0) for p in facts.taking_part}
        whole = whole if sum(whole.values()) else dict.fromkeys(facts.taking_part, 1)
    divisor = variance or sum(whole.values())
    order = [*facts.partners, *COLUMNS]

    def quotas(_: int, total: int) -> dict[str, Fraction]:
        return {who: Fraction(total * amount, divisor) for who, amount in whole.items()}

    into = [(service, _row(found, one, service), amount) for service, amount in variances.items()]
    into += [(f"gap of {fund}", _gap_row(found, fund), amount) for fund, amount in gaps.items()]
    rows = spread([amount for _, _, amount in into], quotas, order)
    for (name, row, amount), parts in zip(into, rows, strict=True):
        for who, part in parts.items():
            told = row.columns if who in COLUMNS else row.variance
            if part or who in told:
                told[who] = told.get(who, 0) + part
        if amount:
            found.working.append(WorkingLine(
                rule.id, rule.reference, f"spread to {name}", amount,
                {who: part for who, part in parts.items() if part}, 0,
                "in proportion to what each has of the whole variance" if variance else
                "in proportion to contributions, as the services' variances cancel out"))


def _uncovered(one: Spent, left: Mapping[str, int], found: Apportioned) -> None:
    """A variance that no rule covers is unallocated and shown."""
    version = one.stretch.version
    covered = {s for rule in version.rules for s in covered_by(version, rule)}
    for service in version.services:
        variance = left[service]
        if service in covered or version.line_of(service) != "shared":
            continue
        for fund, short in _gaps_of(one, [service]).items():
            _add(_gap_row(found, fund).columns, {UNALLOCATED: short})
            found.working.append(WorkingLine("", version.reference, f"no rule for gap of {fund}", short,
                                             {UNALLOCATED: short}, 0, f"no rule of the agreement covers {service}"))
        if not variance:
            continue
        _add(_row(found, one, service).columns, {"unallocated": variance})
        found.working.append(WorkingLine("", version.reference, f"no rule for {service}", variance,
                                         {"unallocated": variance}, 0, "no rule of the agreement covers this service"))


def _strays(strays: Mapping[str, int], funds: Mapping[str, str], found: Apportioned) -> None:
    """Cost of a service that is not in the agreement on its day belongs to nobody, and is shown."""
    for service, amount in strays.items():
        if amount:
            row = found.rows.setdefault(service, Row(funds.get(service, "")))
            _add(row.columns, {UNALLOCATED: amount})
            found.working.append(WorkingLine("", "", f"no version for {service}", amount, {UNALLOCATED: amount}, 0,
                                             "no version of the agreement has this service on the day of this cost"))
