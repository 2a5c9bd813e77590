"""The pages about speed and size name every benchmark, and their tables and plot are those of the kept results."""

from __future__ import annotations

import csv
import importlib
from pathlib import Path

import pytest

from benchmarks import growth_plot, reads, sizing
from benchmarks.growth import RESULT, Step

ROOT = Path(__file__).parents[2]
BENCHMARKS = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py") if not path.stem.startswith("__"))
README = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
SCALING = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_is_named_with_what_it_shows(name: str) -> None:
    assert f"python -m benchmarks.{name}`" in README or not hasattr(importlib.import_module(f"benchmarks.{name}"),
                                                                     "main")


def test_the_sizes_are_those_that_were_measured() -> None:
    assert sizing.table(sizing.measured()) in SCALING, "python -m benchmarks.sizing"


def test_the_reads_are_those_that_were_measured() -> None:
    assert reads.table() in README, "python -m benchmarks.reads --table"


def test_the_plot_is_drawn_from_the_kept_results() -> None:
    with RESULT.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(Step.__dataclass_fields__)
    drawn = growth_plot.draw([{name: float(value) for name, value in row.items()} for row in rows])
    assert (ROOT / "docs" / "growth.svg").read_text(encoding="utf-8") == drawn, "python -m benchmarks.growth_plot"


def test_growth_is_a_straight_line_in_bytes() -> None:
    """Bytes for each entry neither rise nor fall with the entries that are there; the kept results say so."""
    with RESULT.open(newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    each = [growth_plot.bytes_of(row) / row["entries"] for row in rows]
    assert 0.98 < each[-1] / each[0] < 1.02
    assert max(each) < 1.1 * min(each)
    assert rows[-1]["postings"] >= 10_000_000
