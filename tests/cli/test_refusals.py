"""What is refused: exit status 2, where, what and what to do, and not a row or a file more than before."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import AGREEMENT, Ledger, faults, poolbook

HEADER = "date,event,service,amount,account,reference"
Words = tuple[object, ...]


def broken_agreement(ledger: Ledger) -> Words:
    return "apply", ledger.write("agreement.yaml", *AGREEMENT.replace("budget: 3000", "budgte: 3000").splitlines())


def bad_row(ledger: Ledger) -> Words:
    return "import", ledger.write("rows.csv", HEADER, "2024-07-01,expenditure,beds,12.345,,NEW-1")


def two_bad_rows(ledger: Ledger) -> Words:
    return "import", ledger.write("rows.csv", HEADER, "2024-07-01,expenditure,beds,1e3,,NEW-1",
                                  "1 July,expenditure,beds,12,,NEW-1")


def unknown_account(ledger: Ledger) -> Words:
    return "import", ledger.write("rows.csv", HEADER, "2024-07-01,adjustment,beds,12.00,expenses:bed,NEW-1")


def closed_period(ledger: Ledger) -> Words:
    return "import", ledger.write("rows.csv", HEADER, "2024-07-01,expenditure,beds,12.00,,NEW-1",
                                  "2024-05-01,expenditure,beds,12.00,,NEW-2")


def other_content(ledger: Ledger) -> Words:
    return "import", ledger.write("rows.csv", HEADER, "2024-07-14,expenditure,beds,1700.01,,INV-3")


def missing_file(_ledger: Ledger) -> Words:
    return "import", "nowhere.csv"


def missing_agreement(_ledger: Ledger) -> Words:
    return "apply", "nowhere.yaml"


def a_folder(ledger: Ledger) -> Words:
    return "apply", ledger.folder


def not_utf_8(ledger: Ledger) -> Words:
    path = ledger.write("rows.csv")
    path.write_bytes(f"{HEADER}\n2024-07-01,expenditure,beds,12.00,,NEW-".encode() + b"\xe9\n")
    return "import", path


def agreement_not_utf_8(ledger: Ledger) -> Words:
    path = ledger.write("agreement.yaml")
    path.write_bytes(AGREEMENT.replace("NHS Millbrook", "NHS Mühlbach").encode("latin-1"))
    return "apply", path


# What is done, and the place and code that are named.
REFUSED: list[tuple[Callable[[Ledger], Words] | Words, str, str]] = [
    (broken_agreement, "agreement.yaml:19, agreements[0].services.respite.budgte", "key-unknown"),
    (bad_row, "rows.csv:2, amount", "amount-too-fine"),
    (two_bad_rows, "rows.csv:2, amount", "amount-unreadable"),
    (unknown_account, "rows.csv:2", "account-unknown"),
    (closed_period, "rows.csv:3, date", "event-in-closed-period"),
    (other_content, "rows.csv:2", "reference-reused"),
    (missing_file, "nowhere.csv", "file-unreadable"),
    (missing_agreement, "nowhere.yaml", "file-unreadable"),
    (a_folder, "", "file-unreadable"),
    (not_utf_8, "rows.csv:2", "file-unreadable"),
    (agreement_not_utf_8, "agreement.yaml:5", "file-unreadable"),
    (("close", "summer"), "", "period-name-wrong"),
    (("close", "FY2024-Q9"), "", "period-name-wrong"),
    (("reopen", "FY2030-Q1", "--reason", "x"), "", "period-name-unknown"),
    (("close", "FY2024-Q1"), "", "period-already"),
    (("close", "FY2024-Q3"), "", "period-order"),
    (("reopen", "FY2024-Q2", "--reason", "x"), "", "period-already"),
    (("reopen", "FY2024-Q1", "--reason", " "), "", "reason-missing"),
    (("statement", "summer"), "", "period-name-wrong"),
    (("statement", "FY2024-Q2"), "", "statement-missing"),
    (("statement", "FY2024"), "", "statement-missing"),
    (("verify", "--partnership", "ashford"), "", "partnership-unknown"),
    (("import", "rows.csv", "--partnership", "ashford"), "", "partnership-unknown"),
    (("who", "999"), "", "entry-unknown"),
    (("statement", "FY2024-Q1", "--known-at", "2001-01-01"), "", "agreement-later"),
    (("key", "revoke", "12345678"), "", "api-key-unknown"),
    (("key", "new", "--name", " "), "", "api-key-wrong"),
    (("key", "new", "--name", "late", "--expires", "2001-01-01"), "", "api-key-wrong"),
    (("statement", "FY2024-Q1", "--out", "books.db"), "books.db", "file-unwritable"),
    (("template", "--out", "."), ".", "file-unwritable"),
    (("receipt", "--out", ""), ".", "file-unwritable"),
    (("receipt", "--out", "nowhere/receipt.json"), "nowhere/receipt.json", "file-unwritable"),
    (("backup", "."), "", "backup-exists"),
    (("run", "nowhere", "--out", "out"), "", "case-incomplete"),
]


def name(case: object) -> str:
    return " ".join(map(str, case)) if isinstance(case, tuple) else getattr(case, "__name__", "")


@pytest.mark.parametrize(("action", "place", "code"), REFUSED, ids=name)
def test_it_is_refused(closed: Ledger, action: Callable[[Ledger], Words] | Words, place: str, code: str) -> None:
    words = action(closed) if callable(action) else action
    before, there = closed.state(), sorted(path.name for path in Path().iterdir())
    result = closed(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    lines = result.stderr.splitlines()
    assert lines[0].startswith(f"{place}: " if place else ""), lines[0]
    assert re.search(r"\[([a-z-]+)\]$", lines[0])
    assert lines[0].endswith(f"  [{code}]")
    assert lines[1].startswith("    ")

    found = faults(closed(*words, "--json"))
    assert found[0]["code"] == code
    assert lines[0].endswith(f"{found[0]['message']}  [{code}]")
    assert lines[1].strip() == found[0]["remedy"]
    assert closed.state() == before
    assert [one for one in sorted(path.name for path in Path().iterdir()) if not one.startswith("books.db")] == [
        one for one in there if not one.startswith("books.db")]


def test_every_fault_is_told_and_counted(closed: Ledger) -> None:
    result = closed(*two_bad_rows(closed))
    assert "rows.csv:3, date: " in result.stderr
    assert result.stderr.endswith("2 faults; nothing was recorded.\n")


@pytest.mark.parametrize("words", [
    ("apply", "case/agreement.yaml"), ("import", "case/spending.csv"), ("close", "FY2024-Q1"), ("verify",),
    ("reopen", "FY2024-Q1", "--reason", "x"), ("statement", "FY2024-Q1"), ("export", "--format", "csv"),
    ("key", "list"), ("key", "new", "--name", "x")], ids=name)
@pytest.mark.usefixtures("case")
def test_a_database_that_was_not_made_is_not_made(words: Words) -> None:
    found = faults(poolbook(*words, "--json"))
    assert [one["code"] for one in found] == ["database-not-ready"]
    assert found[0]["remedy"].endswith("poolbook init --database poolbook.db")
    assert [path.name for path in Path().iterdir()] == ["case"]


@pytest.mark.parametrize("words", [("import", "case/spending.csv"), ("close", "FY2024-Q1"), ("verify",),
                                   ("export", "--format", "csv")], ids=name)
@pytest.mark.usefixtures("case")
def test_a_ledger_without_an_agreement(ledger_at: Callable[[str], Ledger], words: Words) -> None:
    assert faults(ledger_at("made")(*words, "--json"))[0]["code"] == "partnership-not-named"


@pytest.mark.parametrize("url", ["nowhere/books.db", "oracle+nonsense://x", "postgresql://who:secret@127.0.0.1:1/x",
                                 "not-a-ledger.db", "."])
@pytest.mark.parametrize("words", [("init",), ("verify",), ("run", "case", "--out", "out")], ids=name)
@pytest.mark.usefixtures("case")
def test_a_database_that_cannot_be_used(words: Words, url: str) -> None:
    Path("not-a-ledger.db").write_text("A text of several lines, which is no database.\n" * 100, encoding="utf-8")
    result = poolbook(*words, "--database", url, "--json")
    assert faults(result)[0]["code"] in ("database-failed", "database-file-unusable", "database-not-ready")
    assert "secret" not in result.output


def test_a_case_with_a_bad_row_posts_nothing_and_writes_no_statement(case: Path) -> None:
    with (case / "spending.csv").open("a", encoding="utf-8") as file:
        file.write("2024-07-20,expenditure,bed,10.00,INV-9,\n")
    result = poolbook("run", case, "--out", "out")
    assert result.exit_code == 2
    assert result.stderr.startswith("spending.csv:5, service: ")
    assert list(Path("out").glob("statement-*")) == []
    assert set(Ledger(Path(), Path("out/poolbook.db")).state()) > {"entry", "posting"}
    assert Ledger(Path(), Path("out/poolbook.db")).state()["entry"] == 0


def test_a_broken_case_leaves_no_file(case: Path) -> None:
    (case / "agreement.yaml").write_text("poolbook: 1\n", encoding="utf-8")
    assert poolbook("run", case, "--out", "out").exit_code == 2
    assert not Path("out").exists()


def test_statements_that_cannot_be_written_keep_the_books_as_they_were(case: Path) -> None:
    Path("out").write_text("in the way", encoding="utf-8")
    found = faults(poolbook("run", case, "--out", "out", "--database", "books.db", "--json"))
    assert found[0]["place"] == {"file": "out"}
    assert not Path("books.db").exists()


@pytest.mark.parametrize("epoch", ["yesterday", "-1", "1.5", "9" * 20])
def test_a_moment_that_is_none(imported: Ledger, monkeypatch: pytest.MonkeyPatch, epoch: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    found = faults(imported("close", "FY2024-Q1", "--json"))
    assert (found[0]["code"], found[0]["facts"]["variable"]) == ("setting-wrong", "SOURCE_DATE_EPOCH")


@pytest.mark.parametrize("words", [
    ("statement", "FY2024-Q1", "--known-at", "yesterday"), ("statement",), ("reopen", "FY2024-Q1"), ("import",),
    ("statement", "FY2024-Q1", "--format", "docx"), ("export",), ("export", "--format", "xml"), ("clsoe", "FY2024-Q1"),
    ("close", "FY2024-Q1", "--dryrun"), ("key", "new"), ("run", "case")], ids=name)
def test_a_command_called_wrongly(closed: Ledger, words: Words) -> None:
    before = closed.state()
    plain = closed(*words)
    assert (plain.exit_code, plain.stdout) == (2, "")
    assert "Usage: poolbook" in plain.stderr
    found = faults(closed(*words, "--json"))
    assert [one["code"] for one in found] == ["usage"]
    assert found[0]["message"] in plain.stderr
    assert closed.state() == before
