"""What a division does to whom, measured: each property is worked out on the figures, never claimed for a method.

Sources: W. Thomson, Axiomatic and game-theoretic analysis of bankruptcy and taxation problems, Mathematical Social
Sciences 45 (2003); H. P. Young, Cost allocation (1985), for coalitions and for a whole that grows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from allocation.negotiation.game import Game, objections
from allocation.negotiation.method import Method
from allocation.negotiation.question import Question
from ledger.errors import PoolbookError
from ledger.money import round_half_up

ZERO = Fraction(0)
Awards = Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Finding:
    """One property of one division. `by`: how far it is missed at worst, exact minor units; 0 where it holds."""

    name: str
    words: str
    by: Fraction
    who: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return self.by <= 0

    @property
    def missed_by(self) -> int:
        """The same in whole minor units, never 0 where the property is missed."""
        return 0 if self.holds else max(round_half_up(self.by), 1)


@dataclass(frozen=True, slots=True)
class Case:
    """A division to be looked at. `game`: where it is stated what coalitions would have or bear alone."""

    question: Question
    game: Game | None
    method: Method
    awards: Awards
    currency: str


Gap = tuple[Fraction, tuple[str, ...]]


def findings(case: Case) -> tuple[Finding, ...]:
    """Every property that the question's figures allow to be looked at, with whoever fares worst by it."""
    found = []
    for name, words, gaps in PROPERTIES:
        some = gaps(case)
        if some is not None:
            by, who = max(some, key=lambda gap: gap[0], default=(ZERO, ()))
            found.append(Finding(name, words, max(by, ZERO), who if by > 0 else ()))
    return tuple(found)


def _alike(case: Case) -> Iterable[Gap] | None:
    """Pairs of whom every stated figure is the same."""
    question = case.question
    tables = [table for table in (question.weights, question.claims, question.baseline) if table]
    if not tables and case.game is None:
        return None
    return [(abs(case.awards[a] - case.awards[b]), (a, b)) for a, b in combinations(question.parties, 2)
            if all(table[a] == table[b] for table in tables) and (case.game is None or _exchangeable(case.game, a, b))]


def _exchangeable(game: Game, a: str, b: str) -> bool:
    """Whether two parties add the same to every coalition of others."""
    i, j = 1 << game.parties.index(a), 1 << game.parties.index(b)
    return all(game.worths[s | i] == game.worths[s | j] for s in range(len(game.worths)) if not s & (i | j))


def _above_claim(case: Case) -> Iterable[Gap] | None:
    claims = case.question.claims
    return [(case.awards[p] - claim, (p,)) for p, claim in claims.items()] if claims else None


def _below_nothing(case: Case) -> Iterable[Gap]:
    return [(-award, (p,)) for p, award in case.awards.items()]


def _worse_than_alone(case: Case) -> Iterable[Gap] | None:
    game = case.game
    return None if game is None else [
        (game.worths[1 << i] - game.sign * case.awards[p], (p,)) for i, p in enumerate(game.parties)]


def _better_alone(case: Case) -> Iterable[Gap] | None:
    return None if case.game is None else [(one.by, one.members) for one in objections(case.game, case.awards)]


def _order(case: Case) -> Iterable[Gap] | None:
    """Pairs in which the smaller has more than the larger."""
    sizes = case.question.sizes()
    return [(case.awards[a] - case.awards[b], (a, b)) for a in sizes for b in sizes if sizes[a] < sizes[b]] \
        if sizes else None


def _order_of_losses(case: Case) -> Iterable[Gap] | None:
    """Pairs in which the smaller claim falls further short than the larger."""
    claims = case.question.claims
    short = {p: claims[p] - case.awards[p] for p in claims}
    return [(short[a] - short[b], (a, b)) for a in claims for b in claims if claims[a] < claims[b]] \
        if claims else None


def _worse_than_now(case: Case) -> Iterable[Gap] | None:
    sign, now = -1 if case.question.bears else 1, case.question.baseline
    return [(sign * (now[p] - case.awards[p]), (p,)) for p in now] if now else None


def _hurt_by_growth(case: Case) -> Iterable[Gap] | None:
    """What anybody has less of (bears less of) when the whole grows by one percent."""
    question = case.question
    try:
        larger = question.with_amount(question.amount + max(round_half_up(Fraction(question.amount, 100)), 1))
        after = case.method.awards(larger, case.currency)
    except PoolbookError:  # the method has no answer to the larger question
        return None
    return [(award - after[p], (p,)) for p, award in case.awards.items()]


PROPERTIES: tuple[tuple[str, str, Callable[[Case], Iterable[Gap] | None]], ...] = (
    ("equal treatment", "two parties with the same figures have the same", _alike),
    ("not below nothing", "nobody has less than nothing", _below_nothing),
    ("not above its claim", "nobody has more than it claims", _above_claim),
    ("not worse than alone", "no party by itself would do better alone", _worse_than_alone),
    ("in the core", "no group of parties would do better alone", _better_alone),
    ("order kept", "who is larger, or claims more, has no less", _order),
    ("order of losses kept", "who claims more falls no less short of its claim", _order_of_losses),
    ("not worse than now", "nobody is worse off than now", _worse_than_now),
    ("grows together", "when the whole is 1 percent larger, nobody's part becomes smaller", _hurt_by_growth),
)
"""Name, words, and who misses it by how much (None: the question states too little to say)."""
