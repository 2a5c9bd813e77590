"""The command line in this process, a small case of its own, and ledgers that have got some way into the year."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from api.cli import main

EPOCH = "1730000000"
AGREEMENT = """\
poolbook: 1
partnership: {id: millbrook, name: Millbrook Partnership, currency: GBP, year_starts: 04-01, periods: quarter}
partners:
  council: {name: Millbrook Council}
  nhs: {name: NHS Millbrook}
agreements:
  - id: s75
    reference: Section 75
    effective: 2024-04-01
    until: 2025-03-31
    signed: 2024-03-01
    funds:
      core: {kind: pooled, host: council}
    contributions:
      - {fund: core, partner: council, source: base, amount: 4000, instalments: quarterly}
      - {fund: core, partner: nhs, source: base, amount: 6000, instalments: quarterly}
    services:
      beds: {fund: core, lead: nhs, budget: 7000}
      respite: {fund: core, lead: council, budget: 3000}
    rules:
      - id: core-risk
        reference: Schedule 3
        applies_to: {fund: core}
        overspend: [{share: {by: contribution}}]
        underspend: [{return: {by: contribution}}]
"""
MONEY_IN = """\
date,event,fund,partner,amount,reference
2024-04-05,contribution,core,council,1000.00,RCT-1
2024-04-06,contribution,core,nhs,1500.00,RCT-2
"""
SPENDING = """\
date,event,service,amount,reference,note
2024-05-14,expenditure,beds,1900.50,INV-1,"Beds, in April"
2024-06-14,expenditure,respite,800.00,INV-2,
2024-07-14,expenditure,beds,1700.00,INV-3,
"""
EVENTS = 5


@dataclass
class Ledger:
    """A ledger in an SQLite file and the command line that is used on it."""

    folder: Path
    file: Path

    def __call__(self, *words: object) -> Result:
        """Runs `poolbook WORDS` on the ledger."""
        return poolbook(*words, database=self.file)

    def done(self, *words: object) -> Any:
        """What `poolbook WORDS --json` answers; it must succeed."""
        result = self(*words, "--json")
        assert (result.exit_code, result.stderr) == (0, "")
        return json.loads(result.stdout)

    def state(self) -> dict[str, int]:
        """How many rows each table holds: the same before and after something that must change nothing."""
        if not self.file.exists():
            return {}
        with sqlite3.connect(self.file) as conn:
            tables = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {table: conn.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables}

    def write(self, name: str, *lines: str) -> Path:
        """A file of these lines."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path


def poolbook(*words: object, database: Path | str | None = None) -> Result:
    """Runs `poolbook WORDS` in this process; what it did not foresee is raised here."""
    named = {"POOLBOOK_DATABASE": str(database) if database else None, "POOLBOOK_SECRET": None}
    result = CliRunner(env=named).invoke(main, [str(word) for word in words], prog_name="poolbook")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def faults(result: Result) -> list[dict[str, Any]]:
    """What a command with `--json` refused; nothing went to standard output."""
    assert (result.exit_code, result.stdout) == (2, "")
    found: list[dict[str, Any]] = json.loads(result.stderr)["refused"]
    assert all(one["message"] and one["remedy"] for one in found)
    return found


def make_case(folder: Path) -> Path:
    """The small case: one agreement, five events in two quarters."""
    folder.mkdir()
    for name, text in (("agreement.yaml", AGREEMENT), ("money-in.csv", MONEY_IN), ("spending.csv", SPENDING)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test in a folder of its own, without settings from outside."""
    monkeypatch.chdir(tmp_path)
    for name in ("POOLBOOK_DATABASE", "POOLBOOK_SECRET", "SOURCE_DATE_EPOCH"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return make_case(tmp_path / "case")


@pytest.fixture(scope="session")
def steps(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> dict[str, Path]:
    """A ledger after each step of its first quarter, to be copied."""
    folder = tmp_path_factory.mktemp("steps")
    kept = {}
    work = folder / "work.db"
    shutil.copyfile(sqlite_template, work)
    made = make_case(folder / "case")
    for step, words in (("made", ()), ("applied", ("apply", made / "agreement.yaml")),
                        ("imported", ("import", *sorted(made.glob("*.csv")))), ("closed", ("close", "FY2024-Q1"))):
        if words:
            result = poolbook(*words, database=work)
            assert result.exit_code == 0, result.output
        kept[step] = folder / f"{step}.db"
        with sqlite3.connect(work) as conn, sqlite3.connect(kept[step]) as copy:
            conn.backup(copy)
    return kept


StartLedger = Callable[[str], Ledger]


@pytest.fixture
def ledger_at(steps: dict[str, Path], tmp_path: Path) -> StartLedger:
    """Makes a ledger that has come as far as a step: made, applied, imported or closed."""
    def start(step: str) -> Ledger:
        shutil.copyfile(steps[step], tmp_path / "books.db")
        return Ledger(tmp_path, tmp_path / "books.db")
    return start


@pytest.fixture
def applied(ledger_at: StartLedger) -> Ledger:
    return ledger_at("applied")


@pytest.fixture
def imported(ledger_at: StartLedger) -> Ledger:
    return ledger_at("imported")


@pytest.fixture
def closed(ledger_at: StartLedger) -> Ledger:
    return ledger_at("closed")
