"""Reports' workbooks in a real calculator: their own checks say OK."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from exports.reports.faces import to_xlsx
from tests.exports.test_recalculated import results
from tests.reports.examples import KEPT, kept

pytestmark = [pytest.mark.slow,
              pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")]


@pytest.mark.parametrize("one", KEPT, ids=["-".join(filter(None, one[1:])) for one in KEPT])
def test_every_check_of_a_workbook_is_ok(one: tuple[str, str, str, str], tmp_path: Path) -> None:
    found = set(results(tmp_path, to_xlsx(kept(*one))))
    assert found <= {"OK"}
