"""The inputs of costs that are shared case by case: the rule's own terms, and every row of its cases. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from allocation.costs.duration import Duration
from allocation.costs.tariff import Tariff
from allocation.costs.unit_price import UnitPrice
from commissioning.scenario.cases import MOST_CASES, MOST_UNITS, CaseRow, CaseRule, most_units
from commissioning.scenario.text import At
from commissioning.scenario.values import MOST, Found, table_scale

MOST_DECIMALS = 6  # of units, as in the ledger


def case_levers(found: Found, one: CaseRule, prefix: str, at: At) -> None:
    """The inputs of one rule, whose `cost` stands at `at` in the agreement's data."""
    cost, path = one.rule.cost, f"{prefix}rules.{one.rule.id}.cost"
    words = f"{one.rule.id}, "
    if isinstance(cost, UnitPrice):
        found.money(f"{path}.price", "Rules", f"{words}price of a unit", "", (*at, "price"), cost.price)
        if cost.free_units_mean is not None:
            found.number(f"{path}.free_units_mean", "Rules", f"{words}mean up to which units are free", "", "unit",
                         (*at, "free_units_mean"), cost.free_units_mean, high=MOST_CASES,
                         scale=table_scale([cost.free_units_mean], 0))
    elif isinstance(cost, Tariff):
        _rates(found, cost, path, words, at)
    elif isinstance(cost, Duration):
        _tiers(found, cost, one, path, words, at)
    _rows(found, one, prefix)


def _rates(found: Found, cost: Tariff, path: str, words: str, at: At) -> None:
    for kind, rate in cost.rates.items():
        here = (*at, "rates", kind)
        found.number(f"{path}.rates.{kind}.percent", "Rules", f"{words}tariff of {kind}", "", "% of the cost",
                     (*here, "percent"), rate.percent, scale=table_scale([rate.percent], 2), high=100)
        if rate.cap_per_case is not None:
            found.money(f"{path}.rates.{kind}.cap_per_case", "Rules", f"{words}cap per case of {kind}", "",
                        (*here, "cap_per_case"), rate.cap_per_case)


def _tiers(found: Found, cost: Duration, one: CaseRule, path: str, words: str, at: At) -> None:
    """Each tier's last day, in the same parts of a day as the cases' days; all percentages in the same parts."""
    percents = table_scale([value for tier in cost.tiers for value in tier.percent.values()], 2)
    for n, tier in enumerate(cost.tiers):
        here, stem = (*at, "tiers", n), f"{path}.tiers.{n + 1}"
        if tier.through_day is not None:
            found.number(f"{stem}.through_day", "Rules", f"{words}tier {n + 1}: last day", "", "day",
                         (*here, "through_day"), tier.through_day, scale=unit_scale(one), high=MOST_UNITS)
        for who, percent in tier.percent.items():
            found.number(f"{stem}.percent.{who}", "Rules", f"{words}tier {n + 1}: share", who, "percent",
                         (*here, "percent", who), percent, scale=percents, high=100)


def unit_scale(one: CaseRule) -> tuple[int, int]:
    """In which parts of a unit (a day) all units of a rule are whole."""
    return table_scale(one.days, 0, MOST_DECIMALS)


def _rows(found: Found, one: CaseRule, prefix: str) -> None:
    units = unit_scale(one)
    unit = "day" if isinstance(one.rule.cost, Duration) else "unit"
    most = most_units(one.rule)
    limits: Mapping[str, tuple[str, str, int, int]] = {
        "units": (f"{unit}s", unit, -most, most), "before": ("days before the year", unit, -MOST_UNITS, MOST_UNITS),
        "cases": ("cases in all services", "case", 1, MOST_CASES)}
    for row in one.rows:
        for what, value in row.changes.items():
            path, at = f"{prefix}{one.path(row, what)}", ("cases", one.stretch, one.rule.id, row.number, what)
            if what == "cost":
                found.money(path, "Cases", _said(one, row, "cost"), row.who, at, int(value), "year", low=-MOST)
            else:
                words, said, low, high = limits[what]
                found.number(path, "Cases", _said(one, row, words), row.who, said, at, value, form="year", low=low,
                             high=high, scale=(0, 1) if what == "cases" else units)


def _said(one: CaseRule, row: CaseRow, what: str) -> str:
    """A row in words: its rule, service, case, class and day."""
    case = f"case {row.case}" if row.case else ""
    return ", ".join(word for word in (one.rule.id, row.service, case, row.cost_class, row.when, what) if word)
