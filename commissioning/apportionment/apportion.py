"""Who bears what: each version's budgets, faults, kept lines and rules in their order, until every penny is placed.

Works on the year to date, version by version; annual limits continue over the versions of a year (AGREEMENTS 2.2, 2.6,
2.7, 4). Pure: the plan, the actuals and the reserves in; parts, reserve movements and the working out. Who meets a
budget or a shared cost is in `met`, what a rule makes of a variance in `by_rule`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from allocation.cost import UNALLOCATED, Carried
from allocation.waterfall import Used
from commissioning.agreement.checks import covered_by
from commissioning.apportionment.borne import (
    Apportioned,
    Grounds,
    Moved,
    Reserves,
    Row,
    Spent,
    add,
    gap_row,
    gaps_of,
    move,
    row_of,
)
from commissioning.apportionment.by_rule import by_rule
from commissioning.apportionment.met import budgets, charges
from commissioning.books.cost_items import cost_services
from commissioning.books.figures import JOINING, LEAVING, LEFT
from commissioning.statement import WorkingLine
from ledger.money import split


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
        budgets(one, charges(one, grounds, carried), found)
        left = _faults(one, found)
        _kept_lines(one, left, found)
        for rule in one.stretch.version.rules:
            if rule.cost is not None:
                continue
            outcome = by_rule(one, rule, left, replace(grounds, balances=held), used, found)
            move(held, outcome.reserves)
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
    for one_move in moves:
        move(held, {one_move.reserve: {one_move.partner: one_move.amount}})
    found.moved += moves


def _faults(one: Spent, found: Apportioned) -> dict[str, int]:
    """Puts each recorded fault on its partner, in its service's row; answers what is left of each variance."""
    left = {service: one.variance(service) for service in one.budgets}
    for service, parts in one.faults.items():
        if service in cost_services(one.stretch.version):
            found.working.append(WorkingLine("", one.stretch.version.reference, f"fault {service}", sum(parts.values()),
                                             parts, 0, "recorded as the partner's fault, before the cost is shared"))
            continue
        row = row_of(found, one, service)
        add(row.variance, parts)
        found.working.append(WorkingLine("", one.stretch.version.reference, f"fault {service}", left[service], parts,
                                         left[service] - sum(parts.values()), "recorded as the partner's fault"))
        left[service] -= sum(parts.values())
    return left


def _record(found: Apportioned, changes: Reserves) -> None:
    for reserve, parts in changes.items():
        move(found.drawn, {reserve: {p: -amount for p, amount in parts.items() if amount < 0}})
        move(found.added, {reserve: {p: amount for p, amount in parts.items() if amount > 0}})


def _kept_lines(one: Spent, left: Mapping[str, int], found: Apportioned) -> None:
    """The variance of an `own` line stays with its lead, of a `host_bears` line with the fund's host."""
    version = one.stretch.version
    for service, terms in version.services.items():
        line, variance = version.line_of(service), left[service]
        if line == "shared" or service in cost_services(version):
            continue
        bearer = version.lead_of(service) if line == "own" else version.funds[terms.fund].host
        add(row_of(found, one, service).variance, {bearer: variance})
        why = "its own line: the lead partner keeps its variance" if line == "own" else "the host bears its variance"
        if variance:
            step = f"own {service}" if line == "own" else f"host_bears {service}"
            found.working.append(WorkingLine("", version.reference, step, variance, {bearer: variance}, 0, why))
        for fund, short in gaps_of(one, [service]).items():
            add(gap_row(found, fund).variance, {bearer: short})
            step = f"own gap of {fund}" if line == "own" else f"host_bears gap of {fund}"
            found.working.append(WorkingLine("", version.reference, step, short, {bearer: short}, 0,
                                             f"what contributions are short of the budget of {service}"))


def _uncovered(one: Spent, left: Mapping[str, int], found: Apportioned) -> None:
    """A variance that no rule covers is unallocated and shown."""
    version = one.stretch.version
    covered = {s for rule in version.rules for s in covered_by(version, rule)}
    for service in version.services:
        variance = left[service]
        if service in covered or version.line_of(service) != "shared":
            continue
        for fund, short in gaps_of(one, [service]).items():
            add(gap_row(found, fund).columns, {UNALLOCATED: short})
            found.working.append(WorkingLine("", version.reference, f"no rule for gap of {fund}", short,
                                             {UNALLOCATED: short}, 0, f"no rule of the agreement covers {service}"))
        if not variance:
            continue
        add(row_of(found, one, service).columns, {"unallocated": variance})
        found.working.append(WorkingLine("", version.reference, f"no rule for {service}", variance,
                                         {"unallocated": variance}, 0, "no rule of the agreement covers this service"))


def _strays(strays: Mapping[str, int], funds: Mapping[str, str], found: Apportioned) -> None:
    """Cost of a service that is not in the agreement on its day belongs to nobody, and is shown."""
    for service, amount in strays.items():
        if amount:
            row = found.rows.setdefault(service, Row(funds.get(service, "")))
            add(row.columns, {UNALLOCATED: amount})
            found.working.append(WorkingLine("", "", f"no version for {service}", amount, {UNALLOCATED: amount}, 0,
                                             "no version of the agreement has this service on the day of this cost"))
