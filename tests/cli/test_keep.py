"""`poolbook scenario new` and `scenario read --keep` on books: a workbook of them, read back and kept under a name."""

from __future__ import annotations

import json

import pytest
from openpyxl import load_workbook

from api.database import connect
from api.settings import database_url
from commissioning.scenario.store import kept
from ledger import service as books
from tests.cli.conftest import Ledger, StartLedger, faults
from tests.scenario import damage as do


@pytest.fixture
def changed(imported: Ledger) -> Ledger:
    """Books with a workbook made of them, in which beds cost 12,000 now."""
    told = imported.done("scenario", "new", "--out", imported.folder / "s.xlsx")
    assert (told["partnership"], told["year"], told["as_at"]) == ("millbrook", "FY2024", "FY2024-Q2")
    sheet = load_workbook(imported.folder / "s.xlsx")["Inputs"]
    rows = {row[11].value: row[6].coordinate for row in sheet.iter_rows(min_row=6)}
    path = imported.folder / "s.xlsx"
    path.write_bytes(do.number("Inputs", rows["in_actual_beds"], "12000")(path.read_bytes()))
    return imported


def test_it_is_kept_with_who_worked_it_out_and_from_which_books(changed: Ledger) -> None:
    before = changed.state()
    data = changed.done("scenario", "read", changed.folder / "s.xlsx", "--keep", "Dearer beds")
    assert (data["kept"], [one["input"] for one in data["changes"]]) == (1, ["actual.beds"])
    assert changed.state() == {**before, "scenario": before["scenario"] + 1}, "nothing else is recorded"
    again = changed("scenario", "read", changed.folder / "s.xlsx", "--keep", "Once more")
    assert "Kept as number 2: Once more." in again.stdout
    with connect(database_url(str(changed.file))).connect() as conn:
        first, second = kept(conn, books.open_book(conn, "millbrook"))
    assert (first.name, first.year, second.name) == ("Dearer beds", "FY2024", "Once more")
    assert first.actor.startswith("login:")
    assert json.loads(first.report)["changes"] == data["changes"]


def test_a_dry_run_keeps_nothing(changed: Ledger) -> None:
    before = changed.state()
    changed.done("scenario", "read", changed.folder / "s.xlsx", "--keep", "Dearer beds", "--dry-run")
    assert changed.state() == before


def test_one_of_other_books_is_refused_and_not_kept(changed: Ledger, ledger_at: StartLedger) -> None:
    """The same workbook, held against books that never stood where it began."""
    other = ledger_at("applied")
    before = other.state()
    (fault,) = faults(other("scenario", "read", changed.folder / "s.xlsx", "--keep", "Elsewhere", "--json"))
    assert fault["code"] in ("scenario-unknown", "scenario-base-other")
    assert other.state() == before


def test_a_workbook_is_of_a_case_or_of_books(changed: Ledger) -> None:
    result = changed("scenario", "read", changed.folder / "s.xlsx", "--keep", "x", "--case", changed.folder)
    assert result.exit_code == 2
    assert "give one of them" in result.stderr
    assert changed("scenario", "read", changed.folder / "s.xlsx", "--keep", "a\nb").exit_code == 2
