"""Who meets each budget; and where the cost itself is shared, who is liable for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from allocation.cost import UNALLOCATED, Carried, Charged
from allocation.model import Facts
from commissioning.agreement.checks import covered_by
from commissioning.agreement.model import Rule
from commissioning.apportionment.borne import Apportioned, Grounds, Row, Spent, add, row_of, spread
from commissioning.apportionment.last_agreed import COST, last_shares
from commissioning.books.cost_items import cost_rules
from commissioning.statement import WorkingLine


@dataclass(frozen=True, slots=True)
class Charge:
    """What a cost rule put on partners for its services."""

    rule: Rule
    facts: Facts
    charged: Charged

    def budget_shares(self, service: str, budget: int) -> Mapping[str, Fraction]:
        assert self.rule.cost is not None
        return self.rule.cost.budget_shares(budget, self.charged.liabilities.get(service, {}), self.facts)


def charges(one: Spent, grounds: Grounds, carried: dict[str, Carried]) -> dict[str, Charge]:
    """Each service whose cost is shared, with what its rule made of it; `carried` goes from version to version."""
    found: dict[str, Charge] = {}
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
        found.update(dict.fromkeys(services, Charge(rule, facts, charged)))
    return found


def budgets(one: Spent, charged: Mapping[str, Charge], found: Apportioned) -> None:
    """Each fund's budgets to date by partner; where the cost is shared, the cost beside them."""
    version, partners = one.stretch.version, list(one.stretch.agreement.partners)
    for fund in version.funds:
        services = [s for s, terms in version.services.items() if terms.fund == fund and not one.leaves_out(s)]
        shares = [charged[s].budget_shares(s, one.budgets[s]) if s in charged else one.stretch.budget_shares(s)
                  for s in services]
        covers = one.stretch.partners_of([fund])

        def quotas(i: int, total: int, shares: Sequence[Mapping[str, Fraction]] = shares) -> dict[str, Fraction]:
            return {p: total * share for p, share in shares[i].items()}

        rows = spread([one.budgets[s] for s in services], quotas, partners)
        for service, share, parts in zip(services, shares, rows, strict=True):
            row = row_of(found, one, service)
            for partner in partners:
                if partner in covers or parts[partner]:
                    row.budget[partner] = row.budget.get(partner, 0) + parts[partner]
                    row.variance.setdefault(partner, 0)
            found.working.append(_budget_line(one, service, share, parts))
            if service in charged:
                _cost(service, charged[service], one.faults.get(service, {}), parts, row, found)


def _cost(service: str, charge: Charge, faults: Mapping[str, int], budget: Mapping[str, int], row: Row,
          found: Apportioned) -> None:
    """Where cost is shared, a partner's actual is what it is liable for, and its variance that less its budget.

    A recorded fault has left the cost before the rule; it is its partner's.
    """
    liable = dict(charge.charged.liabilities.get(service, {}))
    add(liable, faults)
    variance = {p: liable.get(p, 0) - budget.get(p, 0) for p in (*budget, *(f for f in faults if f not in budget))}
    add(row.cost, liable)
    add(row.cost_variance, variance)
    add(row.variance, variance)
    add(row.columns, {UNALLOCATED: charge.charged.unallocated.get(service, 0)})
    rule = charge.rule
    found.working += [WorkingLine(rule.id, rule.reference, line.step, line.amount_in, line.out, line.remaining,
                                  line.because) for line in charge.charged.lines if line.service == service]


def _budget_line(one: Spent, service: str, shares: Mapping[str, Fraction],
                 parts: Mapping[str, int]) -> WorkingLine:
    said = ", ".join(f"{p} {share.numerator}/{share.denominator}" for p, share in shares.items())
    return WorkingLine("", one.stretch.version.reference, f"budget of {service}", one.budgets[service],
                       {p: part for p, part in parts.items() if part}, 0, f"met by {said}")
