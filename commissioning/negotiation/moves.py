"""What moves the options: by which driver they differ, other outturns, break-even, each input alone, caps and floors.

All by working the year out again with inputs changed; nothing here knows a rule. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from commissioning.agreement.reading import load
from commissioning.exposure.levers import Bar, break_even, tornado
from commissioning.negotiation.options import Option, Worked, growth_of, less, work
from commissioning.scenario.text import At, edited
from commissioning.scenario.values import Lever
from ledger.errors import PoolbookError, Refused
from ledger.money import decimals

OUTTURNS = (-20, -15, -10, -5, 0, 5, 10, 15, 20)  # percent; break-even is looked for from the first to the last
SHOWN = (-5, 0, 5, 10)
MOST_DRIVERS = 6
MOST_MOVED = 60  # inputs, so that a pool of many services is weighed in reasonable time
OUTTURN = Lever("outturn", "Costs", "cost of all services", "", "percent", "year", ("year", "growth"), Fraction(0), 1,
                low=-100, high=100)
SAME = 1  # minor units up to which two amounts count as the same: a rounding may go either way

Amounts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Driver:
    """One reason why an option differs from today's rules, and what it does to each partner."""

    words: str
    changes: Amounts


@dataclass(frozen=True, slots=True)
class Turns:
    """How an option compares for a partner as all services cost more or less.

    `spans`: up to which percentage (None: to the last tried) the partner owes less (−1), the same (0), or more (1).
    """

    partner: str
    spans: tuple[tuple[int, Fraction | None], ...]


@dataclass(frozen=True, slots=True)
class LimitCost:
    """What one cap, floor or most-amount does to each partner, at one outturn: more (+) or less (−) than without."""

    words: str
    outturn: int
    changes: Amounts


def tried(option: Option, values: Mapping[str, Fraction]) -> Worked | None:
    """The option with further changes; None where they cannot be worked out together."""
    try:
        return work(option, values)
    except (Refused, PoolbookError):
        return None


def outturns(option: Option) -> dict[int, Amounts | None]:
    """What each partner owes if every service costs so many percent more, by percentage."""
    found: dict[int, Amounts | None] = {}
    for percent in OUTTURNS:
        one = tried(option, growth_of(option, percent))
        found[percent] = one.due if one else None
    return found


# ------------------------------------------------------------------------------------------------------- drivers

def drivers(first: Worked, one: Worked) -> tuple[Driver, ...]:
    """Why the option differs, in parts that sum to its change: by input for a scenario, by service for other rules."""
    found = _by_input(first, one) if one.option.kind == "scenario" else _by_service(first, one)
    found = [driver for driver in found if any(driver.changes.values())]
    if len(found) > MOST_DRIVERS:
        ranked = sorted(found, key=lambda driver: -max(abs(amount) for amount in driver.changes.values()))
        rest = ranked[MOST_DRIVERS - 1:]
        found = [driver for driver in found if driver not in rest]
        found.append(Driver("all others", {p: sum(d.changes[p] for d in rest) for p in first.due}))
    for partner, amount in less(one.due, first.due).items():
        assert sum(driver.changes[partner] for driver in found) == amount, "drivers sum to the change"
    return tuple(found)


def _by_service(first: Worked, one: Worked) -> list[Driver]:
    found = [Driver(line.name, less(one.of_service(line.id), first.of_service(line.id)))
             for line in first.statement.services]
    whole = less(one.due, first.due)
    rest = {p: whole[p] - sum(driver.changes[p] for driver in found) for p in whole}
    return [*found, Driver("what is owed beside services", rest)]


def _by_input(first: Worked, one: Worked) -> list[Driver]:
    """Inputs changed one table after the other, in the workbook's order; what cannot stand alone joins the next."""
    groups: dict[At, list[str]] = {}
    for path in one.option.levers:
        if path in one.option.values:
            lever = one.option.levers[path]
            alone, place = lever.form in ("amount", "switch"), lever.form == "order"
            groups.setdefault(lever.at if alone else lever.at[:-2] if place else lever.at[:-1], []).append(path)
    found: list[Driver] = []
    bare, before = replace(one.option, values={}), first.due
    values: dict[str, Fraction] = {}
    waiting: list[str] = []
    for number, paths in enumerate(groups.values(), 1):
        waiting += paths
        values.update({path: one.option.values[path] for path in paths})
        here = one if number == len(groups) else tried(bare, values)
        if here is None:
            continue
        found.append(Driver(_said(one.option.levers, waiting), less(here.due, before)))
        before, waiting = here.due, []
    return found


def _said(levers: Mapping[str, Lever], paths: Sequence[str]) -> str:
    said = list(dict.fromkeys(words_of(levers[path]) for path in paths))
    return said[0] if len(said) == 1 else f"{said[0]}, and {len(said) - 1} more"


def words_of(lever: Lever) -> str:
    """An input in words: what, of whom."""
    return f"{lever.words}, {lever.who}" if lever.who else lever.words


# ---------------------------------------------------------------------------------------------------- break-even

def turns(first: Worked, one: Worked, ours: Mapping[int, Amounts | None],
          theirs: Mapping[int, Amounts | None]) -> tuple[Turns, ...]:
    """For each partner, between which outturns the option costs it less, the same or more than today's rules."""
    found = []
    for partner in first.due:
        signs = {at: _sign(there[partner] - here[partner]) for at in OUTTURNS
                 if (here := ours[at]) is not None and (there := theirs[at]) is not None}
        spans: list[tuple[int, Fraction | None]] = []
        for (low, sign), (high, after) in pairwise(signs.items()):
            if after != sign:
                spans.append((sign, _turn(first.option, one.option, partner, sign, low, high)))
        found.append(Turns(partner, (*spans, (list(signs.values())[-1], None)) if signs else ()))
    return tuple(found)


def _sign(amount: int) -> int:
    return 0 if abs(amount) <= SAME else 1 if amount > 0 else -1


def _turn(ours: Option, theirs: Option, partner: str, sign: int, low: int, high: int) -> Fraction:
    """Where between two outturns the comparison ceases to be `sign`. What cannot be worked out counts as no longer."""
    def still(percent: Fraction) -> int:
        here, there = tried(ours, growth_of(ours, percent)), tried(theirs, growth_of(theirs, percent))
        alike = here and there and _sign(there.due[partner] - here.due[partner]) == sign
        return 1 if alike else -1

    return break_even(OUTTURN, still, Fraction(low), Fraction(high)).above


# --------------------------------------------------------------------------------------------------- sensitivity

def sensitivity(option: Option) -> tuple[Bar, ...]:
    """What each partner owes as each input is a tenth lower and higher; the widest effect first.

    Of a service's cost only its growth is moved, which stands for all of it. In a large pool only the largest amounts
    are moved, and every weight and percentage.
    """
    grows = {lever.at[:3] for lever in option.levers.values() if lever.at[-1] == "growth"}
    paths = [path for path, lever in option.levers.items() if lever.form not in ("switch", "order")
             and (lever.at[:3] not in grows or lever.at[-1] == "growth")
             and (lever.at[-1] == "growth" or option.values.get(path, lever.baseline))]
    paths = sorted(paths, key=lambda path: _size(option, option.levers[path]), reverse=True)[:MOST_MOVED]
    return tuple(bar for bar in tornado(option.base, option.levers, paths, values=option.values) if bar.swing)


def _size(option: Option, lever: Lever) -> tuple[bool, Fraction]:
    """By which inputs are tried first: what is no amount, then the largest amounts."""
    if lever.at[-1] == "growth":
        costs = (cost.amount for cost in option.base.costs if ("year", cost.stretch, cost.service) == lever.at[:3])
        return False, Fraction(abs(sum(costs)), 10 ** decimals(option.base.agreement.currency))
    amount = lever.form in ("amount", "year")
    return not amount, abs(option.values.get(lever.path, lever.baseline)) if amount else Fraction(0)


# ------------------------------------------------------------------------------------------------ caps and floors

def limit_costs(option: Option) -> tuple[LimitCost, ...]:
    """What every cap, floor, ceiling and most-amount does to whom, as expected and at a tenth more; none: nothing."""
    found = []
    for percent in (0, 10):
        grown = growth_of(option, percent)
        with_it = tried(option, grown)
        for words, lifted, values in _lifted(option):
            without = tried(lifted, {**grown, **values})
            if with_it is not None and without is not None:
                changes = less(with_it.due, without.due)
                if any(abs(amount) > SAME for amount in changes.values()):
                    found.append(LimitCost(words, percent, changes))
    return tuple(found)


def _lifted(option: Option) -> Iterable[tuple[str, Option, Mapping[str, Fraction]]]:
    """The option without one of its limits: by its input, or in the text for floors and ceilings of a basis."""
    for path, lever in option.levers.items():
        if ".caps." in path or path.endswith(".up_to"):
            yield words_of(lever), option, {path: Fraction(lever.high)}
    ids = {stretch.version.id for stretch in option.base.planned}
    data = load(option.base.text).data
    for n, version in enumerate(data["agreements"]):
        if version["id"] not in ids:
            continue
        for part in ("contributions", "rules"):
            for at in _limits_in(version.get(part), ("agreements", n, part)):
                rule = version[part][at[3]].get("id", "contributions")
                none = "0" if at[-2] == "floor" else "100"
                base = replace(option.base, text=edited(option.base.text, {at: none}))
                yield f"{rule}: {at[-2]} of its share, {at[-1]}", replace(option, base=base), {}


def _limits_in(data: Any, at: At) -> Iterable[At]:
    """Where percentages of floors and ceilings stand."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        if key in ("floor", "ceiling") and isinstance(value, dict):
            yield from ((*at, key, partner) for partner in value)
        else:
            yield from _limits_in(value, (*at, key))
