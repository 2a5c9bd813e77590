"""Costs that are shared case by case (tariff, duration, unit price) as rows that a scenario may change. Pure.

A row is the finest thing that its rule looks at: a case's cost of a class, a month's units or cases of one payer, one
payment of a case. The rows of a year come from its cost items, and changed rows go back into them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from allocation.cost import FOR, UNALLOCATED, UNIT, CostItem, standing
from allocation.costs.duration import Duration
from allocation.costs.shared import Shared
from allocation.costs.tariff import Tariff
from allocation.costs.unit_price import UnitPrice
from commissioning.agreement.checks import covered_by
from commissioning.agreement.model import Rule
from commissioning.agreement.plan import Stretch
from commissioning.books.cost_items import cost_rules

MOST_ROWS = 400
MOST_UNITS, MOST_CASES, MOST_DAYS = 10**6, 10**4, 10**4  # of a month's units and cases, of a payment's days
MANY = "{rule}: who bears its cost is the engine's, for it has more than {most} cases, months or payments"
GROUPS = "{rule}: who bears its cost is the engine's, for its tiers divide among groups, or end on no whole day"
TWICE = "{rule}: who bears its cost is the engine's, for another rule looks at days of cases as well"
LARGE = "{rule}: who bears its cost is the engine's, for it has more days, units or cases than cells take"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One row. `changes`: what of it is an input (cost | units | cases | before), with its value: minor units, units.

    `who`: the payer by the rule; `month` or a day where the row has one; `items`: what the books have of it.
    """

    number: int
    service: str
    case: str
    cost_class: str
    who: str
    when: str
    changes: Mapping[str, Fraction]
    items: tuple[CostItem, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseRule:
    """A rule that shares cost case by case, in one version of the year; `reason`: why it has no inputs, if so.

    `days`: all figures of days that the year's versions of the rule have, in which parts of a day they are whole.
    """

    stretch: int
    rule: Rule
    services: tuple[str, ...]
    rows: tuple[CaseRow, ...]
    reason: str = ""
    days: tuple[Fraction, ...] = ()

    def path(self, row: CaseRow, what: str) -> str:
        return f"cases.{self.rule.id}.{row.number}.{what}"


def case_rules(planned: Sequence[Stretch], items: Sequence[Sequence[CostItem]],
               opening: Mapping[str, int]) -> list[CaseRule]:
    """Every such rule of the year, in the order of versions and rules."""
    found: list[CaseRule] = []
    for i, stretch in enumerate(planned):
        for rule in cost_rules(stretch.version):
            if not isinstance(rule.cost, Shared):
                services = tuple(covered_by(stretch.version, rule))
                here = standing(item for item in items[i] if item.service in services) if i < len(items) else []
                earlier = [one for one in found if one.rule.id == rule.id and _goes_on(one.rule, rule)]
                rows = tuple(_numbered(_rows(rule, services, here, opening, earlier)))
                reason = next((one.reason for one in earlier if one.reason), "")
                found.append(CaseRule(i, rule, services, rows, reason or _reason(rule, rows, planned)))
    return [replace(one, days=tuple(day for other in found if other.rule.id == one.rule.id and not other.reason
                                    for day in _days(other))) for one in found]


def _goes_on(before: Rule, rule: Rule) -> bool:
    """Whether a version of a rule takes up the cases of an earlier one: their days, or what they were charged."""
    return any(isinstance(before.cost, kind) and isinstance(rule.cost, kind) for kind in (Tariff, Duration))


def _rows(rule: Rule, services: Sequence[str], items: Sequence[CostItem], opening: Mapping[str, int],
          earlier: Sequence[CaseRule]) -> Iterable[CaseRow]:
    """A version's rows; cases of an earlier version go on."""
    begun = {(row.service, row.case, row.cost_class) for one in earlier for row in one.rows}
    if isinstance(rule.cost, Tariff):
        return _tariff(rule.cost, services, items, begun)
    if isinstance(rule.cost, UnitPrice):
        return _unit_price(rule.cost, services, items)
    return _duration(items, opening, {case for _, case, _ in begun})


def _days(one: CaseRule) -> Iterable[Fraction]:
    yield from (value for row in one.rows for what, value in row.changes.items() if what in ("units", "before"))
    if isinstance(one.rule.cost, Duration):
        yield from (tier.through_day for tier in one.rule.cost.tiers if tier.through_day is not None)


def _numbered(rows: Iterable[CaseRow]) -> Iterable[CaseRow]:
    return (replace(row, number=n) for n, row in enumerate(rows, 1))


def _reason(rule: Rule, rows: Sequence[CaseRow], planned: Sequence[Stretch]) -> str:
    """Why a rule's rows cannot be inputs; empty where they can."""
    if len(rows) > MOST_ROWS:
        return MANY.format(rule=rule.id, most=MOST_ROWS)
    most = {"units": most_units(rule), "before": MOST_UNITS, "cases": MOST_CASES}
    if any(abs(value) > most[what] for row in rows for what, value in row.changes.items() if what in most):
        return LARGE.format(rule=rule.id)
    if isinstance(rule.cost, Duration):
        groups = {name for stretch in planned for name in stretch.agreement.parties}
        ends = [tier.through_day for tier in rule.cost.tiers if tier.through_day is not None]
        if groups & rule.cost.partners_named() or any((day * UNIT).denominator != 1 for day in ends):
            return GROUPS.format(rule=rule.id)
        if len({one.id for stretch in planned for one in cost_rules(stretch.version)
                if isinstance(one.cost, Duration)}) > 1:
            return TWICE.format(rule=rule.id)
    return ""


def most_units(rule: Rule) -> int:
    """The most units that one row may have."""
    return MOST_DAYS if isinstance(rule.cost, Duration) else MOST_UNITS


def _units(items: Iterable[CostItem]) -> Fraction:
    return Fraction(sum(item.units or 0 for item in items), UNIT)


def _tariff(terms: Tariff, services: Sequence[str], items: Sequence[CostItem],
            begun: Collection[tuple[str, str, str]]) -> Iterable[CaseRow]:
    """A row for each service, case, class and payer, in the order in which the rule takes them.

    What has gone on without cost has a row too: it is held against the cap of its version.
    """
    rows: dict[tuple[str, str, str, str], list[CostItem]] = {}
    for item in items:
        who = (item.beneficiary or UNALLOCATED) if terms.payer == FOR else terms.payer
        rows.setdefault((item.service, item.case, item.cost_class, who), []).append(item)
    for key in sorted((key for key, some in rows.items() if key[:3] in begun or any(item.amount for item in some)),
                      key=lambda key: (services.index(key[0]), key)):
        service, case, kind, who = key
        cost = Fraction(sum(item.amount for item in rows[key]))
        yield CaseRow(0, service, case, kind, who, "", {"cost": cost}, tuple(rows[key]))


def _unit_price(terms: UnitPrice, services: Sequence[str], items: Sequence[CostItem]) -> Iterable[CaseRow]:
    """Each service's own cost; each month's and payer's units by service; how many cases the free mean counts."""
    for service in services:
        own = [item for item in items if item.service == service]
        yield CaseRow(0, service, "", "", terms.payee, "", {"cost": Fraction(sum(item.amount for item in own))})
    months: dict[tuple[str, str], list[CostItem]] = {}
    for item in items:
        who = (item.beneficiary or UNALLOCATED) if terms.payer == FOR else terms.payer
        if item.units is not None and who != terms.payee:
            months.setdefault((f"{item.date:%Y-%m}", who), []).append(item)
    for (month, who), used in sorted(months.items()):
        for service in services:
            here = tuple(item for item in used if item.service == service)
            if here:
                yield CaseRow(0, service, "", "", who, month, {"units": _units(here)}, here)
        if terms.free_units_mean is not None:
            cases = len({item.case for item in used if item.case}) + sum(not item.case for item in used)
            yield CaseRow(0, "", "", "", who, month, {"cases": Fraction(cases)}, tuple(used))


def _duration(items: Sequence[CostItem], opening: Mapping[str, int], begun: Collection[str]) -> Iterable[CaseRow]:
    """Each case's days before the year, unless it has begun, then each payment in the order of time."""
    for case in dict.fromkeys(item.case for item in items if item.case and item.case not in begun):
        yield CaseRow(0, "", case, "", "", "", {"before": Fraction(opening.get(case, 0), UNIT)})
    for item in items:
        yield CaseRow(0, item.service, item.case, item.cost_class, "", f"{item.date}",
                      {"cost": Fraction(item.amount), "units": _units([item])}, (item,))


# ----------------------------------------------------------------------------------------------------- the way back

Changed = Mapping[tuple[int, str], Fraction]
"""What rows are changed to, by number and what of it."""


def changed_items(rule: CaseRule, items: Sequence[CostItem], values: Changed) -> list[CostItem]:
    """One version's cost items with changed rows of a rule. Amounts are in minor units."""
    others = [item for item in items if item.service not in rule.services]
    own = standing(item for item in items if item.service in rule.services)
    if isinstance(rule.rule.cost, Duration):
        return [*others, *_payments(rule, values)]
    added = [CostItem(row.service, int(_more(row, "cost", values)), cost_class=row.cost_class, case=row.case,
                      beneficiary="" if row.who == UNALLOCATED else row.who)
             for row in rule.rows if _more(row, "cost", values)]
    if isinstance(rule.rule.cost, UnitPrice):
        own = _months(rule, own, values)
    return [*others, *own, *added]


def more_cost(rule: CaseRule, values: Changed) -> dict[str, int]:
    """By how much the cost of each service changes, in minor units."""
    found: dict[str, int] = {}
    for row in rule.rows:
        if more := int(_more(row, "cost", values)):
            found[row.service] = found.get(row.service, 0) + more
    return found


def _more(row: CaseRow, what: str, values: Changed) -> Fraction:
    before = row.changes.get(what, Fraction(0))
    return values.get((row.number, what), before) - before


def _payments(rule: CaseRule, values: Changed) -> list[CostItem]:
    """Every payment, numbered so that the order of time stays what it was."""
    found = []
    for row in rule.rows:
        for item in row.items:
            units = values.get((row.number, "units"))
            found.append(replace(
                item, amount=item.amount + int(_more(row, "cost", values)), number=row.number, undoes=0,
                units=item.units if units is None else int(units * UNIT)))
    return found


def _months(rule: CaseRule, items: Sequence[CostItem], values: Changed) -> list[CostItem]:
    """Months with changed units or cases as so many cases, of which the first has all units; others as they were."""
    months: dict[tuple[str, str], list[CaseRow]] = {}
    for row in rule.rows:
        if row.when:
            months.setdefault((row.when, row.who), []).append(row)
    left, found = list(items), []
    for rows in months.values():
        if not any(_more(row, what, values) for row in rows for what in row.changes):
            continue
        used = {id(item) for row in rows for item in row.items}
        found += [replace(item, units=None) for item in left if id(item) in used and item.amount]
        left = [item for item in left if id(item) not in used]
        found += _as_cases(rows, values)
    return [*left, *found]


def _as_cases(rows: Sequence[CaseRow], values: Changed) -> Iterable[CostItem]:
    cases = 1
    for row in rows:
        if "cases" in row.changes:
            cases = int(values.get((row.number, "cases"), row.changes["cases"]))
    first = next(row.items[0] for row in rows)
    for row in rows:
        if "units" in row.changes:
            units = int(values.get((row.number, "units"), row.changes["units"]) * UNIT)
            yield replace(row.items[0], amount=0, units=units, case="1", number=0, undoes=0)
    for n in range(2, cases + 1):
        yield replace(first, amount=0, units=0, case=str(n), number=0, undoes=0)
