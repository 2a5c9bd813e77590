"""The commands of a ledger kept all year, each alone: what it does, says, and says in JSON."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import AGREEMENT, EPOCH, Ledger, StartLedger, faults, poolbook

OPENINGS = {"json": b"{", "xlsx": b"PK\x03\x04", "pdf": b"%PDF-", "html": b"<!doctype html>"}


def test_init_makes_a_database_and_does_no_harm_to_one() -> None:
    assert poolbook("init").stdout == "The database is ready: sqlite:///poolbook.db\n"
    assert Path("poolbook.db").is_file()
    made = Path("poolbook.db").read_bytes()
    assert json.loads(poolbook("init", "--json").stdout) == {"database": "sqlite:///poolbook.db"}
    assert Path("poolbook.db").read_bytes() == made


def test_apply_tried_kept_and_repeated(ledger_at: StartLedger, case: Path) -> None:
    ledger = ledger_at("made")
    before = ledger.state()
    tried = ledger.done("apply", case / "agreement.yaml", "--dry-run")
    assert ledger.state() == before
    kept = ledger.done("apply", case / "agreement.yaml")
    assert tried == {**kept, "dry_run": True}
    assert kept["partnership"] == "millbrook"
    assert any("opens the books" in change for change in kept["changes"])
    assert ledger.done("apply", case / "agreement.yaml")["changes"] == []
    assert "nothing changes" in ledger("apply", case / "agreement.yaml").stdout


def test_close_and_reopen(imported: Ledger) -> None:
    tried = imported.done("close", "FY2024-Q1", "--dry-run")
    assert imported("statement", "FY2024-Q1").exit_code == 2
    done = imported.done("close", "FY2024-Q1")
    assert done == {"period": "FY2024-Q1", "issue": 1, "indicative": True, "checks_hold": True}
    assert tried == {**done, "dry_run": True}
    told = imported("close", "FY2024-Q2").stdout
    assert "its indicative statement is issued (issue 1). All its checks hold.\n\nWhat the statement" in told
    assert "  From 1 April 2024 to 30 September 2024 the pool spent" in told
    assert imported.done("reopen", "FY2024-Q1", "--reason", "late invoices") == {
        "reopened": ["FY2024-Q1", "FY2024-Q2"]}
    assert imported.done("close", "FY2024-Q1")["issue"] == 2


def test_reopen_tells_in_words(closed: Ledger) -> None:
    assert closed("reopen", "FY2024-Q1", "--reason", "x").stdout.startswith("Open again: FY2024-Q1.")


@pytest.mark.parametrize("face", OPENINGS)
def test_a_statement_in_each_format(closed: Ledger, face: str) -> None:
    told = closed("statement", "FY2024-Q1", "--format", face).stdout_bytes
    assert told[:20].lower().startswith(OPENINGS[face].lower())
    path = f"out/statement-FY2024-Q1.{face}"
    assert closed("statement", "FY2024-Q1", "--format", face, "--out", "out").stdout == f"{path}\n"
    assert closed.done("statement", "FY2024-Q1", "--format", face, "--out", "out") == {"file": path}
    assert Path(path).read_bytes() == told
    assert [found.name for found in Path("out").iterdir()] == [Path(path).name]


def test_a_statement_speaks_json(closed: Ledger) -> None:
    told = closed.done("statement", "FY2024-Q1")
    assert told["format"] == "poolbook.statement/1"
    assert closed("statement", "FY2024-Q1", "--json").stdout == closed("statement", "FY2024-Q1").stdout


def test_a_picture_is_not_put_into_json(closed: Ledger) -> None:
    found = faults(closed("statement", "FY2024-Q1", "--format", "pdf", "--json"))
    assert "--out" in found[0]["message"]


def test_a_partner_s_extract(closed: Ledger) -> None:
    extract = closed.done("statement", "FY2024-Q1", "--partner", "nhs")
    assert extract != closed.done("statement", "FY2024-Q1")
    assert list(extract["partners"]) == ["nhs"]
    for face in OPENINGS:
        done = closed.done("statement", "FY2024-Q1", "--partner", "nhs", "--format", face, "--out", "out")
        assert done["file"] == f"out/statement-FY2024-Q1-nhs.{face}"
    assert faults(closed("statement", "FY2024-Q1", "--partner", "ccg", "--json"))[0]["remedy"].endswith("council, nhs")


def test_a_statement_as_it_was_known(imported: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "4000000000")  # 2096-10-02
    imported.done("close", "FY2024-Q1")
    first = imported("statement", "FY2024-Q1").stdout
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "4000086400")
    imported.done("reopen", "FY2024-Q1", "--reason", "an invoice came")
    imported.done("import", imported.write("more.csv", "date,event,service,amount,reference",
                                           "2024-06-01,expenditure,beds,1.00,INV-9"))
    imported.done("close", "FY2024-Q1")
    assert imported("statement", "FY2024-Q1").stdout != first
    assert imported("statement", "FY2024-Q1", "--known-at", "2096-10-02").stdout == first
    assert imported("statement", "FY2024-Q1", "--known-at", "2096-10-02T09:00:00Z").stdout == first
    early = imported("statement", "FY2024-Q1", "--known-at", "2096-10-01")
    assert json.loads(early.stdout)["issue"] == 0, "a draft: there was none yet"
    assert [one["code"] for one in faults(imported("statement", "FY2024-Q2", "--json"))] == ["statement-missing"]


def test_the_annual_return_is_named_by_its_year(imported: Ledger) -> None:
    for quarter in ("Q1", "Q2", "Q3", "Q4"):
        imported.done("close", f"FY2024-{quarter}")
    assert imported("statement", "FY2024").stdout == imported("statement", "FY2024-Q4").stdout


def test_verify_of_sound_books(closed: Ledger) -> None:
    done = closed.done("verify")
    assert (done["sound"], done["findings"]) == (True, [])
    assert closed("verify").stdout == (
        f"The books are sound: {done['ledger']['entries']} entries, head {done['ledger']['head']}\n")


@pytest.mark.parametrize(("table", "change"), [
    ("posting", "amount = amount + 1 WHERE line = 1"), ("posting", "amount = -amount"),
    ("entry", "reference = 'INV-9' WHERE reference = 'INV-1'"),
    ("entry", "effective_date = '2024-04-09' WHERE number = 5"),
    ("statement", "document = replace(document, '1900.50', '1900.51')"),
    ("agreement", "text = replace(text, '6000', '6001')"),
])
def test_verify_of_books_that_were_bent(closed: Ledger, table: str, change: str) -> None:
    with sqlite3.connect(closed.file) as conn:
        for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            conn.execute(f'DROP TRIGGER "{name}"')
        assert conn.execute(f"UPDATE {table} SET {change}").rowcount > 0
    result = closed("verify", "--json")
    assert result.exit_code == 1
    done = json.loads(result.stdout)
    assert not done["sound"]
    assert done["findings"]
    words = closed("verify")
    assert words.exit_code == 1
    assert words.stdout.splitlines() == ["The books are not sound:", *(f"  {one}" for one in done["findings"])]


def test_export_in_each_format(closed: Ledger) -> None:
    for name in ("beancount", "hledger", "csv", "jsonl"):
        text = closed("export", "--format", name).stdout_bytes.decode()
        assert "INV-1" in text
        assert closed.done("export", "--format", name) == {"format": name, "journal": text}
    entries = closed.done("verify")["ledger"]["entries"]
    lines = closed("export", "--format", "jsonl").stdout.splitlines()
    assert len([one for one in map(json.loads, lines) if "number" in one]) == entries
    rows = list(csv.DictReader(io.StringIO(closed("export", "--format", "csv").stdout)))
    assert {row["number"] for row in rows} == {str(number) for number in range(1, entries + 1)}


def test_keys(applied: Ledger) -> None:
    assert applied("key", "list").stdout == "There is no key yet: poolbook key new --name ...\n"
    before = applied.state()
    applied.done("key", "new", "--name", "nobody", "--dry-run")
    assert applied.state() == before
    made = applied.done("key", "new", "--name", "finance office", "--expires", "2099-01-01")
    assert made["key"].startswith("pbk_")
    assert made["roles"] == ["finance-officer"]
    for_all = applied("key", "new", "--name", "auditor", "--role", "auditor", "--role", "auditor", "--every").stdout
    assert for_all.splitlines()[1].endswith(", auditor. It is not shown again.")
    applied.done("key", "new", "--name", "board", "--role", "board-reader", "--partner", "nhs", "--holder", "Ann Hill")
    listed = applied.done("key", "list")["keys"]
    assert [(one["name"], one["partnership"], one["roles"], one["revoked"]) for one in listed] == [
        ("finance office", "millbrook", ["finance-officer"], None), ("auditor", "(all)", ["auditor"], None),
        ("board", "millbrook", ["board-reader"], None)]
    assert (listed[2]["partner"], listed[2]["holder"]) == ("nhs", "Ann Hill")
    assert "board-reader for nhs" in applied("key", "list").stdout
    assert "2099-01-01" in listed[0]["expires"]
    told = applied("key", "list").stdout
    assert "finance office" in told
    assert "pbk_" not in told
    assert made["key"] not in json.dumps(listed)
    assert applied.done("key", "revoke", made["id"])["revoked"]
    assert "revoked" in applied("key", "list").stdout
    assert applied("key", "revoke", listed[1]["id"]).exit_code == 0


def test_one_of_several_partnerships(closed: Ledger) -> None:
    renamed = AGREEMENT.replace("id: millbrook, name: Millbrook", "id: ashford, name: Ashford")
    other = closed.write("other.yaml", renamed)
    closed.done("apply", other)
    found = faults(closed("verify", "--json"))
    assert found[0]["code"] == "partnership-not-named"
    assert "ashford, millbrook" in found[0]["remedy"]
    assert closed.done("verify", "--partnership", "millbrook")["ledger"]["entries"] > closed.done(
        "verify", "--partnership", "ashford")["ledger"]["entries"]


def test_a_year_at_one_moment_is_the_same_to_the_byte(steps: dict[str, Path], case: Path,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    found = []
    for name in ("one.db", "two.db"):
        Path(name).write_bytes(steps["made"].read_bytes())
        ledger = Ledger(Path(), Path(name))
        for words in (("apply", case / "agreement.yaml"), ("import", *sorted(case.glob("*.csv"))),
                      ("close", "FY2024-Q1")):
            ledger.done(*words)
        found.append([ledger("statement", "FY2024-Q1", "--format", face).stdout_bytes for face in OPENINGS]
                     + [ledger("export", "--format", "jsonl").stdout_bytes])
    assert found[0] == found[1]


def test_periods_are_listed_as_they_stand(closed: Ledger) -> None:
    told = closed("periods").stdout.splitlines()
    assert told[:2] == ["FY2024-Q1  2024-04-01 to 2024-06-30  closed", "FY2024-Q2  2024-07-01 to 2024-09-30  open"]
    listed = closed.done("periods")["periods"]
    assert [one["id"] for one in listed] == [line.split()[0] for line in told]
    assert listed[0] == {"id": "FY2024-Q1", "from": "2024-04-01", "to": "2024-06-30", "status": "closed"}
