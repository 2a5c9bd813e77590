"""Writes the kept CSV files anew: `python -m tests.reports.renew`; then read the difference."""

from __future__ import annotations

from exports.reports.faces import csv_name, to_csv
from tests.reports.examples import GOLDEN, KEPT, kept

if __name__ == "__main__":
    for old in GOLDEN.glob("*/*.csv"):
        old.unlink()
    for one in KEPT:
        made = kept(*one)
        folder = GOLDEN / one[0]
        folder.mkdir(parents=True, exist_ok=True)
        for sheet in made.sheets:
            (folder / csv_name(made, sheet)).write_bytes(to_csv(made, sheet))
