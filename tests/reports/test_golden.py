"""The CSV files of reports of three examples, as they are kept: a change is seen and read."""

from __future__ import annotations

import pytest

from exports.reports.faces import csv_name, to_csv
from tests.reports.examples import GOLDEN, KEPT, kept


@pytest.mark.parametrize("one", KEPT, ids=["-".join(filter(None, one[1:])) for one in KEPT])
def test_the_tables_are_as_kept(one: tuple[str, str, str, str]) -> None:
    made = kept(*one)
    folder = GOLDEN / one[0]
    assert {csv_name(made, sheet) for sheet in made.sheets} == {
        path.name for path in folder.glob(f"{made.stem}.*.csv")}, "python -m tests.reports.renew"
    for sheet in made.sheets:
        file = folder / csv_name(made, sheet)
        assert to_csv(made, sheet) == file.read_bytes(), f"{file.name}: python -m tests.reports.renew"


def test_three_examples_are_kept() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {one[0] for one in KEPT}
    assert len({one[2] for one in KEPT}) == 8, "every report is among them"
