"""Methods of division side by side: worked examples, whole pennies, and properties that are measured, not claimed."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from allocation.distribution import BaselineMissing, PaceInfeasible
from allocation.division import ClaimsExceeded, talmud
from allocation.division import divide as by_rule
from allocation.negotiation.game import game_of, objections
from allocation.negotiation.method import Method, MethodExample, MethodLacks, MethodUnknown
from allocation.negotiation.methods import ALL, AnyMethod
from allocation.negotiation.question import PartyMissing, PartyUnknown, Question, TogetherDiffers
from allocation.negotiation.table import Division, as_data, divide, path
from allocation.terms import Terms, TermsWrong
from ledger.errors import PoolbookError

EXAMPLES = [(kind, example) for kind in ALL.values() for example in kind.examples]
CLAIMS = {"pot": "200", "parties": ["a", "b", "c"], "claims": {"a": "100", "b": "200", "c": "300"}}
RUNWAY = {"cost": "18", "parties": ["a", "b", "c"],
          "alone": {"a": "6", "b": "12", "c": "18", "a+b": "12", "a+c": "18", "b+c": "18"}}


class Listed(Terms):
    """A list of methods, as a negotiation may name them."""

    methods: tuple[AnyMethod, ...]


def asked(data: dict[str, Any], currency: str = "GBP") -> Question:
    return Question.model_validate(data, context={"currency": currency})


def methods(*named: Any) -> tuple[Method, ...]:
    return Listed.model_validate({"methods": named}).methods


def refusal(call: Any, *arguments: Any) -> PoolbookError:
    with pytest.raises(ValidationError) as caught:
        call(*arguments)
    found = caught.value.errors()[0]["ctx"]["error"]
    assert isinstance(found, PoolbookError)
    return found


def finding(division: Division, method: str, name: str) -> tuple[bool, int, tuple[str, ...]]:
    column = next(one for one in division.columns if one.method.name == method)
    found = next(one for one in column.findings if one.name == name)
    return found.holds, found.missed_by, found.who


@pytest.mark.parametrize(("kind", "example"), EXAMPLES, ids=[f"{k.name}-{i}" for i, (k, _) in enumerate(EXAMPLES)])
def test_worked_example(kind: type[Method], example: MethodExample) -> None:
    method, = methods({"method": kind.name, **example.terms})
    found = method.awards(asked(dict(example.question)))
    assert {p: str(award / 100) for p, award in found.items()} == example.gives


@pytest.mark.parametrize("kind", ALL.values(), ids=lambda kind: kind.name)
def test_a_method_explains_itself_to_a_board_member(kind: type[Method]) -> None:
    assert kind.examples
    assert 150 < len(kind.words) < 600
    assert not {"λ", "Σ", "∌"} & set(kind.words), "formulas stand in `formula`"
    assert len(kind.formula) > 3
    assert len(kind.source) > 3


def test_the_methods_side_by_side() -> None:
    division = divide(asked(CLAIMS))
    assert {column.method.name: list(column.amounts.values()) for column in division.columns} == {
        "cea": [66_67, 66_67, 66_66], "cel": [0, 50_00, 150_00], "equal": [66_67, 66_67, 66_66],
        "proportional": [33_33, 66_67, 100_00], "talmud": [50_00, 75_00, 75_00]}
    assert [(one.method.name, one.because.code) for one in division.left_out] == [
        ("nucleolus", "method-lacks"), ("shapley", "method-lacks")]
    assert division.core is None


def test_a_cost_whose_coalitions_are_known() -> None:
    division = divide(asked(RUNWAY))
    assert {column.method.name: list(column.amounts.values()) for column in division.columns} == {
        "equal": [6_00, 6_00, 6_00], "nucleolus": [3_00, 4_50, 10_50], "proportional": [3_00, 6_00, 9_00],
        "shapley": [2_00, 5_00, 11_00]}
    assert division.convex
    assert division.core is not None
    assert (division.core.empty, division.core.complaint) == (False, -300)


def test_which_coalition_would_do_better_alone_and_by_how_much() -> None:
    """a and b would have a runway of 12 by themselves; equal parts of one of 24 make them pay 16."""
    division = divide(asked({**RUNWAY, "cost": "24", "alone": {**RUNWAY["alone"], "c": "24", "a+c": "24",
                                                               "b+c": "24"}}))  # type: ignore[dict-item]
    equal = next(one for one in division.columns if one.method.name == "equal")
    assert [(one.members, one.by) for one in equal.objections] == [(("a", "b"), 400), (("a",), 200)]
    assert finding(division, "equal", "in the core") == (False, 4_00, ("a", "b"))
    assert finding(division, "equal", "not worse than alone") == (False, 2_00, ("a",))
    assert finding(division, "nucleolus", "in the core") == (True, 0, ())


def test_properties_are_measured() -> None:
    division = divide(asked({**CLAIMS, "pot": "330"}))
    assert finding(division, "equal", "not above its claim") == (False, 10_00, ("a",))
    assert finding(division, "cea", "not above its claim") == (True, 0, ())
    assert finding(division, "cea", "order of losses kept") == (True, 0, ())
    assert finding(division, "equal", "order of losses kept") == (True, 0, ())
    assert finding(division, "cel", "order kept") == (True, 0, ())
    weights = divide(asked({**CLAIMS, "weights": {"a": "1", "b": "2", "c": "30"}}), methods("proportional"))
    assert finding(weights, "proportional", "order of losses kept") == (False, 69_70, ("b", "c"))


def test_a_larger_whole_may_hurt_under_the_nucleolus() -> None:
    """The nucleolus is not monotone in the whole (Megiddo 1974; Young 1985): a game of four where the table says so."""
    stated = {"a+d": "3", "b+c": "2", "c+d": "4", "a+b+c": "2", "a+c+d": "10"}
    keys = ["+".join(some) for size in (1, 2, 3) for some in combinations("abcd", size)]
    division = divide(asked({"pot": "12", "parties": ["a", "b", "c", "d"],
                             "alone": {key: stated.get(key, "0") for key in keys}}))
    assert division.core is not None
    assert not division.core.empty
    assert finding(division, "nucleolus", "grows together") == (False, 2, ("c",))
    assert finding(division, "shapley", "grows together") == (True, 0, ())


def test_equal_parties_are_told_from_different_ones() -> None:
    same = asked({"pot": "100", "parties": ["a", "b", "c"], "claims": {"a": "50", "b": "50", "c": "80"}})
    division = divide(same)
    assert all(finding(division, column.method.name, "equal treatment")[0] for column in division.columns)
    weighed = same.model_copy(update={"weights": {"a": Fraction(1), "b": Fraction(2), "c": Fraction(3)}})
    assert finding(divide(weighed), "proportional", "equal treatment") == (True, 0, ())
    assert divide(weighed).columns[-2].exact["a"] != divide(weighed).columns[-2].exact["b"]


def test_hold_harmless_and_pace_of_change_toward_a_target() -> None:
    question = asked({"pot": "1000", "parties": ["a", "b", "c"], "weights": {"a": "1", "b": "1", "c": "1"},
                      "baseline": {"a": "500", "b": "300", "c": "200"}})
    held, paced = methods({"method": "hold_harmless", "target": "proportional"},
                          {"method": "pace_of_change", "target": "proportional", "limits": {"min_growth": "-5%"}})
    division = divide(question, (held, paced))
    assert [list(column.amounts.values()) for column in division.columns] == [
        [500_00, 300_00, 200_00], [475_00, 285_00, 240_00]]
    assert finding(division, "hold_harmless", "not worse than now") == (True, 0, ())
    assert finding(division, "pace_of_change", "not worse than now") == (False, 25_00, ("a",))
    years = path(question, paced, [1000_00] * 12)
    assert years[0] == {"a": 475_00, "b": 285_00, "c": 240_00}
    assert all(before["a"] >= after["a"] for before, after in pairwise(years))
    assert abs(years[-1]["a"] - years[-1]["c"]) <= 1_00, "after twelve years the target is as good as reached"


def test_what_a_pace_cannot_reach_is_left_out_with_its_reason() -> None:
    slow, = methods({"method": "pace_of_change", "target": "equal", "limits": {"max_growth": "1%"}})
    grown = asked({"pot": "1000", "parties": ["a", "b"], "baseline": {"a": "500", "b": "300"}})
    assert isinstance(divide(grown, [slow]).left_out[0].because, PaceInfeasible)
    new = asked({"pot": "800", "parties": ["a", "b"], "baseline": {"a": "800", "b": "0"}})
    assert isinstance(divide(new, [slow]).left_out[0].because, BaselineMissing)
    assert isinstance(divide(asked({**CLAIMS, "pot": "601"}), methods("talmud")).left_out[0].because, ClaimsExceeded)
    assert isinstance(divide(asked(CLAIMS), [slow]).left_out[0].because, MethodLacks)


@pytest.mark.parametrize(("change", "kind"), [
    ({"claims": {"a": "1", "b": "1", "x": "1"}}, PartyUnknown), ({"claims": {"a": "1", "b": "1"}}, PartyMissing),
    ({"cost": "3"}, TermsWrong), ({"pot": None}, TermsWrong), ({"parties": []}, TermsWrong),
    ({"parties": ["a", "b", "a"]}, TermsWrong)], ids=str)
def test_a_question_that_does_not_hang_together_is_refused(change: dict[str, Any], kind: type[PoolbookError]) -> None:
    assert isinstance(refusal(asked, {**CLAIMS, **change}), kind)


def test_coalitions_must_fit_the_question() -> None:
    alone: dict[str, str] = RUNWAY["alone"]  # type: ignore[assignment]
    wrong = refusal(asked, {**RUNWAY, "alone": {**alone, "a+b+c": "20"}})
    assert isinstance(wrong, TogetherDiffers)
    assert "20.00 for all parties together, and 18.00" in wrong.message
    without = {key: cost for key, cost in alone.items() if key != "a+c"}
    assert refusal(asked, {**RUNWAY, "alone": without}).message.startswith("the cost of a+c is missing")
    assert isinstance(refusal(asked, {**RUNWAY, "alone": {**alone, "d": "1"}}), PartyUnknown)


def test_an_unknown_method_is_refused_with_the_nearest() -> None:
    fault = refusal(methods, "talmut")
    assert isinstance(fault, MethodUnknown)
    assert fault.advice.endswith("(did you mean talmud?)")


def test_as_data_is_plain_and_foots() -> None:
    data = json.loads(json.dumps(as_data(divide(asked(RUNWAY)))))
    assert data["divided"] == "cost"
    assert data["core"] == {"empty": False, "convex": True, "complaint": "-3.00"}
    for method in data["methods"]:
        assert sum(round(Fraction(amount) * 100) for amount in method["amounts"].values()) == 18_00
    shapley = next(one for one in data["methods"] if one["method"] == "shapley")
    assert shapley["exact"] == {"a": "2", "b": "5", "c": "11"}
    krona = as_data(divide(asked({"pot": "100", "parties": ["a", "b", "c"]}, "ISK"), currency="ISK"))
    assert krona["methods"][0]["amounts"] == {"a": "34", "b": "33", "c": "33"}
    assert krona["methods"][0]["exact"]["a"] == "100/3"


# ----------------------------------------------------------------------------------------------------- properties

@st.composite
def estates(draw: st.DrawFn) -> tuple[list[int], int]:
    claims = draw(st.lists(st.integers(0, 10**7), min_size=1, max_size=6))
    return claims, draw(st.integers(0, sum(claims)))


@st.composite
def questions(draw: st.DrawFn) -> Question:
    count = draw(st.integers(1, 4))
    names, cost = tuple("abcd"[:count]), draw(st.booleans())
    amounts = st.integers(0, 10**6)
    tables = {name: {p: draw(amounts) for p in names} for name in ("weights", "claims", "baseline")
              if draw(st.booleans())}
    keys = [some for size in range(1, count) for some in combinations(names, size)]
    alone = {"+".join(some): draw(amounts) for some in keys} if keys and draw(st.booleans()) else {}
    written = {name: {key: f"{value // 100}.{value % 100:02d}" for key, value in table.items()}
               for name, table in {**tables, "alone": alone}.items()}
    return Question.model_validate({"cost" if cost else "pot": draw(amounts), "parties": names, **written})


@given(questions())
@settings(max_examples=60)
def test_every_column_sums_to_the_whole(question: Question) -> None:
    division = divide(question)
    assert "equal" in {column.method.name for column in division.columns}
    for column in division.columns:
        assert sum(column.amounts.values()) == question.amount
        assert sum(column.exact.values()) == question.amount
        assert all(abs(column.amounts[p] - column.exact[p]) < 1 for p in question.parties)
        assert all(found.holds == (found.missed_by == 0) for found in column.findings)


@given(estates())
def test_the_four_rules_treat_equals_equally_and_keep_the_order(estate: tuple[list[int], int]) -> None:
    claims, amount = estate
    for rule in ("proportional", "cea", "cel", "talmud"):
        pairs = sorted(zip(claims, by_rule(rule, claims, amount), strict=True))
        for (claim, award), (more, larger) in pairwise(pairs):
            assert award <= larger
            assert claim - award <= more - larger
            assert claim != more or award == larger


@given(estates(), st.integers(0, 10**6))
def test_nobody_loses_when_there_is_more(estate: tuple[list[int], int], more: int) -> None:
    claims, amount = estate
    larger = min(amount + more, sum(claims))
    for rule in ("cea", "cel", "talmud", "proportional"):
        assert all(a <= b for a, b in zip(by_rule(rule, claims, amount), by_rule(rule, claims, larger), strict=True))


@given(estates())
def test_the_talmuds_rule_is_its_own_dual(estate: tuple[list[int], int]) -> None:
    """What is awarded of E is what is missing of Σd − E (Aumann and Maschler 1985); cea and cel are each other's."""
    claims, amount = estate
    rest = sum(claims) - amount
    assert talmud(claims, amount) == [d - x for d, x in zip(claims, talmud(claims, rest), strict=True)]
    assert by_rule("cea", claims, amount) == [d - x for d, x in zip(claims, by_rule("cel", claims, rest), strict=True)]


@given(st.lists(st.integers(0, 60), min_size=7, max_size=7))
def test_the_shapley_value_of_a_convex_game_is_in_the_core(parts: list[int]) -> None:
    """A game of joint gains: every coalition has the gains of the coalitions within it (Shapley 1971)."""
    keys = [frozenset(some) for size in (1, 2, 3) for some in combinations("abc", size)]
    worth = {key: sum(part for inner, part in zip(keys, parts, strict=True) if inner <= key) for key in keys}
    question = Question.model_validate({"pot": str(worth[keys[-1]]), "parties": ["a", "b", "c"], "alone": {
        "+".join(sorted(key)): str(value) for key, value in worth.items()}})
    division = divide(question, methods("shapley"))
    assert division.convex
    assert not objections(game_of(question), division.columns[0].exact)
    assert finding(division, "shapley", "in the core") == (True, 0, ())
