"""Drafts and differences on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Ledger, faults


def test_a_draft(imported: Ledger, tmp_path: Path) -> None:
    before = imported.state()
    found = json.loads(imported("statement", "FY2024-Q2", "--draft").stdout)
    assert (found["issue"], found["indicative"], found["totals"]["actual"]) == (0, True, "4400.50")
    assert imported.done("statement", "FY2024-Q1", "--draft", "--format", "html", "--out", tmp_path)["file"].endswith(
        "statement-FY2024-Q1-draft.html")
    assert imported.state() == before


def test_differences(closed: Ledger) -> None:
    closed.done("reopen", "FY2024-Q1", "--reason", "an invoice came")
    closed.done("import", closed.write("more.csv", "date,event,service,amount,reference",
                                       "2024-06-01,expenditure,beds,1.00,INV-9"))
    closed.done("close", "FY2024-Q1")
    told = closed("statement", "FY2024-Q1", "--differences", "1:2").stdout
    assert told.startswith("Millbrook Partnership, FY2024-Q1, in GBP\nissue 1 (known at ")
    assert "expenditure INV-9 (beds) 1.00; recorded" in told
    assert "FY2024-Q1 reopened: an invoice came" in told
    found = closed.done("statement", "FY2024-Q1", "--differences", "1")
    assert [one["reference"] for one in found["entries"]["recorded"]] == ["INV-9"]
    own = closed.done("statement", "FY2024-Q1", "--differences", "1:2", "--partner", "nhs")
    assert not any("council" in one["path"] for one in own["figures"])
    assert closed.done("statement", "FY2024-Q1", "--differences", "2:0")["figures"] == []


@pytest.mark.parametrize(("words", "code"), [
    (("--differences", "one"), "usage"), (("--differences", "1:2", "--draft"), "usage"),
    (("--differences", "1:2"), "issue-missing")])
def test_what_cannot_be_compared(closed: Ledger, words: tuple[str, ...], code: str) -> None:
    assert faults(closed("statement", "FY2024-Q1", *words, "--json"))[0]["code"] == code
