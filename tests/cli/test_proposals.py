"""Four eyes on the command line: one key proposes, another approves; a run into its own ledger says that none did."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.cli.conftest import AGREEMENT, MONEY_IN, SPENDING, Ledger, StartLedger, faults, make_case, poolbook

TERMS = AGREEMENT.replace("periods: quarter", "periods: quarter, four_eyes: {entries_above: 1800}")
WAITING = "every close waits for a second person, and it is not proved who asks for it"


@dataclass
class Pair:
    """A ledger under four eyes with the key files of Ada, who makes proposals, and Ben, who approves them."""

    ledger: Ledger
    ada: Path
    ben: Path

    def __call__(self, *words: object, who: str = "ada") -> Result:
        return self.ledger(*words, "--key-file", getattr(self, who))

    def waiting(self, *words: object) -> dict[str, Any]:
        """The proposal that a command of Ada's makes; the books stay as they are."""
        before = self.head()
        result = self(*words, "--json")
        assert result.exit_code == 0, result.output
        assert self.head() == before
        found: dict[str, Any] = json.loads(result.stdout)["proposal"]
        return found

    def head(self) -> Any:
        return self.ledger.done("verify")["ledger"]


@pytest.fixture
def pair(ledger_at: StartLedger) -> Pair:
    ledger = ledger_at("made")
    assert ledger("apply", ledger.write("agreement.yaml", TERMS)).exit_code == 0, "the first agreement needs no second"
    files = []
    for holder, role in (("Ada", "finance-officer"), ("Ben", "approver")):
        made = ledger.done("key", "new", "--name", holder, "--holder", holder, "--role", role)
        files.append(ledger.write(f"{holder}.key", made["key"]))
    return Pair(ledger, *files)


def test_without_a_key_what_waits_is_refused(pair: Pair) -> None:
    before = pair.ledger.state()
    for words in (("close", "FY2024-Q1"), ("import", pair.ledger.write("s.csv", SPENDING)),
                  ("apply", pair.ledger.write("less.yaml", AGREEMENT)),
                  ("approve", 1), ("reject", 1, "--reason", "No"), ("withdraw", 1)):
        assert [one["code"] for one in faults(pair.ledger(*words, "--json"))] == ["person-not-named"], words
    assert pair.ledger.state() == before
    assert WAITING in pair.ledger("close", "FY2024-Q1").stderr
    assert pair.ledger("import", pair.ledger.write("m.csv", MONEY_IN)).exit_code == 0, "below the threshold"
    assert "login:" in pair.ledger("who", pair.head()["entries"]).stdout


def test_a_year_with_two_people(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pair("import", pair.ledger.write("m.csv", MONEY_IN)).exit_code == 0
    assert pair.waiting("import", pair.ledger.write("s.csv", SPENDING))["number"] == 1
    assert pair.waiting("import", pair.ledger.write("s.csv", SPENDING))["number"] == 1
    assert pair("approve", 1, who="ada").exit_code == 2
    told = pair("approve", 1, who="ben")
    assert (told.exit_code, told.stdout) == (0, "Proposal 1 of Ada is approved and done.\n")
    assert "0 events posted, 3 were there already" in pair("import", pair.ledger.write("s.csv", SPENDING)).stdout
    monkeypatch.setenv("POOLBOOK_KEY", pair.ada.read_text())
    closing = pair.ledger("close", "FY2024-Q1").stdout
    assert closing.startswith("Nothing is changed yet: every close waits for a second person. It is kept as proposal 2")
    assert closing.endswith("A second person does it with their own key: poolbook approve 2\n")
    assert pair("approve", 2, who="ben").exit_code == 0
    pair.ledger.done("statement", "FY2024-Q1")
    assert pair.waiting("reopen", "FY2024-Q1", "--reason", "Late")["kind"] == "reopen"
    assert "is rejected; nothing of it was done" in pair("reject", 3, "--reason", "Not now", who="ben").stdout
    assert pair.waiting("apply", pair.ledger.write("less.yaml", AGREEMENT))["kind"] == "agreement"
    assert pair("withdraw", 4).stdout == "Proposal 4 is withdrawn.\n"
    assert pair.ledger("proposals").stdout == "No proposal waits.\n"
    listed = pair.ledger.done("proposals", "--all")["proposals"]
    assert [one["status"] for one in listed] == ["approved", "approved", "rejected", "withdrawn"]
    assert "rejected by Ben: Not now" in pair.ledger("proposals", "--all").stdout
    assert pair.ledger.done("proposals", "1")["request"]["files"] == [["s.csv", SPENDING + "\n"]]
    assert "INV-1" in pair.ledger("proposals", "1").stdout
    assert pair.ledger.done("who", pair.head()["entries"])["person"] == "Ben"


def test_refused_rows_are_given_back_before_the_good_ones_wait(pair: Pair) -> None:
    rows = pair.ledger.write("s.csv", SPENDING + "2024-07-14,expenditure,bedz,1.00,INV-4,")
    result = pair("import", rows, "--accept-good-rows", pair.ledger.folder / "mend.csv")
    assert result.exit_code == 2
    assert "1 row refused and left out" in result.stdout
    assert "INV-4" in (pair.ledger.folder / "mend.csv").read_text()
    assert pair("approve", 1, who="ben").exit_code == 0
    assert pair.ledger("verify").exit_code == 0


def test_a_dry_run_needs_nobody(pair: Pair) -> None:
    assert pair.ledger("import", pair.ledger.write("s.csv", SPENDING), "--dry-run").exit_code == 0
    assert pair.ledger("proposals").stdout == "No proposal waits.\n"


def test_a_key_is_checked_as_over_http(pair: Pair) -> None:
    pair.ben.write_text("pbk_nothing")
    assert [one["code"] for one in faults(pair("approve", 1, "--json", who="ben"))] == ["bearer-unknown"]
    reader = pair.ledger.done("key", "new", "--name", "R", "--role", "board-reader")["key"]
    pair.ben.write_text(reader)
    assert [one["code"] for one in faults(pair("close", "FY2024-Q1", "--json", who="ben"))] == ["right-missing"]
    pair.ben.unlink()
    assert [one["code"] for one in faults(pair("close", "FY2024-Q1", "--json", who="ben"))] == ["file-unreadable"]


def test_a_run_into_a_ledger_of_its_own_says_that_nobody_approved(tmp_path: Path, pair: Pair) -> None:
    case = make_case(tmp_path / "case")
    (case / "agreement.yaml").write_text(TERMS, encoding="utf-8")
    for _ in range(2):
        told = poolbook("run", case, "--out", tmp_path / "out")
        assert told.exit_code == 0, told.output
        assert "Computed by one person: the agreement asks for a second person's approvals" in told.stdout
    database = tmp_path / "out" / "poolbook.db"
    assert poolbook("verify", database=database).exit_code == 0
    assert "recomputation" in poolbook("export", "--format", "jsonl", database=database).stdout
    kept = pair.ledger.state()
    refused = poolbook("run", case, "--out", tmp_path / "other", "--database", pair.ledger.file, "--json")
    assert [one["code"] for one in faults(refused)] == ["run-needs-own-ledger"]
    assert pair.ledger.state() == kept


def test_a_waiting_close_is_told_in_the_readers_language_and_approved_in_any(pair: Pair) -> None:
    assert pair("import", pair.ledger.write("m.csv", MONEY_IN)).exit_code == 0
    told, listed, file = [], [], pair.ledger.file
    for tag in ("en", "sv"):
        told.append(poolbook("--language", tag, "close", "FY2024-Q1", "--key-file", pair.ada, database=file))
        listed.append(poolbook("--language", tag, "proposals", database=file))
    for english, swedish in (told, listed):
        assert "From 1 April 2024 to 30 June 2024 the pool spent nothing" in english.stdout
        assert "Från 1 april 2024 till 30 juni 2024 förbrukade poolen inget" in swedish.stdout
        assert not {"the", "and", "pool", "is", "to"} & set(swedish.stdout.split()), swedish.stdout
    assert pair("approve", 1, who="ben").exit_code == 0, "it is the same in English"
