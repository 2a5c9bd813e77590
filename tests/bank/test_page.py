"""The page about the bank runs as it stands, and the example's bank file is what makes it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.bank import example
from tests.cli.conftest import Ledger, StartLedger

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "bank.md").read_text(encoding="utf-8")
NORTHSHIRE = ROOT / "examples" / "northshire-2024"


def northshire(ledger: Ledger) -> Ledger:
    """A ledger with the example's spending, nothing received and nothing paid."""
    ledger.done("apply", NORTHSHIRE / "agreement.yaml")
    ledger.done("import", NORTHSHIRE / "spending.csv")
    return ledger


def test_its_commands_answer_as_it_says(ledger_at: StartLedger) -> None:
    ledger = northshire(ledger_at("made"))
    (ledger.folder / "examples").symlink_to(ROOT / "examples")
    ran = 0
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL):
        for command, said in re.findall(r"^\$ poolbook (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            assert ledger(*shlex.split(command)).stdout == said, command
            ran += 1
    assert ran == 5


def test_the_examples_bank_file_is_made_by_the_schema() -> None:
    assert (ROOT / example.FILE).read_bytes() == example.content(), "python -m tests.bank.example"


def test_the_message_it_shows_is_the_programs(ledger_at: StartLedger) -> None:
    ledger = northshire(ledger_at("made"))
    wrong = ledger.write("w.csv", "date,event,partner,fund,amount,reference", "2024-05-01,contribution,nsh,core,1,R-1")
    message = re.search(r"Events!D7: (.*?)`", PAGE)
    assert message is not None
    assert message[1] in ledger("import", wrong).stderr.replace('"', "'")
