"""Everything that a negotiation asks about its options, worked out once: the one model that all faces of a pack draw.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from commissioning.comparison import Option, Worked, compare, other_rules, prove, today, work
from commissioning.comparison_moves import (
    Amounts,
    Driver,
    LimitCost,
    Turns,
    drivers,
    limit_costs,
    outturns,
    sensitivity,
    turns,
)
from commissioning.exposure_levers import Bar
from commissioning.scenario_base import Base
from ledger.errors import PoolbookError, Refused


@dataclass(frozen=True, slots=True)
class YearLine:
    """What each partner owes for one year, by option; None where the option says nothing about that year."""

    year: str
    due: tuple[Amounts | None, ...]


@dataclass(frozen=True)
class Weighed:
    """Options side by side. Every tuple has one item an option, today's rules first.

    `alike`: by service, whether it costs the same under every option. `outturns`: what each owes, by percentage.
    """

    worked: tuple[Worked, ...]
    alike: Mapping[str, bool]
    drivers: tuple[tuple[Driver, ...], ...]
    outturns: tuple[Mapping[int, Amounts | None], ...]
    turns: tuple[tuple[Turns, ...], ...]
    sensitivity: tuple[tuple[Bar, ...], ...]
    limits: tuple[tuple[LimitCost, ...], ...]
    years: tuple[YearLine, ...]


def weigh(options: Sequence[Option], earlier: Sequence[Base] = ()) -> Weighed:
    """Works everything out. `earlier`: the same partnership's years before, oldest first. Raises `Refused`."""
    worked = compare(options)
    first, away = worked[0], [outturns(one.option) for one in worked]
    return Weighed(
        worked, prove(worked), tuple(drivers(first, one) for one in worked), tuple(away),
        tuple(turns(first, one, away[0], there) for one, there in zip(worked, away, strict=True)),
        tuple(sensitivity(one.option) for one in worked), tuple(limit_costs(one.option) for one in worked),
        _years(worked, earlier))


def _years(worked: Sequence[Worked], earlier: Sequence[Base]) -> tuple[YearLine, ...]:
    lines = [YearLine(base.period.id[:6], tuple(_due(one.option, base) for one in worked)) for base in earlier]
    now = YearLine(worked[0].option.base.period.id[:6], tuple(one.due for one in worked))
    return (*lines, now) if lines else ()


def _due(option: Option, base: Base) -> Amounts | None:
    """What each partner would owe for another year; a scenario is about its own year alone."""
    try:
        if option.kind == "today":
            return work(today(base)).due
        return work(other_rules(option.name, base, option.base.text)).due if option.kind == "rules" else None
    except (Refused, PoolbookError):
        return None
