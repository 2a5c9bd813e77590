"""Groups: several bodies that count as one party in a share, and how their part is divided among them.

A member may be a group itself; `check_groups` refuses groups that contain each other before anything is worked out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from allocation.discovery import near
from allocation.model import Facts
from ledger.errors import PoolbookError

if TYPE_CHECKING:
    from allocation.basis import Basis

N = TypeVar("N", int, Fraction)


class GroupsCyclic(PoolbookError):
    code = "groups-cyclic"
    what = "these groups contain each other: {path}"
    remedy = "take one of them out of the other's `members`: the members of a group must end at partners"


class GroupEmpty(PoolbookError):
    code = "group-empty"
    what = "the group {group} has no members"
    remedy = "name the partners that it stands for under `members`, or take the group out"


class GroupMemberUnknown(PoolbookError):
    code = "group-member-unknown"
    what = "the group {group} has the member {name!r}, which is neither a partner nor a group"
    remedy = "write one of: {known}{hint}; or add it under `partners:`"


class GroupMemberTwice(PoolbookError):
    code = "group-member-twice"
    what = "the group {group} has the member {name} more than once, by itself or through a group within it"
    remedy = "name it once, where its part is worked out"


class GroupNameTaken(PoolbookError):
    code = "group-name-taken"
    what = "{group} is the name of a group and of a partner"
    remedy = "give the group another name"


class GroupUnknown(PoolbookError):
    code = "group-unknown"
    what = "there is no group {name!r}"
    remedy = "write one of: {known}{hint}; or declare it under `groups:` at the top of the agreement"


class GroupSharesMissing(PoolbookError):
    code = "group-shares-missing"
    what = "nothing says how the part of group {group} is divided among its members"
    remedy = "give the group `shares: {{by: …}}`, or the party `within: {{by: …}}`"


class NotInGroup(PoolbookError):
    code = "not-in-group"
    what = "{name} stands in the shares within group {group}, but is not one of its members"
    remedy = "write one of: {known}; or add it to the group's `members`"


@dataclass(frozen=True, slots=True)
class Group:
    """Several bodies that count as one party. `shares` divides the group's part unless a party's `within` does."""

    members: tuple[str, ...]
    shares: Basis | None = None


def behind(name: str, groups: Mapping[str, Group], above: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The partners that a name stands for: itself, or the members of the group and of the groups in it, each once."""
    if name in above:
        raise GroupsCyclic(path=" > ".join([*above[above.index(name):], name]))
    if name not in groups:
        return (name,)
    found = (p for member in groups[name].members for p in behind(member, groups, (*above, name)))
    return tuple(dict.fromkeys(found))


def in_order(names: Iterable[str], facts: Facts) -> tuple[str, ...]:
    """Names in the file's order of partners; a group stands where its first partner stands."""
    place = {partner: i for i, partner in enumerate(facts.partners)}

    def first(name: str) -> int:
        return min((place[p] for p in behind(name, facts.groups) if p in place), default=len(place))

    return tuple(sorted(dict.fromkeys(names), key=first))


def member_facts(facts: Facts, group: str, part: Fraction) -> Facts:
    """What a basis sees inside a group: the members only, each group among them as one, and the group's part."""
    members = in_order(facts.groups[group].members, facts)

    def together(figures: Mapping[str, N], zero: N) -> dict[str, N]:
        return {m: sum((figures.get(p, zero) for p in behind(m, facts.groups)), zero) for m in members}

    last = None if facts.last is None else together(facts.last, Fraction(0))
    return replace(facts, taking_part=members, members=members, amount=facts.amount * part, last=last,
                   contributions=together(facts.contributions, 0), received=together(facts.received, 0),
                   units=together(facts.units, 0))


def check_groups(groups: Mapping[str, Group], partners: Collection[str]) -> Iterator[tuple[str, PoolbookError]]:
    """Every fault in the groups of an agreement, each with the name of the group at which it stands."""
    known = (*partners, *groups)
    cyclic = False
    for name, group in groups.items():
        if name in partners:
            yield name, GroupNameTaken(group=name)
        if not group.members:
            yield name, GroupEmpty(group=name)
        for member in group.members:
            if member not in known:
                yield name, GroupMemberUnknown(group=name, name=member, known=", ".join(known),
                                               hint=near(member, known))
        try:
            yield from ((name, fault) for fault in _twice(name, groups))
        except GroupsCyclic as fault:
            cyclic = True
            yield name, fault
    if not cyclic:
        for name, group in groups.items():
            if group.shares is not None:
                yield from ((name, fault) for fault in check_within(group.shares, name, groups))


def _twice(name: str, groups: Mapping[str, Group]) -> list[PoolbookError]:
    behind(name, groups)  # raises where the groups contain each other
    reached = [p for member in groups[name].members for p in behind(member, groups)]
    return [GroupMemberTwice(group=name, name=p) for p in dict.fromkeys(reached) if reached.count(p) > 1]


def check_within(basis: Basis, group: str, groups: Mapping[str, Group]) -> list[PoolbookError]:
    """What can be known, when reading, of a basis that divides a group's part among its members."""
    members = groups[group].members
    inside = {*members, *(p for m in members for p in behind(m, groups))}
    strangers = sorted(basis.must_take_part() - inside)
    known = ", ".join(members)
    return [*(NotInGroup(group=group, name=name, known=known) for name in strangers),
            *basis.check(members, groups)]
