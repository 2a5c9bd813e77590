"""What rules look at and what they answer: frozen values, amounts in whole minor units, shares as exact fractions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from allocation.groups import Group

Shares = Mapping[str, Fraction]
"""A share per partner, in the file's order of partners: none negative, total 1."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a share basis may look at, year to date.

    `partners`: every partner in the file's order, which is the order of ties. `taking_part`: those of the fund.
    `contributions`: c_i, the full year's cash, in-kind and grant lines. `received`: paid to date. Minor units.
    `amount`: the absolute amount to be shared, minor units (a fraction only inside a group): whoever shares sets it.
    `units`: units to date of the covered services together, in millionths, by partner. `groups`: the agreement's
    groups by name. `last`: the shares when they could last be worked out. `planning`: a budget is shared, no outcome.
    `members`: inside a group, those who may have a share; empty outside.
    """

    partners: tuple[str, ...]
    taking_part: tuple[str, ...]
    contributions: Mapping[str, int] = field(default_factory=dict)
    received: Mapping[str, int] = field(default_factory=dict)
    currency: str = "GBP"
    amount: Fraction | int = 0
    units: Mapping[str, int] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    last: Mapping[str, Fraction] | None = None
    planning: bool = False
    members: tuple[str, ...] = ()

    def may_share(self, name: str) -> bool:
        """Whether a partner or group can have a share here: inside a group its members, elsewhere everybody."""
        return name in self.members if self.members else name in self.partners or name in self.groups


@dataclass(frozen=True, slots=True)
class Usable:
    """Underspends under one later rule, by service, and that rule's net underspend, which limits what may be used."""

    underspends: Mapping[str, int]
    net: int


@dataclass(frozen=True, slots=True)
class Situation:
    """What a variance step may look at. All amounts are absolute; `side` says which way the variance runs.

    `variance` as it entered the waterfall; `offered`: what is left, within this step's `up_to` and tier.
    `borne`: what this same step put on each partner in earlier versions of the year, which its caps count.
    `balances`: each reserve by partner of origin, as this waterfall has left it so far. `fenced`: ring-fenced money
    not used, by source. `final`: the call is no forecast and not indicative. `usable`: what an offset may use.
    `so_far`: what each partner has from this waterfall's earlier steps. `better`: units by which each outcome beats
    its baseline. `before`: what this same step took in earlier versions of the year.
    """

    side: str
    variance: int
    offered: int
    facts: Facts
    balances: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    borne: Mapping[str, int] = field(default_factory=dict)
    fenced: Mapping[str, int] = field(default_factory=dict)
    final: bool = True
    usable: tuple[Usable, ...] = ()
    so_far: Mapping[str, int] = field(default_factory=dict)
    better: Mapping[str, Fraction] = field(default_factory=dict)
    before: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a step took, all absolute: what partners bear, what stands in a column, what moved in a reserve.

    `used`: underspends of other services that it used. `repayable`: what is owed back to a partner over so many later
    `years`. `carried`: the services whose next budget it is added to.
    """

    because: str
    partners: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, int] = field(default_factory=dict)
    reserve: str = ""
    origins: Mapping[str, int] = field(default_factory=dict)
    used: Mapping[str, int] = field(default_factory=dict)
    repayable: Mapping[str, int] = field(default_factory=dict)
    years: int = 0
    carried: tuple[str, ...] = ()

    @property
    def amount(self) -> int:
        """How much of what was offered is used up."""
        return sum(self.partners.values()) + sum(self.columns.values())


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example that stands in a rule's own file: run by the tests, printed in the reference."""

    terms: Mapping[str, Any]
    given: Facts | Situation
    gives: Mapping[str, Any]
    words: str = ""
