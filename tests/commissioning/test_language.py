"""The rest of the language end to end: steps, shared cost and events, each in the smallest pool that shows it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from commissioning import service
from tests.commissioning.books import NOW, Data, agreement, cost, line, pool, rule, version

YEAR = ("FY2024-Q1", "FY2024-Q2", "FY2024-Q3", "FY2024-Q4")


def event(kind: str, date: str, reference: str, **keys: Any) -> Data:
    return {"event": kind, "date": date, "reference": reference, **{k: str(v) for k, v in keys.items()}}


def row(found: Data, service: str) -> Data:
    return next(one for one in found["services"] if one["id"] == service)


def variances(found: Data, service: str) -> dict[str, str]:
    return {p: part["variance"] for p, part in row(found, service)["partners"].items()}


def holds(found: Data) -> bool:
    return all(check["holds"] for check in found["checks"])


def shared_cost(**terms: Any) -> Data:
    return version(rules=[{"id": "cost", "applies_to": {"fund": "core"}, "cost": terms}])


def test_two_offsets_do_not_use_the_same_underspend_twice(books: Engine) -> None:
    """Home is 100 over; beds 30 and day 30 under, night 20 over under one later rule: 40 net may be used, not 60."""
    services = {name: {"fund": "core", "budget": 100} for name in ("home", "beds", "day", "night")}
    steps = [{"offset": {"services": ["beds"]}}, {"offset": {"services": ["day"]}}, {"share": {"by": "contribution"}}]
    terms = version(services=services, contributions=[line("council", 160), line("nhs", 240)], rules=[
        {"id": "home", "applies_to": {"services": ["home"]}, "overspend": steps}, rule()])
    with pool(books, agreement(terms)) as made:
        made.take_in(cost("2024-05-01", "home", 200), cost("2024-05-01", "beds", 70), cost("2024-05-01", "day", 70),
                     cost("2024-05-01", "night", 120))
        found = made.close(*YEAR)
    assert [row(found, s)["offset"] for s in services] == ["40.00", "-30.00", "-10.00", "0.00"]
    assert holds(found)


def test_a_fault_leaves_a_variance_and_a_shared_cost(books: Engine) -> None:
    told = event("fault", "2024-06-01", "F", service="home", partner="nhs", amount=10)
    with pool(books, agreement()) as made:
        made.take_in(cost("2024-05-01", "home", 80), cost("2024-05-01", "beds", 40), told)
        found = made.close(*YEAR)
    assert variances(found, "home") == {"council": "4.00", "nhs": "16.00"}
    with pool(books, agreement(shared_cost(by="equal"), id="other")) as made:
        made.take_in(cost("2024-05-01", "home", 80), told)
        found = made.close(*YEAR)
    assert {p: part["actual"] for p, part in row(found, "home")["partners"].items()} == {
        "council": "35.00", "nhs": "45.00"}
    assert holds(found)


def test_a_tariff_forgets_an_accrual_that_reversed_itself_in_the_next_year(books: Engine) -> None:
    """The council bears half of each case; an accrual of March is reversed on 1 April, and invoiced then."""
    terms = shared_cost(by="tariff", payer="council", remainder="nhs", rates={"day": {"percent": 50}})
    with pool(books, agreement(terms)) as made:
        made.take_in(event("accrual", "2025-03-20", "A", service="home", amount=100, case="k", cost_class="day"),
                     cost("2025-04-20", "home", 100, case="k", cost_class="day"))
        made.close(*YEAR)
        found = made.close("FY2025-Q1")
    assert {part["actual"] for part in row(found, "home")["partners"].values()} == {"0.00"}
    assert row(found, "home")["unallocated"] == "0.00"


def test_carry_forward_adds_to_next_years_budget_and_is_then_used(books: Engine) -> None:
    terms = version(rules=[rule(underspend=[{"carry_forward": {"services": ["beds"]}}])])
    with pool(books, agreement(terms)) as made:
        made.take_in(cost("2024-05-01", "home", 60), cost("2024-05-01", "beds", 30))
        ended = made.close(*YEAR)
        made.take_in(cost("2025-05-01", "home", 60), cost("2025-05-01", "beds", 50))
        found = made.close("FY2025-Q1", "FY2025-Q2", "FY2025-Q3", "FY2025-Q4")
    assert row(ended, "beds")["carried_forward"] == "-10.00"
    assert (row(found, "beds")["annual_budget"], row(found, "beds")["variance"]) == ("50.00", "0.00")
    assert holds(ended)
    assert holds(found)


def test_a_correction_takes_back_what_was_carried_forward_and_what_was_repayable(books: Engine) -> None:
    """Reopened and put right, the year carries nothing, and owes nothing back."""
    steps = [{"repay": {"partner": "nhs", "years": 2}}], [{"carry_forward": {"services": ["beds"]}}]
    terms = version(rules=[rule(*steps)])
    with pool(books, agreement(terms)) as made:
        made.take_in(cost("2024-05-01", "home", 60), cost("2024-05-01", "beds", 30))
        made.close(*YEAR)
        service.reopen(made.conn, made.book, "FY2024-Q4", "a late invoice", NOW)
        made.take_in(cost("2025-03-01", "beds", 25))
        over = made.close("FY2024-Q4")
        repayable = dict(made.balances())
        service.reopen(made.conn, made.book, "FY2024-Q4", "it was 15 too much", NOW)
        made.take_in(event("refund", "2025-03-02", "R", service="beds", amount=15))
        found = made.close("FY2024-Q4", "FY2025-Q1")
        balances = made.balances()
    assert over["totals"]["variance"] == "15.00"
    assert repayable["liabilities:repayable:nhs"] == -1500
    assert not [account for account in balances if "repayable" in account or "carry-forward" in account]
    assert row(found, "beds")["annual_budget"] == "40.00"


def test_a_recovery_plan_is_one_plan_for_the_year(books: Engine) -> None:
    """60 of savings are planned; two versions do not save them twice, and the final call follows the outturn."""
    one = version(rules=[rule([{"recover": {"plan": 60}}, {"share": {"by": "equal"}}])])
    with pool(books, agreement(one, {**one, "id": "b", "effective": "2024-10-01"})) as made:
        made.take_in(cost("2024-05-01", "home", 150), cost("2024-10-05", "beds", 150))
        interim = made.close(*YEAR[:3])
        final = made.close(YEAR[3])
    assert sum(float(s["recovered"]) for s in interim["services"]) == 60
    assert sum(float(s["recovered"]) for s in final["services"]) == 0


def test_a_virement_is_reversed_whole(books: Engine) -> None:
    with pool(books, agreement()) as made:
        made.take_in(event("virement", "2024-05-01", "V", service="home", amount=-20),
                     event("virement", "2024-05-01", "V", service="beds", amount=20))
        moved = made.close("FY2024-Q1")
        made.take_in(event("reversal", "2024-07-02", "R", against="V"))
        found = made.close("FY2024-Q2")
    assert [row(moved, s)["annual_budget"] for s in ("home", "beds")] == ["40.00", "60.00"]
    assert [row(found, s)["annual_budget"] for s in ("home", "beds")] == ["60.00", "40.00"]


def test_spending_releases_its_commitment_and_a_reversal_restores_it(books: Engine) -> None:
    with pool(books, agreement()) as made:
        made.take_in(event("commitment", "2024-04-05", "K", service="beds", amount=30),
                     cost("2024-05-01", "beds", 10, against="K"))
        spent = made.close("FY2024-Q1")
        made.take_in(event("reversal", "2024-07-02", "R", against="2024-05-01 beds"))
        found = made.close("FY2024-Q2")
    assert (row(spent, "beds")["committed"], row(found, "beds")["committed"]) == ("20.00", "30.00")


def test_reserve_transfers_are_added_and_drawn_apart(books: Engine) -> None:
    terms = {**agreement(), "reserves": {"general": {"fund": "core", "opening": {"council": 50}}}}
    with pool(books, terms) as made:
        made.take_in(event("reserve_transfer", "2024-04-05", "T1", partner="council", source="general", amount=100),
                     event("reserve_transfer", "2024-04-06", "T2", partner="council", source="general", amount=-30))
        found = made.close("FY2024-Q1")
    assert {k: found["reserves"]["general"][k] for k in ("opening", "drawn", "added", "closing")} == {
        "opening": "50.00", "drawn": "30.00", "added": "100.00", "closing": "120.00"}
    assert (found["funds"][0]["received"], found["funds"][0]["paid"]) == ("100.00", "30.00")


def test_a_basis_may_stand_flat_or_as_a_bare_word(books: Engine) -> None:
    lines = [{"fund": "core", "total": 100, "by": "fixed", "percent": {"council": 40, "nhs": 60}}]
    terms = version(contributions=lines, rules=[rule([{"share": "equal"}], [{"return": "equal"}])])
    with pool(books, agreement(terms)) as made:
        made.take_in(cost("2024-05-01", "home", 80), cost("2024-05-01", "beds", 40))
        found = made.close(*YEAR)
    assert {p: one["contribution_due"] for p, one in found["partners"].items()} == {"council": "40.00", "nhs": "60.00"}
    assert {p: one["share_of_variance"] for p, one in found["partners"].items()} == {"council": "10.00", "nhs": "10.00"}


def test_a_forecast_that_a_rule_cannot_share_does_not_stop_a_close(books: Engine) -> None:
    """The base of 20 each is more than the forecast overspend of 10, but not more than the actual one of 50."""
    table = {"name": "people", "weight": 1, "values": {"council": 1, "nhs": 1}}
    basis = {"by": "formula", "base": 20, "indicators": [table]}
    terms = version(rules=[rule([{"share": basis}])])
    with pool(books, agreement(terms)) as made:
        made.take_in(cost("2024-05-01", "home", 65), cost("2024-05-01", "beds", 10),
                     event("forecast", "2024-06-01", "P", service="home", amount=70),
                     event("forecast", "2024-06-01", "P2", service="beds", amount=40))
        found = made.close("FY2024-Q1")
    assert {p: one["forecast_share"] for p, one in found["partners"].items()} == {"council": "0.00", "nhs": "0.00"}
    assert "forecast" in [line_["step"] for line_ in found["working"]]
