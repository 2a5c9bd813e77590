"""A year closed under one agreement and corrected to another ends as if the other had been in force from the start."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from sqlalchemy import Engine

from commissioning import service
from ledger import store
from tests.properties.cases import Case, changed_cases
from tests.properties.running import NOW, Run, begun

Data = dict[str, Any]


@given(changed=changed_cases())
@settings(max_examples=40)
def test_a_corrected_year_is_as_if_it_had_been_so(books: Engine, changed: tuple[Case, Data]) -> None:
    case, other = changed
    following = case.periods[0].replace("FY2023", "FY2024")
    with begun(books, case) as run:
        run.take_in(case.events)
        run.close(case.periods)
        run.take_in(())
        service.apply(run.conn, json.dumps(other), "agreement.yaml", NOW)
        run.close([following])
        corrected = _stands(run, following)
        assert not service.verify(run.conn, run.book)
    with begun(books, Case(other, case.events, case.periods)) as run:
        run.take_in(case.events)
        run.close([*case.periods, following])
        assert _stands(run, following) == corrected


def _stands(run: Run, period: str) -> Data:
    """What partners owe, what reserves hold, and what this year's budgets are: all that the year before left behind."""
    statement = run.statement(period)
    owed: dict[str, int] = {}
    for m in store.movements(run.conn, run.book):
        if m.account.startswith(("assets:contributions-receivable:", "assets:due-from:", "liabilities:due-to:")):
            owed[m.partner] = owed.get(m.partner, 0) + m.amount
        elif not m.account.startswith(("assets:bank", "equity:", "expenses:", "liabilities:providers")):
            owed[m.account] = owed.get(m.account, 0) + m.amount
    return {"owed": {name: amount for name, amount in owed.items() if amount},
            "brought forward": {p: one["brought_forward"] for p, one in statement["partners"].items()},
            "shares": {p: one["share_of_variance"] for p, one in statement["partners"].items()},
            "reserves": {name: one["by_partner"] for name, one in statement["reserves"].items()},
            "budgets": {one["id"]: one["annual_budget"] for one in statement["services"]},
            "repayments": statement.get("repayments", [])}
