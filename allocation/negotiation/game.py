"""A division seen as a cooperative game: what each coalition would have or bear by itself, and who would walk out.

Costs are turned round: a cost of 5 is a worth of −5, so that «more» is better for everybody. Exact fractions.
Sources: D. B. Gillies, Solutions to general non-zero-sum games (1959), for the core; L. S. Shapley, Cores of convex
games, International Journal of Game Theory 1 (1971).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from allocation.negotiation.question import Question

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Game:
    """Worths by coalition; a coalition is a number whose bit i says whether party i is in it."""

    parties: tuple[str, ...]
    worths: tuple[Fraction, ...]
    sign: int  # −1 where costs are borne

    @property
    def everybody(self) -> int:
        return len(self.worths) - 1

    def members(self, coalition: int) -> tuple[str, ...]:
        return tuple(p for i, p in enumerate(self.parties) if coalition >> i & 1)

    def sums(self, awards: Sequence[Fraction]) -> list[Fraction]:
        """What each coalition has together under a division."""
        found = [ZERO] * len(self.worths)
        for coalition in range(1, len(found)):
            last = coalition.bit_length() - 1
            found[coalition] = found[coalition ^ 1 << last] + awards[last]
        return found

    def excesses(self, awards: Sequence[Fraction]) -> list[Fraction]:
        """By how much each coalition would be better off alone; below zero: worse."""
        return [worth - has for worth, has in zip(self.worths, self.sums(awards), strict=True)]


@dataclass(frozen=True, slots=True)
class Objection:
    """A coalition that a division leaves worse off than it would be by itself, and by how much (minor units)."""

    members: tuple[str, ...]
    by: Fraction


def game_of(question: Question) -> Game:
    """The game behind a question that states what coalitions would bear or have alone."""
    stated, sign = question.coalitions(), -1 if question.bears else 1
    worths = [ZERO] * 2**len(question.parties)
    for coalition, value in stated.items():
        worths[sum(1 << i for i, p in enumerate(question.parties) if p in coalition)] = sign * value
    return Game(question.parties, tuple(worths), sign)


def objections(game: Game, awards: Mapping[str, Fraction | int]) -> tuple[Objection, ...]:
    """Every coalition that would do better by itself, the most aggrieved first. None: the division is in the core."""
    excesses = game.excesses([game.sign * Fraction(awards[p]) for p in game.parties])
    found = [Objection(game.members(s), by) for s, by in enumerate(excesses) if 0 < s < game.everybody and by > 0]
    return tuple(sorted(found, key=lambda one: (-one.by, len(one.members))))


def convex(game: Game) -> bool:
    """Whether a party adds the more the larger the coalition that it joins; then the Shapley value is in the core."""
    worths, bits = game.worths, [1 << i for i in range(len(game.parties))]
    return all(worths[s | i | j] - worths[s | j] >= worths[s | i] - worths[s]
               for i in bits for j in bits if i < j for s in range(len(worths)) if not s & (i | j))
