"""The public pools of `examples/`: what their papers published, or what their READMEs say follows from it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from api.commands.files import read_events, read_text
from commissioning import service
from commissioning.agreement.reading import read_agreement
from exports.statement import to_json
from tests.commissioning.books import NOW
from tests.properties.footing import check

EXAMPLES = Path(__file__).parents[2] / "examples"
Data = dict[str, Any]


@contextmanager
def statements(engine: Engine, name: str) -> Iterator[list[Data]]:
    """All statements of an example, in the order of its periods."""
    folder = EXAMPLES / name
    text = read_text(folder / "agreement.yaml")
    terms = read_agreement(text)
    events, unreadable = read_events(sorted(folder.glob("*.csv")), terms.currency)
    with engine.connect() as conn:
        book = service.apply(conn, text, "agreement.yaml", NOW).book
        service.import_events(conn, book, events, NOW, unreadable=unreadable)
        year = terms.calendar.year_of(terms.versions()[0].effective)
        found = []
        while year.starts <= max(e.date for e in events if e.event != "settlement"):
            found += [json.loads(service.close(conn, book, p.id, NOW, to_json).document) for p in year.periods()]
            year = year.next()
        assert service.verify(conn, book) == []
        for statement in found:
            check(statement)
        yield found


PUBLISHED = [
    ("scottish-borders-2018", "6000000.00", {"council": "1632798.57", "nhs": "4367201.43"}),
    ("oxfordshire-2013", "-1000000.00", {"council": "-507692.31", "ccg": "-492307.69"}),
    ("oxfordshire-2013-rounded", "-1000000.00", {"council": "-510000.00", "ccg": "-490000.00"}),
    ("salford-2006", "395000.00", {"pct": "125684.78", "council": "166315.22"}),
]


@pytest.mark.parametrize(("name", "variance", "shares"), PUBLISHED, ids=[case[0] for case in PUBLISHED])
def test_the_year_ends_with_the_published_shares(books: Engine, name: str, variance: str,
                                                 shares: dict[str, str]) -> None:
    with statements(books, name) as found:
        last = found[-1]
    assert last["totals"]["variance"] == variance
    assert {p: line["share_of_variance"] for p, line in last["partners"].items()} == shares
    assert [statement["indicative"] for statement in found] == [True, True, True, False]


def test_scottish_borders_sees_its_call_come(books: Engine) -> None:
    with statements(books, "scottish-borders-2018") as found:
        calls = [sum(pence(line["forecast_share"]) for line in s["partners"].values()) for s in found]
    assert calls[-1] == 600_000_000
    assert calls == sorted(calls), "the forecast rises to the overspend"


def pence(amount: str) -> int:
    """An amount in pence."""
    return int(amount.replace(".", ""))


def test_salford_scheme_by_scheme(books: Engine) -> None:
    with statements(books, "salford-2006") as found:
        last = found[-1]
    by_fund: dict[str, dict[str, int]] = {}
    for row in last["services"]:
        parts = by_fund.setdefault(row["fund"], {})
        for partner, part in row["partners"].items():
            parts[partner] = parts.get(partner, 0) + pence(part["variance"])
        for column in ("reserves", "contested"):
            parts[column] = parts.get(column, 0) + pence(row[column])
    assert by_fund == {
        "drug-alcohol": {"pct": -4_956_522, "council": -1_043_478, "reserves": 0, "contested": 0},
        "learning-difficulties": {"pct": 17_200_000, "council": 17_400_000, "reserves": 0, "contested": 7_900_000},
        "community-equipment": {"pct": 325_000, "council": 275_000, "reserves": 2_400_000, "contested": 0},
    }
