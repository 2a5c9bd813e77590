"""Whose each reserve is: what every partner of origin had, what went in and out of it and why, and what is left. Pure.

A statement sums this up; the report of the reserves shows it partner by partner.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from commissioning.closing.position import Position


@dataclass(frozen=True, slots=True)
class Origin:
    """One partner's part of a reserve, year to date, in minor units; only `opening` may be less than nothing.

    `put_in`, `taken_out`: by transfers. `planned`: used by the plan. `drawn`, `added`: by the rules. `joined`, `left`:
    by a partner that comes or goes.
    """

    reserve: str
    partner: str
    opening: int
    put_in: int
    added: int
    joined: int
    taken_out: int
    planned: int
    drawn: int
    left: int

    @property
    def gone_in(self) -> int:
        return self.put_in + self.added + self.joined

    @property
    def gone_out(self) -> int:
        return self.taken_out + self.planned + self.drawn + self.left

    @property
    def closing(self) -> int:
        return self.opening + self.gone_in - self.gone_out


def origins(position: Position) -> Iterator[Origin]:
    """Every reserve by partner of origin, in the order of the agreement file."""
    books, shares = position.figures, position.shares
    for name in position.agreement.reserves:
        for partner in position.agreement.partners:
            moved = [m.amount for m in shares.moved if (m.reserve, m.partner) == (name, partner)]
            yield Origin(
                name, partner, opening=books.reserves[name][partner], put_in=books.put_in[name][partner],
                added=shares.added.get(name, {}).get(partner, 0), joined=sum(max(amount, 0) for amount in moved),
                taken_out=books.taken_out[name][partner],
                planned=position.planned_draws.get(name, {}).get(partner, 0),
                drawn=shares.drawn.get(name, {}).get(partner, 0), left=sum(max(-amount, 0) for amount in moved))
