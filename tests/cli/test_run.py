"""`poolbook run`: twice, up to a period, as known at a time, where its ledger lies, and the same to the byte."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import EPOCH, EVENTS, faults, poolbook

FACES = (".html", ".json", ".pdf", ".xlsx")


def files(folder: Path) -> dict[str, bytes]:
    """The statements in a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("statement-*"))}


def names(*periods: str) -> list[str]:
    return [f"statement-{period}{face}" for period in periods for face in FACES]


def test_a_second_run_posts_nothing_and_writes_the_same_bytes(case: Path) -> None:
    first = json.loads(poolbook("run", case, "--out", "out", "--json").stdout)
    before = files(Path("out"))
    assert (first["posted"], first["skipped"], first["closed"]) == (EVENTS, 0, ["FY2024-Q1", "FY2024-Q2"])
    assert list(before) == names("FY2024-Q1", "FY2024-Q2")
    assert sorted(Path(path).name for path in first["files"]) == list(before)

    second = json.loads(poolbook("run", case, "--out", "out", "--json").stdout)
    assert (second["posted"], second["skipped"], second["closed"], second["changes"]) == (0, EVENTS, [], [])
    assert second["ledger"] == first["ledger"]
    assert files(Path("out")) == before


def test_a_file_of_events_may_end_in_capitals(case: Path) -> None:
    for file in case.glob("*.csv"):
        file.rename(file.with_suffix(".CSV"))
    assert json.loads(poolbook("run", case, "--out", "out", "--json").stdout)["posted"] == EVENTS


def test_what_it_says(case: Path) -> None:
    result = poolbook("run", case, "--out", "out")
    assert result.exit_code == 0
    assert "Millbrook Partnership: 5 events posted; closed FY2024-Q1, FY2024-Q2." in result.stdout
    assert "out/statement-FY2024-Q2.pdf" in result.stdout
    again = poolbook("run", case, "--out", "out").stdout
    assert "No new events, 5 were there already." in again


def test_through_a_period_and_then_further(case: Path) -> None:
    done = json.loads(poolbook("run", case, "--out", "out", "--through", "FY2024-Q1", "--json").stdout)
    assert done["closed"] == ["FY2024-Q1"]
    assert list(files(Path("out"))) == names("FY2024-Q1")
    done = json.loads(poolbook("run", case, "--out", "out", "--through", "FY2024-Q4", "--json").stdout)
    assert done["closed"] == ["FY2024-Q2", "FY2024-Q3", "FY2024-Q4"]


def test_the_ledger_lies_with_the_statements(case: Path) -> None:
    poolbook("run", case, "--out", "deep/out")
    assert Path("deep/out/poolbook.db").is_file()
    assert not Path("poolbook.db").exists()


@pytest.mark.parametrize("url", ["elsewhere.db", "sqlite:///elsewhere.db"])
def test_the_ledger_lies_where_it_is_said(case: Path, url: str) -> None:
    assert poolbook("run", case, "--out", "out", "--database", url).exit_code == 0
    assert Path("elsewhere.db").is_file()
    assert list(files(Path("out"))) == names("FY2024-Q1", "FY2024-Q2")
    assert not Path("out/poolbook.db").exists()
    assert poolbook("verify", "--database", url).exit_code == 0


def test_known_at_before_the_first_issue_is_refused(case: Path) -> None:
    result = poolbook("run", case, "--out", "out", "--known-at", "2024-01-01", "--json")
    assert [one["code"] for one in faults(result)] == ["statement-missing"]
    assert files(Path("out")) == {}
    with sqlite3.connect("out/poolbook.db") as conn:
        assert conn.execute("SELECT count(*) FROM entry").fetchone() == (0,)


def test_known_at_gives_the_issue_of_then(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(out: str, *words: str, at: str = EPOCH) -> dict[str, bytes]:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", at)
        assert poolbook("run", case, "--out", out, "--database", "books.db", *words).exit_code == 0
        return files(Path(out))

    before = run("before")
    later = str(int(EPOCH) + 86_400)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", later)
    assert poolbook("reopen", "FY2024-Q2", "--reason", "an invoice came", database="books.db").exit_code == 0
    with (case / "spending.csv").open("a", encoding="utf-8") as file:
        file.write("2024-08-01,expenditure,respite,77.00,INV-4,\n")
    after = run("after", at=later)
    assert after != before
    assert b"77.00" in after["statement-FY2024-Q2.html"]
    assert run("then", "--known-at", "2024-10-27T12:00:00Z") == before


def test_the_same_moment_gives_the_same_bytes_in_a_fresh_ledger(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    heads = [json.loads(poolbook("run", case, "--out", out, "--json").stdout)["ledger"] for out in ("one", "two")]
    assert heads[0] == heads[1]
    one, two = files(Path("one")), files(Path("two"))
    assert list(one) == list(two) == names("FY2024-Q1", "FY2024-Q2")
    assert [name for name in one if one[name] != two[name]] == []


def test_a_dry_run_leaves_no_file(case: Path) -> None:
    result = poolbook("run", case, "--out", "out", "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.startswith("Nothing is kept (--dry-run). Millbrook Partnership: 5 events posted")
    assert not Path("out").exists()


def test_a_dry_run_leaves_a_ledger_as_it_was(case: Path) -> None:
    poolbook("run", case, "--out", "out", "--through", "FY2024-Q1")
    before = json.loads(poolbook("verify", "--json", database="out/poolbook.db").stdout)
    done = json.loads(poolbook("run", case, "--out", "out", "--dry-run", "--json").stdout)
    assert (done["dry_run"], done["closed"], done["files"]) == (True, ["FY2024-Q2"], [])
    assert json.loads(poolbook("verify", "--json", database="out/poolbook.db").stdout) == before
    assert list(files(Path("out"))) == names("FY2024-Q1")


def test_a_password_is_not_told(case: Path) -> None:
    result = poolbook("run", case, "--out", "out", "--database", "postgresql://who:secret@127.0.0.1:1/books")
    assert result.exit_code == 2
    assert "database-failed" in result.stderr
    assert "secret" not in result.output
