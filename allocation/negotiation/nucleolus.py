"""The nucleolus: the division that makes the loudest complaint as quiet as can be, then the next loudest, and so on.

Exact, by a sequence of linear programmes. Sources: D. Schmeidler, The nucleolus of a characteristic function game
(1969); M. Maschler, J. Potters and S. Tijs, The general nucleolus and the reduced game property, International Journal
of Game Theory 21 (1992), for settling in each round what every best answer has in common.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from allocation.negotiation.game import ZERO, Game
from allocation.negotiation.simplex import maximise
from ledger.errors import PoolbookError

MOST_PARTIES = 10  # 1,023 coalitions take some two seconds; every party more takes five times as long


class NucleolusTooLarge(PoolbookError):
    code = "nucleolus-too-large"
    what = "{count} parties have {coalitions} coalitions; the nucleolus is worked out for at most {most} parties"
    remedy = "let several partners negotiate as one party, or leave the nucleolus out; the Shapley value takes more"


@dataclass(frozen=True, slots=True)
class Core:
    """Whether some division leaves no coalition better off alone, and the loudest complaint under the best one.

    `complaint`: minor units; above zero the core is empty, and that much is the least by which some coalition stays
    better off alone. None: there is only one party.
    """

    empty: bool
    complaint: Fraction | None


def core_of(game: Game) -> Core:
    """The core test: the least complaint that any division of the whole can leave (the least core)."""
    if len(game.parties) == 1:
        return Core(empty=False, complaint=None)
    settled = _Settled(len(game.parties))
    settled.add(game.everybody, game.worths[-1])
    complaint = _round(game, settled, individually=False)[0]
    return Core(complaint > 0, complaint)


def rational(game: Game) -> bool:
    """Whether the whole can be divided so that no party by itself is worse off than alone."""
    return sum((game.worths[1 << i] for i in range(len(game.parties))), ZERO) <= game.worths[-1]


def nucleolus(game: Game) -> dict[str, Fraction]:
    """What each has (or bears), exactly: nobody worse off than alone, where that is possible at all.

    Where it is not, among all divisions (the prenucleolus). Raises `NucleolusTooLarge`.
    """
    if len(game.parties) > MOST_PARTIES:
        raise NucleolusTooLarge(count=len(game.parties), coalitions=f"{game.everybody:,}", most=MOST_PARTIES)
    settled = _Settled(len(game.parties))
    settled.add(game.everybody, game.worths[-1])
    individually, awards = rational(game), [game.worths[-1]]
    while settled.rank < len(game.parties):
        complaint, awards, tight = _round(game, settled, individually)
        for coalition, alone in tight:
            settled.add(coalition, game.worths[coalition] - (ZERO if alone else complaint))
    assert sum(awards, ZERO) == game.worths[-1], "the whole is divided"
    return {p: game.sign * award for p, award in zip(game.parties, awards, strict=True)}


class _Settled:
    """Coalitions of which it is settled what they have together, without those that follow from others."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.sums: list[tuple[int, Fraction]] = []
        self._reduced: list[tuple[int, list[Fraction]]] = []  # by leading party

    @property
    def rank(self) -> int:
        return len(self.sums)

    def _rest(self, coalition: int) -> list[Fraction]:
        rest = [Fraction(coalition >> i & 1) for i in range(self.count)]
        for lead, line in self._reduced:
            if part := rest[lead]:
                rest = [figure - part * other for figure, other in zip(rest, line, strict=True)]
        return rest

    def follows(self, coalition: int) -> bool:
        """Whether what it has together follows from what is settled."""
        return not any(self._rest(coalition))

    def add(self, coalition: int, has: Fraction) -> None:
        rest = self._rest(coalition)
        lead = next((i for i, figure in enumerate(rest) if figure), None)
        if lead is not None:
            self._reduced.append((lead, [figure / rest[lead] for figure in rest]))
            self.sums.append((coalition, has))


def _round(game: Game, settled: _Settled, individually: bool) -> tuple[Fraction, list[Fraction],
                                                                       list[tuple[int, bool]]]:
    """The least loudest complaint of those not settled, a division with it, and who is at its limit in all of these.

    The programme is solved by its dual: weights on coalitions that balance out. Whoever has weight there complains
    equally in every best division; `True` marks a party that is held at what it has alone.
    """
    count = len(game.parties)
    open_ones = [s for s in range(1, game.everybody) if not settled.follows(s)]
    alone = [1 << i for i in range(count) if not settled.follows(1 << i)] if individually else []
    columns = [*(_column(s, count, 1) for s in open_ones), *(_column(s, count, 0) for s in alone)]
    gains = [game.worths[s] for s in (*open_ones, *alone)]
    for coalition, has in settled.sums:
        columns += [_column(coalition, count, 0), [-figure for figure in _column(coalition, count, 0)]]
        gains += [has, -has]
    best = maximise(columns, [*[0] * count, 1], gains)
    tight: Iterable[tuple[int, bool]] = ((s, i >= len(open_ones)) for i, s in enumerate((*open_ones, *alone))
                                         if best.amounts[i] > 0)
    return best.value, list(best.prices[:-1]), list(tight)


def _column(coalition: int, count: int, complains: int) -> list[int]:
    return [*(coalition >> i & 1 for i in range(count)), complains]
