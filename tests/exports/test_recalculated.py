"""The workbook in a real calculator: its own checks say OK, and CHECK once a figure is changed."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from commissioning.statement import Statement
from exports.extract import for_partner
from exports.xlsx import to_xlsx
from tests.exports.samples import SAMPLES, interim

pytestmark = [pytest.mark.slow,
              pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")]
EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


def results(folder: Path, workbook: bytes) -> list[str]:
    """What the workbook's checks say after LibreOffice has worked out its formulas."""
    (folder / "statement.xlsx").write_bytes(workbook)
    subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to",
                    EVERY_SHEET, "--outdir", str(folder), str(folder / "statement.xlsx")], check=True,
                   capture_output=True, env={**os.environ, "HOME": str(folder)})
    rows = list(csv.reader((folder / "statement-Workbook checks.csv").open(encoding="utf-8", newline="")))
    return [row[2] for row in rows[4:]]


@pytest.mark.parametrize("statement", [*(sample() for sample in SAMPLES.values()), for_partner(interim(), "icb")],
                         ids=[*SAMPLES, "extract"])
def test_every_check_is_ok(statement: Statement, tmp_path: Path) -> None:
    found = results(tmp_path, to_xlsx(statement))
    assert len(found) > 5
    assert set(found) == {"OK"}


def test_a_changed_figure_is_found(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(interim())))
    book["Services"]["C5"] = 1
    changed = io.BytesIO()
    book.save(changed)
    assert results(tmp_path, changed.getvalue()).count("CHECK") == 2
