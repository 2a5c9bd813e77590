"""Parties and groups: a group counts as one party, and its members have its part among themselves."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.bases.parties import PartyTwice, PartyUnclear
from allocation.errors import LimitsInfeasible, SharesNot100
from allocation.groups import (
    Group,
    GroupEmpty,
    GroupMemberTwice,
    GroupMemberUnknown,
    GroupNameTaken,
    GroupsCyclic,
    GroupSharesMissing,
    GroupUnknown,
    NotInGroup,
    behind,
    check_groups,
)
from allocation.model import Facts
from ledger.errors import PoolbookError
from tests.allocation.test_bases_shares import read, refusal

ALL = ("region", "ash", "birch", "cedar")
EQUAL = read(by="equal")
GROUPS = {"villages": Group(("birch", "cedar"), EQUAL), "towns": Group(("ash", "villages"), EQUAL)}
FACTS = Facts(ALL, ALL, groups=GROUPS, amount=100_00)
TWO = [{"partner": "region", "percent": "60"}, {"group": "towns", "percent": "40"}]


def within(**terms: Any) -> list[dict[str, Any]]:
    """The same two parties, with what divides the towns' part."""
    return [TWO[0], {**TWO[1], "within": terms}]


def shares(parties: list[dict[str, Any]], facts: Facts = FACTS, **more: Any) -> dict[str, Fraction]:
    return {p: 100 * share for p, share in read(by="parties", parties=parties, **more).shares(facts).items()}


def test_a_group_within_a_group_counts_as_one() -> None:
    assert shares(TWO) == {"region": 60, "ash": 20, "birch": 10, "cedar": 10}


def test_the_working_goes_down_into_groups() -> None:
    assert read(by="parties", parties=TWO).explain(FACTS) == (
        "region 60.0000 %; towns 40.0000 % (within it equally: ash 50.0000 %; villages 50.0000 % (within it equally: "
        "birch 50.0000 %; cedar 50.0000 %)); in all: region 60.0000 %; ash 20.0000 %; birch 10.0000 %; cedar 10.0000 %")


def test_within_goes_before_the_groups_own_shares() -> None:
    weights = within(by="weight", values={"ash": "1", "villages": "3"})
    assert shares(weights) == {"region": 60, "ash": 10, "birch": 15, "cedar": 15}


def test_a_weight_table_of_everybody_serves_a_group() -> None:
    facts = replace(FACTS, groups={"towns": Group(("ash", "birch"))})
    everybody = within(by="weight", values={"region": "900", "ash": "1", "birch": "3", "cedar": "7"})
    assert shares(everybody, facts) == {"region": 60, "ash": 10, "birch": 30}
    assert not read(by="parties", parties=everybody).check(ALL, facts.groups)


def test_contributions_and_units_of_a_group_are_its_members_together() -> None:
    facts = replace(FACTS, contributions={"region": 999, "ash": 100, "birch": 50, "cedar": 150},
                    units={"ash": 3, "cedar": 1, "region": 50})
    assert shares(within(by="contribution"), facts)["ash"] == Fraction(40, 3)
    assert shares(within(by="activity"), facts) == {"region": 60, "ash": 30, "birch": 5, "cedar": 5}


def test_an_amount_inside_a_group_is_the_groups_part() -> None:
    talmud = within(by="claims", claims={"ash": "30", "villages": "20"}, rule="talmud")
    assert shares(talmud) == {"region": 60, "ash": 25, "birch": Fraction(15, 2), "cedar": Fraction(15, 2)}
    base = within(by="formula", base="10", indicators=[{"name": "people", "weight": "1",
                                                         "values": {"ash": "3", "villages": "1"}}])
    assert shares(base)["ash"] == 25


def test_a_group_stands_as_one_party_in_any_basis() -> None:
    fixed = read(by="fixed", percent={"towns": "40", "region": "60"})
    assert fixed.shares(FACTS) == read(by="parties", parties=TWO).shares(FACTS)


def test_limits_hold_for_partners_inside_groups() -> None:
    assert shares(TWO, floor={"cedar": "20"})["cedar"] == 20
    tight = read(by="parties", parties=TWO, ceiling=dict.fromkeys(ALL, "20"))
    assert [type(fault) for fault in tight.check((), GROUPS)] == [LimitsInfeasible]


@pytest.mark.parametrize(("percent", "ceiling"), [
    ({"towns": "0", "ash": "50", "region": "50"}, {"ash": "60", "region": "50"}),
    ({"towns": "50", "ash": "0", "region": "50"}, {"ash": "60", "region": "50", "birch": "20", "cedar": "20"}),
], ids=["its group shares nothing", "it shares in its group alone"])
def test_who_shares_in_one_place_is_not_taken_for_one_that_shares_nothing(percent: dict[str, str],
                                                                          ceiling: dict[str, str]) -> None:
    terms = read(by="fixed", percent=percent, ceiling=ceiling)
    assert terms.check((), GROUPS) == []
    assert sum(terms.shares(FACTS).values()) == 1


def test_when_members_figures_are_zero_the_inner_else_decides() -> None:
    inner = within(by="contribution", **{"else": "equal"})
    assert shares(inner)["ash"] == 20
    last = within(by="contribution", **{"else": "last_agreed"})
    known = replace(FACTS, last={"region": Fraction(1, 2), "ash": Fraction(1, 8), "cedar": Fraction(3, 8)})
    assert shares(last, known) == {"region": 60, "ash": 10, "birch": 15, "cedar": 15}


def test_names_are_reported() -> None:
    basis = read(by="parties", parties=within(by="fixed", percent={"ash": "100"}), floor={"birch": "1"})
    assert basis.partners_named() == {"region", "ash", "birch"}
    assert basis.groups_named() == {"towns"}


@given(st.integers(0, 100), st.integers(1, 50), st.integers(1, 50))
def test_parts_multiply(percent: int, a: int, b: int) -> None:
    facts = Facts(ALL, ALL, groups={"towns": Group(("birch", "ash"))})
    inside = {"by": "weight", "values": {"birch": str(b), "ash": str(a)}}
    parties: list[dict[str, Any]] = [{"group": "towns", "percent": str(percent), "within": inside},
                                     {"partner": "region", "percent": str(100 - percent)}]
    found = shares(parties, facts)
    assert found["region"] == 100 - percent
    assert found.get("ash", 0) == Fraction(percent * a, a + b)


@pytest.mark.parametrize(("parties", "error"), [
    ([{"partner": "region", "percent": "33"}, {"group": "towns", "percent": "66"}], SharesNot100),
    ([{"partner": "region", "percent": "50"}, {"partner": "region", "percent": "50"}], PartyTwice),
    ([{"partner": "region", "group": "towns", "percent": "100"}], PartyUnclear),
    ([{"percent": "100"}], PartyUnclear),
    ([{"partner": "region", "percent": "100", "within": {"by": "equal"}}], PartyUnclear),
    (within(by="fixed", percent={"ash": "99"}), SharesNot100),
])
def test_parties_that_are_refused(parties: list[dict[str, Any]], error: type[PoolbookError]) -> None:
    assert isinstance(refusal(by="parties", parties=parties), error)


@pytest.mark.parametrize(("terms", "groups", "errors"), [
    ({"parties": TWO}, {}, [GroupUnknown]),
    ({"parties": TWO}, {"towns": Group(("ash",))}, [GroupSharesMissing]),
    ({"parties": within(by="fixed", percent={"region": "100"})}, GROUPS, [NotInGroup]),
    ({"parties": within(by="equal", floor={"cedar": "60", "ash": "50"})}, GROUPS, [LimitsInfeasible]),
    ({"parties": within(by="parties", parties=[{"group": "villages", "percent": "100"}])}, GROUPS, []),
    ({"parties": TWO}, GROUPS, []),
])
def test_what_groups_and_parties_must_be_to_each_other(
        terms: dict[str, Any], groups: dict[str, Group], errors: list[type[PoolbookError]]) -> None:
    faults = read(by="parties", **terms).check(ALL, groups)
    assert [type(fault) for fault in faults] == errors
    assert all(fault.message and fault.advice for fault in faults)


@pytest.mark.parametrize(("groups", "expected"), [
    ({"a": ("b",), "b": ("a",)}, [("a", GroupsCyclic), ("b", GroupsCyclic)]),
    ({"a": ("a", "ash")}, [("a", GroupsCyclic)]),
    ({"a": ()}, [("a", GroupEmpty)]),
    ({"a": ("oak",)}, [("a", GroupMemberUnknown)]),
    ({"ash": ("birch",)}, [("ash", GroupNameTaken)]),
    ({"a": ("ash", "b"), "b": ("ash",)}, [("a", GroupMemberTwice)]),
    ({"a": ("ash", "b"), "b": ("birch", "cedar")}, []),
])
def test_groups_that_are_refused(groups: dict[str, tuple[str, ...]], expected: list[tuple[str, type]]) -> None:
    found = list(check_groups({name: Group(members) for name, members in groups.items()}, ALL))
    assert [(name, type(fault)) for name, fault in found] == expected
    assert all(fault.message and fault.advice for _, fault in found)


def test_a_groups_own_shares_are_checked() -> None:
    strange = read(by="fixed", percent={"region": "100"})
    found = list(check_groups({"towns": Group(("ash", "birch"), strange)}, ALL))
    assert [(name, fault.message) for name, fault in found] == [
        ("towns", "region stands in the shares within group towns, but is not one of its members")]


def test_cyclic_groups_never_run() -> None:
    cyclic = {"a": Group(("b",), EQUAL), "b": Group(("a",), EQUAL)}
    with pytest.raises(GroupsCyclic, match="a > b > a"):
        behind("a", cyclic)
    with pytest.raises(GroupsCyclic):
        read(by="parties", parties=[{"group": "a", "percent": "100"}]).shares(replace(FACTS, groups=cyclic))
