"""`poolbook import`: all or none, twice, late, tried, and by rows, the refused ones given back to be mended."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.commands import year
from tests.cli.conftest import EVENTS, Ledger, faults

HEADER = "date,event,service,amount,reference,note"
GOOD = "2024-07-01,expenditure,beds,10.00,NEW-1,"
BAD = "2024-07-02,expenditure,bed,20.00,NEW-2,\"Wrong, service\""


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_events_once_and_again(applied: Ledger, case: Path) -> None:
    files = sorted(case.glob("*.csv"))
    tried = applied.done("import", *files, "--dry-run")
    assert tried == {"posted": EVENTS, "skipped": 0, "refused": [], "dry_run": True}
    assert applied.done("import", *files) == {"posted": EVENTS, "skipped": 0, "refused": []}
    before = applied.done("verify")["ledger"]
    assert applied.done("import", *files) == {"posted": 0, "skipped": EVENTS, "refused": []}
    assert applied.done("verify")["ledger"] == before
    assert applied("import", *files).stdout == "0 events posted, 5 were there already.\n"


def test_one_bad_row_keeps_all_files_out(imported: Ledger) -> None:
    before = imported.state()
    good, bad = imported.write("good.csv", HEADER, GOOD), imported.write("bad.csv", HEADER, BAD)
    found = faults(imported("import", good, bad, "--json"))
    assert [(one["code"], one["place"]["file"], one["place"]["line"]) for one in found] == [
        ("service-unknown", "bad.csv", 2)]
    assert imported.state() == before


def test_the_same_fault_on_many_lines_is_told_once(imported: Ledger) -> None:
    bad = [f"2024-07-{1 + n % 28:02d},expenditure,bed,20.00,NEW-{n}," for n in range(1200)]
    few, many = imported.write("few.csv", HEADER, *bad[:3], BAD), imported.write("many.csv", HEADER, *bad)
    assert imported("import", few).stderr.splitlines()[2:] == [
        "    the same on 3 more lines: 3, 4, 5", "4 faults; nothing was recorded."]
    assert imported("import", few, imported.write("one.csv", HEADER, GOOD, BAD)).stderr.count("[service-unknown]") == 2
    told = imported("import", many).stderr.splitlines()
    assert told[0].startswith("many.csv:2, service: there is no service 'bed'")
    assert told[2:] == ["    the same on 999 more lines: 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, …",
                        "1,000 faults, and more may follow: reading stopped there. Nothing was recorded."]
    assert len(faults(imported("import", many, "--json"))) == 1000, "a program hears of each"


def test_one_is_not_told_as_many(imported: Ledger) -> None:
    file = imported.write("new.csv", HEADER, GOOD)
    assert imported("import", file).stdout == "1 event posted, 0 were there already.\n"
    assert imported("import", file).stdout == "0 events posted, 1 was there already.\n"


def test_late_events_go_into_the_open_period(closed: Ledger) -> None:
    late = closed.write("late.csv", HEADER, "2024-05-20,expenditure,beds,30.00,LATE-1,")
    before = closed.state()
    refused = faults(closed("import", late, "--json"))
    assert [one["code"] for one in refused] == ["event-in-closed-period"]
    assert closed.state() == before
    assert closed.done("import", late, "--late")["posted"] == 1
    row = next(line for line in closed("export", "--format", "csv").stdout.splitlines() if "LATE-1" in line)
    assert "FY2024-Q2,FY2024-Q1" in row
    assert closed.done("import", late, "--late")["skipped"] == 1


def test_refused_rows_come_back_to_be_mended(imported: Ledger) -> None:
    file = imported.write("new.csv", HEADER, GOOD, BAD, "2024-07-03,expenditure,respite,30.00")
    result = imported("import", file, "--accept-good-rows", "refused.csv")
    assert result.exit_code == 2
    assert result.stdout == "1 event posted, 0 were there already, 2 refused: mend them in refused.csv.\n"
    unknown, ragged = rows(Path("refused.csv"))
    assert list(unknown) == [*HEADER.split(","), "why_refused"]
    assert (unknown["reference"], unknown["note"]) == ("NEW-2", "Wrong, service")
    assert "did you mean beds" in unknown["why_refused"]
    assert (ragged["amount"], ragged["reference"], ragged["note"]) == ("30.00", "", "")
    assert "has 4 fields" in ragged["why_refused"]

    text = Path("refused.csv").read_text(encoding="utf-8")
    Path("refused.csv").write_text(text.replace(",bed,", ",beds,").replace("30.00,,", "30.00,NEW-3,"), encoding="utf-8")
    assert imported.done("import", "refused.csv") == {"posted": 2, "skipped": 0, "refused": []}
    assert imported.done("verify")["sound"]


def test_refused_rows_of_several_files_come_back_in_one(imported: Ledger) -> None:
    """Files with other columns, two of them with the same name: one header, and only the rows that were refused."""
    one = imported.write("a/new.csv", HEADER, BAD, GOOD)
    two = imported.write("b/new.csv", "reference,date,event,fund,partner,amount",
                         "NEW-3,2024-07-03,contribution,core,nhs,5.00", "NEW-4,2024-07-04,contribution,core,ccg,6.00")
    result = imported("import", one, two, "--accept-good-rows", "refused.csv", "--json")
    assert result.exit_code == 2
    text = Path("refused.csv").read_text(encoding="utf-8")
    assert [row["reference"] for row in rows(Path("refused.csv"))] == ["NEW-2", "NEW-4"]
    Path("refused.csv").write_text(text.replace(",bed,", ",beds,").replace(",ccg,", ",nhs,"), encoding="utf-8")
    assert imported.done("import", "refused.csv") == {"posted": 2, "skipped": 0, "refused": []}


def test_rows_that_are_refused_a_second_time_come_back_a_second_time(imported: Ledger) -> None:
    file = imported.write("new.csv", HEADER, GOOD, BAD)
    imported("import", file, "--accept-good-rows", "refused.csv")
    first = Path("refused.csv").read_text(encoding="utf-8")
    assert imported("import", "refused.csv", "--accept-good-rows", "again.csv").exit_code == 2
    assert Path("again.csv").read_text(encoding="utf-8") == first


def test_a_row_over_several_lines_comes_back_whole(imported: Ledger) -> None:
    file = imported.write("new.csv", HEADER, '2024-07-01,expenditure,beds,10.00,NEW-1,"two\nlines"',
                          '2024-07-01,expenditure,bed,11.00,NEW-2,"two\nlines"', GOOD.replace("NEW-1", "NEW-3"))
    imported("import", file, "--accept-good-rows", "refused.csv")
    assert [(row["reference"], row["note"]) for row in rows(Path("refused.csv"))] == [("NEW-2", "two\nlines")]


def test_nothing_refused_writes_no_file(imported: Ledger) -> None:
    file = imported.write("new.csv", HEADER, GOOD)
    assert imported.done("import", file, "--accept-good-rows", "refused.csv")["posted"] == 1
    assert not Path("refused.csv").exists()


def test_a_dry_run_writes_no_refused_rows(imported: Ledger) -> None:
    before = imported.state()
    file = imported.write("new.csv", HEADER, GOOD, BAD)
    assert imported("import", file, "--accept-good-rows", "refused.csv", "--dry-run").exit_code == 2
    assert not Path("refused.csv").exists()
    assert imported.state() == before


def test_where_refused_rows_cannot_be_kept_no_row_is(imported: Ledger) -> None:
    before = imported.state()
    file = imported.write("new.csv", HEADER, GOOD, BAD)
    found = faults(imported("import", file, "--accept-good-rows", "nowhere/refused.csv", "--json"))
    assert found[0]["place"]["file"] == "nowhere/refused.csv"
    assert imported.state() == before


@pytest.mark.parametrize("lines", [
    ("date,event,amount", GOOD), (HEADER, GOOD, '2024-07-02,expenditure,beds,1.00,NEW-2,"open'),
    ("date;event;service;amount;reference", GOOD.replace(",", ";"))])
def test_a_file_whose_rows_cannot_be_told_apart_is_refused_whole(imported: Ledger, lines: tuple[str, ...]) -> None:
    before = imported.state()
    broken = imported.write("broken.csv", *lines)
    good = imported.write("good.csv", HEADER, GOOD)
    found = faults(imported("import", good, broken, "--accept-good-rows", "refused.csv", "--json"))
    assert {one["place"]["file"] for one in found} == {"broken.csv"}
    assert imported.state() == before
    assert not Path("refused.csv").exists()


@contextmanager
def pipe(*lines: str) -> Iterator[str]:
    """What names a pipe that brings these lines."""
    read, write = os.pipe()
    os.write(write, "".join(f"{line}\n" for line in lines).encode())
    os.close(write)
    yield f"/dev/fd/{read}"
    os.close(read)


def test_events_come_through_a_pipe(applied: Ledger) -> None:
    with pipe(HEADER, GOOD) as file:
        assert applied.done("import", file) == {"posted": 1, "skipped": 0, "refused": []}


def test_refused_rows_that_came_through_a_pipe_come_back_as_well(applied: Ledger) -> None:
    with pipe(HEADER, GOOD, BAD) as file:
        assert applied("import", file, "--accept-good-rows", "refused.csv").exit_code == 2
    assert [row["reference"] for row in rows(Path("refused.csv"))] == ["NEW-2"]


def test_a_pipe_that_brings_nothing_is_not_asked_again(applied: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """One with a name would wait for somebody to write to it."""
    asked: list[Path] = []
    monkeypatch.setattr(year, "lines_of", asked.append)
    with pipe() as file:
        found = faults(applied("import", file, "--json"))
    assert ({one["code"] for one in found}, asked) == ({"column-missing"}, [])
