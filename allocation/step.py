"""What every variance step has in common: its form, and the limits within which it takes."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import ClassVar

from allocation.basis import Basis
from allocation.model import Facts, Situation, Taken
from allocation.terms import Limit, Percentage, Rule
from ledger.money import round_half_up

BOTH = frozenset({"overspend", "underspend"})


class Step(Rule):
    """One step of a waterfall: each kind is one file in `allocation/steps`, found by its key.

    A step takes what it may of what it is offered and passes on the rest. Amounts are absolute; the list in which
    it stands says which way they run.
    """

    sides: ClassVar[frozenset[str]] = BOTH
    up_to: Limit | None = None

    def take(self, situation: Situation) -> Taken:
        """What this step takes of `situation.offered`."""
        raise NotImplementedError

    def basis(self) -> Basis | None:
        """The share basis within this step, if it has one."""
        return None

    def reserves_named(self) -> set[str]:
        """The reserves that this step draws on or adds to."""
        return set()

    def services_named(self) -> set[str]:
        """The services that this step names."""
        return set()

    def outcomes_named(self) -> set[str]:
        """The outcomes that this step pays for."""
        return set()

    def until(self) -> int | None:
        """Where this step's tier ends: the variance, as it entered the waterfall, beyond which it takes nothing."""
        return None

    def partners_named(self) -> set[str]:
        basis = self.basis()
        return basis.partners_named() if basis else set()


def limit_in_minor(limit: int | Percentage | None, whole: int) -> int | None:
    """A limit as an amount: a percentage is taken of `whole` and rounded half up."""
    if isinstance(limit, Percentage):
        return round_half_up(Fraction(whole) * limit.percent / 100)
    return limit


def contribution_limits(limits: Mapping[str, int | Percentage], facts: Facts) -> dict[str, int]:
    """Caps as amounts: a percentage is taken of the partner's own contribution."""
    return {partner: limit_in_minor(limit, facts.contributions.get(partner, 0)) or 0
            for partner, limit in limits.items()}
