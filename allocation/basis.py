"""What every share basis has in common: its form, its modifiers, and how its figures become shares that total 1."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field

from allocation.division import ClaimsExceeded
from allocation.errors import LastShareUnknown, NothingToShareBy
from allocation.groups import Group, GroupsCyclic, GroupSharesMissing, behind, in_order, member_facts
from allocation.limits import limit_faults, limited_shares
from allocation.model import Facts, Shares
from allocation.terms import Number, Rule, number_text, percent_text
from ledger.errors import PoolbookError
from ledger.money import grouped, largest_remainder, round_half_up, split


class Basis(Rule):
    """How something is shared: each kind is one file in `allocation/bases`, found by its `by`.

    A kind states its keys as fields, and `figures`: a figure of zero or more per party. Shares are the figures
    divided by their total; a party that is a group has its part divided among its members; then every partner is held
    within `floor` and `ceiling` (percent of the whole).
    """

    kinds: ClassVar[str] = "basis"
    open_table: ClassVar[bool] = False
    """Whether its tables may list more names than share: a population table serves several groups."""

    floor: Mapping[str, Number] = {}
    ceiling: Mapping[str, Number] = {}
    otherwise: Literal["equal", "last_agreed", "refuse"] = Field("refuse", alias="else")

    def figures(self, facts: Facts) -> Mapping[str, Fraction]:
        """The figure of each partner or group that takes part, by which the shares are worked out."""
        raise NotImplementedError

    def title(self) -> str:
        """The basis in a few words, as the working prints it: «in proportion to contributions»."""
        raise NotImplementedError

    def sharers(self) -> tuple[str, ...] | None:
        """Who shares, where the terms alone say so; None where those who take part do."""
        return None

    def idle(self) -> Collection[str]:
        """Who of the sharers shares nothing whatever the books say; nobody where all of them do."""
        return ()

    def partners_named(self) -> set[str]:
        return {*self.floor, *self.ceiling}

    def groups_named(self) -> set[str]:
        """Every name that these terms state to be a group's."""
        return set()

    def must_take_part(self) -> set[str]:
        """Who, being named here, must be a member of the group whose part this basis divides."""
        return {*self.floor, *self.ceiling} if self.open_table else self.partners_named()

    def inner(self, group: str, groups: Mapping[str, Group]) -> Basis:
        """What divides a group's part among its members."""
        shares = groups[group].shares
        if shares is None:
            raise GroupSharesMissing(group=group)
        return shares

    def shares(self, facts: Facts) -> Shares:
        """Each partner's exact share, in the file's order of partners."""
        spread = self._spread(self.party_shares(facts), facts)
        limits = {*self.floor, *self.ceiling} - spread.keys()  # members of a group that has no part itself
        shares = {p: spread.get(p, Fraction(0)) for p in (*facts.partners, *spread) if p in spread or p in limits}
        limited = limited_shares(shares, self.floor, self.ceiling)
        assert sum(limited.values()) == 1, "limited shares total 1"
        assert all(share >= 0 for share in limited.values()), "no share is negative"
        return limited

    def budget_shares(self, facts: Facts) -> Shares | None:
        """Who meets a budget of `facts.amount`, or None where only the outcome can tell."""
        try:
            return self.shares(replace(facts, planning=True))
        except (NothingToShareBy, ClaimsExceeded):
            return None

    def party_shares(self, facts: Facts) -> Shares:
        """The shares of the parties, before groups are divided among members and before limits."""
        figures: Mapping[str, Fraction] = self._counted(facts)
        if not any(figures.values()):
            figures = self._when_nothing(facts)
        whole = sum(figures.values(), Fraction(0))
        return {name: Fraction(figures[name]) / whole for name in in_order(figures, facts)}

    def _counted(self, facts: Facts) -> dict[str, Fraction]:
        return {name: figure for name, figure in self.figures(facts).items() if facts.may_share(name)}

    def _when_nothing(self, facts: Facts) -> Mapping[str, Fraction]:
        if self.otherwise == "equal" and facts.taking_part:
            return {p: Fraction(1) for p in facts.taking_part}
        if self.otherwise == "last_agreed":
            last = {p: share for p, share in (facts.last or {}).items() if facts.may_share(p)}
            if not any(last.values()):
                raise LastShareUnknown(basis=self.name)
            return last
        amount = grouped(round_half_up(Fraction(facts.amount)), facts.currency) if facts.amount else "an amount"
        raise NothingToShareBy(amount=amount, basis=self.name)

    def _spread(self, parties: Shares, facts: Facts) -> dict[str, Fraction]:
        """The parties' shares as partners' shares: each group's part divided among its members."""
        found: dict[str, Fraction] = {}
        for name, share in parties.items():
            for partner, part in self._within(name, share, facts).items():
                found[partner] = found.get(partner, Fraction(0)) + share * part
        assert sum(found.values()) == 1, "shares total 1"
        return {p: found[p] for p in facts.partners if p in found}

    def _within(self, name: str, share: Fraction, facts: Facts) -> Shares:
        if name not in facts.groups:
            return {name: Fraction(1)}
        if share == 0:
            return {}
        behind(name, facts.groups)  # refuses groups that contain each other
        return self.inner(name, facts.groups).shares(member_facts(facts, name, share))

    def check(self, taking_part: Collection[str] = (),
              groups: Mapping[str, Group] | None = None) -> list[PoolbookError]:
        """What is wrong with these terms whatever the figures will be, to be refused when the agreement is read.

        `taking_part`: who shares where the terms do not say; empty where that is not known either.
        """
        groups = groups or {}
        named = self.sharers()
        try:
            behind_each = {name: behind(name, groups) for name in (taking_part if named is None else named)}
        except GroupsCyclic:
            return []  # `check_groups` says it, at the group
        sharing = tuple(dict.fromkeys(p for partners in behind_each.values() for p in partners))
        still = self.idle()  # one of these may share all the same, inside a group or beside it
        busy = {p for name, partners in behind_each.items() if name not in still for p in partners}
        idle = [p for p in sharing if p not in busy]
        return [*limit_faults(self.floor, self.ceiling, sharing, idle), *self._undivided(groups)]

    def _undivided(self, groups: Mapping[str, Group]) -> list[PoolbookError]:
        """Groups among the parties whose part nothing divides."""
        faults: list[PoolbookError] = []
        for name in self.sharers() or ():
            try:
                if name in groups:
                    self.inner(name, groups)
            except GroupSharesMissing as fault:
                faults.append(fault)
        return faults

    def explain(self, facts: Facts) -> str:
        """The shares with the figures they come from, so that a reader can check them with a pocket calculator."""
        parties, shares = self.party_shares(facts), self.shares(facts)
        nothing = not any(self._counted(facts).values())
        said = [f"{name} {'' if nothing else self.figure_text(name, facts)}{percent_text(share)}"
                f"{self._inside(name, share, facts)}" for name, share in parties.items() if share]
        text = "; ".join(said)
        if nothing:
            how = "equally" if self.otherwise == "equal" else "as last agreed"
            text = f"every figure is zero, so {how}: {text}"
        if any(name in facts.groups for name in parties) and not facts.members:
            text += f"; in all: {self._listed(self._spread(parties, facts))}"
        if shares != self._spread(parties, facts):
            text += f"; held within {self._limits()}: {self._listed(shares)}"
        return text

    def _inside(self, name: str, share: Fraction, facts: Facts) -> str:
        """« (within it …)», for a party that is a group."""
        if name not in facts.groups:
            return ""
        inner = self.inner(name, facts.groups)
        return f" (within it {inner.title()}: {inner.explain(member_facts(facts, name, share))})"

    def _limits(self) -> str:
        limits = [f"{word} {p} {number_text(limit)} %" for word, table in
                  (("floor", self.floor), ("ceiling", self.ceiling)) for p, limit in table.items()]
        return ", ".join(limits)

    @staticmethod
    def _listed(shares: Shares) -> str:
        return "; ".join(f"{p} {percent_text(share)}" for p, share in shares.items() if share)

    def figure_text(self, partner: str, facts: Facts) -> str:
        """What stands before a partner's percentage in the working; empty where the percentage says all."""
        return ""


def money_figures(figures: Mapping[str, int], partner: str, currency: str) -> str:
    """«45,800,000.00 of 168,300,000.00 = », for bases whose figures are amounts."""
    return f"{grouped(figures.get(partner, 0), currency)} of {grouped(sum(figures.values()), currency)} = "


def money_text(amount: Fraction | int, currency: str) -> str:
    """An exact amount for people, cut (not rounded) after the last minor unit, with «…» where more would follow."""
    whole = Fraction(amount)
    return f"{grouped(whole.numerator // whole.denominator, currency)}{'' if whole.denominator == 1 else '…'}"


def rounded_percents(figures: Mapping[str, Fraction], decimals: int) -> dict[str, Fraction]:
    """Figures as percentages with so many decimals that total exactly 100 (largest remainder); all zero stays so."""
    whole, unit = sum(figures.values(), Fraction(0)), 10**decimals
    if whole == 0:
        return dict(figures)
    parts = largest_remainder([100 * unit * figure / whole for figure in figures.values()])
    return {name: Fraction(part, unit) for name, part in zip(figures, parts, strict=True)}


def shared_out(total: int, basis: Basis, facts: Facts) -> dict[str, int]:
    """`total` (zero or more, minor units) by the basis, rounded by largest remainder; not evaluated for zero."""
    if total == 0:
        return {}
    shares = basis.shares(replace(facts, amount=total))
    return dict(zip(shares, split(total, list(shares.values())), strict=True))
