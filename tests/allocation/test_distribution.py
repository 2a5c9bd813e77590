"""Distributions: worked examples, published figures, refusals, and what holds whatever the figures are."""

from __future__ import annotations

import csv
import io
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from allocation.distribution import Distributed, Distribution, DistributionExample, distribute
from allocation.model import Facts
from ledger.errors import PoolbookError

SEK = Facts((), (), currency="SEK")
ABC = {"id": "pot", "pot": "1000", "recipients": ["a", "b", "c"], "basis": {"by": "equal"}}
BASELINE = {"a": "500", "b": "300", "c": "200"}


def terms(data: Any, currency: str = "GBP") -> Distribution:
    return Distribution.model_validate(data, context={"currency": currency})


def run(data: Any, facts: Facts | None = None) -> Distributed:
    facts = facts or Facts((), ())
    return distribute(terms(data, facts.currency), facts)


def fault(data: Any) -> tuple[str, tuple[str | int, ...]]:
    with pytest.raises(ValidationError) as caught:
        terms(data)
    first = caught.value.errors()[0]
    error = first.get("ctx", {}).get("error")
    return (error.code if isinstance(error, PoolbookError) else first["type"]), first["loc"]


@pytest.mark.parametrize("example", Distribution.examples, ids=range(len(Distribution.examples)))
def test_worked_example(example: DistributionExample) -> None:
    assert run(example.terms, example.facts).amounts == example.gives


class TestPublished:
    def test_finsam_base_amounts_three_quarters_need_and_a_floor_of_ninety_percent(self) -> None:
        """The state's model: 400,000 SEK each, then 75 % by need of support and 25 % by people of 16 to 64."""
        model = {"id": "finsam", "pot": "280000000", "recipients": ["falun", "gavle", "kiruna"], "basis": {
            "by": "formula", "base": "400000", "indicators": [
                {"name": "support", "weight": "0.75", "values": {"falun": "500", "gavle": "400", "kiruna": "100"}},
                {"name": "people", "weight": "0.25", "values": {"falun": "60", "gavle": "30", "kiruna": "10"}}]}}
        targets = run(model, SEK).amounts
        rest = 280_000_000_00 - 3 * 400_000_00
        assert targets == {"falun": 400_000_00 + rest * 525 // 1000, "gavle": 400_000_00 + rest * 375 // 1000,
                           "kiruna": 400_000_00 + rest // 10}
        baseline = {"falun": "120000000", "gavle": "100000000", "kiruna": "60000000"}
        held = run({**model, "baseline": baseline, "floor": {"max_decrease_percent": "10"}}, SEK)
        assert held.amounts["kiruna"] == 54_000_000_00, "its target is under 29 million, its floor 90 percent of 60"
        assert sum(held.amounts.values()) == 280_000_000_00
        assert all(held.amounts[name] >= int(amount) * 90 for name, amount in baseline.items())
        lost = run({**model, "baseline": baseline, "floor": {"max_decrease_percent": "10", "except": ["kiruna"]}}, SEK)
        assert lost.amounts["kiruna"] < 54_000_000_00, "an association with too much capital loses its floor"

    def test_finsam_the_state_pays_half_of_the_pool(self) -> None:
        pool = {"id": "pool", "pot": "560000000", "recipients": ["state", "region", "municipalities"],
                "basis": {"by": "fixed", "percent": {"state": "50", "region": "25", "municipalities": "25"}}}
        assert run(pool, SEK).amounts == {"state": 280_000_000_00, "region": 140_000_000_00,
                                          "municipalities": 140_000_000_00}

    def test_maia_fifty_new_sites_in_part_years(self) -> None:
        """4.5 million for 50 sites is 90,000 each; running costs come for six months, case managers for four."""
        site = {"elements": [{"amount": "34000", "part_year_months": "6"}, {"amount": "56000",
                                                                            "part_year_months": "4"}]}
        sites = {f"site-{n}": site for n in range(50)}
        whole = {name: {"elements": [{"amount": "90000"}]} for name in sites}
        assert sum(run({"id": "maia", "pot": "4500000", "recipients": whole}).amounts.values()) == 4_500_000_00
        found = run({"id": "maia", "pot": "4500000", "recipients": sites})
        assert sum(found.amounts.values()) + found.lines[-1].remaining == 4_500_000_00
        assert set(found.amounts.values()) <= {17_000_00 + 18_666_66, 17_000_00 + 18_666_67}

    def test_stockholm_the_parts_of_a_published_table_foot(self) -> None:
        """Equalisation in 2018, SEK per inhabitant: what is published differs from its parts by one krona at most."""
        rows = list(csv.DictReader(io.StringIO(STOCKHOLM)))
        parts = ("income", "cost", "structural", "regulation")
        recipients = {row["area"]: {"elements": [{"amount": row[part]} for part in parts]} for row in rows}
        found = run({"id": "equalisation", "pot": "100000", "recipients": recipients}, SEK).amounts
        off = {row["area"]: found[row["area"]] - int(row["total"]) * 100 for row in rows}
        assert {area: amount for area, amount in off.items() if amount} == {"Norra kommunerna": 100}
        assert found["Danderyd"] == -17_208_00


STOCKHOLM = """area,income,cost,structural,regulation,total
Stockholm,-3969,-486,0,157,-4298
Norra kommunerna,-1286,1089,31,157,-10
Danderyd,-23639,6180,94,157,-17208
Ekero,-4189,3616,0,157,-416
Jarfalla,5038,2368,0,157,7563
Lidingo,-13931,4938,95,157,-8741
Sollentuna,-4930,3024,95,157,-1654
Solna,-2850,-5591,0,157,-8284
Taby,-9190,3168,95,157,-5770
Sodra kommunerna,5184,2404,15,157,7760
Botkyrka,11979,2483,0,157,14619
Nacka,-5799,3516,95,157,-2031
Stockholms lan,-615,802,14,157,358
"""


class TestRefused:
    @pytest.mark.parametrize(("changes", "code", "where"), [
        ({"recipients": []}, "terms-wrong", ()),
        ({"recipients": ["a", "a"]}, "terms-wrong", ("recipients",)),
        ({"basis": {"by": "fixed", "percent": {"a": "50", "d": "50"}}}, "recipient-unknown", ("basis",)),
        ({"baseline": {"d": "5"}}, "recipient-unknown", ("baseline",)),
        ({"floor": {"max_decrease_percent": "10", "except": ["d"]}}, "recipient-unknown", ("floor",)),
        ({"floor": {"max_decrease_percent": "101"}}, "terms-wrong", ("floor", "max_decrease_percent")),
        ({"basis": None}, "terms-wrong", ()),
        ({"recipients": {"a": {"elements": [{"amount": "1000.01"}]}, "b": None}}, "elements-above-pot", ()),
        ({"recipients": {"a": {"elements": [{"amount": "1", "part_year_months": "13"}]}}}, "less_than_equal",
         ("recipients", "a", "elements", 0, "part_year_months")),
        ({"pace_of_change": {}}, "terms-wrong", ("pace_of_change",)),
        ({"pace_of_change": {"min_growth": "2.5"}}, "terms-wrong", ("pace_of_change", "min_growth")),
        ({"pace_of_change": {"min_growth": "-101%"}}, "terms-wrong", ("pace_of_change", "min_growth")),
        ({"pace_of_change": {"min_growth": "0.2", "max_growth": "10%"}}, "terms-wrong", ("pace_of_change",)),
        ({"pace_of_change": {"min_growth": "0"}, "baseline": {"a": "5", "b": "5"}}, "baseline-missing", ()),
        ({"pace_of_change": {"min_growth": "0.01"}, "baseline": BASELINE}, "pace-infeasible", ()),
        ({"pace_of_change": {"max_growth": "-0.01"}, "baseline": BASELINE}, "pace-infeasible", ()),
        ({"pace_of_change": {"min_growth": "0"}, "floor": {"max_decrease_percent": "1"}, "baseline": BASELINE},
         "terms-wrong", ()),
    ])
    def test_faults(self, changes: Any, code: str, where: tuple[str | int, ...]) -> None:
        assert fault({**ABC, **changes}) == (code, where)

    def test_what_the_limits_would_allow_is_said(self) -> None:
        with pytest.raises(ValidationError) as caught:
            terms({**ABC, "baseline": BASELINE, "pace_of_change": {"min_growth": "0.01", "max_growth": "5%"}})
        assert caught.value.errors()[0]["ctx"]["error"].message == (
            "within these growths the recipients can have 1,010.00 to 1,050.00 in total, and the pot leaves them "
            "1,000.00")


class TestWorking:
    def test_floors_that_exceed_the_pot_are_said_to_be_scaled(self) -> None:
        found = run({**ABC, "pot": "450", "baseline": BASELINE, "floor": {"max_decrease_percent": "10"}})
        assert found.scaled
        assert "The floors exceed the pot, so each is scaled by 450.00 / 900.00" in found.lines[-1].because

    def test_a_pot_of_nothing(self) -> None:
        assert run({**ABC, "pot": "0"}).amounts == {"a": 0, "b": 0, "c": 0}
        assert run({**ABC, "pot": "0", "baseline": BASELINE, "floor": {"max_decrease_percent": "10"}}).scaled

    def test_growth_may_be_limited_on_one_side(self) -> None:
        floor = run({**ABC, "baseline": BASELINE, "pace_of_change": {"min_growth": "0"}})
        assert floor.amounts == {"a": 500_00, "b": 300_00, "c": 200_00}
        ceiling = run({**ABC, "baseline": BASELINE, "pace_of_change": {"max_growth": "50%"}})
        assert ceiling.amounts == {"a": 354_17, "b": 345_83, "c": 300_00}, "33.33 over c's limit, as 500 to 300"


AMOUNT = st.integers(0, 10**9)
WEIGHTS = st.lists(st.integers(0, 1000), min_size=1, max_size=7).filter(any)


def _money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _weighted(pot: int, weights: list[int], baselines: list[int]) -> dict[str, Any]:
    names = [f"r{i}" for i in range(len(weights))]
    return {"id": "pot", "pot": _money(pot), "recipients": names,
            "basis": {"by": "weight", "values": dict(zip(names, map(str, weights), strict=True))},
            "baseline": dict(zip(names, map(_money, baselines), strict=True))}


@given(pot=AMOUNT, weights=WEIGHTS, data=st.data(), percent=st.integers(0, 100))
def test_floors_are_kept_and_no_penny_is_lost(pot: int, weights: list[int], data: Any, percent: int) -> None:
    baselines = data.draw(st.lists(AMOUNT, min_size=len(weights), max_size=len(weights)))
    written = {**_weighted(pot, weights, baselines), "floor": {"max_decrease_percent": str(percent)}}
    found, targets = run(written), run({**written, "floor": None})
    assert sum(found.amounts.values()) == pot
    floors = [Fraction(b * (100 - percent), 100) for b in baselines]
    assert found.scaled == (sum(floors) > pot)
    for amount, floor, target in zip(found.amounts.values(), floors, targets.amounts.values(), strict=True):
        if found.scaled:
            assert amount <= floor + 1
        else:
            most = floor if floor > target else Fraction(target)
            assert floor - 1 < amount < most + 2, "between its floor and its target, to the penny"


@given(weights=WEIGHTS, data=st.data(), low=st.integers(-100, 50), width=st.integers(0, 80), way=st.integers(0, 100))
def test_growth_stays_within_its_limits_and_the_shift_is_one(weights: list[int], data: Any, low: int, width: int,
                                                             way: int) -> None:
    baselines = data.draw(st.lists(st.integers(1, 10**9), min_size=len(weights), max_size=len(weights)))
    least = Fraction(sum(baselines) * (100 + low), 100)
    pot = int(least + Fraction(sum(baselines) * width, 100) * way / 100)
    assume(pot >= least)
    written = {**_weighted(pot, weights, baselines),
               "pace_of_change": {"min_growth": f"{low}%", "max_growth": f"{low + width}%"}}
    found, shares = run(written).amounts, [Fraction(w, sum(weights)) for w in weights]
    assert sum(found.values()) == pot
    downs: list[Fraction] = []
    ups: list[Fraction] = []
    for amount, baseline, share in zip(found.values(), baselines, shares, strict=True):
        floor, ceiling = Fraction(baseline * (100 + low), 100), Fraction(baseline * (100 + low + width), 100)
        assert floor - 1 < amount < ceiling + 1
        if floor + 1 < amount < ceiling - 1:  # λ·baseline = amount − target, to the penny
            downs.append((amount - 1 - pot * share) / baseline)
            ups.append((amount + 1 - pot * share) / baseline)
    assert not ups or max(downs) <= min(ups), "one λ fits all who are within"


@given(pot=AMOUNT, weights=WEIGHTS, seed=st.randoms(use_true_random=False))
def test_the_order_of_recipients_moves_no_more_than_a_penny(pot: int, weights: list[int], seed: Any) -> None:
    written = _weighted(pot, weights, weights)
    again = {**written, "recipients": seed.sample(written["recipients"], len(weights))}
    first, second = run(written).amounts, run(again).amounts
    assert all(abs(first[name] - second[name]) <= 1 for name in first)
    assert list(second) == again["recipients"]
