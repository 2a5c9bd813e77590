"""Two independent calculators for workbooks: formualizer in this process, and LibreOffice without a screen."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import formualizer

from exports.scenario.inputs import shown
from exports.scenario.model import FIRST, Entry, Formula, Frozen
from exports.scenario.workbook import Workbook
from ledger.money import decimals

SOFFICE = shutil.which("soffice")
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""
"""LibreOffice trusts the values that a file holds unless it is told to reckon anew."""


def calculated(made: Workbook, values: Mapping[str, Fraction]) -> dict[str, int | str]:
    """Every result in minor units by path, with inputs changed, as formualizer reckons the compiled formulas."""
    book = formualizer.Workbook()
    for name in made.book.sheets:
        book.add_sheet(name)
    for sheet in made.book.sheets.values():
        for r, row in enumerate(sheet.rows, FIRST + 1):
            for c, value in enumerate(row, 1):
                if isinstance(value, Formula):
                    book.set_formula(sheet.name, r, c, value.text)
                elif isinstance(value, Entry):
                    lever = made.levers[value.path]
                    book.set_value(sheet.name, r, c, float(shown(lever, values.get(value.path, lever.baseline))))
                elif isinstance(value, Frozen):
                    book.set_value(sheet.name, r, c, value.value)
                elif isinstance(value, Decimal | int):
                    book.set_value(sheet.name, r, c, float(value))
    places, results = decimals(made.base.agreement.currency), made.results()
    found = book.evaluate_cells([(ref.sheet, ref.row, 5) for ref in results.values()])  # all at once: each takes long
    return {path: round(value * 10**places) if isinstance(value, int | float) else str(value)
            for path, value in zip(results, found, strict=True)}


def converted(files: Iterable[Path], to: str, out: Path) -> list[Path]:
    """Files opened by LibreOffice, reckoned anew and saved in a format, in one run with a profile of its own."""
    assert SOFFICE, "asked for only where it is"
    some = list(files)
    with tempfile.TemporaryDirectory() as profile:
        settings = Path(profile) / "user" / "registrymodifications.xcu"
        settings.parent.mkdir()
        settings.write_text(_PROFILE, encoding="utf-8")
        words = [SOFFICE, f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", to]
        subprocess.run([*words, "--outdir", str(out), *map(str, some)], check=True, capture_output=True, timeout=600)
    return [out / f"{file.stem}.{to}" for file in some]
