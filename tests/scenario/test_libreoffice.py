"""The workbook in LibreOffice: it reckons what the engine does, and what it saves comes back."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from sqlalchemy import Engine

from api.commands.scenario import base_of_case
from commissioning.scenario.run import run
from docs.make_gallery import cases as examples
from exports.scenario.back import read_back
from exports.scenario.inputs import shown
from exports.scenario.render import to_xlsx
from exports.scenario.results import figures
from exports.scenario.workbook import Workbook, workbook
from ledger.errors import PoolbookError, Refused
from tests.properties.cases import Case
from tests.scenario.calculators import SOFFICE, converted
from tests.scenario.changes import changed
from tests.scenario.damage import numbers
from tests.scenario.test_fences import fenced
from tests.scenario.test_figures import FEW, RANDOM, randomly
from tests.scenario.test_parts import nested
from tests.scenario.wide import base_of, running_on, wide_cases

pytestmark = pytest.mark.skipif(not SOFFICE, reason="LibreOffice is not installed here (libreoffice-calc-nogui)")


def edited(made: Workbook, values: dict[str, Fraction]) -> bytes:
    """The workbook with inputs typed in."""
    cells = made.entries()
    return numbers("Inputs", {f"G{cells[path].row}": f"{shown(made.levers[path], value):f}"
                              for path, value in values.items()})(to_xlsx(made))


def some_change(made: Workbook, rng: random.Random) -> dict[str, Fraction]:
    """Changed inputs that the engine takes."""
    for _ in range(20):
        values = {path: value for path, value in changed(made.levers, rng).items()
                  if value != made.levers[path].baseline}
        try:
            run(made.base, made.levers, values)
        except (Refused, PoolbookError):
            continue
        return values
    return {}


@pytest.mark.slow
def test_every_example_comes_back_from_it_with_its_edits_and_the_engines_figures(tmp_path: Path) -> None:
    done: dict[str, tuple[Workbook, dict[str, Fraction]]] = {}
    for folder in examples():
        made = workbook(base_of_case(folder))
        values = some_change(made, random.Random(folder.name))
        (tmp_path / f"{folder.name}.xlsx").write_bytes(edited(made, values))
        done[folder.name] = made, values
    back = converted([tmp_path / f"{name}.xlsx" for name in done], "xlsx", tmp_path / "back")
    for file in back:
        assert _strays(file, *done[file.stem]) == {}, file.stem


@pytest.mark.parametrize(("cases", "count"), [
    (wide_cases, RANDOM // 2), (fenced, FEW), (nested, FEW), (partial(running_on, "tariff"), FEW),
    (partial(running_on, "duration"), FEW)], ids=["wide", "fenced", "nested", "tariff", "days"])
def test_random_agreements_come_back_from_it_with_the_engines_figures(
        cases: Callable[[], st.SearchStrategy[Case]], count: int, books: Engine, tmp_path: Path) -> None:
    """Each with inputs changed at random; all of them go through it in one run."""
    done: dict[str, tuple[Workbook, dict[str, Fraction]]] = {}

    @randomly(count)
    @given(case=cases(), seed=st.integers(0, 10**6))
    def write(case: Case, seed: int) -> None:
        try:
            made = workbook(base_of(books, case))
        except (Refused, PoolbookError):
            reject()  # another is drawn in its place
        values, name = some_change(made, random.Random(seed)), f"random-{len(done)}"
        (tmp_path / f"{name}.xlsx").write_bytes(edited(made, values))
        done[name] = made, values

    write()
    assert len(done) >= count
    back = converted([tmp_path / f"{name}.xlsx" for name in done], "xlsx", tmp_path / "back")
    assert {file.stem: wrong for file in back if (wrong := _strays(file, *done[file.stem]))} == {}


def _strays(file: Path, made: Workbook, values: dict[str, Fraction]) -> dict[str, tuple[int | None, int]]:
    """Results that follow the inputs, which the saved file holds otherwise than the engine has them."""
    returned = read_back(file.read_bytes())
    assert dict(returned.values) == values, f"{file.stem}: exactly the edits"
    engine = {figure.path: figure.amount for figure in figures(run(made.base, made.levers, values).statement)}
    constants = made.constants()
    return {path: (minor, engine.get(path, 0)) for path, minor in returned.shown.items()
            if path not in constants and minor != engine.get(path, 0)}


def test_it_draws_every_sheet(tmp_path: Path) -> None:
    """As a PDF: each sheet's title is there, and no cell shows an error."""
    made = workbook(base_of_case(Path(__file__).parents[2] / "examples" / "northshire-2024"))
    (tmp_path / "s.xlsx").write_bytes(to_xlsx(made))
    pypdf = pytest.importorskip("pypdf")
    pages = pypdf.PdfReader(converted([tmp_path / "s.xlsx"], "pdf", tmp_path)[0]).pages
    text = "\n".join(page.extract_text() for page in pages)
    assert "All checks say OK" in text
    assert not re.search(r"#(REF|NAME|VALUE|DIV/0|N/A)|Err:\d", text)
    for title in ("Contents", "Summary by partner", "Checks", "Inputs", "Results", "Splits by amounts of money"):
        assert title in text
