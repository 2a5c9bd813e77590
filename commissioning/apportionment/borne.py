"""What shares are worked out from and what they come to, and how rows are spread so that all tables foot. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from allocation.cost import CostItem
from commissioning.agreement.plan import Stretch
from commissioning.apportionment.last_agreed import Past
from commissioning.books.cost_items import cost_services
from commissioning.statement import WorkingLine
from ledger.money import largest_remainder

Reserves = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Spent:
    """One version's days: what was planned and what was spent on each service, in minor units."""

    stretch: Stretch
    date: dt.date  # the day up to which the budgets run
    budgets: Mapping[str, int]
    actuals: Mapping[str, int]
    faults: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # by service and partner at fault
    items: Sequence[CostItem] | None = ()  # of services whose cost is shared; None: leave these out
    better: Mapping[str, Fraction] = field(default_factory=dict)  # units by which each outcome beats its baseline

    def leaves_out(self, service: str) -> bool:
        """Whether the service's cost is shared and nobody asked by whom."""
        return self.items is None and service in cost_services(self.stretch.version)

    def variance(self, service: str) -> int:
        return self.actuals.get(service, 0) - self.budgets[service]

    @cached_property
    def gaps(self) -> Mapping[str, int]:
        """What contributions fall short of the budgets, by service, in funds that share their gap."""
        return self.stretch.gaps(self.date)


@dataclass(slots=True)
class Row:
    """One service: what each partner has of its budget and of its variance, and what stands in a column.

    `cost` is what partners are liable for where the cost itself is shared, `cost_variance` that less their budgets.
    """

    fund: str
    budget: dict[str, int] = field(default_factory=dict)
    variance: dict[str, int] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    cost: dict[str, int] = field(default_factory=dict)
    cost_variance: dict[str, int] = field(default_factory=dict)

    @property
    def borne(self) -> int:
        """What partners and columns have of the variance, together."""
        return sum(self.variance.values()) + sum(self.columns.values())


@dataclass(frozen=True, slots=True)
class Moved:
    """What a joining or leaving partner puts into a reserve (+) or takes out of it (−), and by which word."""

    reserve: str
    partner: str
    amount: int
    how: str


@dataclass(slots=True)
class Apportioned:
    """What each partner and column has, by service; what was drawn from and added to each reserve, by origin.

    `gaps`: the same of each fund whose contributions fall short of its budgets, where the gap is shared.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    gaps: dict[str, Row] = field(default_factory=dict)
    drawn: dict[str, dict[str, int]] = field(default_factory=dict)
    added: dict[str, dict[str, int]] = field(default_factory=dict)
    repayable: dict[tuple[str, str, int], int] = field(default_factory=dict)  # by fund, partner and years
    moved: list[Moved] = field(default_factory=list)
    carried: dict[str, int] = field(default_factory=dict)  # to next year's budget, by service
    working: list[WorkingLine] = field(default_factory=list)

    def share_of_variance(self, partner: str) -> int:
        """What the rules and its own lines put on a partner; where cost is shared there is no share of variance."""
        rows = [*self.rows.values(), *self.gaps.values()]
        return sum(row.variance.get(partner, 0) - row.cost_variance.get(partner, 0) for row in rows)

    def share_of_cost(self, partner: str) -> int:
        """What a partner is liable for where the cost itself is shared."""
        return sum(row.cost.get(partner, 0) for row in self.rows.values())


@dataclass(frozen=True, slots=True)
class Grounds:
    """What shares rest on beside plan and cost.

    `balances`: each reserve by partner of origin as the year found it. `received`: paid this year by fund and partner.
    `units`: used this year by service and partner. `opening`: each case's units before the year. Both in millionths.
    `final`: neither a forecast nor indicative. `strays`: cost on services that no version in force on its day has.
    `past`: the versions before this one, the latest first; None where no share is ever to be as it last was.
    """

    balances: Reserves = field(default_factory=dict)
    received: Mapping[tuple[str, str], int] = field(default_factory=dict)
    units: Mapping[tuple[str, str], int] = field(default_factory=dict)
    opening: Mapping[str, int] = field(default_factory=dict)
    final: bool = True
    strays: Mapping[str, int] = field(default_factory=dict)
    past: tuple[Past, ...] | None = None

    def after(self, stretch: Stretch) -> Grounds:
        """What the year's next version rests on: it may look back at this one."""
        if self.past is None:
            return self
        return replace(self, past=(Past(stretch, self.received, self.units), *self.past))


def add(total: dict[str, int], parts: Mapping[str, int]) -> None:
    for who, amount in parts.items():
        total[who] = total.get(who, 0) + amount


def move(total: dict[str, dict[str, int]], changes: Reserves) -> None:
    for reserve, parts in changes.items():
        held = total.setdefault(reserve, {})
        for partner, amount in parts.items():
            held[partner] = held.get(partner, 0) + amount


def row_of(found: Apportioned, one: Spent, service: str) -> Row:
    return found.rows.setdefault(service, Row(one.stretch.version.services[service].fund))


def gap_row(found: Apportioned, fund: str) -> Row:
    return found.gaps.setdefault(fund, Row(fund))


def gaps_of(one: Spent, services: Iterable[str]) -> dict[str, int]:
    """What these services' funds are short of, as far as it lies on them, by fund."""
    found: dict[str, int] = {}
    for service in services:
        if one.gaps.get(service):
            add(found, {one.stretch.version.services[service].fund: one.gaps[service]})
    return found


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
