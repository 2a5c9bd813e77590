"""The nucleolus and the core: published games, peers' answers, the definition tried out on a grid, and properties."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate, pairwise, permutations, product

import coopgt.core
import coopgt.shapley_value
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from allocation.bases.shapley import shapley_values
from allocation.division import talmud
from allocation.negotiation.game import Game, convex, objections
from allocation.negotiation.nucleolus import NucleolusTooLarge, core_of, nucleolus, rational
from allocation.negotiation.simplex import maximise

Worths = Sequence[Fraction | int]


def game(*worths: Fraction | int) -> Game:
    """A game from its worths by coalition as a number (1: a, 2: b, 3: a and b, 4: c, …), nobody left out."""
    count = len(worths).bit_length()
    assert len(worths) == 2**count - 1
    return Game(tuple("abcdefghijkl"[:count]), (Fraction(0), *map(Fraction, worths)), 1)


def by_size(*worths: Fraction | int) -> Game:
    """The same from worths in the order of books: single parties, pairs, …, each in the order of letters."""
    count = len(worths).bit_length()
    masks = sorted(range(1, 2**count), key=lambda s: (s.bit_count(), [i for i in range(count) if s >> i & 1]))
    return game(*(worths[masks.index(s)] for s in range(1, 2**count)))


def bankruptcy(claims: Sequence[int], estate: int) -> Game:
    """What a coalition has for certain: the estate less all that the others claim (O'Neill 1982)."""
    return game(*(max(estate - sum(c for i, c in enumerate(claims) if not s >> i & 1), 0)
                  for s in range(1, 2**len(claims))))


def airport(costs: Sequence[int]) -> Game:
    """A runway costs what its longest user needs (Littlechild and Owen 1973), as negative worths."""
    return game(*(-max(c for i, c in enumerate(costs) if s >> i & 1) for s in range(1, 2**len(costs))))


def littlechild(costs: Sequence[int]) -> list[Fraction]:
    """The nucleolus of the airport game by its own recursion (S. C. Littlechild 1974), for costs in rising order."""
    count, done, pays = len(costs), 0, [Fraction(0)] * len(costs)
    level, last = 0, Fraction(0)
    while done < count:
        tries = [((costs[i - 1] - level + last) / Fraction(i - done + 1), i) for i in range(done + 1, count)]
        tries.append((Fraction(costs[-1] - level + last) / (count - done), count))
        last, upto = min(tries, key=lambda one: (one[0], -one[1]))
        pays[done:upto] = [last] * (upto - done)
        done, level = upto, costs[upto - 1]
    return pays


def values(one: Game) -> list[str]:
    return [str(value) for value in nucleolus(one).values()]


PUBLISHED = [
    ("Ferguson, Game Theory IV: an example with three players", by_size(-1, 0, 1, 3, 4, 2, 5), ["8/3", "2/3", "5/3"]),
    ("CoopGame's manual: four players", by_size(0, 0, 0, 0, 5, 5, 8, 9, 10, 8, 13, 15, 16, 17, 21),
     ["7/2", "9/2", "11/2", "15/2"]),
    ("two left gloves, one right", by_size(0, 0, 0, 0, 1, 1, 1), ["0", "0", "1"]),
    ("a majority of three", by_size(0, 0, 0, 1, 1, 1, 1), ["1/3", "1/3", "1/3"]),
    ("nobody may be worse off than alone", by_size(0, 0, 0, 10, 0, 0, 2), ["1", "1", "0"]),
    ("the Talmud's estate of 100", bankruptcy((100, 200, 300), 100), ["100/3", "100/3", "100/3"]),
    ("the Talmud's estate of 200", bankruptcy((100, 200, 300), 200), ["50", "75", "75"]),
    ("the Talmud's estate of 300", bankruptcy((100, 200, 300), 300), ["50", "100", "150"]),
]
PEERS = [  # random games with the answers of the package coopgame 0.3.0, which agreed on 600 such games
    (game(10, 27, 92, 9, 12, 104, 162), ["34", "177/2", "79/2"]),
    (game(84, 78, -2, 26, 83, -18, -18), ["103/4", "-23/2", "-129/4"]),
    (game(2, 2, 4, 0, 2, 0, 6, 0, 0, 0, 3, 2, 0, 3, 8), ["8/3", "8/3", "5/3", "1"]),
    (game(0, 55, 36, 59, 63, 3, 8, 77, 67, 3, 60, 71, -15, 40, 8), ["-17/6", "-22/3", "7/2", "44/3"]),
    (game(2, 0, 4, 1, 2, 0, 0, 2, 2, 2, 3, 4, 0, 6, 0, 0, 0, 4, 0, 4, 0, 6, 0, 4, 3, 6, 4, 6, 4, 0, 5),
     ["2", "0", "1", "2", "0"]),
    (game(58, 18, -8, 17, 49, 45, 23, 54, 17, 25, 84, -4, 33, 32, 84, 52, 62, 48, 27, 39, -2, 0, 56, 28, 52, 41, 5, -3,
          57, -9, 24), ["121/6", "37/6", "-13/2", "49/6", "-4"]),
]


@pytest.mark.parametrize(("words", "one", "answer"), PUBLISHED, ids=[words for words, _, _ in PUBLISHED])
def test_published(words: str, one: Game, answer: list[str]) -> None:
    assert values(one) == answer


@pytest.mark.parametrize(("one", "answer"), PEERS, ids=[f"{len(answer)} parties" for _, answer in PEERS])
def test_another_package_finds_the_same(one: Game, answer: list[str]) -> None:
    assert values(one) == answer


@given(st.lists(st.integers(0, 60), min_size=1, max_size=5), st.integers(0, 1000))
@settings(max_examples=60)
def test_of_a_bankruptcy_game_it_is_the_talmuds_rule(claims: list[int], part: int) -> None:
    """Aumann and Maschler, Theorem A (1985)."""
    estate = sum(claims) * part // 1000
    assert list(nucleolus(bankruptcy(claims, estate)).values()) == talmud(claims, estate)


@given(st.lists(st.integers(1, 60), min_size=2, max_size=6))
@settings(max_examples=60)
def test_of_an_airport_game_it_is_littlechilds_recursion(costs: list[int]) -> None:
    found = list(nucleolus(airport(sorted(costs))).values())
    assert [-pays for pays in found] == littlechild(sorted(costs))


GAMES = st.integers(2, 4).flatmap(lambda n: st.lists(st.integers(-10, 30), min_size=2**n - 1, max_size=2**n - 1)).map(
    lambda worths: game(*worths))
SMALL = st.lists(st.integers(0, 8), min_size=6, max_size=6).map(lambda some: game(*some, 12))


def complaints(one: Game, awards: Sequence[Fraction | int]) -> list[Fraction]:
    """The excesses of all coalitions but none and all, the loudest first."""
    return sorted(one.excesses([Fraction(award) for award in awards])[1:-1], reverse=True)


@given(SMALL)
def test_no_other_division_has_quieter_complaints(one: Game) -> None:
    """By the definition, against every division in halves of the whole that leaves nobody worse off than alone."""
    assume(rational(one))
    mine = complaints(one, list(nucleolus(one).values()))
    for a, b in product(range(25), repeat=2):
        other = [Fraction(a, 2), Fraction(b, 2), 12 - Fraction(a + b, 2)]
        if all(award >= one.worths[1 << i] for i, award in enumerate(other)):
            assert mine <= complaints(one, other)


@given(GAMES)
def test_it_is_in_the_core_when_the_core_is_not_empty(one: Game) -> None:
    found, core = nucleolus(one), core_of(one)
    assert core.complaint is not None
    assert sum(found.values()) == one.worths[-1]
    loudest = complaints(one, list(found.values()))[0]
    if rational(one) and not core.empty:
        assert loudest == core.complaint
        assert not objections(one, found)
    if core.empty:
        assert loudest >= core.complaint > 0
        assert objections(one, found)[0].by == loudest


@given(GAMES)
def test_nobody_is_worse_off_than_alone_where_that_can_be(one: Game) -> None:
    assume(rational(one))
    assert all(award >= one.worths[1 << i] for i, award in enumerate(nucleolus(one).values()))


@given(GAMES, st.integers(-20, 20))
def test_a_bonus_for_one_party_is_its_own(one: Game, bonus: int) -> None:
    worths = [worth + bonus * (s & 1) for s, worth in enumerate(one.worths)]
    after = nucleolus(game(*worths[1:]))
    assert after == {p: award + bonus * (p == "a") for p, award in nucleolus(one).items()}


@given(st.lists(st.integers(0, 20), min_size=7, max_size=7))
@settings(max_examples=30)
def test_names_do_not_matter(worths: list[int]) -> None:
    base = nucleolus(game(*worths))
    for order in permutations(range(3)):
        moved = [0] * 8
        for s in range(1, 8):
            moved[sum(1 << order[i] for i in range(3) if s >> i & 1)] = worths[s - 1]
        found = nucleolus(game(*moved[1:]))
        assert [found["abc"[order[i]]] for i in range(3)] == list(base.values())


@given(st.lists(st.integers(1, 60), min_size=2, max_size=5))
@settings(max_examples=40)
def test_of_an_airport_game_the_shapley_value_shares_each_stretch_among_its_users(costs: list[int]) -> None:
    """Littlechild and Owen (1973): each longer stretch is paid alike by all who need it; coopgt finds the same."""
    costs = sorted(costs)
    one = airport(costs)
    stretches = [Fraction(cost - before, len(costs) - n) for n, (before, cost) in enumerate(pairwise([0, *costs]))]
    pays = list(accumulate(stretches))
    mine = shapley_values({frozenset(one.members(s)): -one.worths[s] for s in range(1, len(one.worths))})
    assert list(mine.values()) == pays
    theirs = coopgt.shapley_value.calculate({tuple(i + 1 for i in range(len(costs)) if s >> i & 1): int(worth)
                                             for s, worth in enumerate(one.worths)})
    assert all(abs(Fraction(float(x)) + pay) < Fraction(1, 10**9) for pay, x in zip(pays, theirs, strict=True))


@given(GAMES)
@settings(max_examples=50)
def test_coopgt_agrees_on_the_core_on_convexity_and_on_the_shapley_value(one: Game) -> None:
    """Another package, in floating point: its linear programme finds a division in the core, or that there is none."""
    theirs = {tuple(i + 1 for i in range(len(one.parties)) if s >> i & 1): int(worth)
              for s, worth in enumerate(one.worths)}
    assert (coopgt.core.find_core_point(theirs) is None) == core_of(one).empty
    assert coopgt.core.is_convex(theirs) == convex(one)
    mine = shapley_values({frozenset(one.members(s)): one.worths[s] for s in range(1, len(one.worths))})
    found = coopgt.shapley_value.calculate(theirs)
    assert all(abs(Fraction(float(x)) - mine[p]) < Fraction(1, 10**9) for p, x in zip(one.parties, found, strict=True))


def test_a_single_party_has_it_all() -> None:
    assert nucleolus(game(7)) == {"a": 7}
    assert core_of(game(7)).complaint is None


def test_an_empty_core_says_by_how_much() -> None:
    """Any two of three can have 3/4 of the whole: some pair is always 1/12 short of it."""
    core = core_of(by_size(0, 0, 0, *[Fraction(3, 4)] * 3, 1))
    assert (core.empty, core.complaint) == (True, Fraction(1, 12))
    edge = core_of(by_size(0, 0, 0, *[Fraction(2, 3)] * 3, 1))
    assert (edge.empty, edge.complaint) == (False, 0)


def test_convexity() -> None:
    assert convex(airport((6, 12, 18)))
    assert convex(bankruptcy((100, 200, 300), 200))
    assert not convex(by_size(0, 0, 0, 1, 1, 1, 1))


def test_more_parties_than_can_be_worked_out_are_refused() -> None:
    eleven = Game(tuple("abcdefghijk"), (Fraction(0),) * 2**11, 1)
    with pytest.raises(NucleolusTooLarge, match="11 parties have 2,047 coalitions"):
        nucleolus(eleven)


@given(st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=2), min_size=1, max_size=5), st.data())
def test_the_simplex_finds_no_less_than_any_corner(columns: list[list[int]], data: st.DataObject) -> None:
    """Rows Σ c·q + slack = right: the best of all corners, tried out, and prices that pay for every column."""
    right = data.draw(st.lists(st.integers(0, 9), min_size=2, max_size=2))
    gains = [Fraction(g) for g in data.draw(st.lists(st.integers(-5, 5), min_size=len(columns),
                                                    max_size=len(columns)))]
    columns = [[c[0] + 1, c[1] + 1] for c in columns] + [[1, 0], [0, 1]]
    gains += [Fraction(0), Fraction(0)]
    best = maximise(columns, right, gains)
    assert sum(g * q for g, q in zip(gains, best.amounts, strict=True)) == best.value
    assert all(sum(c[i] * q for c, q in zip(columns, best.amounts, strict=True)) == right[i] for i in range(2))
    assert all(q >= 0 for q in best.amounts)
    assert all(sum(p * c for p, c in zip(best.prices, column, strict=True)) >= gain
               for column, gain in zip(columns, gains, strict=True))
    assert sum(p * r for p, r in zip(best.prices, right, strict=True)) == best.value
