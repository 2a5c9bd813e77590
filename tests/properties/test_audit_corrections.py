"""An auditor's questions about closed years that an agreement changes: each ends as if it had always been so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Engine

from commissioning import service
from commissioning.closing import drafts
from exports.statement import to_json
from tests.commissioning.books import NOW, Pool, agreement, cost, line, pool, rule, version
from tests.properties.running import figures

Data = dict[str, Any]
HALVES = [rule([{"share": {"by": "equal"}}])]


def quarters(*years: int) -> list[str]:
    return [f"FY{year}-Q{i}" for year in years for i in range(1, 5)]


def costs(year: int, home: object, beds: object = 40) -> tuple[Data, Data]:
    return cost(f"{year}-05-10", "home", home), cost(f"{year}-05-10", "beds", beds)


EVENTS = (*costs(2024, 70), *costs(2025, 64), *costs(2026, 60), *costs(2027, 60))


def lending(most: int) -> Data:
    """The council covers so much of an overspend, and is repaid over three years."""
    return agreement(version(rules=[rule([{"repay": {"partner": "council", "years": 3}, "up_to": most},
                                          {"share": {"by": "contribution"}}])]))


def stands(statement: Data) -> Data:
    """What earlier years have left behind in a statement."""
    assert all(check["holds"] for check in statement["checks"]), statement["checks"]
    return {"partners": {p: (one["brought_forward"], one["share_of_variance"])
                         for p, one in statement["partners"].items()},
            "repayments": statement.get("repayments", []), "services": statement["services"],
            "reserves": {name: one["by_partner"] for name, one in statement["reserves"].items()}}


def history(engine: Engine, closed: Sequence[str], after: Sequence[str], *terms: Data) -> Data:
    """Closes under the first agreement, then applies the others one after another, then closes the rest."""
    with pool(engine, terms[0]) as made:
        made.take_in(*EVENTS)
        made.close(*closed)
        for one in terms[1:]:
            made.apply(one)
        found = stands(made.close(*after))
        assert not service.verify(made.conn, made.book)
        return found


@pytest.mark.parametrize(("closed", "after"), [
    ([2024], [2025]), ([2024, 2025], [2026]), ([2024, 2025, 2026], [2027]), ([2024, 2025], [2026, 2027])])
def test_a_loan_of_years_ago_is_repaid_as_corrected(books: Engine, closed: list[int],
                                                    after: list[int]) -> None:
    """Ten over in 2024 and four in 2025: covered by the council whole, then only up to five a year."""
    corrected = history(books, quarters(*closed), quarters(*after), lending(10), lending(5))
    assert corrected == history(books, quarters(*closed), quarters(*after), lending(5))


@pytest.mark.parametrize(("before", "then"), [
    (lending(10), lending(5)), (agreement(), agreement(version(rules=HALVES))),
    (agreement(), agreement(version(contributions=[line("council", 55), line("nhs", 45)]))),
    (agreement(version(rules=[rule(underspend=[{"carry_forward": {"services": ["home"]}, "up_to": 5}])])),
     agreement(version(rules=[rule(underspend=[{"carry_forward": {"services": ["beds"]}}])])))])
@pytest.mark.parametrize("period", ["FY2026-Q1", "FY2026-Q4"])
def test_a_draft_says_what_the_close_will(books: Engine, before: Data, then: Data, period: str) -> None:
    """Closed years that the next close is to put right are put right in a draft of it."""
    with pool(books, before) as made:
        made.take_in(*costs(2024, 50), *costs(2025, 70), *costs(2026, 60))
        made.close(*quarters(2024, 2025), *(q for q in quarters(2026) if q < period))
        made.apply(then)
        drawn = _draft(made, period)
        issued = made.close(period)
        assert any("apportioned again" in one["step"] for one in issued["working"]), "there is something to put right"
        assert {**figures(issued), "indicative": True} == figures(drawn)


def _draft(made: Pool, period: str) -> Data:
    head = made.head
    found: Data = json.loads(to_json(drafts.draft(made.conn, made.book, period, NOW)))
    assert made.head == head, "nothing is posted"
    return found
