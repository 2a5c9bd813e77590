"""A scenario: one year with some inputs changed, worked out by the same code as a close. Pure.

The inputs are those of `commissioning.scenario.levers`; the books and the agreement those of a `Base`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from commissioning.agreement import checks
from commissioning.agreement.model import Agreement
from commissioning.agreement.plan import stretches
from commissioning.agreement.reading import dotted, load, read_agreement
from commissioning.agreement.refusals import FundShort, RuleWithoutSteps
from commissioning.books.figures import OPENING
from commissioning.books.postings import expenses, reserve
from commissioning.closing.assemble import statement as assembled
from commissioning.closing.position import Position, work_out
from commissioning.scenario.base import Base, Cost, with_cost, with_rows
from commissioning.scenario.cases import CaseRule, Changed
from commissioning.scenario.order import wanted
from commissioning.scenario.text import At, Changes, edited
from commissioning.scenario.values import Lever, as_text, unit_amount
from commissioning.statement import Statement
from ledger.errors import Place, PoolbookError, Refused
from ledger.model import Movement
from ledger.money import decimals, round_half_up, split, to_minor, to_text

Values = Mapping[str, Fraction]
"""What inputs are changed to, by path; an input that is not named keeps its baseline."""
KNOWN_AT = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
BEFORE_IT_IS_SIGNED = (FundShort, RuleWithoutSteps)
"""What would be refused in an agreement, and may be tried in a scenario."""


@dataclass(frozen=True, slots=True)
class Result:
    """A scenario worked out: the year's statement, the agreement that it rests on, what that still lacks."""

    statement: Statement
    position: Position
    agreement: Agreement
    lacks: tuple[PoolbookError, ...] = ()


def run(base: Base, levers: Mapping[str, Lever], values: Values) -> Result:
    """The year's final statement with these inputs. Raises `Refused` or the errors of `allocation.errors`."""
    changed, lacks = base_with(base, levers, values)
    position = work_out(changed.agreement, changed.period, changed.known)
    return Result(assembled(position, changed.head, KNOWN_AT, 1), position, changed.agreement, lacks)


def base_with(base: Base, levers: Mapping[str, Lever], values: Values) -> tuple[Base, tuple[PoolbookError, ...]]:
    """The year as it would be known with these inputs, and what its agreement lacks before it is signed."""
    changes = changes_of(base.text, levers, values)
    if changes.orders:  # faults are told where the file has steps
        _read(base.text, replace(changes, orders=()))
    agreement, lacks = _read(base.text, changes)
    told = base.known.memoranda
    planned = stretches(agreement, base.year, ((v.date, v.says["service"], v.says["amount"]) for v in told.virements),
                        told.carried_in)
    known = base.known
    for cost in base.costs:
        known = with_cost(known, planned, cost, cost_with(base, cost, levers, values) - cost.amount)
    for rule in base.cases:
        known = with_rows(known, planned, rule, _rows_of(rule, levers, values, 10**decimals(agreement.currency)))
    before, year = list(known.before), list(known.year)
    for lever in levers.values():
        if lever.at[0] == "activity" and lever.path in values:
            _, service, partner = map(str, lever.at)
            units = int(values[lever.path] * 10**6) - base.units.get((service, partner), 0)
            fund = next(s.version.services[service].fund for s in planned if service in s.version.services)
            year.append(Movement(expenses(service), "activity", fund, partner, service, "", "", 0, 0, 0, units))
        if lever.at[0] == "reserve" and lever.path in values:
            more = int((values[lever.path] - lever.baseline) * 10**decimals(agreement.currency))
            _, name, partner = map(str, lever.at)
            fund = agreement.reserves[name].fund
            before.append(Movement(reserve(name, partner), OPENING, fund, partner, "", "", "", 0, max(-more, 0),
                                   max(more, 0), 0))
    after = replace(known, before=before, year=year)
    return replace(base, text=changes.text(base.text), agreement=agreement, known=after), lacks


def cost_with(base: Base, cost: Cost, levers: Mapping[str, Lever], values: Values) -> int:
    """What a cost comes to: (units × cost of a unit) with growth, and what stands beside it; each rounded half up."""
    def value(*at: str | int) -> Fraction | None:
        lever = by_place.get(("year", cost.stretch, cost.service, *at))
        return None if lever is None else values.get(lever.path, lever.baseline)

    by_place = _by_place(levers)
    places = decimals(base.agreement.currency)
    units, price, growth = value("units"), value("unit_cost"), value("growth") or Fraction(0)
    beside = value("actual", cost.cost_class, cost.payer)
    amount = cost.amount if beside is None else int(beside * 10**places)
    if units is None or price is None:
        return round_half_up(amount * (100 + growth) / 100)
    return round_half_up(unit_amount(units, price, places) * (100 + growth) / 100) + amount


def _rows_of(rule: CaseRule, levers: Mapping[str, Lever], values: Values, scale: int) -> Changed:
    """What the rows of a rule are changed to: money in minor units."""
    found: dict[tuple[int, str], Fraction] = {}
    for path, value in values.items():
        at = levers[path].at
        if at[:3] == ("cases", rule.stretch, rule.rule.id):
            found[int(at[3]), str(at[4])] = value * scale if at[4] == "cost" else value
    return found


def _by_place(levers: Mapping[str, Lever]) -> dict[At, Lever]:
    return {lever.at: lever for lever in levers.values() if lever.form == "year"}


def changes_of(text: str, levers: Mapping[str, Lever], values: Values) -> Changes:
    """What changed inputs change in the agreement file. A step that is off takes nothing (`up_to: 0`), in its place.

    Raises `ScenarioOrderDoubled` where two steps of a list are given one place.
    """
    if all(levers[path].form == "year" for path in values):
        return Changes()
    data = load(text).data
    currency = str(data["partnership"]["currency"])
    changes: dict[At, str] = {}
    for path, value in values.items():
        lever = levers[path]
        if lever.form == "switch":
            changes.update({} if value else {(*lever.at, "up_to"): "0"})
        elif lever.form not in ("order", "year"):
            changes.setdefault(lever.at, as_text(lever, value, currency))
            if lever.at[-1] == "budget":
                changes.update(_profile(data, lever.at[:-1], value, currency))
    return Changes(tuple(changes.items()), tuple((at, tuple(order)) for at, order in wanted(levers, values).items()))


def _profile(data: Any, at: At, budget: Fraction, currency: str) -> dict[At, str]:
    """A profile that is a list keeps its shape when its budget changes."""
    service = data
    for key in at:
        service = service[key]
    profile = service.get("profile")
    if not isinstance(profile, list):
        return {}
    sizes = [max(to_minor(part, currency), 0) for part in profile]
    parts = split(int(budget * 10**decimals(currency)), sizes if sum(sizes) else [1] * len(sizes))
    return {(*at, "profile", i): to_text(part, currency) for i, part in enumerate(parts)}


@lru_cache(maxsize=8)  # many scenarios of one agreement follow each other, and reading it is most of the work
def _read(text: str, changes: Changes) -> tuple[Agreement, tuple[PoolbookError, ...]]:
    """The agreement, and what would keep it from being applied; refuses one that cannot be worked with."""
    data = changes.data(text)
    try:
        agreement = Agreement.model_validate(data, context={"currency": str(data["partnership"]["currency"])})
    except ValidationError:
        read_agreement(changes.text(text))  # says it in the words of a file
        raise
    found = [fault.at(Place(field=dotted(path))) for path, fault in checks.faults(agreement)]
    serious = [fault for fault in found if not isinstance(fault, BEFORE_IT_IS_SIGNED)]
    if serious:
        raise Refused(serious)
    return agreement, tuple(found)


def draft(base: Base, levers: Mapping[str, Lever], values: Values) -> str:
    """The agreement file with the scenario's terms, its changed versions unsigned again; the rest is kept as written.

    Changes of the year's own figures (costs, reserves) are no terms of an agreement and are left out.
    """
    terms = {path: value for path, value in values.items() if levers[path].form != "year"}
    named = dict.fromkeys(levers[path].at[1] for path in terms if levers[path].at[0] == "agreements")
    text = changes_of(base.text, levers, terms).text(base.text)
    return edited(text, {("agreements", i, "signed"): "null" for i in named})
