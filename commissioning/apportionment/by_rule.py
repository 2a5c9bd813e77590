"""One rule on the variance of its services: through its waterfall, and back over the services. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from allocation.model import Usable
from allocation.waterfall import Given, Outcome, Used, run
from commissioning.agreement.checks import covered_by
from commissioning.agreement.model import Rule, Version
from commissioning.apportionment.borne import Apportioned, Grounds, Spent, add, gap_row, gaps_of, row_of, spread
from commissioning.apportionment.last_agreed import last_shares
from commissioning.statement import COLUMNS, WorkingLine
from ledger.money import grouped, split


def by_rule(one: Spent, rule: Rule, left: dict[str, int], grounds: Grounds,
          used: dict[tuple[str, str], tuple[Used, ...]], found: Apportioned) -> Outcome:
    """One rule on what is left of its services' net variance, spread back over them."""
    version = one.stretch.version
    services = shared_services(version, rule)
    gaps = gaps_of(one, services)
    variance = sum(left[s] for s in services) + sum(gaps.values())
    side = "overspend" if variance >= 0 else "underspend"
    steps = rule.steps(side) if variance else ()
    facts = one.stretch.facts(services, grounds.received, grounds.units)
    given = Given(facts, sum(one.stretch.full_budget(s) for s in services), grounds.balances,
                  _unused_fenced(one, services, left), grounds.final, _usable(one, rule, left), one.better,
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


def shared_services(version: Version, rule: Rule) -> list[str]:
    """The services whose variance a rule shares."""
    return [s for s in covered_by(version, rule) if version.line_of(s) == "shared"]


def _usable(one: Spent, rule: Rule, left: Mapping[str, int]) -> tuple[Usable, ...]:
    """What is left of the underspends under each rule that comes later in the file."""
    version = one.stretch.version
    later = version.rules[version.rules.index(rule) + 1:]
    return tuple(Usable({s: max(-left[s], 0) for s in shared_services(version, other)},
                        -sum(left[s] + one.gaps.get(s, 0) for s in shared_services(version, other))) for other in later)


def _use(one: Spent, offsets: Mapping[str, int], left: dict[str, int], found: Apportioned) -> None:
    """Underspends used to offset another rule's overspend are gone for their own."""
    for service, amount in offsets.items():
        left[service] += amount
        add(row_of(found, one, service).columns, {"offset": -amount})
        found.working.append(WorkingLine("", one.stretch.version.reference, f"used of {service}", -amount,
                                         {"offset": -amount}, 0, "this much of its underspend offsets an overspend"))


def _keep(one: Spent, services: Sequence[str], left: Mapping[str, int], outcome: Outcome, found: Apportioned) -> None:
    """Notes what is repayable to whom, and to which services' next budgets an underspend is added."""
    fund = one.stretch.version.services[services[0]].fund if services else ""
    for (partner, years), amount in outcome.repayable.items():
        found.repayable[fund, partner, years] = found.repayable.get((fund, partner, years), 0) + amount
    for named, amount in outcome.carried:
        unspent = {s: max(-left.get(s, 0), 0) for s in named}
        weights = unspent if sum(unspent.values()) else {s: max(one.budgets.get(s, 0), 0) for s in named}
        weights = weights if sum(weights.values()) else dict.fromkeys(named, 1)
        add(found.carried, dict(zip(weights, split(amount, list(weights.values())), strict=True)))


def _unused_fenced(one: Spent, services: Sequence[str], left: Mapping[str, int]) -> dict[str, int]:
    """Ring-fenced money of these services that was planned to date and not used, by source.

    At most what is left of a service's underspend: what offset another rule's overspend is gone.
    """
    unused: dict[str, int] = {}
    for service in services:
        add(unused, one.stretch.unused_fenced(service, one.date, one.actuals.get(service, 0), max(-left[service], 0)))
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
    if not said:
        return WorkingLine(rule.id, rule.reference, "variance", 0, {}, 0,
                           "every service that the rule covers keeps its variance in its own line")
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

    into = [(service, row_of(found, one, service), amount) for service, amount in variances.items()]
    into += [(f"gap of {fund}", gap_row(found, fund), amount) for fund, amount in gaps.items()]
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
