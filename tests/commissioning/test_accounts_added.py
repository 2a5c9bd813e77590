"""The finance officer adds accounts (AGREEMENTS 5): they take postings, and what stands below a service is its cost."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from commissioning.refusals.names import AccountKept, NameTwice
from ledger.errors import Refused
from ledger.refusals import AccountMalformed
from tests.commissioning.books import Data, agreement, pool
from tests.commissioning.test_adjustments import adjustment


def adding(*accounts: str) -> Data:
    return {**agreement(), "accounts": list(accounts)}


def test_an_added_account_takes_postings_and_below_a_service_it_is_that_services_cost(books: Engine) -> None:
    own = ("liabilities:vat", "expenses:beds:travel", "income:user-charges:beds:meals")
    with pool(books, adding(*own)) as made:
        made.take_in(adjustment("liabilities:vat", "-3", reference="A"),
                     adjustment("expenses:beds:travel", "9", reference="B"),
                     adjustment("income:user-charges:beds:meals", "-2", reference="C"))
        statement = made.close("FY2024-Q1")
        moved = made.balances()
    assert [moved[account] for account in own] == [-300, 900, -200]
    assert {row["id"]: row["actual"] for row in statement["services"]} == {"home": "0.00", "beds": "7.00"}
    assert all(check["holds"] for check in statement["checks"])


def test_an_account_is_added_to_books_under_way_and_said_to_be(books: Engine) -> None:
    with pool(books) as made:
        with pytest.raises(Refused):
            made.take_in(adjustment("liabilities:vat"))
        assert made.apply(adding("liabilities:vat")).changes == ("changes accounts",)
        assert made.take_in(adjustment("liabilities:vat")).posted == 1
        made.apply(agreement())
        assert made.take_in(adjustment("liabilities:vat", reference="ADJ-2")).posted == 1, "what was opened stays open"


@pytest.mark.parametrize(("account", "fault"), [
    ("assets:bank:savings", AccountKept), ("assets:bank", AccountKept), ("assets:due-from:region", AccountKept),
    ("liabilities:due-to:nhs:old", AccountKept), ("reserves:rainy-day", AccountKept),
    ("income:risk-share:region", AccountKept), ("expenses:postage", AccountKept),
    ("expenses:in-kind:postage", AccountKept), ("income:user-charges:postage", AccountKept),
    ("expenses:distribution:pot", AccountKept), ("vat", AccountMalformed), ("liabilities::vat", AccountMalformed),
])
def test_an_account_that_statements_would_leave_out_is_refused(books: Engine, account: str, fault: type) -> None:
    with pytest.raises(Refused) as refused, pool(books, adding("liabilities:vat", account)):
        pass
    [found] = refused.value.faults
    assert isinstance(found, fault)
    assert found.place.field == "accounts[1]"


def test_an_account_stands_once_in_the_list(books: Engine) -> None:
    with pytest.raises(Refused) as refused, pool(books, adding("liabilities:vat", "liabilities:vat")):
        pass
    assert [type(found) for found in refused.value.faults] == [NameTwice]
