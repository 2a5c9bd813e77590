"""Cost rules: their worked examples, what they refuse, and what holds whatever the events are."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from allocation.cost import UNALLOCATED, UNIT, Carried, Charged, CostExample, CostItem, CostRule, standing
from allocation.costs import ALL, AnyCost
from allocation.model import Facts
from ledger.errors import PoolbookError

ADAPTER: TypeAdapter[CostRule] = TypeAdapter(AnyCost)
EXAMPLES = [(kind, example) for kind in ALL.values() for example in kind.examples]
P = ("region", "ash", "birch")
FACTS = Facts(P, P, {"region": 500_00, "ash": 300_00, "birch": 200_00})
DAY = dt.date(2024, 4, 10)

TARIFF = {"by": "tariff", "payer": "for", "remainder": "region",
          "rates": {"somatic": {"percent": "56", "cap_per_case": "310.29"}, "other": {"percent": "100/3"}}}
TIERS = [{"through_day": "30", "percent": {"region": "100"}},
         {"through_day": "100", "percent": {"region": "50", "ash": "50"}},
         {"percent": {"region": "30", "birch": "70"}}]
PRICE = {"by": "unit_price", "price": "93.00", "payer": "for", "payee": "region", "free_units_mean": "3"}
RULES: dict[str, dict[str, Any]] = {
    "contribution": {"by": "contribution"},
    "eligible": {"by": "fixed", "percent": {"region": "84.8", "ash": "15.2"}, "eligible": ["somatic"]},
    "tariff": TARIFF,
    "tariff of one payer": {**TARIFF, "payer": "ash"},
    "payment periods": {"by": "duration", "tiers": TIERS, "boundary": "end_of_payment_period"},
    "days": {"by": "duration", "tiers": TIERS, "boundary": "exact_day"},
    "price": PRICE,
    "price for all": {"by": "unit_price", "price": "0.99", "payer": "ash", "payee": "region"},
}


def rule(terms: Any) -> CostRule:
    return ADAPTER.validate_python(terms, context={"currency": "GBP"})


def borne(charged: Charged) -> dict[str, dict[str, int]]:
    """Liabilities without zeros, and what is unallocated where there is any."""
    found = {s: {p: v for p, v in parts.items() if v} for s, parts in charged.liabilities.items()}
    rest = {s: v for s, v in charged.unallocated.items() if v}
    return {**found, UNALLOCATED: rest} if rest else found


def fault(terms: Any) -> tuple[str, tuple[str | int, ...]]:
    """The code of the first fault in terms, and where it stands without the marks of unions."""
    with pytest.raises(ValidationError) as caught:
        rule(terms)
    first = caught.value.errors()[0]
    error = first.get("ctx", {}).get("error")
    where = tuple(part for part in first["loc"] if not str(part).startswith("kind:"))
    return (error.code if isinstance(error, PoolbookError) else first["type"]), where


@pytest.mark.parametrize(("kind", "example"), EXAMPLES, ids=[f"{k.name}-{i}" for i, (k, _) in enumerate(EXAMPLES)])
def test_worked_example(kind: type[CostRule], example: CostExample) -> None:
    terms = kind.model_validate(dict(example.terms), context={"currency": example.facts.currency})
    assert borne(terms.charge(example.items, example.facts, example.carried)) == example.gives


@pytest.mark.parametrize("kind", ALL.values(), ids=list(ALL))
def test_a_rule_explains_itself(kind: type[CostRule]) -> None:
    assert kind.examples
    assert all(len(text) > 10 for text in (kind.words, kind.formula, kind.source))


class TestTermsAreRead:
    def test_by_tells_the_kinds_apart(self) -> None:
        assert [rule(terms).name for terms in RULES.values()] == [
            "shared", "shared", "tariff", "tariff", "duration", "duration", "unit_price", "unit_price"]

    @pytest.mark.parametrize(("terms", "code", "where"), [
        ({"by": "tarif"}, "basis-unknown", ()),
        ({"percent": {"a": "100"}}, "basis-unknown", ()),
        ({"by": "fixed", "percent": {"a": "99"}}, "shares-not-100", ("basis", "percent")),
        ({"by": "fixed", "percent": {"a": "100"}, "eligble": ["staff"]}, "extra_forbidden", ("basis", "eligble")),
        ({"by": "fixed", "percent": {"a": "100"}, "otherwise": "spread"}, "literal_error", ("otherwise",)),
        ({**TARIFF, "rates": {"somatic": {"percent": "101"}}}, "terms-wrong", ("rates", "somatic", "percent")),
        ({**TARIFF, "rates": {"somatic": {"percent": "-1"}}}, "number-negative", ("rates", "somatic", "percent")),
        ({"by": "tariff", "payer": "for", "rates": {}}, "missing", ("remainder",)),
        ({"by": "duration", "tiers": TIERS, "boundary": "some_day"}, "literal_error", ("boundary",)),
        ({"by": "duration", "tiers": [{"percent": {"a": "99"}}], "boundary": "exact_day"}, "shares-not-100",
         ("tiers", 0, "percent")),
        ({"by": "duration", "tiers": [TIERS[1], TIERS[0], TIERS[2]], "boundary": "exact_day"}, "tiers-not-rising",
         ("tiers",)),
        ({"by": "duration", "tiers": TIERS[:2], "boundary": "exact_day"}, "tiers-not-rising", ("tiers",)),
        ({"by": "duration", "tiers": [], "boundary": "exact_day"}, "tiers-not-rising", ("tiers",)),
        ({"by": "unit_price", "price": "1.005", "payer": "for", "payee": "a"}, "amount-too-fine", ("price",)),
    ])
    def test_faults_keep_their_places(self, terms: Any, code: str, where: tuple[str | int, ...]) -> None:
        assert fault(terms) == (code, where)

    def test_partners_named(self) -> None:
        assert rule(TARIFF).partners_named() == {"region"}
        assert rule({**TARIFF, "payer": "county"}).partners_named() == {"region", "county"}
        assert rule(RULES["days"]).partners_named() == set(P)
        assert rule(RULES["eligible"]).partners_named() == {"region", "ash"}
        assert rule(PRICE).partners_named() == {"region"}

    def test_the_bases_within_are_told_so_that_they_are_checked(self) -> None:
        assert [len(rule(terms).bases()) for terms in RULES.values()] == [1, 1, 0, 0, 3, 3, 0, 0]

    def test_the_schema_has_the_basis_and_the_rule_in_one_mapping(self) -> None:
        schema = str(ADAPTER.json_schema(mode="validation"))
        assert "'eligible'" in schema
        assert "'basis'" not in schema


class TestWhatAnEventLacks:
    @pytest.mark.parametrize(("name", "item", "lacks"), [
        ("tariff", CostItem("beds", 100, cost_class="somatic"), ("case", "for")),
        ("tariff of one payer", CostItem("beds", 100, cost_class="somatic"), ("case",)),
        ("tariff", CostItem("beds", 100, cost_class="dental"), ()),
        ("days", CostItem("beds", 100), ("case", "units")),
        ("days", CostItem("beds", -100, case="c1"), ()),
        ("price", CostItem("beds", 0, 2 * UNIT), ("for", "case")),
        ("price", CostItem("beds", 100), ()),
        ("contribution", CostItem("beds", 100), ()),
    ])
    def test_columns(self, name: str, item: CostItem, lacks: tuple[str, ...]) -> None:
        assert rule(RULES[name]).lacks(item) == lacks


class TestShared:
    def test_germany_the_share_applies_to_recognised_staff_cost(self) -> None:
        """The Bund recognised 3,371,097.92 EUR as its 84.8 percent; the Kreis had claimed 3,558,769.14."""
        terms = rule({"by": "fixed", "percent": {"bund": "84.8", "kreis": "15.2"}, "eligible": ["staff", "overhead"]})
        cost, disputed = 3_975_351_32, 152_521_09
        items = [CostItem("jobcentre", cost - disputed, cost_class="staff", payer="kreis"),
                 CostItem("jobcentre", disputed, cost_class="overhead", payer="kreis"),
                 CostItem("jobcentre", 80_000_00, cost_class="municipal benefit", payer="kreis")]
        charged = terms.charge(items, Facts(("bund", "kreis"), ("bund", "kreis"), currency="EUR"))
        assert charged.liabilities == {"jobcentre": {"bund": 3_371_097_92, "kreis": 604_253_40 + 80_000_00}}
        assert [line.remaining for line in charged.lines] == [cost, 0]

    def test_a_refund_lowers_what_it_lowered(self) -> None:
        charged = rule(RULES["eligible"]).charge(
            [CostItem("beds", 100_00, cost_class="somatic"), CostItem("beds", -10_00, cost_class="travel", payer="ash"),
             CostItem("beds", -200_00, cost_class="somatic")], FACTS)
        assert borne(charged) == {"beds": {"region": -84_80, "ash": -15_20 - 10_00}}

    def test_budgets_by_the_basis(self) -> None:
        shares = rule(RULES["contribution"]).budget_shares(1000, {"region": 1}, FACTS)
        assert shares == {"region": Fraction(1, 2), "ash": Fraction(3, 10), "birch": Fraction(1, 5)}

    def test_budgets_of_a_basis_that_depends_on_the_amount_go_by_the_outcome_to_date(self) -> None:
        terms = rule({"by": "claims", "claims": {"region": "100", "ash": "200"}, "rule": "talmud"})
        assert terms.budget_shares(10**9, {"region": 1, "ash": 3}, FACTS) == {"region": Fraction(1, 4),
                                                                              "ash": Fraction(3, 4)}
        assert terms.budget_shares(10**9, {}, FACTS) == dict.fromkeys(P, Fraction(1, 3))


class TestTariff:
    def test_the_cap_spans_the_versions_of_a_year(self) -> None:
        first, second = rule(TARIFF), rule({**TARIFF, "rates": {"somatic": {"percent": "80", "cap_per_case": "400"}}})
        item = CostItem("beds", 500_00, cost_class="somatic", case="c1", beneficiary="ash")
        one = first.charge([item], FACTS)
        assert borne(one) == {"beds": {"region": 220_00, "ash": 280_00}}
        two = second.charge([item], FACTS, one.carried)
        assert borne(two) == {"beds": {"region": 380_00, "ash": 120_00}}, "280 + 80 % of 500 is over the cap of 400"

    def test_a_lower_cap_takes_nothing_back(self) -> None:
        item = CostItem("beds", 500_00, cost_class="somatic", case="c1", beneficiary="ash")
        carried = rule(TARIFF).charge([item], FACTS).carried
        lower = rule({**TARIFF, "rates": {"somatic": {"percent": "56", "cap_per_case": "100"}}})
        assert borne(lower.charge([item], FACTS, carried)) == {"beds": {"region": 500_00}}

    @pytest.mark.parametrize(("amount", "ash"), [(10_00, 5_60), (-10_00, 0), (200_00, 89_71)])
    def test_a_higher_cap_charges_nothing_that_the_earlier_one_let_go(self, amount: int, ash: int) -> None:
        """1,000.00 met the cap of 310.29; later cost is charged by its own percentage, up to the cap of 400.00."""
        item = CostItem("beds", 1000_00, cost_class="somatic", case="c1", beneficiary="ash")
        carried = rule(TARIFF).charge([item], FACTS).carried
        higher = rule({**TARIFF, "rates": {"somatic": {"percent": "56", "cap_per_case": "400"}}})
        charged = higher.charge([replace(item, amount=amount)], FACTS, carried)
        assert charged.liabilities["beds"].get("ash", 0) == ash
        assert ("(reached)" in charged.lines[0].because) == (amount == 200_00)

    def test_a_refund_first_lowers_what_was_over_the_cap(self) -> None:
        items = [CostItem("beds", amount, cost_class="somatic", case="c1", beneficiary="ash")
                 for amount in (1000_00, -400_00)]
        assert borne(rule(TARIFF).charge(items, FACTS)) == {"beds": {"region": 289_71, "ash": 310_29}}

    def test_a_case_of_two_municipalities_has_one_cap(self) -> None:
        items = [CostItem("beds", amount, cost_class="somatic", case="c1", beneficiary=who)
                 for who, amount in (("ash", 1000_00), ("birch", 500_00))]
        assert borne(rule(TARIFF).charge(items, FACTS)) == {
            "beds": {"region": 1189_71, "ash": 206_86, "birch": 103_43}}

    def test_for_whom_nobody_says_is_shown(self) -> None:
        charged = rule(TARIFF).charge([CostItem("beds", 100_00, cost_class="somatic", case="c1")], FACTS)
        assert borne(charged) == {"beds": {"region": 44_00}, UNALLOCATED: {"beds": 56_00}}

    def test_the_remainder_may_be_the_payer_itself(self) -> None:
        items = [CostItem("beds", 100_00, cost_class="somatic", case="c1", beneficiary="region")]
        assert borne(rule(TARIFF).charge(items, FACTS)) == {"beds": {"region": 100_00}}


class TestDuration:
    def test_each_event_at_the_tier_of_its_first_day(self) -> None:
        items = [CostItem("benefit", 100_00, 20 * UNIT, case="c1", date=DAY, number=n) for n in range(1, 8)]
        lines = rule(RULES["payment periods"]).charge(items, FACTS).lines
        assert [line.out for line in lines] == [
            {"region": 100_00}, {"region": 100_00},  # days 1, 21
            {"region": 50_00, "ash": 50_00}, {"region": 50_00, "ash": 50_00}, {"region": 50_00, "ash": 50_00},
            {"region": 30_00, "birch": 70_00}, {"region": 30_00, "birch": 70_00}]  # days 101, 121

    def test_exact_days_divide_an_event_at_the_boundary(self) -> None:
        items = [CostItem("benefit", 100_00, 120 * UNIT, case="c1")]
        line = rule(RULES["days"]).charge(items, FACTS).lines[0]
        assert line.out == {"region": 59_17, "ash": 29_17, "birch": 11_66}  # 30 + 70/2 + 20·0.3, 35, 14 of 120
        assert line.because.startswith("after day 0 through day 120: 30 days at the tier through day 30 (region 100 ")

    def test_days_go_on_over_versions_and_years(self) -> None:
        item, terms = CostItem("benefit", 100_00, 40 * UNIT, case="c1"), rule(RULES["payment periods"])
        first = terms.charge([item], FACTS, Carried({"c1": 10 * UNIT}))
        assert first.carried.units == {"c1": 50 * UNIT}
        assert borne(terms.charge([item], FACTS, first.carried)) == {"benefit": {"region": 50_00, "ash": 50_00}}

    def test_an_undone_payment_takes_its_days_with_it(self) -> None:
        wrong = CostItem("benefit", 100_00, 40 * UNIT, case="c1", date=DAY, number=1)
        right = CostItem("benefit", 100_00, 20 * UNIT, case="c1", date=DAY, number=2)
        undoing = CostItem("benefit", -100_00, -40 * UNIT, case="c1", date=dt.date(2024, 9, 1), number=3, undoes=1)
        charged = rule(RULES["payment periods"]).charge([wrong, right, undoing], FACTS)
        assert borne(charged) == {"benefit": {"region": 100_00}}
        assert charged.carried.units == {"c1": 20 * UNIT}

    def test_what_is_undone_of_an_earlier_year_stands_at_the_days_it_takes_back(self) -> None:
        undoing = CostItem("benefit", -100_00, -40 * UNIT, case="c1", number=3, undoes=1)
        charged = rule(RULES["payment periods"]).charge([undoing], FACTS, Carried({"c1": 60 * UNIT}))
        assert borne(charged) == {"benefit": {"region": -100_00}}

    def test_a_refund_without_days_stands_where_the_case_is(self) -> None:
        for days, out in ((30, {"region": -10_00}), (31, {"region": -5_00, "ash": -5_00})):
            item = CostItem("benefit", -10_00, case="c1")
            assert borne(rule(RULES["days"]).charge([item], FACTS, Carried({"c1": days * UNIT}))) == {"benefit": out}


class TestUnitPrice:
    def test_sweden_2022_the_published_rate(self) -> None:
        terms = rule({"by": "unit_price", "price": "9300", "payer": "for", "payee": "region"})
        items = [CostItem("beds", 0, 4 * UNIT, case="c1", beneficiary="ash")]
        assert borne(terms.charge(items, FACTS)) == {"beds": {"region": -37_200_00, "ash": 37_200_00}}

    def test_stockholm_the_mean_is_tested_per_payer_and_month(self) -> None:
        def days(case: str, units: int, to: str, month: int) -> CostItem:
            return CostItem("beds", 0, units * UNIT, case=case, beneficiary=to, date=dt.date(2024, month, 5))

        items = [days("c1", 7, "ash", 4), days("c2", 0, "ash", 4),  # 3.5: charged
                 days("c3", 6, "ash", 5), days("c4", 0, "ash", 5),  # 3: free
                 days("c5", 4, "birch", 4)]  # 4: charged
        charged = rule(PRICE).charge(items, FACTS)
        assert borne(charged) == {"beds": {"region": -1023_00, "ash": 651_00, "birch": 372_00}}
        assert [line.because for line in charged.lines if ", ash," in line.step] == [
            "units: 7 · 93.00; the mean, 7 / 2 cases, is above 3",
            "units: 6, free of charge; the mean, 6 / 2 cases, is not above 3"]

    def test_a_case_counts_once_however_many_events_it_has(self) -> None:
        items = [CostItem("beds", 0, 2 * UNIT, case="c1", beneficiary="ash", number=n) for n in (1, 2)]
        assert borne(rule(PRICE).charge(items, FACTS)) == {"beds": {"region": -372_00, "ash": 372_00}}

    def test_units_for_nobody_are_shown(self) -> None:
        charged = rule(PRICE).charge([CostItem("beds", 0, 5 * UNIT, case="c1")], FACTS)
        assert borne(charged) == {"beds": {"region": -465_00}, UNALLOCATED: {"beds": 465_00}}

    def test_budgets_in_the_ratio_of_the_liabilities_to_date(self) -> None:
        terms = rule(PRICE)
        assert terms.budget_shares(100, {"region": -5, "ash": 5}, FACTS) == dict.fromkeys(P, Fraction(1, 3))
        assert terms.budget_shares(100, {"region": 30, "ash": 10}, FACTS) == {"region": Fraction(3, 4),
                                                                              "ash": Fraction(1, 4)}


def test_an_undoing_that_was_undone_undoes_nothing() -> None:
    items = [CostItem("beds", amount, number=n, undoes=n - 1) for n, amount in ((1, 100), (2, -100), (3, 100))]
    assert [item.number for item in standing(items)] == [1]


ITEMS = st.lists(st.builds(
    CostItem, service=st.sampled_from(["beds", "visits"]), amount=st.integers(-10**6, 10**7),
    units=st.none() | st.integers(0, 60 * UNIT), cost_class=st.sampled_from(["somatic", "other", "dental", ""]),
    case=st.sampled_from(["c1", "c2", ""]), payer=st.sampled_from(["", *P]), beneficiary=st.sampled_from(["", *P]),
    date=st.dates(dt.date(2024, 4, 1), dt.date(2024, 7, 1)), number=st.integers(1, 50)), max_size=25)


@pytest.mark.parametrize("name", RULES)
class TestWhateverTheEventsAre:
    @given(items=ITEMS, order=st.randoms(use_true_random=False))
    def test_no_penny_is_lost_and_the_order_of_input_is_irrelevant(self, name: str, items: list[CostItem],
                                                                    order: Any) -> None:
        charged = rule(RULES[name]).charge(items, FACTS)
        for service in {item.service for item in items}:
            cost = sum(item.amount for item in items if item.service == service)
            assert sum(charged.liabilities[service].values()) + charged.unallocated[service] == cost
        order.shuffle(items)
        again = rule(RULES[name]).charge(items, FACTS)
        assert again.liabilities == charged.liabilities
        assert again.unallocated == charged.unallocated

    @given(items=ITEMS)
    def test_the_working_alone_gives_the_liabilities(self, name: str, items: list[CostItem]) -> None:
        charged = rule(RULES[name]).charge(items, FACTS)
        sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for line in charged.lines:
            assert line.amount_in - sum(line.out.values()) == line.remaining
            for who, amount in line.out.items():
                sums[line.service][who] += amount
        for service, parts in charged.liabilities.items():
            whole = {**parts, UNALLOCATED: charged.unallocated[service]}
            assert {who: amount for who, amount in whole.items() if amount} == {
                who: amount for who, amount in sums[service].items() if amount}


@given(items=ITEMS)
def test_a_tariff_keeps_its_cap_per_case(items: list[CostItem]) -> None:
    for line in rule({**TARIFF, "payer": "ash"}).charge(items, FACTS).lines:
        if line.step.endswith("class somatic"):
            assert line.out.get("ash", 0) <= 310_29


@given(items=ITEMS, cut=st.dates(dt.date(2024, 4, 1), dt.date(2024, 7, 1)))
def test_a_year_in_two_versions_of_the_same_terms_charges_what_one_does(items: list[CostItem], cut: dt.date) -> None:
    """To the penny for tariffs and days, whose rounding goes on over the versions of the year."""
    for name in ("tariff", "payment periods", "days"):
        terms = rule(RULES[name])
        whole = terms.charge(items, FACTS)
        first = terms.charge([item for item in items if item.date < cut], FACTS)
        second = terms.charge([item for item in items if item.date >= cut], FACTS, first.carried)
        for service, parts in whole.liabilities.items():
            for who in P:
                both = [one.liabilities.get(service, {}).get(who, 0) for one in (first, second)]
                assert sum(both) == parts.get(who, 0)


@pytest.mark.parametrize("before", [5, 0, -3])
def test_more_days_taken_back_than_a_case_had_are_shared_all_the_same(before: int) -> None:
    """They stand on the first tier as far as they reach below none."""
    terms = {"by": "duration", "boundary": "exact_day", "tiers": [
        {"through_day": "2", "percent": {"ash": "100"}}, {"percent": {"birch": "100"}}]}
    item = CostItem("ward", -900, -10 * UNIT, case="c1", date=dt.date(2024, 6, 30))
    rule = TypeAdapter(AnyCost).validate_python(terms)
    done = rule.charge([item], Facts(("ash", "birch"), ("ash", "birch")), Carried({"c1": before * UNIT}))
    assert sum(done.liabilities["ward"].values()) == -900
    assert done.liabilities["ward"]["ash"] == (-630 if before == 5 else -900)
