"""A workbook of many partners: no formula grows beyond what spreadsheet programs take."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from exports.scenario.model import Formula
from exports.scenario.workbook import workbook
from tests.properties.cases import YEAR, Case, Data
from tests.scenario.wide import base_of

LONGEST = 8_192  # characters of a formula: a longer one makes Excel call the whole file damaged
MANY = [f"town-{n}" for n in range(1, 64)]
LEAST, MOST = dict.fromkeys(MANY[:30], "0.9"), dict.fromkeys(MANY[20:], "2.5")
SHARES: dict[str, Data] = {
    "within limits": {"by": "weight", "values": {p: 900 + 31 * n for n, p in enumerate(MANY)}, "floor": LEAST,
                      "ceiling": MOST},
    "by exact parts within limits": {"by": "formula", "base": "10", "floor": LEAST, "ceiling": MOST, "indicators": [
        {"name": "people", "weight": "1", "values": {p: 900 + 31 * n for n, p in enumerate(MANY)}}]},
}


def shared_by(share: Data) -> Case:
    """Sixty-three towns whose overspend of 60,000 is shared."""
    version = {"id": "first", "effective": f"{YEAR}-04-01", "signed": None, "funds": {"core": {
        "kind": "pooled", "host": MANY[0], "balance": "hold"}}, "rules": [{
            "id": "r", "applies_to": {"fund": "core"}, "overspend": [{"share": share}],
            "underspend": [{"return": share}]}],
        "contributions": [{"fund": "core", "partner": p, "source": "base", "amount": 1_000 + 7 * n}
                          for n, p in enumerate(MANY)],
        "services": {"beds": {"fund": "core", "budget": "70000"}}}
    agreement = {"poolbook": "1", "partnership": {"id": "many", "name": "Many", "currency": "GBP",
                                                  "year_starts": "04-01", "periods": "quarter"},
                 "partners": {p: {"name": p.title()} for p in MANY}, "agreements": [version]}
    event = {"event": "expenditure", "reference": "E-1", "date": f"{YEAR}-05-10", "service": "beds", "amount": "130000"}
    return Case(agreement, (event,), ())


@pytest.mark.parametrize("share", SHARES)
def test_no_formula_is_longer_than_programs_take(books: Engine, share: str) -> None:
    made = workbook(base_of(books, shared_by(SHARES[share])))
    assert not made.constants()
    longest = max((cell.text for sheet in made.book.sheets.values() for row in sheet.rows for cell in row
                   if isinstance(cell, Formula)), key=len)
    assert len(longest) <= LONGEST, longest[:200]
