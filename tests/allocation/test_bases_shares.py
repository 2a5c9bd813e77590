"""What holds for shares by any basis: they total 1, none is negative, limits are kept, order of input is irrelevant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from allocation.bases import ALL, AnyBasis
from allocation.basis import Basis, shared_out
from allocation.errors import LastShareUnknown, LimitsInfeasible, NothingToShareBy
from allocation.groups import Group
from allocation.limits import FloorAboveCeiling, LimitWithoutShare
from allocation.model import Facts
from ledger.errors import PoolbookError

NAMES = ("ash", "birch", "cedar", "elm")
FACTS = Facts(NAMES, NAMES)
READER: TypeAdapter[Basis] = TypeAdapter(AnyBasis)
SIZES = st.integers(0, 10**6)


def read(**terms: Any) -> Basis:
    """A basis from the keys that a file would state."""
    return READER.validate_python(terms, context={"currency": "GBP"})


def refusal(**terms: Any) -> PoolbookError:
    """The one error with which terms are refused when read."""
    with pytest.raises(ValidationError) as caught:
        read(**terms)
    found = [one["ctx"]["error"] for one in caught.value.errors() if "error" in one.get("ctx", {})]
    assert len(found) == 1
    assert isinstance(found[0], PoolbookError)
    return found[0]


def tables(least: int = 0) -> st.SearchStrategy[dict[str, str]]:
    """A table with a number for each name, at least one above zero, its rows in any order."""
    sizes = st.lists(st.integers(least, 10**6), min_size=len(NAMES), max_size=len(NAMES)).filter(any)
    return st.tuples(st.permutations(NAMES), sizes).map(
        lambda both: {name: str(size) for name, size in zip(both[0], both[1], strict=True)})


@st.composite
def percents(draw: st.DrawFn, names: tuple[str, ...] = NAMES) -> dict[str, str]:
    """Percentages that total exactly 100, with two decimals."""
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), min_size=len(names) - 1, max_size=len(names) - 1)))
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    order = draw(st.permutations(names))
    return {name: f"{part // 100}.{part % 100:02d}" for name, part in zip(order, parts, strict=True)}


def subsets(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    return list(chain.from_iterable(combinations(names, n) for n in range(1, len(names) + 1)))


@st.composite
def costs(draw: st.DrawFn) -> dict[str, str]:
    """Costs of every coalition that rise with whoever joins, so that nobody's Shapley value is negative."""
    alone = {name: draw(st.integers(1, 50)) for name in NAMES}
    fixed = draw(st.integers(0, 40))
    keys = draw(st.permutations(subsets(NAMES)))
    return {"+".join(draw(st.permutations(key))): str(sum(alone[n] for n in key) + fixed) for key in keys}


@st.composite
def bases(draw: st.DrawFn) -> dict[str, Any]:
    """The terms of a basis of any kind, for these four names."""
    kind = draw(st.sampled_from(sorted(ALL)))
    return {"by": kind, **draw(KEYS.get(kind, st.just({})))}


KEYS: Mapping[str, st.SearchStrategy[dict[str, Any]]] = {
    "activity": st.fixed_dictionaries({"estimate": percents(), "tolerance_points": st.integers(0, 30).map(str)},
                                      optional={"round_percent": st.integers(0, 3)}),
    "claims": st.fixed_dictionaries({"claims": tables(least=50_000),
                                     "rule": st.sampled_from(["proportional", "cea", "cel", "talmud"])}),
    "contribution": st.fixed_dictionaries({"measure": st.sampled_from(["planned", "paid"])},
                                          optional={"round_percent": st.integers(0, 3)}),
    "fixed": st.fixed_dictionaries({"percent": percents()}),
    "formula": st.fixed_dictionaries({
        "base": SIZES.map(str), "scale_base": st.just("true"), "indicators": st.tuples(tables(), tables()).map(
            lambda two: [{"name": "people", "weight": "1/3", "values": two[0]},
                         {"name": "need", "weight": "2/3", "values": two[1]}])}),
    "parties": st.fixed_dictionaries({"parties": percents(("ash", "towns")).map(
        lambda parts: [{"partner" if name == "ash" else "group": name, "percent": part,
                        **({} if name == "ash" else {"within": {"by": "weight", "values": {
                            "birch": "2", "cedar": "3", "elm": "1"}}})} for name, part in parts.items()])}),
    "shapley": st.fixed_dictionaries({"costs": costs()}),
    "weight": st.fixed_dictionaries({"values": tables()}),
}


@st.composite
def facts_of_a_year(draw: st.DrawFn) -> Facts:
    def amounts() -> dict[str, int]:
        return {name: draw(SIZES) for name in NAMES}

    groups = {"towns": Group(("birch", "cedar", "elm"))}
    return Facts(NAMES, NAMES, amounts(), amounts(), amount=draw(st.integers(1, 10**6)), units=amounts(), groups=groups)


def test_every_kind_is_tried_here() -> None:
    """One that is stated by its name alone needs nothing here: it is tried as it is."""
    wanting = {kind for kind, basis in ALL.items() if any(
        field.is_required() for name, field in basis.model_fields.items() if name != "by")}
    assert wanting <= set(KEYS) <= set(ALL)


@given(bases(), facts_of_a_year())
def test_shares_total_1_and_none_is_negative(terms: dict[str, Any], facts: Facts) -> None:
    basis = read(**terms, **{"else": "equal"})
    shares = basis.shares(facts)
    assert sum(shares.values()) == 1
    assert all(share >= 0 for share in shares.values())
    assert list(shares) == [p for p in facts.partners if p in shares]
    assert sum(shared_out(int(facts.amount), basis, facts).values()) == facts.amount
    assert basis.explain(facts)
    assert not basis.check(NAMES, facts.groups)


def turned_over(terms: Any) -> Any:
    """The same terms with every table and list written the other way round."""
    if isinstance(terms, Mapping):
        return {key: turned_over(terms[key]) for key in reversed(terms)}
    return [turned_over(item) for item in reversed(terms)] if isinstance(terms, list) else terms


@given(bases(), facts_of_a_year())
def test_order_of_input_is_irrelevant(terms: dict[str, Any], facts: Facts) -> None:
    other = replace(facts, contributions=turned_over(facts.contributions), units=turned_over(facts.units))
    first, second = (read(**t, **{"else": "equal"}) for t in (terms, turned_over(terms)))
    assert list(first.shares(facts).items()) == list(second.shares(other).items())


@given(bases(), facts_of_a_year(), st.dictionaries(st.sampled_from(NAMES), st.integers(0, 40)),
       st.dictionaries(st.sampled_from(NAMES), st.integers(20, 100)))
def test_floors_and_ceilings_are_kept_or_refused(
        terms: dict[str, Any], facts: Facts, floor: dict[str, int], ceiling: dict[str, int]) -> None:
    limits = {"floor": {p: str(n) for p, n in floor.items()}, "ceiling": {p: str(n) for p, n in ceiling.items()}}
    free, limited = (read(**terms, **{"else": "equal"}, **extra) for extra in ({}, limits))
    try:
        shares = limited.shares(facts)
    except LimitsInfeasible:
        without = free.shares(facts)
        room = sum(ceiling.get(p, 100) if share else floor.get(p, 0) for p, share in without.items())
        assert any(floor[p] > ceiling.get(p, 100) for p in floor) or sum(floor.values()) > 100 or room < 100
        return
    assert sum(shares.values()) == 1
    assert all(100 * shares.get(p, 0) >= least for p, least in floor.items())
    assert all(100 * shares.get(p, 0) <= most for p, most in ceiling.items())
    assert not limited.check(NAMES, facts.groups), "what can be met is not refused when read"
    without = free.shares(facts)
    if all(100 * without.get(p, 0) >= n for p, n in floor.items()) and all(
            100 * without.get(p, 0) <= n for p, n in ceiling.items()):
        assert {p: s for p, s in shares.items() if s} == {p: s for p, s in without.items() if s}


@given(tables(), SIZES.filter(bool), st.sampled_from(NAMES))
def test_more_weight_is_no_smaller_share(values: dict[str, str], more: int, who: str) -> None:
    before = read(by="weight", values=values).shares(FACTS)
    after = read(by="weight", values={**values, who: str(int(values[who]) + more)}).shares(FACTS)
    assert after[who] >= before[who]
    assert all(after[p] <= before[p] for p in NAMES if p != who)


@pytest.mark.parametrize(("terms", "error"), [
    ({"by": "equal", "floor": {"ash": "60", "birch": "50"}}, LimitsInfeasible),
    ({"by": "equal", "ceiling": {"ash": "50", "birch": "40"}}, LimitsInfeasible),
    ({"by": "fixed", "percent": {"ash": "50", "birch": "50"}, "ceiling": {"ash": "50", "birch": "40"}},
     LimitsInfeasible),
    ({"by": "fixed", "percent": {"ash": "100", "birch": "0"}, "ceiling": {"ash": "60"}}, LimitsInfeasible),
    ({"by": "weight", "values": {"ash": "3", "birch": "4"}, "times": [{"birch": "0"}], "floor": {"birch": "10"},
      "ceiling": {"ash": "80"}}, LimitsInfeasible),
    ({"by": "equal", "floor": {"ash": "60"}, "ceiling": {"ash": "50"}}, FloorAboveCeiling),
    ({"by": "fixed", "percent": {"ash": "100"}, "floor": {"birch": "5"}}, LimitWithoutShare),
    ({"by": "weight", "values": {"ash": "0", "birch": "0"}}, NothingToShareBy),
    ({"by": "weight", "values": {"ash": "1", "birch": "0"}, "times": [{"ash": "0"}]}, NothingToShareBy),
], ids=lambda value: getattr(value, "code", None))
def test_what_can_be_known_when_read_is_refused_then(terms: dict[str, Any], error: type[PoolbookError]) -> None:
    faults = read(**terms).check(("ash", "birch"))
    assert [type(fault) for fault in faults] == [error]
    assert faults[0].message
    assert faults[0].advice


def test_a_ceiling_is_not_refused_while_it_is_not_known_who_shares() -> None:
    assert not read(by="equal", ceiling={"ash": "50", "birch": "40"}).check()
    assert not read(by="weight", values={"ash": "0"}, **{"else": "equal"}).check()


def test_when_every_figure_is_zero() -> None:
    facts = Facts(NAMES, ("ash", "birch"), amount=12_345)
    with pytest.raises(NothingToShareBy, match=r"123\.45"):
        read(by="contribution").shares(facts)
    halves = {"ash": Fraction(1, 2), "birch": Fraction(1, 2)}
    assert read(by="contribution", **{"else": "equal"}).shares(facts) == halves
    last = read(by="contribution", **{"else": "last_agreed"})
    with pytest.raises(LastShareUnknown):
        last.shares(facts)
    known = replace(facts, last={"birch": Fraction(2, 3), "ash": Fraction(1, 3)})
    assert last.shares(known) == {"ash": Fraction(1, 3), "birch": Fraction(2, 3)}
    assert last.explain(known) == "every figure is zero, so as last agreed: ash 33.3333… %; birch 66.6666… %"


def test_limits_stand_in_the_working() -> None:
    said = read(by="fixed", percent={"ash": "70", "birch": "30"}, ceiling={"ash": "60"}).explain(FACTS)
    assert said == "ash 70.0000 %; birch 30.0000 %; held within ceiling ash 60 %: ash 60.0000 %; birch 40.0000 %"


@given(percents(), percents())
def test_a_smaller_share_without_limits_is_no_larger_with_them(first: dict[str, str], limits: dict[str, str]) -> None:
    """Limits move everybody on one scale, so two partners with the same limits keep their order."""
    assume(Fraction(limits["ash"]) <= 25)
    basis = read(by="fixed", percent=first, floor={"ash": limits["ash"], "birch": limits["ash"]})
    free, held = read(by="fixed", percent=first).shares(FACTS), basis.shares(FACTS)
    if free["ash"] <= free["birch"]:
        assert held["ash"] <= held["birch"]
