"""An adjustment names its account, and the account says what it is about; an accrual may be put right by another."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from tests.commissioning.books import agreement, line, pool, rule, version

Data = dict[str, Any]


def adjustment(account: str, amount: str = "5", **keys: str) -> Data:
    return {"date": "2024-05-02", "event": "adjustment", "account": account, "amount": amount, "reference": "ADJ",
            **keys}


def two_funds() -> Data:
    """The small pool, and beside it a fund for carers with one service."""
    terms = version()
    terms["funds"]["carers"] = {"kind": "pooled", "host": "nhs"}
    terms["services"]["respite"] = {"fund": "carers", "lead": "nhs", "budget": 10}
    terms["contributions"].append(line("nhs", 10, fund="carers"))
    terms["rules"].append({**rule(), "id": "carers-risk", "applies_to": {"fund": "carers"}})
    return agreement(terms)


@pytest.mark.parametrize(("account", "fund", "actuals"), [
    ("expenses:respite", "carers", {"respite": "5.00"}),
    ("expenses:in-kind:respite", "carers", {"respite": "5.00"}),
    ("income:user-charges:respite", "carers", {"respite": "5.00"}),  # less was charged: the net cost is higher
    ("expenses:beds", "core", {"beds": "5.00"}),
    ("income:other:carers", "carers", {}),
    ("assets:bank:carers", "carers", {}),
])
def test_the_account_of_an_adjustment_says_its_service_and_fund(books: Engine, account: str, fund: str,
                                                                actuals: Data) -> None:
    with pool(books, two_funds()) as made:
        made.take_in(adjustment(account))
        statement = made.close("FY2024-Q1")
        moved = made.balances()
    assert {row["id"]: row["actual"] for row in statement["services"] if row["actual"] != "0.00"} == actuals
    counter = "liabilities:providers" if account.startswith("expenses:") else f"equity:fund-balance:{fund}"
    assert (moved[account], moved[counter]) == (500, -500)
    assert all(check["holds"] for check in statement["checks"])


def test_what_a_partner_owes_is_put_right_in_the_pool_though_its_own_line_is_in_an_aligned_fund(books: Engine) -> None:
    terms = version(funds={"own": {"kind": "aligned"}, "core": {"kind": "pooled", "host": "council"}},
                    contributions=[line("nhs", 60, fund="own"), line("council", 100)])
    with pool(books, agreement(terms)) as made:
        made.take_in(adjustment("assets:due-from:nhs"))
        assert made.balances() == {"assets:due-from:nhs": 500, "equity:fund-balance:core": -500}


def test_the_same_adjustment_again_is_skipped(books: Engine) -> None:
    with pool(books, two_funds()) as made:
        assert made.take_in(adjustment("expenses:beds")).posted == 1
        assert made.take_in(adjustment("expenses:beds")).skipped == 1


def test_an_accrual_that_was_too_high_is_put_right_by_another(books: Engine) -> None:
    """50 was accrued where 5 was meant: 45 less in the quarter, and neither of them in the next."""
    accrual = {"event": "accrual", "service": "beds"}
    with pool(books) as made:
        made.take_in({**accrual, "date": "2024-06-28", "amount": "50", "reference": "ACC-1"},
                     {**accrual, "date": "2024-06-29", "amount": "-45", "reference": "ACC-2"})
        assert made.close("FY2024-Q1")["totals"]["actual"] == "5.00"
        assert made.close("FY2024-Q2")["totals"]["actual"] == "0.00"
