"""Everything that a negotiation asks about its options, worked out once: the one model that all faces of a pack draw.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from commissioning.exposure.levers import Bar
from commissioning.negotiation.moves import (
    Amounts,
    Driver,
    LimitCost,
    Turns,
    drivers,
    limit_costs,
    outturns,
    sensitivity,
    tried,
    turns,
)
from commissioning.negotiation.options import Option, Worked, compare, growth_of, other_rules, prove, today, work
from commissioning.scenario.base import Base
from ledger.errors import PoolbookError, Refused


@dataclass(frozen=True, slots=True)
class YearLine:
    """What each partner owes for one year, by option; None where the option says nothing about that year.

    `growth`: for a later year, by how many percent all costs differ from those of the year that is negotiated.
    """

    year: str
    due: tuple[Amounts | None, ...]
    growth: Fraction | None = None


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

    @property
    def later(self) -> tuple[str, ...]:
        """The years to come by stated growth."""
        return tuple(line.year for line in self.years if line.growth is not None)


def weigh(options: Sequence[Option], earlier: Sequence[Base] = (), grown: Sequence[Fraction] = ()) -> Weighed:
    """Works everything out. Raises `Refused`.

    `earlier`: the same partnership's years before, oldest first. `grown`: by how many percent all costs of each later
    year differ from this one's.
    """
    worked = compare(options)
    first, away = worked[0], [outturns(one.option) for one in worked]
    return Weighed(
        worked, prove(worked), tuple(drivers(first, one) for one in worked), tuple(away),
        tuple(turns(first, one, away[0], there) for one, there in zip(worked, away, strict=True)),
        tuple(sensitivity(one.option) for one in worked), tuple(limit_costs(one.option) for one in worked),
        _years(worked, earlier, grown))


def _years(worked: Sequence[Worked], earlier: Sequence[Base], grown: Sequence[Fraction]) -> tuple[YearLine, ...]:
    before = [YearLine(base.period.id[:6], tuple(_due(one.option, base) for one in worked)) for base in earlier]
    number = worked[0].option.base.year.number
    now = YearLine(f"FY{number}", tuple(one.due for one in worked))
    after = [YearLine(f"FY{number + n}", tuple(_grown(one.option, growth) for one in worked), growth)
             for n, growth in enumerate(grown, 1)]
    return (*before, now, *after) if before or after else ()


def _grown(option: Option, growth: Fraction) -> Amounts | None:
    """What each partner owes with this year's terms if all costs are so many percent more."""
    found = tried(option, growth_of(option, growth))
    return None if found is None else found.due


def _due(option: Option, base: Base) -> Amounts | None:
    """What each partner would owe for another year; a scenario is about its own year alone."""
    try:
        if option.kind == "today":
            return work(today(base)).due
        return work(other_rules(option.name, base, option.base.text)).due if option.kind == "rules" else None
    except (Refused, PoolbookError):
        return None
