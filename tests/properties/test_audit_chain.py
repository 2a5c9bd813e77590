"""Closed years that are changed again and again end as if the last agreement had been in force from the start."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from commissioning import service
from tests.properties.cases import YEAR, Case, cases, version
from tests.properties.running import NOW, begun
from tests.properties.test_corrections import _stands

Data = dict[str, Any]


@st.composite
def chains(draw: Any) -> tuple[Case, list[Data]]:
    """A case of two years, and two more agreements about the same things; the last may have a version in the past."""
    case = draw(cases(most_versions=1).filter(lambda one: one.periods[-1].startswith(f"FY{YEAR + 1}")))
    first = case.versions[0]
    kinds = {fund: terms["kind"] for fund, terms in first["funds"].items()}
    counts = {fund: sum(s["fund"] == fund for s in first["services"].values()) for fund in kinds}
    periods = 12 if case.agreement["partnership"]["periods"] == "month" else 4
    made = []
    for _ in range(2):
        other = draw(version(case.partners, kinds, counts, list(case.agreement["reserves"]), periods))
        other.update(id="first", effective=first["effective"], signed=first["signed"])
        versions = [other]
        if draw(st.booleans()):
            second = draw(version(case.partners, kinds, counts, list(case.agreement["reserves"]), periods))
            days = ["2023-07-01", "2023-11-13", "2024-04-01", "2024-09-09"]
            second.update(id="second", effective=draw(st.sampled_from(days)))
            versions.append(second)
        made.append({**case.agreement, "agreements": versions})
    return case, made


@given(chain=chains(), reopened=st.booleans())
@settings(max_examples=12)
def test_a_chain_of_changes_ends_as_its_last(books: Engine, chain: tuple[Case, list[Data]],
                                             reopened: bool) -> None:
    """The first is changed in the second year, the second after it; in between the first year may be closed again."""
    case, (second, third) = chain
    half = len(case.periods) // 2
    following = case.periods[0].replace(f"FY{YEAR}", f"FY{YEAR + 2}")
    with begun(books, case) as run:
        run.take_in(case.events)
        run.close(case.periods[:half + 1])
        service.apply(run.conn, json.dumps(second), "agreement.yaml", NOW)
        run.close(case.periods[half + 1:])
        if reopened:
            service.reopen(run.conn, run.book, case.periods[half - 1], "to see", NOW)
            run.close(case.periods[half - 1:])
        service.apply(run.conn, json.dumps(third), "agreement.yaml", NOW)
        run.close([following])
        corrected = _stands(run, following)
        assert not service.verify(run.conn, run.book)
    with begun(books, Case(third, case.events, case.periods)) as run:
        run.take_in(case.events)
        run.close([*case.periods, following])
        assert _stands(run, following) == corrected
