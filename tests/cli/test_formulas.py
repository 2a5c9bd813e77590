"""Text that a spreadsheet would run leaves Poolbook as text, and a refused row comes back as it was given."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.events.spreadsheet import as_given, harmless, harmless_cell
from tests.cli.conftest import Ledger

HEADER = ("date", "event", "service", "amount", "reference", "note")
RUNS = ("=1+1", "+44 20 7946 0000", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "=cmd|' /C calc'!A0", "＝1+1")
PLAIN = ("", "beds", "'tis", "2024-04-01", "1,000", "a=b", "''")


@pytest.mark.parametrize("text", RUNS)
def test_what_would_run_is_quoted(text: str) -> None:
    assert harmless(text) == harmless_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", PLAIN)
def test_what_would_not_is_left(text: str) -> None:
    assert harmless(text) == harmless_cell(text) == text


@given(st.text(st.sampled_from("'=+-@\t\r\n＝a1."), max_size=8))
def test_it_comes_back(text: str) -> None:
    for quoted in (harmless(text), harmless_cell(text)):
        assert as_given(quoted) == text
        assert quoted[:1] not in ("=", "@", "\t", "\r", "\n", "＝")
    assert harmless(text)[:1] not in ("+", "-")


def _write(path: Path, rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_a_refused_row_with_formulas_comes_back_and_can_be_mended(imported: Ledger) -> None:
    notes = [*RUNS, "'=already quoted"]
    bad = [("2024-07-02", "expenditure", "bed", "20.00", f"-N{i}", note) for i, note in enumerate(notes)]
    moved = [("2024-07-02", "virement", one, amount, "V-1", "") for one, amount in (("bed", "-5.00"), ("beds", "5.00"))]
    file = _write(Path("new.csv"), [HEADER, *bad, *moved])
    assert imported("import", file, "--accept-good-rows", "refused.csv").exit_code == 2

    with Path("refused.csv").open(encoding="utf-8", newline="") as opened:
        _, *given_back = csv.reader(opened)
    assert [row[3] for row in given_back if row[1] == "virement"] == ["-5.00", "5.00"], "an amount is no formula"
    cells = [cell for row in given_back for cell in row if cell != "-5.00"]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r＝")]

    assert imported("import", "refused.csv", "--accept-good-rows", "again.csv").exit_code == 2
    assert Path("again.csv").read_bytes() == Path("refused.csv").read_bytes(), "however often it goes round"

    text = Path("refused.csv").read_text(encoding="utf-8", errors="strict")
    mended = [[cell if cell != "bed" else "beds" for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    mended = [row for row in mended if row[1] != "virement"]
    _write(Path("mended.csv"), [tuple(row) for row in mended])
    assert imported.done("import", "mended.csv")["posted"] == len(bad)
    events = [line for line in csv.DictReader(io.StringIO(imported("export", "--format", "csv").stdout, newline=""))
              if line["reference"].startswith("'-N")]
    assert {row["memo"].strip() for row in events} == {harmless(note.strip()) for note in notes}
