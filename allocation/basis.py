"""What every share basis has in common: its form, its modifiers, and how its figures become shares that total 1."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field

from allocation.errors import LastShareUnknown, NothingToShareBy
from allocation.limits import limited_shares
from allocation.model import Facts, Shares
from allocation.terms import Number, Rule, percent_text
from ledger.money import grouped, split


class Basis(Rule):
    """How something is shared: each kind is one file in `allocation/bases`, found by its `by`.

    A kind states its keys as fields, and `figures`: a figure of zero or more per partner. Shares are the figures
    divided by their total, then held within `floor` and `ceiling` (percent).
    """

    kinds: ClassVar[str] = "basis"

    floor: Mapping[str, Number] = {}
    ceiling: Mapping[str, Number] = {}
    otherwise: Literal["equal", "last_agreed", "refuse"] = Field("refuse", alias="else")

    def figures(self, facts: Facts) -> Mapping[str, Fraction]:
        """The figure of each partner that takes part, by which the shares are worked out."""
        raise NotImplementedError

    def title(self) -> str:
        """The basis in a few words, as the working prints it: «in proportion to contributions»."""
        raise NotImplementedError

    def partners_named(self) -> set[str]:
        return {*self.floor, *self.ceiling}

    def shares(self, facts: Facts) -> Shares:
        """Each partner's exact share, in the file's order of partners."""
        figures = self.figures(facts)
        whole = sum(figures.values(), Fraction(0))
        if whole == 0:
            figures = self._when_nothing(facts)
            whole = sum(figures.values(), Fraction(0))
        shares = {p: Fraction(figures[p]) / whole for p in facts.partners if p in figures}
        assert sum(shares.values()) == 1, "shares total 1"
        limited = limited_shares(shares, self.floor, self.ceiling)
        assert sum(limited.values()) == 1, "limited shares total 1"
        return limited

    def _when_nothing(self, facts: Facts) -> Mapping[str, Fraction]:
        if self.otherwise == "equal":
            return {p: Fraction(1) for p in facts.taking_part}
        if self.otherwise == "last_agreed":
            raise LastShareUnknown(basis=self.name)
        raise NothingToShareBy(amount="an amount", basis=self.name)

    def explain(self, facts: Facts) -> str:
        """The shares with the figures they come from, so that a reader can check them with a pocket calculator."""
        shares = self.shares(facts)
        return "; ".join(f"{p} {self.figure_text(p, facts)}{percent_text(share)}" for p, share in shares.items()
                         if share)

    def figure_text(self, partner: str, facts: Facts) -> str:
        """What stands before a partner's percentage in the working; empty where the percentage says all."""
        return ""


def money_figures(figures: Mapping[str, int], partner: str, currency: str) -> str:
    """«45,800,000.00 of 168,300,000.00 = », for bases whose figures are amounts."""
    return f"{grouped(figures.get(partner, 0), currency)} of {grouped(sum(figures.values()), currency)} = "


def shared_out(total: int, basis: Basis, facts: Facts) -> dict[str, int]:
    """`total` (zero or more, minor units) by the basis, rounded by largest remainder; not evaluated for zero."""
    if total == 0:
        return {}
    shares = basis.shares(facts)
    return dict(zip(shares, split(total, list(shares.values())), strict=True))
