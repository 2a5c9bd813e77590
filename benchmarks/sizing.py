"""What one council, a region and a nation need, reckoned from what was measured: the table of docs/scaling.md.

`python -m benchmarks.sizing` prints it from `results/growth.csv` and `results/backup.csv`. Every figure is a measured
one times a number of entries; those that are rules of thumb say so in the column's name.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.backup import RESULT as BACKUP
from benchmarks.growth import RESULT as GROWTH

PER_AREA, YEARS = 50_000, 10
HOURS, PEAK = 250 * 8, 10  # working hours of a year; the busiest hour is reckoned as ten average ones
PLACES = (("one council", 1), ("a region", 15), ("a nation", 150))
HEAD = ("", "areas", "entries in 10 years", "database GB", "of it indexes GB", "entries an hour at the peak",
        "import of all, minutes", "dump minutes", "restore minutes", "verify minutes")


@dataclass(frozen=True, slots=True)
class Measured:
    """What one entry costs: bytes, and seconds of processor time."""

    whole: float
    indexes: float
    post: float
    dump: float
    restore: float
    verify: float


def measured(growth: Path = GROWTH, backup: Path = BACKUP) -> Measured:
    """From the last step of growth, and from the backup that was timed."""
    last, kept = _rows(growth)[-1], _rows(backup)[-1]
    indexes = last["entry_indexes"] + last["posting_indexes"]
    whole = indexes + last["entry_table"] + last["posting_table"] + last["other"]
    each = kept["entries"]
    seconds = [kept[f"{name}_s"] / each for name in ("dump", "restore", "verify")]
    return Measured(whole / last["entries"], indexes / last["entries"],
                    last["postings"] / last["entries"] / last["postings_a_second"], *seconds)


def _rows(path: Path) -> list[Mapping[str, float]]:
    with path.open(newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def table(of: Measured) -> str:
    """The sizes as Markdown."""
    lines: list[Sequence[str]] = [HEAD, ["---"] + ["---:"] * (len(HEAD) - 1)]
    for name, areas in PLACES:
        entries = areas * PER_AREA * YEARS
        gigabytes = [entries * size / 1e9 for size in (of.whole, of.indexes)]
        lines.append([name, f"{areas}", f"{entries:,}", *(f"{size:.1f}" for size in gigabytes),
                      f"{entries / YEARS / HOURS * PEAK:,.0f}",
                      *(f"{entries * seconds / 60:.1f}" for seconds in (of.post, of.dump, of.restore, of.verify))])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main() -> None:
    print(table(measured()), end="")


if __name__ == "__main__":
    main()
