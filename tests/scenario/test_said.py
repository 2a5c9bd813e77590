"""A workbook in another language: labels are said again, names and formulas stay, and it comes back the same."""

from __future__ import annotations

import io
import re
from collections import Counter
from pathlib import Path

import pytest
from openpyxl import load_workbook

from api.commands.scenario import base_of_case
from commissioning.scenario.run import run
from docs.make_gallery import cases as examples
from exports.language import speaking
from exports.scenario.back import read_back
from exports.scenario.model import FIRST, Formula
from exports.scenario.pages import pages
from exports.scenario.render import to_xlsx
from exports.scenario.results import figures
from exports.scenario.said import NAMING, said, sheets_said
from exports.scenario.workbook import Workbook, workbook
from ledger.errors import Refused
from tests.dotted import WORD, swedish_in_dots  # noqa: F401 -- a fixture
from tests.scenario import damage as do
from tests.scenario.calculators import calculated

EXAMPLES = Path(__file__).parents[2] / "examples"
CHANGES = {"in_contributions_1_amount": "4900000", "in_growth_home_care": "10",
           "in_rules_core_risk_overspend_2_on": "0"}


def northshire(year: str = "FY2024") -> Workbook:
    return workbook(base_of_case(EXAMPLES / "northshire-2024", year))


def written(made: Workbook, tongue: str) -> bytes:
    with speaking(tongue):
        return to_xlsx(made)


def changed(content: bytes) -> bytes:
    """The workbook with some inputs changed; its names tell where, whatever its language."""
    rows = {row[11].value: row[6].coordinate
            for row in load_workbook(io.BytesIO(content))["Inputs"].iter_rows(min_row=FIRST + 1)}
    return do.numbers("Inputs", {rows[name]: value for name, value in CHANGES.items()})(content)


def test_a_swedish_workbook_gives_the_same_edits_whoever_reads_it() -> None:
    made = northshire()
    wanted = read_back(changed(written(made, "en"))).values
    assert len(wanted) == len(CHANGES)
    swedish = changed(written(made, "sv"))
    for reader in ("en", "sv"):
        with speaking(reader):
            assert read_back(swedish, made.base).values == wanted


def test_labels_are_swedish_and_names_stay() -> None:
    made = northshire()
    english, swedish = (load_workbook(io.BytesIO(written(made, tag))) for tag in ("en", "sv"))
    assert swedish.sheetnames == english.sheetnames
    assert dict(swedish.defined_names.items()).keys() == dict(english.defined_names.items()).keys()
    assert swedish["Inputs"]["A2"].value.startswith("Ändra bara")
    heads = [cell.value for cell in swedish["Inputs"][FIRST]]
    assert heads[:7] == ["Nummer", "Grupp", "Inmatning", "Vems", "Enhet", "Utgångsläge", "Scenario"]
    assert [row[11].value for row in swedish["Inputs"].iter_rows(min_row=FIRST + 1)] == [
        row[11].value for row in english["Inputs"].iter_rows(min_row=FIRST + 1)]


def test_a_label_that_was_changed_is_told_with_its_cell() -> None:
    swedish = written(northshire(), "sv")
    for words in ("something else", "Contributions"):  # as it reads in English
        with pytest.raises(Refused, match="Inputs!B6"):
            read_back(do.words("Inputs", "B6", words)(swedish))


@pytest.mark.parametrize("case", examples(), ids=lambda case: case.name)
def test_heads_of_a_table_differ(case: Path) -> None:
    """Spreadsheet programs mend a table whose columns have the same name, and so change what was made."""
    made = workbook(base_of_case(case, None))
    with speaking("sv"):
        for sheet in sheets_said(pages(made)):
            heads = Counter(column.head.casefold() for column in sheet.columns)
            assert set(heads.values()) <= {1}, sheet.name


def test_its_formulas_reckon_the_same() -> None:
    made = northshire()
    plain = calculated(made, {})
    with speaking("sv"):
        made.book.sheets = {sheet.name: sheet for sheet in sheets_said(list(made.book.sheets.values()))}
        assert calculated(made, {}) == plain
    engine = {figure.path: figure.amount for figure in figures(run(made.base, made.levers, {}).statement)}
    assert all(plain[path] == amount for path, amount in engine.items() if path in plain)


NAMES = "CHECK OK FY poolbook scenario"


@pytest.mark.usefixtures("swedish_in_dots")
def test_no_label_stays_english() -> None:
    made = northshire("FY2025")
    agreement = (EXAMPLES / "northshire-2024" / "agreement.yaml").read_text(encoding="utf-8")
    terms = re.sub(r"^\s*#.*$|#.*$", "", agreement, flags=re.MULTILINE)
    known = {word.casefold() for word in WORD.findall(f"{terms} {NAMES}")}
    left: Counter[str] = Counter()
    with speaking("sv"):
        for sheet in sheets_said(pages(made)):
            if sheet.name == "Base":
                continue
            texts = [sheet.title, sheet.note, *(column.head for column in sheet.columns)]
            for value in (value for row in sheet.rows for value in row[sheet.name in NAMING:]):
                if isinstance(value, Formula):
                    texts += re.findall(r'"([^"]*)"', value.text)
                elif isinstance(value, str) and not re.match(r"(in|out)_|[0-9a-f]{20,}", value):
                    texts.append(value)
            left.update(word for text in texts for word in WORD.findall(re.sub(r"[0-9a-f]{20,}", "", text))
                        if word.casefold() not in known)
        assert said("takes at most") == "····· ·· ····"
    assert not left
