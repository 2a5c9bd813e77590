"""What a scenario rests on: the agreement and all that the books know of one year, as one document that travels.

The document is enough to work the year out again without a database. Pure.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any

from allocation.cost import UNIT, CostItem
from allocation.costs.shared import Shared
from commissioning.agreement.checks import covered_by
from commissioning.agreement.model import Agreement, Version
from commissioning.agreement.plan import Stretch, stretches
from commissioning.apportionment.last_agreed import looks_back
from commissioning.books.cost_items import cost_rules, cost_services
from commissioning.books.figures import actuals, figures
from commissioning.books.memoranda import Claim, Memoranda, Told
from commissioning.books.postings import PROVIDERS, expenses, receivable
from commissioning.closing.position import Known, work_out
from commissioning.scenario.cases import CaseRule, Changed, case_rules, changed_items, more_cost
from ledger.calendar import Year
from ledger.model import Head, Movement, Period
from ledger.money import split

FORMAT = "poolbook.scenario-base/1"


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of a service under one version that an input may change, with its class and who paid it from its own."""

    stretch: int
    service: str
    cost_class: str
    payer: str
    amount: int


@dataclass(frozen=True)
class Base:
    """One financial year as the books know it; what is still to come of it is in `known` as forecast."""

    text: str
    agreement: Agreement
    period: Period  # the year's last
    as_at: Period  # the last of which the books know something
    known: Known
    head: Head

    @property
    def year(self) -> Year:
        return self.agreement.calendar.year_of(self.period.ends)

    @cached_property
    def planned(self) -> list[Stretch]:
        """The versions in force in the year."""
        told = self.known.memoranda
        moved = [(v.date, v.says["service"], v.says["amount"]) for v in told.virements]
        return stretches(self.agreement, self.year, moved, told.carried_in)

    @cached_property
    def units(self) -> Mapping[tuple[str, str], int]:
        """The units used this year, by service and partner, in millionths."""
        return figures(self.known.before, self.known.year).units

    @cached_property
    def costs(self) -> list[Cost]:
        """Every cost that an input may change: one a service, or one a class and payer where a rule asks for them."""
        found: list[Cost] = []
        for i, stretch in enumerate(self.planned):
            spent = actuals(self.known.by_stretch[i])
            for service in stretch.version.services:
                found += self._costs(i, stretch, service, spent.get(service, 0))
        return found

    @cached_property
    def cases(self) -> list[CaseRule]:
        """The rules that share cost case by case, with the rows that an input may change."""
        return case_rules(self.planned, self.known.items, self.known.opening)

    def told_apart(self, cost: Cost) -> tuple[str, ...]:
        """By which words a cost is named beside its service: its class and payer, where there are several."""
        several = sum((one.stretch, one.service) == (cost.stretch, cost.service) for one in self.costs) > 1
        if not cost.cost_class and not several:
            return ()
        return cost.cost_class or "no-class", *([cost.payer] if cost.payer else [])

    def _costs(self, i: int, stretch: Stretch, service: str, amount: int) -> Iterable[Cost]:
        rule = next((r.cost for r in cost_rules(stretch.version) if service in covered_by(stretch.version, r)), None)
        if rule is None or (isinstance(rule, Shared) and rule.eligible is None):
            yield Cost(i, service, "", payer_of(stretch.version, service) if rule is None else "", amount)
        elif isinstance(rule, Shared):
            sums: dict[tuple[str, str], int] = {}
            for item in self.known.items[i]:
                if item.service == service:
                    key = item.cost_class, item.payer
                    sums[key] = sums.get(key, 0) + item.amount
            yield from (Cost(i, service, kind, payer, part) for (kind, payer), part in sorted(sums.items())
                        if kind or part or len(sums) == 1)  # use without cost is none


def payer_of(version: Version, service: str) -> str:
    """Who pays more cost from its own account: whose own line it is where nothing is pooled; else the pool."""
    pooled = version.funds[version.services[service].fund].pooled
    return version.lead_of(service) if not pooled and version.line_of(service) == "own" else ""


def base_of(text: str, agreement: Agreement, as_at: Period, known: Known, whole: Known, head: Head) -> Base:
    """The base of a scenario of the year in which `as_at` lies: what is known then, and what is forecast.

    `whole`: the same as `known`, for the year's last period. A forecast that the year has overtaken is left out.
    """
    last = agreement.calendar.year_of(as_at.ends).periods()[-1]
    bare = Base(text, agreement, last, as_at, _condensed(whole, looks_back(agreement)), head)
    if as_at.number == last.number:
        return bare
    expected = work_out(agreement, as_at, known).forecast
    costs: dict[str, list[Cost]] = {}
    for cost in bare.costs:
        costs.setdefault(cost.service, []).append(cost)
    changed = bare.known
    for service, some in costs.items():
        some = [cost for cost in some if cost.stretch == some[-1].stretch]
        spent = sum(actuals(movements).get(service, 0) for movements in whole.by_stretch)
        for cost, more in zip(some, _to_come(expected.get(service, spent) - spent, some), strict=True):
            changed = with_cost(changed, bare.planned, cost, more)
    return replace(bare, known=changed)


def _to_come(amount: int, costs: Sequence[Cost]) -> list[int]:
    """What is still to come by class and payer, as it has been so far."""
    sizes = [max(cost.amount, 0) for cost in costs]
    if not sum(sizes):
        return [amount] + [0] * (len(costs) - 1)
    parts = split(abs(amount), sizes)
    return parts if amount >= 0 else [-part for part in parts]


def with_cost(known: Known, planned: Sequence[Stretch], cost: Cost, more: int) -> Known:
    """The books with more (or less) cost of a kind, paid by the pool or by whoever pays that kind itself."""
    if not more:
        return known
    known = _moved(known, planned, cost, more)
    item = CostItem(cost.service, more, cost_class=cost.cost_class, payer=cost.payer)
    shared = cost.service in cost_services(planned[cost.stretch].version)
    items = [[*some, item] if shared and i == cost.stretch else some for i, some in enumerate(known.items)]
    return replace(known, items=items)


def with_rows(known: Known, planned: Sequence[Stretch], rule: CaseRule, values: Changed) -> Known:
    """The books with changed rows of a rule that looks at cases; more cost is paid by the pool."""
    if not values:
        return known
    for service, more in more_cost(rule, values).items():
        known = _moved(known, planned, Cost(rule.stretch, service, "", "", 0), more)
    items = [changed_items(rule, some, values) if i == rule.stretch else some for i, some in enumerate(known.items)]
    opening = {row.case: int(values[row.number, "before"] * UNIT) for row in rule.rows
               if (row.number, "before") in values}
    return replace(known, items=items, opening={**known.opening, **opening})


def _moved(known: Known, planned: Sequence[Stretch], cost: Cost, more: int) -> Known:
    """The books' movements with more (or less) cost of a kind."""
    fund = planned[cost.stretch].version.services[cost.service].fund
    words = (fund, cost.payer, cost.service, "", cost.cost_class, 0)
    debit, credit = max(more, 0), max(-more, 0)
    lines = [Movement(expenses(cost.service), "expenditure", *words, debit, credit, 0),
             Movement(receivable(cost.payer) if cost.payer else PROVIDERS, "expenditure", *words, credit, debit, 0)]
    by_stretch = [[*some, *lines] if i == cost.stretch else some for i, some in enumerate(known.by_stretch)]
    return replace(known, year=[*known.year, *lines], by_stretch=by_stretch)


def _condensed(known: Known, looks_back: bool) -> Known:
    """The same without what only tells one period from another (where no share looks back), and without forecasts."""
    return replace(known, before=list(known.before) if looks_back else _sums(known.before), year=_sums(known.year),
                   by_stretch=[_sums(some) for some in known.by_stretch],
                   memoranda=replace(known.memoranda, forecasts={}))


def _sums(movements: Iterable[Movement]) -> list[Movement]:
    found: dict[tuple[str, ...], list[int]] = {}
    for m in movements:
        key = (m.account, m.kind, m.fund, m.partner, m.service, m.source, m.cost_class)
        one = found.setdefault(key, [0, 0, 0])
        for i, amount in enumerate((m.debit, m.credit, m.units)):
            one[i] += amount
    return [Movement(key[0], key[1], key[2], key[3], key[4], key[5], key[6], 0, *sums)
            for key, sums in sorted(found.items())]


# ------------------------------------------------------------------------------------------------- as a document

def to_document(base: Base) -> str:
    """The base as JSON text, the same text for the same base."""
    known = base.known
    data = {"format": FORMAT, "agreement": base.text, "period": base.period.id, "as_at": base.as_at.id,
            "head": {"entries": base.head.entries, "hash": base.head.hash},
            "before": _rows(known.before), "year": _rows(known.year),
            "by_stretch": [_rows(some) for some in known.by_stretch],
            "items": [[_plain(asdict(item)) for item in some] for some in known.items],
            "opening": dict(sorted(known.opening.items())), "told": _told(known.memoranda)}
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _rows(movements: Iterable[Movement]) -> list[list[Any]]:
    return [[getattr(m, field.name) for field in fields(Movement)] for m in movements]


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, dt.date) else value for key, value in data.items()}


def _told(told: Memoranda) -> dict[str, Any]:
    events = {name: [[one.date.isoformat(), dict(one.says)] for one in getattr(told, name)]
              for name in ("virements", "faults", "outcomes")}
    return {**events, "committed": told.committed, "carried_in": told.carried_in,
            "claims": {case: asdict(claim) for case, claim in told.claims.items()}}


def from_document(text: str, agreement_of: Any) -> Base:
    """The base that `to_document` wrote. `agreement_of` reads an agreement file.

    Raises ValueError, KeyError or TypeError where the document is not one.
    """
    data = json.loads(text)
    if data["format"] != FORMAT:
        raise ValueError(f"the format is {data['format']!r}")
    agreement = agreement_of(data["agreement"])
    told = data["told"]
    virements, faults, outcomes = ([Told(dt.date.fromisoformat(date), says) for date, says in told[name]]
                                   for name in ("virements", "faults", "outcomes"))
    memoranda = Memoranda(virements=virements, faults=faults, outcomes=outcomes, committed=told["committed"],
                          carried_in=told["carried_in"],
                          claims={case: Claim(**claim) for case, claim in told["claims"].items()})
    known = Known(_movements(data["before"]), _movements(data["year"]),
                  [_movements(some) for some in data["by_stretch"]], memoranda,
                  [[CostItem(**{**item, "date": dt.date.fromisoformat(item["date"])}) for item in some]
                   for some in data["items"]], data["opening"])
    calendar = agreement.calendar
    head = Head(int(data["head"]["entries"]), str(data["head"]["hash"]))
    return Base(data["agreement"], agreement, calendar.parse(data["period"]), calendar.parse(data["as_at"]), known,
                head)


def _movements(rows: Iterable[Sequence[Any]]) -> list[Movement]:
    return [Movement(*row) for row in rows]
