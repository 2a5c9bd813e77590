"""With one partner's key no report tells anything of another: not in any format, nor in what explains a column."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from exports.reports.catalogue import REPORTS
from tests.api.conftest import CSV, MILLBROOK, MakeKey, admin, clock, head, make_key, millbrook, server  # noqa: F401
from tests.api.test_keys import bearer
from tests.api.test_partners_view import SECRETS, pool, tells, told  # noqa: F401


@pytest.mark.parametrize("name", REPORTS)
def test_no_report_tells_a_partner_of_another(pool: TestClient, make_key: MakeKey, name: str) -> None:  # noqa: F811
    key = bearer(make_key("millbrook", ("auditor", "commissioner"), partner="council"))
    path = f"{MILLBROOK}/reports/{name}/FY2024-Q1"
    tables = [table["url"].split(".")[-2] for table in pool.get(f"{path}.json", headers=key).json()["tables"]]
    asked = [f"{path}.pdf", f"{path}.xlsx", f"{path}.json", *(f"{path}.csv?table={table}" for table in tables)]
    for one in asked:
        answer = pool.get(one, headers=key)
        assert answer.status_code == 200, answer.text
        assert not [secret for secret in SECRETS if tells(told(answer), secret)], one


def test_the_whole_pools_reports_tell_them(pool: TestClient) -> None:  # noqa: F811
    """The same search in what the partnership itself is told finds the secrets, so it would find them above."""
    found = "\n".join(told(pool.get(f"{MILLBROOK}/reports/ageing/FY2024-Q1.{name}")) for name in ("pdf", "xlsx"))
    found += told(pool.get(f"{MILLBROOK}/reports/ageing/FY2024-Q1.csv?table=payments"))
    assert not [secret for secret in ("SECRET-REF-1", "7777.31") if secret not in found]


THEIRS = "partner,figure,amount\ncouncil,payable,1.00\nnhs,receivable,7.00\n"


def test_partners_own_balances_are_taken_and_nothing_is_kept(pool: TestClient) -> None:  # noqa: F811
    path = f"{MILLBROOK}/reports/balances/FY2024-Q1.csv"
    before = head(pool)
    answer = pool.post(path, content=THEIRS, headers=CSV)
    assert answer.status_code == 200, answer.text
    assert "council,Millbrook Council,receivable,Receivable,1060.00,1.00,-1059.00," in answer.text
    assert head(pool) == before
    assert pool.get(path).text != answer.text
    problem = pool.post(path, content=f"{THEIRS}council,debt,1\n", headers=CSV).json()
    assert (problem["code"], problem["errors"][0]["place"]["line"]) == ("balance-figure-unknown", 4)
    assert pool.post(path, content="{}", headers={"Content-Type": "application/json"}).status_code == 415


def test_a_partner_sends_its_own_balances_and_sees_no_others(pool: TestClient, make_key: MakeKey) -> None:  # noqa: F811
    key = {**bearer(make_key("millbrook", ("auditor",), partner="council")), **CSV}
    for form in ("csv", "pdf", "xlsx"):
        answer = pool.post(f"{MILLBROOK}/reports/balances/FY2024-Q1.{form}", content=THEIRS, headers=key)
        assert answer.status_code == 200, answer.text
        assert not [secret for secret in SECRETS if tells(told(answer), secret)], form
