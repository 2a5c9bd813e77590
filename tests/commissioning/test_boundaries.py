"""What lies at the edges of the contract: worked out, or refused when it is read, so no close stops at it later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from commissioning import service
from commissioning.agreement import checks
from commissioning.agreement.model import Agreement
from commissioning.agreement.refusals import RuleCoversNothing
from ledger.errors import Refused
from tests.commissioning.books import NOW, QUARTERS, agreement, cost, line, pool, rule, shares, version, year

Data = dict[str, Any]


def moved(date: str, reference: str, taken: str, given: str, amount: int) -> tuple[Data, Data]:
    """Budget that goes from one service to another."""
    row = {"date": date, "event": "virement", "reference": reference}
    return {**row, "service": taken, "amount": str(-amount)}, {**row, "service": given, "amount": str(amount)}


def test_a_virement_of_more_than_the_budget_leaves_no_fenced_money_there(books: Engine) -> None:
    """Home has 60, all of it fenced NHS money; 70 are moved to beds, of which 80 are spent."""
    steps = [{"return": {"by": "fixed", "percent": {"council": 100}}, "ring_fenced_first": "true"}]
    lines = [line("council", 40), line("nhs", 60, services=["home"])]
    terms = agreement(version(contributions=lines, rules=[rule(underspend=steps)]))
    found = year(books, terms, *moved("2024-05-01", "V1", "home", "beds", 70), cost("2024-05-02", "beds", 80),
                 {"date": "2024-05-03", "event": "refund", "service": "home", "amount": "15", "reference": "R1"})
    assert {s["id"]: s["budget"] for s in found["services"]} == {"home": "-10.00", "beds": "110.00"}
    # variances: home -15 + 10 = -5, beds 80 - 110 = -30; nothing fenced was planned for home
    assert shares(found) == {"council": "-35.00", "nhs": "0.00"}


def test_a_line_fenced_for_two_services_meets_the_one_that_a_virement_left(books: Engine) -> None:
    steps = [{"return": {"by": "fixed", "percent": {"council": 100}}, "ring_fenced_first": "true"}]
    lines = [line("council", 40), line("nhs", 60, services=["home", "beds"])]
    terms = agreement(version(contributions=lines, rules=[rule(underspend=steps)]))
    found = year(books, terms, *moved("2024-05-01", "V1", "home", "beds", 70), cost("2024-05-02", "beds", 80))
    # beds has the whole 60 for its 110 and uses it; home has a budget of -10, an overspend of 10, and nothing fenced
    assert shares(found) == {"council": "-20.00", "nhs": "0.00"}


def test_what_is_carried_forward_to_a_service_that_lost_its_budget_goes_to_the_others(books: Engine) -> None:
    steps = [{"carry_forward": {"services": ["home", "beds"]}}]
    services = {"home": {"fund": "core", "lead": "council", "budget": 60},
                "beds": {"fund": "core", "lead": "nhs", "budget": 20},
                "meals": {"fund": "core", "lead": "nhs", "budget": 20}}
    terms = agreement(version(services=services, rules=[rule(underspend=steps)]))
    events = [*moved("2024-05-01", "V1", "home", "beds", 70), cost("2024-05-02", "beds", 95)]
    with pool(books, terms) as made:
        made.take_in(*events)  # home 0 - -10, beds 95 - 90, meals 0 - 20: 5 are left, none of it on home or beds
        made.close("FY2024-Q1", "FY2024-Q2", "FY2024-Q3", "FY2024-Q4")
        found = made.close("FY2025-Q1", "FY2025-Q2", "FY2025-Q3", "FY2025-Q4")
    assert {s["id"]: s["annual_budget"] for s in found["services"]} == {
        "home": "60.00", "beds": "25.00", "meals": "20.00"}


@pytest.mark.parametrize(("by", "code"), [
    ({"by": "formula", "base": 60, "indicators": [{"name": "people", "weight": 1, "values": {"council": 1, "nhs": 1}}]},
     "base-above-amount"),
    ({"by": "claims", "claims": {"council": 40, "nhs": 50}, "rule": "cea"}, "claims-exceeded"),
    ({"by": "weight", "values": {"council": 0, "nhs": 1}, "ceiling": {"nhs": 60}}, "limits-infeasible"),
    ({"by": "weight", "values": {"council": 0, "nhs": 0}, "else": "last_agreed"}, "last-share-unknown"),
])
def test_a_total_that_its_basis_cannot_divide_is_refused_when_it_is_read(books: Engine, by: Data, code: str) -> None:
    """Otherwise every close would be refused, for as long as this version is in force or to come."""
    terms = agreement(version(contributions=[{"fund": "core", "source": "pool", "total": 100, "by": by}]))
    with pytest.raises(Refused) as refused, pool(books, terms):
        pass
    assert [fault.code for fault in refused.value.faults] == [code]
    assert "contributions" in str(refused.value)


@pytest.mark.parametrize("by_case", [False, True], ids=["sums", "cases"])
def test_an_accrual_that_names_a_partner_was_paid_by_nobody(books: Engine, by_case: bool) -> None:
    """Whether another rule of the version looks at cases makes no difference to cost that is not eligible."""
    funds = {"core": {"host": "council", "balance": "hold"}, "beds": {"host": "nhs", "balance": "hold"}}
    services = {"home": {"fund": "core"}, "beds": {"fund": "beds"}}
    shared = {"by": "equal", "eligible": ["staff"], "otherwise": "incurred"}
    tariff = {"by": "tariff", "payer": "council", "remainder": "nhs", "rates": {}}
    rules = [{"id": "home", "applies_to": {"fund": "core"}, "cost": shared},
             {"id": "beds", "applies_to": {"fund": "beds"}, "cost": tariff if by_case else {"by": "equal"}}]
    terms = agreement(version(funds=funds, contributions=[], services=services, rules=rules))
    with pool(books, terms) as made:
        made.take_in({"date": "2024-05-10", "event": "accrual", "service": "home", "partner": "nhs", "amount": "10",
                      "cost_class": "rent", "reference": "A1"})
        found = made.close("FY2024-Q1")
    home = found["services"][0]
    assert (home["unallocated"], home["partners"]["nhs"]["actual"]) == ("10.00", "0.00")


def test_a_settlement_with_who_has_no_line_in_the_pool_goes_through_the_pools_bank(books: Engine) -> None:
    """The NHS contributes to an aligned fund alone, but the rule puts a share of the pool's overspend on it."""
    funds = {"own": {"kind": "aligned"}, "core": {"host": "council"}}
    lines = [line("nhs", 60, fund="own"), line("council", 40)]
    services = {"beds": {"fund": "own", "lead": "nhs", "budget": 60},
                "home": {"fund": "core", "lead": "council", "budget": 40}}
    terms = agreement(version(funds=funds, contributions=lines, services=services,
                              rules=[rule([{"share": {"by": "fixed", "percent": {"council": 50, "nhs": 50}}}])]))
    with pool(books, terms) as made:
        made.take_in(cost("2024-05-10", "beds", 60, partner="nhs"), cost("2024-05-10", "home", 60))
        assert made.close(*QUARTERS)["partners"]["nhs"]["settlement"] == "10.00"
        made.take_in({"date": "2025-05-01", "event": "settlement", "partner": "nhs", "amount": "10",
                      "source": "FY2024-Q4", "reference": "S1"})
        found = made.close("FY2025-Q1")
    assert {fund["id"]: fund["received"] for fund in found["funds"]} == {"own": "0.00", "core": "10.00"}


def test_a_rule_whose_services_all_keep_their_variance_says_so(books: Engine) -> None:
    services = {"home": {"fund": "core", "lead": "council", "budget": 60, "line": "own"},
                "beds": {"fund": "core", "lead": "nhs", "budget": 40, "line": "host_bears"}}
    found = year(books, agreement(version(services=services)), cost("2024-05-10", "home", 70))
    assert shares(found) == {"council": "-30.00", "nhs": "0.00"}
    said = [step["because"] for step in found["working"] if step["rule"] == "core-risk"]
    assert said == ["every service that the rule covers keeps its variance in its own line"]


def test_what_was_applied_is_not_judged_by_checks_that_came_later(books: Engine,
                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    """Books go on after an upgrade that refuses their agreement, and take one that puts it right."""
    old, mended = agreement(version(reference="old")), agreement(version(reference="mended"))
    plain = checks.faults

    def stricter(read: Agreement) -> Iterator[checks.Fault]:
        yield from plain(read)
        if read.versions()[0].reference == "old":
            yield ("agreements", 0), RuleCoversNothing(rule="core-risk")

    with pool(books, old) as made:
        monkeypatch.setattr(checks, "faults", stricter)
        made.take_in(cost("2024-05-10", "home", 70))
        made.close("FY2024-Q1")
        assert service.verify(made.conn, made.book) == []
        with pytest.raises(Refused, match="rule-covers-nothing"):
            service.apply(made.conn, json.dumps({**old, "reserves": {}}), "again.yaml", NOW)
        assert service.apply(made.conn, json.dumps(mended), "mended.yaml", NOW).changes


def test_sources_of_many_words_are_accounts_too(books: Engine) -> None:
    """Two that begin alike share an account, and stay apart by their source."""
    words = "Section 256 transfer under the direction of the Secretary of State, as amended in each later year; " * 2
    lines = [line("council", 40), *(line("nhs", amount, source=words[:190] + name)
                                    for name, amount in (("first", 25), ("second", 35)))]
    with pytest.raises(Refused, match="200 characters"), pool(books, agreement(version(contributions=[
            line("council", 100, source=words * 2)]))):
        pass
    with pool(books, agreement(version(contributions=lines))) as made:
        found = made.close(*QUARTERS)
        income = [amount for account, amount in made.balances().items() if ":contributions:nhs:" in account]
    assert (found["partners"]["nhs"]["contribution_due"], income) == ("60.00", [-60_00])
    assert all(check["holds"] for check in found["checks"])
