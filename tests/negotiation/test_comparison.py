"""Options side by side: totals proved, changes explained to the penny, refusals by cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from api.commands.scenario import base_of_case
from commissioning.negotiation import moves
from commissioning.negotiation.moves import drivers, limit_costs, sensitivity, tried, turns
from commissioning.negotiation.options import (
    MOST_OPTIONS,
    Option,
    change,
    compare,
    growth_of,
    less,
    other_rules,
    prove,
    scenario,
    today,
    work,
)
from ledger.errors import Refused
from tests.negotiation.samples import CASE, EQUAL, HIGHER, TEXT, base, record, rules, weighed


def test_rules_share_the_same_total_to_the_penny() -> None:
    worked = compare(rules())
    assert all(prove(worked).values())
    for one in worked:
        assert one.total == worked[0].total == 13_626_000_00
        assert sum(one.bears.values()) + sum(one.parked.values()) == one.total
        assert sum(one.due.values()) + sum(one.parked.values()) + one.beside == one.total
        for line in one.statement.services:
            bears = sum(one.of_service(line.id).values())
            assert bears + sum(getattr(line, column) for column in one.parked) == line.actual


def test_the_changes_are_those_that_can_be_reckoned_by_hand() -> None:
    """300,000 are shared by contribution (40 : 55 : 5) today: 120,000, 165,000 and 15,000. Thirds are 100,000 each."""
    worked = compare(rules())
    assert worked[0].due == {"council": 5_127_000_00, "nhs": 6_940_000_00, "district": 1_209_000_00}
    assert change(worked, 2) == {"council": -20_000_00, "nhs": -65_000_00, "district": 85_000_00}
    assert sum(change(worked, 1).values()) == 150_000_00, "what the reserve meets less, partners owe"
    assert worked[1].parked["reserves"] - worked[0].parked["reserves"] == -150_000_00


def test_drivers_sum_to_each_change_and_name_what_did_it() -> None:
    found = weighed()
    for one, some in zip(found.worked, found.drivers, strict=True):
        for partner, amount in less(one.due, found.worked[0].due).items():
            assert sum(driver.changes[partner] for driver in some) == amount
    assert [driver.words for driver in found.drivers[1]] == ["base budget, cash, core, council"]
    assert "Reablement at home" in {driver.words for driver in found.drivers[2]}
    assert found.drivers[0] == ()


def test_inputs_that_cannot_stand_alone_are_told_together() -> None:
    """Percentages that total 100 only together are one driver."""
    path = "rules.core-risk.overspend.4.share.percent"
    option = scenario("fifty", base(), {f"{path}.council": Fraction(50), f"{path}.nhs": Fraction(40),
                                        "rules.core-risk.overspend.1.up_to": Fraction(100_000)})
    worked = compare([today(base()), option])
    found = drivers(worked[0], worked[1])
    assert [driver.words for driver in found] == ["core-risk, overspend step 1, reserve: takes at most",
                                                  "core-risk, overspend step 4, share: share, council, and 1 more"]


def test_outturns_and_break_even_are_the_engines() -> None:
    found = weighed()
    first, other = found.worked[0], found.worked[2]
    assert found.outturns[2][0] == other.due
    for turn in turns(first, other, found.outturns[0], found.outturns[2]):
        (before, at), (after, last) = turn.spans
        assert (before, after, last) == (0, 1, None), "with a reserve that is not used up all is as today"
        assert at is not None
        def gap(percent: Fraction, partner: str = turn.partner) -> int:
            here, there = (tried(one.option, growth_of(one.option, percent)) for one in (first, other))
            assert here
            assert there
            return there.due[partner] - here.due[partner]
        assert abs(gap(at - Fraction(2, 10))) <= 1 < gap(at)


def test_a_growth_comes_on_top_of_what_the_option_supposes() -> None:
    option = scenario("higher", base(), HIGHER)
    found = growth_of(option, 10)
    assert found["growth.home-care"] == 21
    assert found["growth.reablement"] == 10
    assert work(option, growth_of(option, 0)).due == work(option).due


def test_a_cap_costs_who_is_not_capped() -> None:
    """The district's cap of 10,000 keeps 20,000 from it, which the others bear in halves."""
    caps = {cost.words: cost for cost in limit_costs(today(base())) if cost.outturn == 0}
    assert caps["core-risk, overspend step 4, share: cap, district"].changes == {
        "council": 10_000_00, "nhs": 10_000_00, "district": -20_000_00}


def test_floors_of_a_basis_are_lifted_in_the_text() -> None:
    floored = TEXT.replace("{share: {by: fixed, percent: {council: 45, nhs: 45, district: 10}}, caps",
                           "{share: {by: fixed, percent: {council: 45, nhs: 45, district: 10}, floor: {district: 20}},"
                           " caps")
    assert floored != TEXT
    found = {cost.words: cost for cost in limit_costs(other_rules("floor", base(), floored)) if cost.outturn == 0}
    words = "core-risk: floor of its share, district"
    assert words not in found, "the cap binds before the floor does"
    open_ = floored.replace("caps: {district: 10000}, excess: others,", "")
    found = {cost.words: cost for cost in limit_costs(other_rules("floor", base(), open_)) if cost.outturn == 0}
    assert found[words].changes == {"council": -15_000_00, "nhs": -15_000_00, "district": 30_000_00}


def _renamed(old: str, new: str) -> Callable[[], Option]:
    assert old in TEXT
    return lambda: other_rules("other", base(), TEXT.replace(old, new), "other.yaml")


@pytest.mark.parametrize(("make", "code"), [
    (_renamed("id: northshire", "id: southshire"), "option-other-partnership"),
    (_renamed("currency: GBP", "currency: EUR"), "option-not-comparable"),
    (_renamed("home-care: {fund: core", "home-help: {fund: core"), "option-not-comparable"),
    (_renamed("effective: 2024-04-01", "effective: 2024-05-01"), "option-not-comparable"),
    (lambda: other_rules("other", base(), "poolbook: 1", "other.yaml"), "key-missing")])
def test_what_is_about_another_year_is_refused(make: Callable[[], Option], code: str) -> None:
    with pytest.raises(Refused) as caught:
        make()
    assert code in {fault.code for fault in caught.value.faults}
    assert caught.value.faults[0].place.file == "other.yaml"


@pytest.mark.parametrize(("count", "names", "code"), [
    (0, "", "nothing-to-compare"), (MOST_OPTIONS + 1, "n", "options-too-many"), (2, "twice", "option-name-twice"),
    (1, "today", "option-name-twice")])
def test_what_is_no_comparison_is_refused(count: int, names: str, code: str) -> None:
    others = [scenario(names if names != "n" else f"n{n}", base(), {}) for n in range(count)]
    with pytest.raises(Refused) as caught:
        compare([today(base()), *others])
    assert [fault.code for fault in caught.value.faults] == [code]


def test_an_option_that_cannot_be_worked_out_is_named() -> None:
    path = "rules.core-risk.overspend.4.share.percent.council"
    with pytest.raises(Refused) as caught:
        compare([today(base()), scenario("broken", base(), {path: Fraction(99)})])
    assert caught.value.faults[0].place.file == "broken"


def test_an_equal_total_is_not_taken_on_trust() -> None:
    """If an option that changes rules only cost something else, that would be told as a fault of the code."""
    worked = list(compare(rules()))
    statement = worked[1].statement
    dearer = replace(statement, services=(replace(statement.services[0], actual=1), *statement.services[1:]))
    worked[1] = replace(worked[1], statement=dearer)
    with pytest.raises(AssertionError, match="do not change it"):
        prove(worked)


@pytest.mark.parametrize("case", sorted(path.parent.name for path in CASE.parent.glob("*/agreement.yaml")))
def test_every_example_is_compared(case: str) -> None:
    """With a tenth more of every cost, and with the same agreement as another one: that changes nothing."""
    known = base_of_case(CASE.parent / case)
    first = today(known)
    options = [first, scenario("ten more", known, growth_of(first, 10)), other_rules("same", known, known.text)]
    worked = compare(options)
    assert less(worked[2].due, worked[0].due) == dict.fromkeys(worked[0].due, 0)
    assert drivers(worked[0], worked[2]) == ()
    more = drivers(worked[0], worked[1])
    for partner, amount in change(worked, 1).items():
        assert sum(driver.changes[partner] for driver in more) == amount


def test_a_large_pool_has_its_largest_inputs_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Percentages first, then the largest amounts: the second contribution is the largest of all."""
    monkeypatch.setattr(moves, "MOST_MOVED", 12)
    moved = {bar.lever.path for bar in sensitivity(today(base()))}
    assert len(moved) <= 12
    assert {"contributions.2.amount", "rules.core-risk.overspend.4.share.percent.nhs"} <= moved
    assert "contributions.5.amount" not in moved


# ------------------------------------------------------------------------------------------------------ the record

def test_a_record_is_read_and_put_in_order() -> None:
    found = record()
    assert [offer.by for offer in found.offers] == ["nhs", "council"]
    assert found.inputs[0].disputed_by == "nhs"
    table = record("date,by,option,offer,answer\n2026-09-01,nhs,equal,accept,\n", "log.csv")
    assert (table.offers[0].offer, table.offers[0].answer) == ("accept", "")


@pytest.mark.parametrize(("text", "code", "line"), [
    ("offers:\n  - {date: 2026-09-01, by: nhs}\n", "negotiation-record-wrong", 2),
    ("offers:\n  - {date: 1 May, by: nhs, offer: x}\n", "negotiation-record-wrong", 2),
    ("offers:\n  - {date: 2026-09-01, by: nobody, offer: x}\n", "negotiation-record-wrong", 2),
    ("offers: {}\n", "negotiation-record-wrong", 1),
    ("offers: [x]\n", "negotiation-record-wrong", 1),
    ("- x\n", "negotiation-record-wrong", 1),
    ("bids: []\n", "negotiation-record-wrong", 1),
    ("later_years:\n  - {growth: -100, source: y}\n", "negotiation-record-wrong", 2),
    ("principles:\n  - {text: [x], source: y}\n", "negotiation-record-wrong", 2),
    ("principles:\n  - {text: x, source: y, page: 3}\n", "negotiation-record-wrong", 2),
    ("inputs:\n  - {input: growth.home-cars}\n", "negotiation-input-unknown", 2)])
def test_a_record_that_cannot_be_used_is_refused_by_line(text: str, code: str, line: int) -> None:
    with pytest.raises(Refused) as caught:
        record(text)
    fault = caught.value.faults[0]
    assert (fault.code, fault.place.file, fault.place.line) == (code, "record.yaml", line)


def test_a_log_that_is_no_csv_is_refused_by_line() -> None:
    with pytest.raises(Refused) as caught:
        record('date,by,offer\n2026-09-01,nhs,"x" y\n', "log.csv")
    assert caught.value.faults[0].place.line == 2


def test_equal_is_another_text() -> None:
    assert EQUAL != TEXT
