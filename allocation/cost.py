"""What every cost rule has in common: its form, what it looks at, and who bears each service's cost in the end.

Where partners share the cost itself (AGREEMENTS 2.3) a rule takes the cost of its services, year to date, and says
what each partner is liable for. Per service, liabilities + what nobody is named for (`unallocated`) = cost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from allocation.basis import Basis
from allocation.model import Facts, Shares
from allocation.terms import Rule
from ledger.money import largest_remainder

UNIT = 10**6
"""Units (days, packages, visits) are whole millionths, as in the ledger."""
UNALLOCATED = "unallocated"
"""Where cost stands that a rule puts on nobody: in the service's own column, never spread silently."""
FOR = "for"
"""The word that names, in place of a partner, the one in the event's `for` column."""


@dataclass(frozen=True, slots=True)
class CostItem:
    """One event's part in a service's cost: `amount` in minor units (a refund or a user's charge is negative).

    `units` in millionths, None where the event states none; zero says that there were none. `payer`: who paid from
    its own account (of income: who holds it), empty for the pooled fund. `beneficiary`: the event's `for`. `number`
    is the entry's, the order within a day. `undoes`: the number of the item that this one reverses, 0 for none.
    """

    service: str
    amount: int = 0
    units: int | None = None
    cost_class: str = ""
    case: str = ""
    payer: str = ""
    beneficiary: str = ""
    date: dt.date = dt.date.min
    number: int = 0
    undoes: int = 0


@dataclass(frozen=True, slots=True)
class CaseSoFar:
    """A case and class under a tariff, in earlier versions of the year: what `Tariff` needs to go on from there."""

    cost: int = 0
    uncapped: Mapping[str, Fraction] = field(default_factory=dict)
    charged: Fraction = Fraction(0)
    rounded: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Carried:
    """What goes from one version of a rule to the next: each case's days so far, and its tariff this year.

    A financial year begins with the days alone: those of `opening_units` events and of all earlier years.
    """

    units: Mapping[str, int] = field(default_factory=dict)
    cases: Mapping[tuple[str, str, str], CaseSoFar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CostLine:
    """One step of the working: `amount_in` − Σ `out` = `remaining`, which the service's next line takes up."""

    service: str
    step: str
    amount_in: int
    out: Mapping[str, int]
    remaining: int
    because: str


@dataclass(frozen=True, slots=True)
class Charged:
    """Who bears the cost of each service, to the penny, with the working and what the next version needs."""

    liabilities: Mapping[str, Mapping[str, int]]
    unallocated: Mapping[str, int]
    lines: tuple[CostLine, ...]
    carried: Carried


class CostRule(Rule):
    """`cost:` of a rule: each kind is one file in `allocation/costs`, found by its `by`."""

    def charge(self, items: Sequence[CostItem], facts: Facts, carried: Carried | None = None) -> Charged:
        """What each partner is liable for. `items`: the year's to date that fall under this version of the rule.

        The order of `items` does not matter: they are taken by date and number, and an item goes unseen together
        with the one that undoes it. `carried`: what the year's earlier version of the rule handed on.
        """
        carried = carried or Carried()
        seen = standing(items)
        services = list(dict.fromkeys(item.service for item in items))
        lines, onward = self._lines(seen, services, facts, carried)
        return _foot(lines, items, services, facts, onward)

    def _lines(self, items: Sequence[CostItem], services: Sequence[str], facts: Facts,
               carried: Carried) -> tuple[list[CostLine], Carried]:
        """The working, which puts all of each service's cost somewhere, and what the next version needs."""
        raise NotImplementedError

    def bases(self) -> tuple[Basis, ...]:
        """The share bases within this rule, so that their limits and groups are checked when the agreement is read."""
        return ()

    def fault_item(self, service: str, amount: int) -> CostItem:
        """What a recorded fault takes off the cost before it is shared."""
        return CostItem(service, -amount)

    def lacks(self, item: CostItem) -> tuple[str, ...]:
        """The columns of the event without which this rule cannot place it, so that its row can be refused."""
        return ()

    def budget_shares(self, budget: int, liabilities: Mapping[str, int], facts: Facts) -> Shares:
        """How a service's budget is met: in the ratio of its liabilities to date; equally while these total zero.

        Shares total 1. Under a unit price the payee's may be negative: it gets more than it spends.
        """
        whole = sum(liabilities.values())
        if whole == 0:
            return {p: Fraction(1, len(facts.taking_part)) for p in facts.partners if p in facts.taking_part}
        return {p: Fraction(liabilities[p], whole) for p in facts.partners if p in liabilities}


@dataclass(frozen=True, slots=True)
class CostExample:
    """A worked example that stands in a cost rule's own file. `gives`: liabilities by service, and `unallocated`."""

    terms: Mapping[str, Any]
    items: tuple[CostItem, ...]
    facts: Facts
    gives: Mapping[str, Mapping[str, int]]
    words: str = ""
    carried: Carried = Carried()


def standing(items: Iterable[CostItem]) -> list[CostItem]:
    """The items in the order of time, without those that were undone and those that undid them."""
    items = list(items)
    numbers = {item.number for item in items if item.number}
    undone: set[int] = set()
    left = []
    for item in sorted(items, key=lambda item: item.number, reverse=True):  # an undoing that was undone undoes nothing
        if item.number in undone:
            continue
        if item.undoes in numbers:
            undone.add(item.undoes)
        else:
            left.append(item)
    return sorted(left, key=_order)


def _order(item: CostItem) -> tuple[Any, ...]:
    """By time; what happened at once goes by the rest, so that the answer never depends on the order of input."""
    return (item.date, item.number, item.case, item.service, item.cost_class, item.beneficiary, item.payer,
            item.units is None, item.units or 0, item.amount)


def split_exactly(parts: Mapping[str, Fraction], facts: Facts) -> dict[str, int]:
    """Exact parts of a whole amount in whole minor units, ties in the file's order of partners, nobody last."""
    order = [p for p in (*facts.partners, UNALLOCATED) if p in parts]
    assert len(order) == len(parts), "every part is a partner's or unallocated"
    return dict(zip(order, largest_remainder([parts[p] for p in order]), strict=True))


def named(out: Mapping[str, int]) -> dict[str, int]:
    """What a line puts out, without the zeros."""
    return {who: amount for who, amount in out.items() if amount}


def _foot(lines: Sequence[CostLine], items: Sequence[CostItem], services: Sequence[str], facts: Facts,
          carried: Carried) -> Charged:
    """The lines added up by service, and the proof that all of the cost is placed."""
    sums: dict[str, dict[str, int]] = {service: {} for service in services}
    for line in lines:
        assert line.amount_in - sum(line.out.values()) == line.remaining, "a line of the working foots"
        for who, amount in line.out.items():
            sums[line.service][who] = sums[line.service].get(who, 0) + amount
    cost = dict.fromkeys(services, 0)
    for item in items:
        cost[item.service] += item.amount
    for service in services:
        assert sum(sums[service].values()) == cost[service], f"the cost of {service} is borne to the penny"
    liabilities = {s: {p: sums[s][p] for p in facts.partners if p in sums[s]} for s in services}
    unallocated = {s: sums[s].get(UNALLOCATED, 0) for s in services}
    return Charged(liabilities, unallocated, tuple(lines), carried)
