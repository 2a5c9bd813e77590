"""What rules look at and what they answer: frozen values, amounts in whole minor units, shares as exact fractions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Shares = Mapping[str, Fraction]
"""A share per partner, in the file's order of partners: none negative, total 1."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a share basis may look at, year to date.

    `partners`: every partner in the file's order, which is the order of ties. `taking_part`: those of the fund.
    `contributions`: c_i, the full year's cash, in-kind and grant lines. `received`: paid to date. Minor units.
    """

    partners: tuple[str, ...]
    taking_part: tuple[str, ...]
    contributions: Mapping[str, int] = field(default_factory=dict)
    received: Mapping[str, int] = field(default_factory=dict)
    currency: str = "GBP"


@dataclass(frozen=True, slots=True)
class Situation:
    """What a variance step may look at. All amounts are absolute; `side` says which way the variance runs.

    `variance` as it entered the waterfall; `offered`: what is left, within this step's `up_to` and tier.
    `borne`: what this same step put on each partner in earlier versions of the year, which its caps count.
    `balances`: each reserve by partner of origin, as this waterfall has left it so far.
    """

    side: str
    variance: int
    offered: int
    facts: Facts
    balances: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    borne: Mapping[str, int] = field(default_factory=dict)
    fenced: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a step took, all absolute: what partners bear, what stands in a column, what moved in a reserve."""

    because: str
    partners: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, int] = field(default_factory=dict)
    reserve: str = ""
    origins: Mapping[str, int] = field(default_factory=dict)

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
