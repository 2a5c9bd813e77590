"""The exact readings of AGREEMENTS 2.7, each as a small pool whose pennies were worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Engine

from exports.statement import from_json, to_json
from tests.commissioning.books import QUARTERS, agreement, columns, cost, line, paid, pool, rule, shares, version, year

Data = dict[str, Any]
FULL = "2024-05-10"  # any day of the year: costs count when incurred


def over(home: object, beds: object = 40) -> tuple[Data, Data]:
    """Costs of the year: the plan is 60 for home and 40 for beds."""
    return cost(FULL, "home", home), cost(FULL, "beds", beds)


# ------------------------------------------------------------------------------------------------------------- time

@pytest.mark.parametrize(("annual", "expected"), [
    ("100", ["25.00", "50.00", "75.00", "100.00"]),
    ("0.02", ["0.01", "0.01", "0.02", "0.02"]),  # 0.005, 0.01, 0.015, 0.02: halves up
    ("0.05", ["0.01", "0.03", "0.04", "0.05"]),  # 0.0125, 0.025, 0.0375, 0.05
    ("100.01", ["25.00", "50.01", "75.01", "100.01"]),
])
def test_plan_to_date_is_rounded_half_up_on_the_running_total(books: Engine, annual: str, expected: list[str]) -> None:
    terms = agreement(version(contributions=[line("council", annual)], services={
        "home": {"fund": "core", "lead": "council", "budget": annual}}))
    with pool(books, terms) as made:
        assert [made.close(quarter)["totals"]["budget"] for quarter in QUARTERS] == expected


def test_a_list_profile_is_its_own_running_total(books: Engine) -> None:
    terms = agreement(version())
    terms["agreements"][0]["services"]["home"]["profile"] = [10, 10, 15, 25]
    with pool(books, terms) as made:
        budgets = [made.close(quarter)["services"][0]["budget"] for quarter in QUARTERS]
    assert budgets == ["10.00", "20.00", "35.00", "60.00"]


@pytest.mark.parametrize(("instalments", "expected"), [
    ("annual", ["100.01"] * 4),
    ("quarterly", ["25.00", "50.01", "75.01", "100.01"]),
    ("monthly", ["25.00", "50.01", "75.01", "100.01"]),  # due on the first of the month: three by the end of June
    ([{"date": "2024-05-01", "amount": "60.01"}, {"date": "2025-01-01", "amount": 40}],
     ["60.01", "60.01", "60.01", "100.01"]),
])
def test_instalments_fall_due_on_first_days(books: Engine, instalments: Any, expected: list[str]) -> None:
    lines = [line("council", "100.01", instalments=instalments)]
    with pool(books, agreement(version(contributions=lines))) as made:
        found = [made.close(quarter)["partners"]["council"] for quarter in QUARTERS]
    assert [one["contribution_due"] for one in found] == expected
    assert [one["due_now"] for one in found] == expected, "nothing has been paid"
    assert found[0]["liability"] != "100.01" or instalments == "annual", "interim liability: due to date"


# ------------------------------------------------------------------------------------------------- versions in mid-year

def test_versions_count_by_days_and_limits_carry_over(books: Engine) -> None:
    """73 of 366 days at a budget of 100, then 293 at 200. `up_to: 10` is for the year, not for a version."""
    steps = [{"absorb": {"partner": "council"}, "up_to": 10}, {"share": {"by": "equal"}}]
    lines = [line("council", 100), line("nhs", 100)]
    home: Data = {"fund": "core", "lead": "council"}
    first = version(contributions=lines, services={"home": {**home, "budget": 100}}, rules=[rule(steps)],
                    effective="2023-04-01")
    second = version(id="s75-b", contributions=lines, services={"home": {**home, "budget": 200}},
                     rules=[rule(steps)], effective="2023-06-13")
    with pool(books, agreement(first, second)) as made:
        made.take_in(cost("2023-06-12", "home", "25.95"), cost("2023-06-13", "home", "170.11"))
        found = made.close("FY2023-Q1", "FY2023-Q2", "FY2023-Q3", "FY2023-Q4")
    # budgets 100 * 73/366 = 19.95 and 200 * 293/366 = 160.11; variances 6.00 and 10.00
    assert found["totals"]["budget"] == "180.06"
    # first: 6 to the council; second: 4 to the council (10 in the year), the other 6 in halves
    assert shares(found) == {"council": "13.00", "nhs": "3.00"}
    assert [one["id"] for one in found["agreements"]] == ["s75", "s75-b"]


def test_a_cap_counts_what_earlier_versions_put_on_the_partner(books: Engine) -> None:
    steps = [{"share": {"by": "equal"}, "caps": {"council": 10}}]
    terms = agreement(version(rules=[rule(steps)]),
                      version(id="s75-b", rules=[rule(steps)], effective="2024-10-01", signed=None))
    # plan by days: 183 and 182 of 365: 30.08 + 20.05 and 29.92 + 19.95
    found = year(books, terms, cost("2024-09-30", "home", "42.08"), cost("2024-09-30", "beds", "20.05"),
                 cost("2024-10-01", "home", "49.92"), cost("2024-10-01", "beds", "19.95"))
    # 12 over, in halves: 6 and 6; then 20 over: council has 4 left, NHS bears 16
    assert shares(found) == {"council": "10.00", "nhs": "22.00"}
    assert [one["status"] for one in found["agreements"]] == ["signed", "draft"]


def test_a_tier_goes_by_the_variance_of_the_whole_year(books: Engine) -> None:
    steps = [{"share": {"by": "fixed", "percent": {"council": 100}}, "until_variance": 15},
             {"share": {"by": "fixed", "percent": {"nhs": 100}}}]
    terms = agreement(version(rules=[rule(steps)]),
                      version(id="s75-b", rules=[rule(steps)], effective="2024-10-01"))
    found = year(books, terms, cost("2024-09-30", "home", "42.08"), cost("2024-09-30", "beds", "20.05"),
                 cost("2024-10-01", "home", "49.92"), cost("2024-10-01", "beds", "19.95"))
    assert shares(found) == {"council": "15.00", "nhs": "17.00"}, "12 and 3 of the first tier, then 17"


# ------------------------------------------------------------------------------------------------------- the waterfall

HALF = {"by": "fixed", "percent": {"council": 50, "nhs": 50}}
WATERFALLS: list[tuple[str, list[Data], dict[str, str], dict[str, str]]] = [
    ("by contribution, 40 to 60", [{"share": {"by": "contribution"}}], {"council": "12.00", "nhs": "18.00"}, {}),
    ("equally", [{"share": {"by": "equal"}}], {"council": "15.00", "nhs": "15.00"}, {}),
    ("by weights", [{"share": {"by": "weight", "values": {"council": 1, "nhs": 2}, "times": [{"council": 2}]}}],
     {"council": "15.00", "nhs": "15.00"}, {}),
    ("first loss", [{"absorb": {"partner": "nhs"}, "up_to": 20}, {"share": HALF}],
     {"council": "5.00", "nhs": "25.00"}, {}),
    ("what is left is unallocated", [{"share": HALF, "up_to": 20}],
     {"council": "10.00", "nhs": "10.00"}, {"unallocated": "10.00"}),
    ("what is left is contested", [{"share": HALF, "up_to": "20%"}, {"dispute": "rest"}],
     {"council": "10.00", "nhs": "10.00"}, {"contested": "10.00"}),
    ("the reserve first", [{"reserve": "general"}, {"share": HALF}],
     {"council": "9.00", "nhs": "9.00"}, {"reserves": "12.00"}),
    ("part of the reserve", [{"reserve": "general", "up_to": 10}, {"share": HALF}],
     {"council": "10.00", "nhs": "10.00"}, {"reserves": "10.00"}),
    ("tiers", [{"share": HALF, "until_variance": 10}, {"absorb": {"partner": "nhs"}, "up_to": 5}, {"share": HALF}],
     {"council": "12.50", "nhs": "17.50"}, {}),
    ("a tier that ended before it began", [{"absorb": {"partner": "nhs"}, "up_to": 12},
                                            {"share": HALF, "until_variance": 10},
                                            {"absorb": {"partner": "council"}}],
     {"council": "18.00", "nhs": "12.00"}, {}),
    ("a cap, its excess to the others", [{"share": HALF, "caps": {"council": 10}}],
     {"council": "10.00", "nhs": "20.00"}, {}),
    ("a cap of a part of the contribution", [{"share": HALF, "caps": {"council": "10%"}}],
     {"council": "4.00", "nhs": "26.00"}, {}),
    ("a cap, its excess in dispute", [{"share": HALF, "caps": {"council": 10}, "excess": "dispute"}],
     {"council": "10.00", "nhs": "15.00"}, {"contested": "5.00"}),
    ("a named partner's own cap does not stop it",
     [{"share": HALF, "caps": {"council": 10, "nhs": 1}, "excess": {"partner": "nhs"}}],
     {"council": "10.00", "nhs": "20.00"}, {}),
    ("all are capped: the rest passes on",
     [{"share": HALF, "caps": {"council": 10, "nhs": 5}}, {"dispute": "rest"}],
     {"council": "10.00", "nhs": "5.00"}, {"contested": "15.00"}),
    ("rounded shares", [{"share": {"by": "contribution", "round_percent": 0}}],
     {"council": "12.00", "nhs": "18.00"}, {}),
    ("a floor and a ceiling", [{"share": {"by": "contribution", "floor": {"council": 50}}}],
     {"council": "15.00", "nhs": "15.00"}, {}),
    ("nothing is said", [], {"council": "0.00", "nhs": "0.00"}, {"unallocated": "30.00"}),
]


@pytest.mark.parametrize(("steps", "expected", "parked"), [case[1:] for case in WATERFALLS],
                         ids=[case[0] for case in WATERFALLS])
def test_an_overspend_of_30(books: Engine, steps: list[Data], expected: dict[str, str],
                            parked: dict[str, str]) -> None:
    terms = agreement(version(rules=[rule(steps)]))
    terms["reserves"] = {"general": {"fund": "core", "opening": {"council": 8, "nhs": 4}}}
    found = year(books, terms, *over(90))
    assert shares(found) == expected
    assert columns(found) == parked


UNDERSPENDS: list[tuple[str, list[Data], dict[str, str], dict[str, str]]] = [
    ("returned by contribution", [{"return": {"by": "contribution"}}], {"council": "-12.00", "nhs": "-18.00"}, {}),
    ("one keeps it", [{"absorb": {"partner": "nhs"}}], {"council": "0.00", "nhs": "-30.00"}, {}),
    ("into the reserve, then returned", [{"to_reserve": "general", "owned": HALF, "up_to": 20}, {"return": HALF}],
     {"council": "-5.00", "nhs": "-5.00"}, {"reserves": "-20.00"}),
    ("nothing is said", [], {"council": "0.00", "nhs": "0.00"}, {"unallocated": "-30.00"}),
]


@pytest.mark.parametrize(("steps", "expected", "parked"), [case[1:] for case in UNDERSPENDS],
                         ids=[case[0] for case in UNDERSPENDS])
def test_an_underspend_of_30(books: Engine, steps: list[Data], expected: dict[str, str],
                             parked: dict[str, str]) -> None:
    terms = agreement(version(rules=[rule(underspend=steps)]))
    terms["reserves"] = {"general": {"fund": "core", "opening": {"council": 8, "nhs": 4}}}
    found = year(books, terms, *over(30))
    assert shares(found) == expected
    assert columns(found) == parked


def test_ring_fenced_money_goes_back_first(books: Engine) -> None:
    """20 are fenced for home. Of what home does not spend of them, NHS gets all back; the rest is halved."""
    steps = [{"return": HALF, "ring_fenced_first": "true"}]
    lines = [line("council", 40), line("nhs", 40), line("nhs", 20, services=["home"], source="fenced")]
    terms = agreement(version(contributions=lines, rules=[rule(underspend=steps)]))
    found = year(books, terms, *over(10, 40))
    # home: fenced 20 less actual 10 is 10, at most its underspend of 50; the other 40 in halves
    assert shares(found) == {"council": "-20.00", "nhs": "-30.00"}
    assert shares(year(books, terms, *over(30, 40))) == {"council": "-15.00", "nhs": "-15.00"}, "all 20 were used"


def test_variances_that_cancel_out_are_spread_by_contribution(books: Engine) -> None:
    found = year(books, agreement(), *over(70, 30))
    assert shares(found) == {"council": "0.00", "nhs": "0.00"}
    home, beds = found["services"]
    assert {p: part["variance"] for p, part in home["partners"].items()} == {"council": "4.00", "nhs": "6.00"}
    assert {p: part["variance"] for p, part in beds["partners"].items()} == {"council": "-4.00", "nhs": "-6.00"}


def test_variance_is_spread_over_services_in_proportion_to_theirs(books: Engine) -> None:
    found = year(books, agreement(), *over(90, 30))  # + 30 and - 10: 20 over, shared 8 and 12
    home, beds = found["services"]
    assert {p: part["variance"] for p, part in home["partners"].items()} == {"council": "12.00", "nhs": "18.00"}
    assert {p: part["variance"] for p, part in beds["partners"].items()} == {"council": "-4.00", "nhs": "-6.00"}


def test_own_and_host_lines_keep_their_variance_apart(books: Engine) -> None:
    terms = agreement()
    terms["agreements"][0]["services"]["beds"]["line"] = "own"
    assert shares(year(books, terms, *over(70, 45))) == {"council": "4.00", "nhs": "11.00"}
    terms["agreements"][0]["services"]["beds"]["line"] = "host_bears"
    assert shares(year(books, terms, *over(70, 45))) == {"council": "9.00", "nhs": "6.00"}


def test_a_rule_that_names_services_goes_before_its_funds_rule(books: Engine) -> None:
    named = {**rule([{"absorb": {"partner": "nhs"}}]), "id": "beds", "applies_to": {"services": ["beds"]}}
    terms = agreement(version(rules=[rule(), named]))
    assert shares(year(books, terms, *over(70, 45))) == {"council": "4.00", "nhs": "11.00"}


# --------------------------------------------------------------------------------------------------- who has paid what

def test_aligned_lines_count_in_liability_and_not_in_what_is_due(books: Engine) -> None:
    """The council keeps 30 aside and spends 26 of it itself: it owes the pool nothing for it."""
    terms = agreement()
    first = terms["agreements"][0]
    first["funds"]["aside"] = {"kind": "aligned"}
    first["services"]["advice"] = {"fund": "aside", "lead": "council", "budget": 30}
    first["contributions"].append({**line("council", 30), "fund": "aside"})
    found = year(books, terms, *over(60), cost(FULL, "advice", 26, partner="council"))
    council = found["partners"]["council"]
    assert (council["contribution_due"], council["share_of_variance"]) == ("40.00", "-4.00")
    assert (council["liability"], council["settlement"]) == ("66.00", "40.00")
    assert next(row for row in found["services"] if row["id"] == "advice")["variance"] == "-4.00"


def test_what_counts_as_paid(books: Engine) -> None:
    """Cash, direct spending and gifts in kind lower the settlement; charges that a partner holds raise it."""
    found = year(books, agreement(), cost(FULL, "home", 50), cost(FULL, "beds", 20, partner="nhs"),
                 {"date": FULL, "event": "in_kind", "partner": "nhs", "service": "beds", "amount": "25",
                  "reference": "K"},
                 {"date": FULL, "event": "user_charge", "partner": "council", "service": "beds", "amount": "5",
                  "reference": "U"},
                 {"date": FULL, "event": "income", "fund": "core", "service": "home", "amount": "3", "reference": "I"},
                 {"date": FULL, "event": "refund", "partner": "nhs", "service": "beds", "amount": "2",
                  "reference": "F"},
                 paid(FULL, "council", 30), paid(FULL, "nhs", 7))
    assert [row["actual"] for row in found["services"]] == ["47.00", "38.00"]
    council, nhs = found["partners"]["council"], found["partners"]["nhs"]
    # 15 under: 6 and 9 back
    assert (council["liability"], council["settlement"], council["due_now"]) == ("34.00", "9.00", "10.00")
    # NHS paid 7 in cash, 25 in kind, and 20 - 2 to providers
    assert (nhs["liability"], nhs["settlement"], nhs["due_now"]) == ("51.00", "1.00", "10.00")


def test_the_share_by_what_was_paid_leaves_direct_payments_out(books: Engine) -> None:
    terms = agreement(version(rules=[rule([{"share": {"by": "contribution", "measure": "paid"}}])]))
    found = year(books, terms, cost(FULL, "home", 70), cost(FULL, "beds", 40, partner="nhs"),
                 paid(FULL, "council", 30), paid(FULL, "nhs", 10))
    assert shares(found) == {"council": "7.50", "nhs": "2.50"}


def test_ring_fenced_money_meets_its_service_first(books: Engine) -> None:
    lines = [line("council", 40), line("nhs", 30), line("nhs", 30, services=["home"], source="fenced")]
    found = year(books, agreement(version(contributions=lines)), *over(60))
    home, beds = ({p: part["budget"] for p, part in row["partners"].items()} for row in found["services"])
    # home: 30 of 60 is fenced, the rest 40 : 30; beds: 40 : 30. In running totals 17.14 | 42.86, then 40.00 | 60.00
    assert home == {"council": "17.14", "nhs": "42.86"}
    assert beds == {"council": "22.86", "nhs": "17.14"}


def test_where_all_money_is_ring_fenced_its_proportions_meet_the_whole_budget(books: Engine) -> None:
    """Home has 30 of its 60, of beds' 40 nobody gives anything: c_i is 20 : 10, and nought."""
    lines = [line("council", 20, services=["home"]), line("nhs", 10, services=["home"], source="fenced")]
    funds = {"core": {"kind": "pooled", "host": "council", "balance": "share"}}
    found = year(books, agreement(version(contributions=lines, funds=funds)), *over(60))
    home, beds = ({p: part["budget"] for p, part in row["partners"].items()} for row in found["services"])
    assert home == {"council": "40.00", "nhs": "20.00"}
    assert beds == {"council": "20.00", "nhs": "20.00"}


def test_a_part_year_line_weighs_as_much_as_it_gives(books: Engine) -> None:
    """NHS gives 80 a year, for half a year: 40. c is 60 : 40, for the variance and for the budget."""
    lines = [line("council", 60), line("nhs", 80, part_year_months=6)]
    found = year(books, agreement(version(contributions=lines)), *over(70))
    assert shares(found) == {"council": "6.00", "nhs": "4.00"}
    assert found["partners"]["council"]["share_of_budget"] == "60.00"


# -------------------------------------------------------------------------------------------------------- the forecast

def test_the_forecast_is_the_same_waterfall_on_the_full_year(books: Engine) -> None:
    with pool(books) as made:
        made.take_in({"date": "2024-06-20", "event": "forecast", "service": "home", "amount": "80", "reference": "F1"},
                     {"date": "2024-06-10", "event": "forecast", "service": "home", "amount": "99", "reference": "F2"},
                     cost(FULL, "beds", 15))
        found = made.close("FY2024-Q1")
    # home as forecast on the later day: 80; beds: 15 spent and 30 of the plan to come
    assert [row["forecast"] for row in found["services"]] == ["80.00", "45.00"]
    assert [found["partners"][p]["forecast_share"] for p in ("council", "nhs")] == ["10.00", "15.00"]


def test_the_forecast_knows_what_the_plan_will_take_from_the_reserve(books: Engine) -> None:
    """The plan uses 8 of the reserve's 10 by March: 2 are left for the overspend of 10, in June as in March."""
    funds = {"core": {"kind": "pooled", "host": "council", "planned_reserve": {"general": 8}}}
    terms = agreement(version(funds=funds, contributions=[line("council", 46), line("nhs", 46)],
                              rules=[rule([{"reserve": "general"}, {"share": {"by": "equal"}}])]))
    terms["reserves"] = {"general": {"fund": "core", "opening": {"council": 10}}}
    with pool(books, terms) as made:
        made.take_in(
            {"date": FULL, "event": "forecast", "service": "home", "amount": "70", "reference": "F1"},
            {"date": FULL, "event": "forecast", "service": "beds", "amount": "40", "reference": "F2"},
            cost("2025-03-01", "home", 70), cost("2025-03-01", "beds", 40))
        june, march = made.close("FY2024-Q1"), made.close(*QUARTERS[1:])
    assert shares(march) == {"council": "4.00", "nhs": "4.00"}
    assert [june["partners"][p]["forecast_share"] for p in ("council", "nhs")] == ["4.00", "4.00"]


# -------------------------------------------------------------------------------------------------------------- size

def test_sums_beyond_what_one_amount_may_be_are_read_back(books: Engine) -> None:
    """Two budgets of 6 trillion: each is within what one amount may be, together they are not."""
    huge = "6000000000000"
    terms = agreement(version(contributions=[line("council", huge), line("nhs", huge)], services={
        "home": {"fund": "core", "lead": "council", "budget": huge},
        "beds": {"fund": "core", "lead": "nhs", "budget": huge}}))
    with pool(books, terms) as made:
        made.take_in(cost(FULL, "home", huge), cost(FULL, "beds", "6000000000000.01"))
        issued = made.close(*QUARTERS)
    assert issued["totals"]["actual"] == "12000000000000.01"
    assert to_json(from_json(json.dumps(issued))) == json.dumps(issued, ensure_ascii=False, indent=1) + "\n"
