"""One simulated year through the penny engine: the year's costs changed, its shares worked out as at a close. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from allocation.cost import CostItem
from commissioning.apportionment.apportion import apportion
from commissioning.apportionment.borne import Apportioned, Grounds, Spent
from commissioning.apportionment.last_agreed import pasts
from commissioning.books.cost_items import cost_services
from commissioning.closing.position import Position, work_out
from commissioning.exposure.limits import Limit, limits, reached
from commissioning.scenario.base import Base

PARKED = ("contested", "unallocated")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a year came to, minor units: by partner what it bears beyond its plan (`calls`) and in all (`dues`).

    `borne`: what partners bear of the services' cost. `reserves`: what is left in each. `parked`: what no partner
    bears. `reached`: whether each limit was. All in the order of `Ground`.
    """

    calls: tuple[int, ...]
    dues: tuple[int, ...]
    borne: tuple[int, ...]
    reserves: tuple[int, ...]
    parked: tuple[int, ...]
    reached: tuple[bool, ...]


@dataclass(frozen=True)
class Ground:
    """A year as expected now, ready to be worked out again with other costs."""

    base: Base
    position: Position

    @classmethod
    def of(cls, base: Base) -> Ground:
        return cls(base, work_out(base.agreement, base.period, base.known))

    @cached_property
    def partners(self) -> tuple[str, ...]:
        return tuple(self.base.agreement.partners)

    @cached_property
    def reserves(self) -> tuple[str, ...]:
        return tuple(self.base.agreement.reserves)

    @cached_property
    def limits(self) -> list[Limit]:
        return limits(self.position.spent)

    @cached_property
    def owed(self) -> tuple[int, ...]:
        """What each partner owes whatever happens: its contributions, without advances."""
        return tuple(self.position.contribution_owed(partner) for partner in self.partners)

    @cached_property
    def grounds(self) -> Grounds:
        found, known = self.position.figures, self.base.known
        return Grounds(self.position.reserves, found.received, found.units, known.opening, strays=self.position.strays,
                       past=pasts(self.base.agreement, self.base.year, known.before))

    @cached_property
    def funds(self) -> dict[str, str]:
        return {s: terms.fund for version in self.base.agreement.versions() for s, terms in version.services.items()}

    def run(self, costs: Sequence[int]) -> Outcome:
        """The year with these costs, in the order of `base.costs`. Raises the errors of `allocation.errors`."""
        shares = apportion(self.spent(costs), self.grounds, self.funds)
        rows, gaps = list(shares.rows.values()), list(shares.gaps.values())
        calls = tuple(sum(row.variance.get(p, 0) for row in (*rows, *gaps)) for p in self.partners)
        borne = tuple(sum(row.budget.get(p, 0) + row.variance.get(p, 0) for row in rows) for p in self.partners)
        dues = tuple(owed + shares.share_of_variance(p) + shares.share_of_cost(p)
                     for p, owed in zip(self.partners, self.owed, strict=True))
        parked = tuple(sum(row.columns.get(column, 0) for row in (*rows, *gaps)) for column in PARKED)
        return Outcome(calls, dues, borne, tuple(self._left(shares, reserve) for reserve in self.reserves), parked,
                       tuple(reached(self.limits, shares.working)))

    def spent(self, costs: Sequence[int]) -> list[Spent]:
        """The year's versions with these costs in place of those expected."""
        more: list[dict[str, int]] = [{} for _ in self.position.spent]
        items: list[list[CostItem]] = [[] for _ in self.position.spent]
        for cost, amount in zip(self.base.costs, costs, strict=True):
            change, changes = amount - cost.amount, more[cost.stretch]
            changes[cost.service] = changes.get(cost.service, 0) + change
            if change and cost.service in cost_services(self.position.spent[cost.stretch].stretch.version):
                items[cost.stretch].append(CostItem(cost.service, change, cost_class=cost.cost_class,
                                                    payer=cost.payer))
        return [replace(one, actuals=_plus(one.actuals, changes), items=[*(one.items or ()), *added])
                for one, changes, added in zip(self.position.spent, more, items, strict=True)]

    def _left(self, shares: Apportioned, reserve: str) -> int:
        moved = sum(one.amount for one in shares.moved if one.reserve == reserve)
        return (sum(self.position.reserves[reserve].values()) - sum(shares.drawn.get(reserve, {}).values())
                + sum(shares.added.get(reserve, {}).values()) + moved)


def _plus(left: Mapping[str, int], right: Mapping[str, int]) -> dict[str, int]:
    return {key: left.get(key, 0) + right.get(key, 0) for key in {**left, **right}}
