"""The ordered waterfall: each step takes what it may of a variance and passes on the rest; the last rest is shown.

Source: AGREEMENTS 2.2 and 2.7. Annual limits continue over the versions of a year through `Used`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from allocation.errors import NothingToShareBy
from allocation.model import Facts, Shares, Situation, Taken, Usable
from allocation.step import Step, limit_in_minor
from ledger.money import grouped


@dataclass(frozen=True, slots=True)
class Used:
    """What one step of a rule, by its position, has done in earlier versions of the year. Absolute amounts."""

    variance: int = 0
    taken: int = 0
    borne: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step as it ran, signed like the variance, for the working."""

    step: str
    amount_in: int
    out: Mapping[str, int]
    remaining: int
    because: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who bears a variance. Signed like it: partners + columns = variance, to the penny.

    `reserves` holds the change of each reserve by partner of origin: negative where it was drawn on. Absolute: what was
    used of other services' underspends, what is repayable to whom over how many years, what is carried forward to which
    services.
    """

    partners: Mapping[str, int]
    columns: Mapping[str, int]
    reserves: Mapping[str, Mapping[str, int]]
    lines: tuple[StepLine, ...]
    used: tuple[Used, ...]
    offsets: Mapping[str, int] = field(default_factory=dict)
    repayable: Mapping[tuple[str, int], int] = field(default_factory=dict)
    carried: tuple[tuple[tuple[str, ...], int], ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What a waterfall is run on: the partners' figures, the annual budget covered, the reserves as they stand."""

    facts: Facts
    annual_budget: int
    balances: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    fenced: Mapping[str, int] = field(default_factory=dict)
    final: bool = True
    usable: tuple[Usable, ...] = ()
    better: Mapping[str, Fraction] = field(default_factory=dict)
    last: tuple[Shares | None, ...] = ()  # what each step's basis last gave, by position


@dataclass(slots=True)
class _Run:
    """What a waterfall has put where so far. Partners, columns and reserve changes are signed, the rest absolute."""

    sign: int
    balances: dict[str, dict[str, int]]
    partners: dict[str, int] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    changes: dict[str, dict[str, int]] = field(default_factory=dict)
    offsets: dict[str, int] = field(default_factory=dict)
    repayable: dict[tuple[str, int], int] = field(default_factory=dict)
    carried: list[tuple[tuple[str, ...], int]] = field(default_factory=list)
    lines: list[StepLine] = field(default_factory=list)

    def add(self, taken: Taken) -> None:
        """Records what one step took."""
        _add(self.partners, taken.partners, self.sign)
        _add(self.columns, taken.columns, self.sign)
        _add(self.offsets, taken.used, 1)
        for partner, amount in taken.repayable.items():
            lent = partner, taken.years
            self.repayable[lent] = self.repayable.get(lent, 0) + amount
        if taken.carried:
            self.carried.append((taken.carried, taken.amount))
        if taken.reserve:  # a reserve falls where an overspend draws on it, and grows where an underspend goes into it
            _add(self.balances.setdefault(taken.reserve, {}), taken.origins, -self.sign)
            _add(self.changes.setdefault(taken.reserve, {}), taken.origins, -self.sign)


def run(variance: int, steps: Sequence[Step], given: Given, before: Sequence[Used] = ()) -> Outcome:
    """Takes a variance (minor units, overspend positive) through the steps of its list.

    `before`: what each step used in earlier versions of the year, by position. Raises `NothingToShareBy` and the
    other errors of `allocation.errors` where a step cannot be worked out.
    """
    side, sign, size = ("overspend", 1, variance) if variance >= 0 else ("underspend", -1, -variance)
    used = [before[i] if i < len(before) else Used() for i in range(len(steps))]
    so_far = _Run(sign, {reserve: dict(held) for reserve, held in given.balances.items()})
    rest, usable = size, given.usable
    for place, step in enumerate(steps):
        offered, limits = _offered(step, rest, size, used[place], given)
        gained = {who: sign * amount for who, amount in so_far.partners.items()}
        facts = replace(given.facts, amount=offered, last=given.last[place] if given.last else None)
        taken = _take(step, Situation(side, size, offered, facts, so_far.balances, used[place].borne, given.fenced,
                                      given.final, usable, gained, given.better, used[place].taken))
        assert 0 <= taken.amount <= offered, "a step takes no more than it is offered"
        so_far.add(taken)
        usable = tuple(_left(one, taken.used) for one in usable)
        so_far.lines.append(StepLine(step.name, sign * rest, _signed(taken, sign), sign * (rest - taken.amount),
                                     "; ".join([*limits, taken.because])))
        rest -= taken.amount
        used[place] = Used(used[place].variance + size, used[place].taken + taken.amount,
                           _sum(used[place].borne, taken.partners))
    if rest:
        _add(so_far.columns, {"unallocated": rest}, sign)
    assert sum(so_far.partners.values()) + sum(so_far.columns.values()) == variance, "a variance is borne to the penny"
    return Outcome(so_far.partners, so_far.columns, so_far.changes, tuple(so_far.lines), tuple(used), so_far.offsets,
                   so_far.repayable, tuple(so_far.carried))


def _left(usable: Usable, used: Mapping[str, int]) -> Usable:
    """What is left of underspends after a step has used some of them."""
    taken = {service: amount for service, amount in used.items() if service in usable.underspends}
    left = {service: amount - taken.get(service, 0) for service, amount in usable.underspends.items()}
    return Usable(left, usable.net - sum(taken.values()))


def _offered(step: Step, rest: int, size: int, used: Used, given: Given) -> tuple[int, list[str]]:
    """How much of the rest this step may take, and the limits that say so, in words."""
    currency, room, words = given.facts.currency, rest, []
    limit = limit_in_minor(step.up_to, given.annual_budget)
    if limit is not None:
        left = max(limit - used.taken, 0)
        room = min(room, left)
        earlier = f", of which {grouped(used.taken, currency)} was used before" if used.taken else ""
        words.append(f"up to {grouped(limit, currency)} in the year{earlier}")
    tier = step.until()
    if tier is not None:
        reached = used.variance + size - rest
        room = min(room, max(tier - reached, 0))
        words.append(f"until the variance reaches {grouped(tier, currency)} ({grouped(reached, currency)} so far)")
    return room, words


def _take(step: Step, situation: Situation) -> Taken:
    if situation.offered == 0:
        return Taken("nothing is left to take" if not step.up_to and step.until() is None else "nothing to take here")
    try:
        return step.take(situation)
    except NothingToShareBy as error:
        facts = {**error.facts, "amount": grouped(situation.offered, situation.facts.currency)}
        raise NothingToShareBy(error.place, amount=facts["amount"], basis=facts["basis"]) from None


def _add(total: dict[str, int], parts: Mapping[str, int], sign: int) -> None:
    for who, amount in parts.items():
        total[who] = total.get(who, 0) + sign * amount


def _signed(taken: Taken, sign: int) -> dict[str, int]:
    """What a step put where, for the working: partners, then columns; a reserve's partners of origin by name."""
    out = {who: sign * amount for who, amount in taken.partners.items() if amount}
    out.update({f"reserve {taken.reserve}: {who}": sign * amount for who, amount in taken.origins.items() if amount})
    out.update({column: sign * amount for column, amount in taken.columns.items() if amount and column != "reserves"})
    return out


def _sum(left: Mapping[str, int], right: Mapping[str, int]) -> dict[str, int]:
    return {who: left.get(who, 0) + right.get(who, 0) for who in {**left, **right}}
