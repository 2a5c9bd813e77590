"""Who bears what: budgets by partner, variances through the rules, both spread over services so that all tables foot.

Works on the year to date, version by version; annual limits continue over the versions of a year (AGREEMENTS 2.2, 2.6,
2.7, 4). Pure: the plan, the actuals and the reserves in; parts, reserve movements and the working out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from allocation.waterfall import Given, Outcome, Used, run
from commissioning.agreement import Rule
from commissioning.checks import covered_by
from commissioning.plan import Stretch
from commissioning.statement import COLUMNS, WorkingLine
from ledger.money import grouped, largest_remainder

Reserves = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Spent:
    """One version's days: what was planned and what was spent on each service, in minor units."""

    stretch: Stretch
    date: dt.date  # the day up to which the budgets run
    budgets: Mapping[str, int]
    actuals: Mapping[str, int]

    def variance(self, service: str) -> int:
        return self.actuals.get(service, 0) - self.budgets[service]


@dataclass(slots=True)
class Row:
    """One service: what each partner has of its budget and of its variance, and what stands in a column."""

    fund: str
    budget: dict[str, int] = field(default_factory=dict)
    variance: dict[str, int] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Apportioned:
    """What each partner and column has, by service; what was drawn from and added to each reserve, by origin."""

    rows: dict[str, Row] = field(default_factory=dict)
    drawn: dict[str, dict[str, int]] = field(default_factory=dict)
    added: dict[str, dict[str, int]] = field(default_factory=dict)
    working: list[WorkingLine] = field(default_factory=list)

    def share_of_variance(self, partner: str) -> int:
        return sum(row.variance.get(partner, 0) for row in self.rows.values())


def apportion(spent: Sequence[Spent], balances: Reserves, received: Mapping[tuple[str, str], int]) -> Apportioned:
    """Every version's budgets and variances, apportioned.

    `balances`: each reserve by partner of origin as the year found it. `received`: paid this year by fund and partner.
    Raises the errors of `allocation.errors` where a rule cannot be worked out.
    """
    found = Apportioned()
    used: dict[tuple[str, str], tuple[Used, ...]] = {}
    held = {reserve: dict(parts) for reserve, parts in balances.items()}
    for one in spent:
        _budgets(one, found)
        _kept_lines(one, found)
        for rule in one.stretch.version.rules:
            outcome = _rule(one, rule, held, received, used, found)
            _move(held, outcome.reserves)
            _record(found, outcome.reserves)
        _uncovered(one, found)
    for name, row in found.rows.items():
        whole = sum(one.variance(name) for one in spent if name in one.budgets)
        assert sum(row.variance.values()) + sum(row.columns.values()) == whole, f"the variance of {name} is borne"
    return found


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


def _budgets(one: Spent, found: Apportioned) -> None:
    """Each fund's budgets to date by partner."""
    version, partners = one.stretch.version, list(one.stretch.agreement.partners)
    for fund in version.funds:
        services = [s for s, terms in version.services.items() if terms.fund == fund]
        shares = [one.stretch.budget_shares(s) for s in services]
        covers = one.stretch.partners_of([fund])

        def quotas(i: int, total: int, shares: list[dict[str, Fraction]] = shares) -> dict[str, Fraction]:
            return {p: total * share for p, share in shares[i].items()}

        rows = spread([one.budgets[s] for s in services], quotas, partners)
        for service, parts in zip(services, rows, strict=True):
            row = _row(found, one, service)
            for partner in partners:
                if partner in covers or parts[partner]:
                    row.budget[partner] = row.budget.get(partner, 0) + parts[partner]
                    row.variance.setdefault(partner, 0)
            found.working.append(_budget_line(one, service, parts))


def _budget_line(one: Spent, service: str, parts: Mapping[str, int]) -> WorkingLine:
    shares = one.stretch.budget_shares(service)
    said = ", ".join(f"{p} {share.numerator}/{share.denominator}" for p, share in shares.items())
    return WorkingLine("", one.stretch.version.reference, f"budget of {service}", one.budgets[service],
                       {p: part for p, part in parts.items() if part}, 0, f"met by {said}")


def _kept_lines(one: Spent, found: Apportioned) -> None:
    """The variance of an `own` line stays with its lead, of a `host_bears` line with the fund's host."""
    version = one.stretch.version
    for service, terms in version.services.items():
        line, variance = version.line_of(service), one.variance(service)
        if line == "shared":
            continue
        bearer = terms.lead if line == "own" else version.funds[terms.fund].host
        row = _row(found, one, service)
        row.variance[bearer] = row.variance.get(bearer, 0) + variance
        why = "its own line: the lead partner keeps its variance" if line == "own" else "the host bears its variance"
        if variance:
            found.working.append(
                WorkingLine("", version.reference, f"{line} {service}", variance, {bearer: variance}, 0, why))


def _rule(one: Spent, rule: Rule, held: Reserves, received: Mapping[tuple[str, str], int],
          used: dict[tuple[str, str], tuple[Used, ...]], found: Apportioned) -> Outcome:
    """One rule on its services' net variance, spread back over them."""
    version = one.stretch.version
    services = [s for s in covered_by(version, rule) if version.line_of(s) == "shared"]
    variance = sum(one.variance(s) for s in services)
    side = "overspend" if variance >= 0 else "underspend"
    steps = rule.steps(side) if variance else ()
    budget = sum(one.stretch.full_budget(s) for s in services)
    given = Given(one.stretch.facts(services, received), budget, held, _unused_fenced(one, services))
    outcome = run(variance, steps, given, used.get((rule.id, side), ()))
    if steps:
        used[rule.id, side] = outcome.used
    found.working.append(_variance_line(one, rule, services, variance))
    found.working += [WorkingLine(rule.id, rule.reference, line.step, line.amount_in, line.out, line.remaining,
                                  line.because) for line in outcome.lines]
    _spread_rule(one, rule, services, outcome, found)
    return outcome


def _unused_fenced(one: Spent, services: Sequence[str]) -> dict[str, int]:
    """Ring-fenced money of these services that was planned to date and not used, by source."""
    unused: dict[str, int] = {}
    for service in services:
        for partner, amount in one.stretch.unused_fenced(service, one.date, one.actuals.get(service, 0)).items():
            unused[partner] = unused.get(partner, 0) + amount
    return unused


def _variance_line(one: Spent, rule: Rule, services: Sequence[str], variance: int) -> WorkingLine:
    """The variance as the rule's waterfall finds it, service by service."""
    money = one.stretch.agreement.currency
    said = "; ".join(f"{s} {grouped(one.actuals.get(s, 0), money)} - {grouped(one.budgets[s], money)} = "
                     f"{grouped(one.variance(s), money)}" for s in services)
    because = f"actual less budget to date: {said}"
    return WorkingLine(rule.id, rule.reference, "variance", variance, {}, variance, because)


def _spread_rule(one: Spent, rule: Rule, services: Sequence[str], outcome: Outcome, found: Apportioned) -> None:
    """Each service's part of what partners and columns have: v_s · S_p / V; where V is 0, by contributions."""
    facts, variance = one.stretch.facts(services, {}), sum(one.variance(s) for s in services)
    whole: Mapping[str, int] = {**outcome.partners, **outcome.columns}
    if variance == 0:
        whole = {p: facts.contributions.get(p, 0) for p in facts.taking_part}
        whole = whole if sum(whole.values()) else dict.fromkeys(facts.taking_part, 1)
    divisor = variance or sum(whole.values())
    order = [*facts.partners, *COLUMNS]

    def quotas(_: int, total: int) -> dict[str, Fraction]:
        return {who: Fraction(total * amount, divisor) for who, amount in whole.items()}

    rows = spread([one.variance(s) for s in services], quotas, order)
    for service, parts in zip(services, rows, strict=True):
        row = _row(found, one, service)
        for who, part in parts.items():
            into = row.columns if who in COLUMNS else row.variance
            if part or who in into:
                into[who] = into.get(who, 0) + part
        if one.variance(service):
            found.working.append(WorkingLine(
                rule.id, rule.reference, f"spread to {service}", one.variance(service),
                {who: part for who, part in parts.items() if part}, 0,
                "in proportion to what each has of the whole variance" if variance else
                "in proportion to contributions, as the services' variances cancel out"))


def _uncovered(one: Spent, found: Apportioned) -> None:
    """A variance that no rule covers is unallocated and shown."""
    version = one.stretch.version
    covered = {s for rule in version.rules for s in covered_by(version, rule)}
    for service in version.services:
        variance = one.variance(service)
        if service in covered or version.line_of(service) != "shared" or not variance:
            continue
        columns = _row(found, one, service).columns
        columns["unallocated"] = columns.get("unallocated", 0) + variance
        found.working.append(WorkingLine("", version.reference, f"no rule for {service}", variance,
                                         {"unallocated": variance}, 0, "no rule of the agreement covers this service"))
