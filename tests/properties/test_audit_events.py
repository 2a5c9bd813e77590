"""An auditor's questions about events: late ones, reversals, faults and ring-fenced money, reckoned by hand."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.errors import Refused
from tests.commissioning.books import QUARTERS, agreement, cost, line, pool, rule, shares, version

Data = dict[str, Any]
ONLY_BEDS = {"beds": {"fund": "core", "lead": "nhs", "budget": 40}}


def later(**changes: Any) -> Data:
    return version(**{"id": "later", "effective": "2024-10-01", "signed": "2024-09-01", **changes})


def costed(**terms: Any) -> list[Data]:
    return [{"id": "cost", "applies_to": {"fund": "core"}, "cost": terms}]


def tariff(percent: int) -> list[Data]:
    return costed(by="tariff", payer="council", remainder="nhs", rates={"care": {"percent": percent}})


def liabilities(statement: Data) -> dict[str, str]:
    assert all(check["holds"] for check in statement["checks"]), statement["checks"]
    return {p: one["liability"] for p, one in statement["partners"].items()}


def told(event: str, reference: str, **keys: Any) -> Data:
    return {"event": event, "reference": reference, **keys}


@pytest.mark.parametrize("services", [None, ONLY_BEDS], ids=["still there", "ended since"])
def test_a_late_case_is_charged_by_the_tariff_of_its_own_day(books: Engine, services: Data | None) -> None:
    """May's cost of 100 comes in October, when the tariff of 50 percent has become one of 10: the council owes 50."""
    kept = {} if services is None else {"services": services}
    terms = agreement(version(rules=tariff(50)), later(rules=tariff(10), **kept))
    with pool(books, terms) as made:
        made.close(*QUARTERS[:2])
        made.take_in(cost("2024-05-01", "home", 100, case="c1", cost_class="care"), late=True)
        assert liabilities(made.close(*QUARTERS[2:])) == {"council": "50.00", "nhs": "50.00"}


def test_a_late_case_counts_in_the_mean_of_its_own_month(books: Engine) -> None:
    """Four days on one case in May are above a mean of three; with a late case of no days they are two on average."""
    terms = agreement(version(rules=costed(by="unit_price", price=10, payer="council", payee="nhs",
                                           free_units_mean=3)))
    with pool(books, terms) as made:
        made.take_in(told("activity", "a1", date="2024-05-03", service="home", partner="council", units=4, case="c1"))
        assert liabilities(made.close("FY2024-Q1")) == {"council": "40.00", "nhs": "-40.00"}
        made.take_in(told("activity", "a2", date="2024-05-04", service="home", partner="council", units=0, case="c2"),
                     late=True)
        assert liabilities(made.close("FY2024-Q2")) == {"council": "0.00", "nhs": "0.00"}


def test_a_late_fault_is_of_the_version_of_its_own_day(books: Engine) -> None:
    """With the fault of 10 recorded in time or late, the year comes to the same."""
    terms = agreement(version(rules=[rule([{"share": {"by": "equal"}}])]), later())
    fault = told("fault", "f1", date="2024-05-02", service="home", partner="nhs", amount=10)
    found = []
    for late in (False, True):
        with pool(books, terms) as made:
            made.take_in(cost("2024-05-01", "home", 60), cost("2024-05-01", "beds", 40), *([] if late else [fault]))
            made.close(*QUARTERS[:2])
            made.take_in(*([fault] if late else []), late=True)
            found.append(shares(made.close(*QUARTERS[2:])))
    assert found[0] == found[1] == {"council": "-0.01", "nhs": "0.01"}


FORECAST = [{"event": "forecast", "service": "home", "amount": 99}]
VIREMENT = [{"event": "virement", "service": service, "amount": amount} for service, amount in
            (("home", 5), ("beds", -5))]


@pytest.mark.parametrize("rows", [FORECAST, VIREMENT], ids=["forecast", "virement"])
def test_what_tells_of_one_year_is_not_late_into_the_next(books: Engine, rows: list[Data]) -> None:
    def dated(day: str, reference: str) -> list[Data]:
        return [{**row, "date": day, "reference": reference} for row in rows]

    with pool(books) as made:
        made.take_in(*dated("2024-12-02", "x"))
        made.close(*QUARTERS[:3])
        assert made.take_in(*dated("2024-12-02", "x"), late=True).skipped == len(rows)
        assert made.take_in(*dated("2024-12-03", "y"), late=True).posted == len(rows), "late in its own year"
        made.close("FY2024-Q4")
        with pytest.raises(Refused, match="event-of-closed-year"):
            made.take_in(*dated("2024-12-04", "z"), late=True)
        assert made.take_in(*dated("2024-12-02", "x"), late=True).skipped == len(rows), "what is there is there"


def test_days_from_before_that_were_reversed_do_not_count(books: Engine) -> None:
    tiers = [{"through_day": 10, "percent": {"council": 100}}, {"percent": {"nhs": 100}}]
    terms = agreement(version(rules=costed(by="duration", boundary="exact_day", tiers=tiers)))
    with pool(books, terms) as made:
        made.take_in(told("opening_units", "o1", date="2024-04-01", service="home", case="c1", units=100),
                     told("reversal", "r1", date="2024-04-02", against="o1"),
                     cost("2024-05-01", "home", 5, case="c1", units=5))
        assert liabilities(made.close("FY2024-Q1")) == {"council": "5.00", "nhs": "0.00"}


def test_a_fault_reversed_in_the_next_year_is_taken_back_in_it(books: Engine) -> None:
    """The NHS bore 10 by itself; a year later it is cleared of them, and they are shared 40 to 60 like other cost."""
    with pool(books) as made:
        made.take_in(cost("2024-05-01", "home", 70), cost("2024-05-01", "beds", 40),
                     told("fault", "f1", date="2024-05-02", service="home", partner="nhs", amount=10))
        assert shares(made.close(*QUARTERS)) == {"council": "0.00", "nhs": "10.00"}
        made.take_in(cost("2025-04-01", "home", 15), cost("2025-04-01", "beds", 10),
                     told("reversal", "r1", date="2025-05-02", against="f1"))
        assert shares(made.close("FY2025-Q1")) == {"council": "4.00", "nhs": "-4.00"}


def test_fenced_money_goes_back_only_where_the_underspend_is_still_there(books: Engine) -> None:
    """The 30 left of s1 offset x; of the 20 left of s2 nothing is fenced, so they are returned by halves."""
    terms = agreement(version(
        contributions=[line("council", 40), line("nhs", 20, services=["s1"]), line("nhs", 40, source="other")],
        services={"x": {"fund": "core", "lead": "nhs", "budget": 20}, "s1": {"fund": "core", "budget": 40},
                  "s2": {"fund": "core", "budget": 40}},
        rules=[{"id": "x", "applies_to": {"services": ["x"]}, "overspend": [{"offset": {"services": ["s1"]}}]},
               {"id": "s", "applies_to": {"services": ["s1", "s2"]},
                "underspend": [{"return": {"by": "equal"}, "ring_fenced_first": True}]}]))
    with pool(books, terms) as made:
        made.take_in(cost("2024-05-01", "x", 50), cost("2024-05-01", "s1", 10), cost("2024-05-01", "s2", 20))
        assert shares(made.close(*QUARTERS)) == {"council": "-10.00", "nhs": "-10.00"}


def test_an_offset_uses_only_what_partners_share(books: Engine) -> None:
    two = {"funds": {"core": {"kind": "pooled", "host": "council"}, "two": {"kind": "pooled", "host": "nhs"}},
           "contributions": [line("council", 60), line("nhs", 40, fund="two")],
           "services": {"home": {"fund": "core", "budget": 60}, "beds": {"fund": "two", "budget": 40}}}
    terms = agreement(version(**two, rules=[
        {"id": "home", "applies_to": {"fund": "core"}, "overspend": [{"offset": {"services": ["beds"]}}]},
        {"id": "beds", "applies_to": {"fund": "two"}, "cost": {"by": "equal"}}]))
    with pytest.raises(Refused, match="offset-not-shared"), pool(books, terms):
        pass


@pytest.mark.parametrize("name", ["reserves", "offset", "recovered", "carried_forward", "contested", "unallocated",
                                  "for"])
def test_no_partner_is_called_like_a_column(books: Engine, name: str) -> None:
    terms = agreement()
    terms["partners"][name] = {}
    with pytest.raises(Refused, match="id-reserved"), pool(books, terms):
        pass


def test_no_reserve_is_called_like_what_is_carried_forward(books: Engine) -> None:
    terms = agreement()
    terms["reserves"] = {"carry-forward": {"fund": "core", "opening": {"council": 5}}}
    with pytest.raises(Refused, match="id-reserved"), pool(books, terms):
        pass


def test_a_late_item_is_reversed_late(books: Engine) -> None:
    """What undoes it is dated no earlier than the item's own day, whenever that was recorded."""
    with pool(books) as made:
        made.close("FY2024-Q1")
        made.take_in(cost("2024-05-01", "home", 7), late=True)
        made.close("FY2024-Q2")
        with pytest.raises(Refused, match="which is of 2024-05-01"):
            made.take_in(told("reversal", "r0", date="2024-04-30", against="2024-05-01 home"), late=True)
        made.take_in(told("reversal", "r1", date="2024-05-02", against="2024-05-01 home"), late=True)
        assert made.close("FY2024-Q3")["totals"]["actual"] == "0.00"


def test_the_plan_takes_no_more_from_a_reserve_than_it_holds(books: Engine) -> None:
    """The council's 10 less the 3 by which the NHS is overdrawn are 7, of which the plan's 10 can only use 7."""
    terms = agreement(version(funds={"core": {"kind": "pooled", "host": "council", "planned_reserve": {"g": 10}}}))
    terms["reserves"] = {"g": {"fund": "core", "opening": {"council": 10, "nhs": 5}}}
    with pool(books, terms) as made:
        made.take_in(told("reserve_transfer", "t", date="2024-05-01", source="g", partner="nhs", amount=-8))
        found = made.close(*QUARTERS)["reserves"]["g"]
    assert (found["closing"], found["by_partner"]) == ("0.00", {"council": "3.00", "nhs": "-3.00"})


def test_a_line_of_half_a_year_meets_half_of_a_budget(books: Engine) -> None:
    """40 for six months are 20: with the NHS's 60 that is 20 short of the budgets."""
    lines = [line("council", 40, part_year_months=6), line("nhs", 60)]
    with pytest.raises(Refused, match="fund-short"), pool(books, agreement(version(contributions=lines))):
        pass


def test_a_service_that_has_ended_is_said_to_have_ended(books: Engine) -> None:
    with pool(books, agreement(version(), later(services=ONLY_BEDS))) as made, \
            pytest.raises(Refused, match="home is in s75, not in force on 2024-11-01"):
        made.take_in(cost("2024-11-01", "home", 1))


def test_a_fault_is_not_taken_back_when_its_service_has_ended(books: Engine) -> None:
    with pool(books, agreement(version(), later(services=ONLY_BEDS))) as made:
        made.take_in(told("fault", "f1", date="2024-05-02", service="home", partner="nhs", amount=10))
        with pytest.raises(Refused, match="reversal-after-service"):
            made.take_in(told("reversal", "r1", date="2024-11-02", against="f1"))
        made.take_in(told("reversal", "r1", date="2024-09-30", against="f1"))
        assert shares(made.close(*QUARTERS))["nhs"] == "-42.05", "its 3/5 of budgets of 30.08, 20.05 and 19.95"
