"""Whatever a command tells is told in the reader's language: what is left in letters is names, files and commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import main
from tests.cli.conftest import AGREEMENT, EPOCH, MONEY_IN, SPENDING
from tests.dotted import WORD, swedish_in_dots  # noqa: F401 -- a fixture

NAMES = """poolbook council nhs Millbrook Council NHS Partnership beds bed respite Section Schedule core GBP Ada INV
login root finance officer"""
WRITTEN = """import approve bank post receipt verify key public new name add member role SUBJECT database
grant LOGIN partner P Notes Events json xlsx pdf html csv yaml UTC april juni oktober och books agreement none
late bad heads file db annual return accounts balances reserves ageing claims bcf settlement notice partner
nonsense"""
KEPT = """statement close reopen expenditure service signed Statement for issue FY closed reopened"""
"""Names of the case; what is to be written as it is; kinds, keys and notes that the books keep."""
NO_WORDS = re.compile(r"\S*/\S*|[0-9a-f]{8,}|pbk_\S+|FY\d{4}|\d{4}-\d\d-\d\dT\S+|\[[a-z-]+\]$", re.MULTILINE)
ALLOWED = {word.casefold() for word in WORD.findall(f"{NAMES} {WRITTEN} {KEPT}")}


def left(text: str) -> set[str]:
    """The words that are neither dots nor known; files, hashes, keys, moments and the codes of refusals apart."""
    bare = NO_WORDS.sub(" ", text)
    return {word for word in WORD.findall(bare) if word.casefold() not in ALLOWED}


ENVIRONMENT = {"POOLBOOK_DATABASE": "books.db", "SOURCE_DATE_EPOCH": EPOCH}
COMMANDS = """
init
apply agreement.yaml
apply agreement.yaml
import in.csv out.csv
import in.csv
import late.csv
import none.csv
periods
close FY2024-Q1
reopen FY2024-Q1 --reason Beds
import more.csv
close FY2024-Q1
import late.csv --accept-good-rows bad.csv
statement FY2024-Q1 --differences 1:2
who 1
verify
receipt FY2024-Q1 --out r.json
verify --receipt r.json
verify --receipt r.json --statement agreement.yaml
backup b.db
key new --name Ada
key list
member list
proposals
approve 1
scenario new --out s.xlsx
scenario read s.xlsx
scenario draft s.xlsx --out d.yaml
template --out t.xlsx
report reserves FY2024-Q1 --out rep
report nonsense FY2024-Q1 --out rep
"""


@pytest.mark.usefixtures("swedish_in_dots")
def test_what_commands_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    head = SPENDING.splitlines()[0]
    for name, text in (("agreement.yaml", AGREEMENT), ("in.csv", MONEY_IN), ("out.csv", SPENDING),
                       ("late.csv", f"{head}\n2024-05-15,expenditure,bed,1.00,INV-9,\n"),
                       ("more.csv", f"{head}\n2024-05-16,expenditure,beds,60.00,INV-8,\n")):
        Path(name).write_text(text)
    told = ""
    for line in COMMANDS.split("\n")[1:-1]:
        result = CliRunner().invoke(main, ["--language", "sv", *line.split()], env=ENVIRONMENT)
        assert result.exception is None or isinstance(result.exception, SystemExit), line
        assert left(result.output) == set(), line
        told += result.output
    assert told.count("·") > 1_000, "it is said in dots"
