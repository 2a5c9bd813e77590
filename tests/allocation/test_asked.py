"""A file about fairness: every method answers, those with terms of their own too."""

from __future__ import annotations

import pytest

from allocation.negotiation.asked import Asked, answered
from allocation.negotiation.method import MethodUnknown
from allocation.negotiation.methods import ALL
from commissioning.agreement.reading import read_terms
from ledger.errors import Refused

TEXT = """
cost: 900
parties: [a, b, c]
claims: {a: 300, b: 400, c: 500}
alone: {a: 400, b: 400, c: 500, a+b: 650, a+c: 700, b+c: 750}
baseline: {a: 250, b: 300, c: 350}
methods:
  - {method: hold_harmless, max_loss_percent: 5, target: shapley}
  - {method: pace_of_change, limits: {min_growth: "-10%", max_growth: "10%"}, target: proportional}
"""


def asked(text: str = TEXT) -> Asked:
    return read_terms(Asked, text, "fair.yaml", "GBP")


def test_nine_methods_stand_side_by_side() -> None:
    found = answered(asked(), "GBP")
    assert {column.method.name for column in found.columns} == set(ALL)
    assert len(found.columns) == 9
    assert not found.left_out
    assert all(sum(column.amounts.values()) == 900_00 for column in found.columns)
    harmless = next(column for column in found.columns if column.method.name == "hold_harmless")
    assert all(harmless.amounts[p] <= now * 105 // 100 for p, now in asked().baseline.items())


@pytest.mark.parametrize("cost", ["0", "900"])
def test_nobody_is_held_harmless_where_nobody_bears_anything_now(cost: str) -> None:
    """A new scheme: today's baseline is nothing. The others answer, and so does what looks at a larger cost."""
    question = asked(f"cost: {cost}\nparties: [a, b]\nweights: {{a: 1, b: 2}}\nbaseline: {{a: 0, b: 0}}\n"
                     "methods: [{method: hold_harmless, max_loss_percent: 5, target: proportional}]\n")
    found = answered(question, "GBP")
    worked_out = {column.method.name: column.amounts for column in found.columns}
    left_out = {one.method.name: one.because for one in found.left_out}
    assert worked_out["proportional"] == {"a": int(cost) * 100 // 3, "b": int(cost) * 200 // 3}
    if cost == "0":
        assert worked_out["hold_harmless"] == {"a": 0, "b": 0}
    else:
        assert left_out["hold_harmless"].code == "baseline-nothing"


def test_a_method_without_terms_is_asked_once() -> None:
    again = asked(TEXT + "  - {method: equal}\n")
    assert len(answered(again, "GBP").columns) == 9


def test_a_method_that_there_is_not_is_refused_on_its_line() -> None:
    with pytest.raises(Refused) as caught:
        asked(TEXT + "  - {method: equall}\n")
    (fault,) = caught.value.faults
    assert (fault.code, fault.place.line) == (MethodUnknown.code, 10)
