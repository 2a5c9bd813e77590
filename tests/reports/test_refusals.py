"""What is refused, by its code, on the command line and over HTTP; and what a partner's reader gets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from api.cli import main
from exports.reports.catalogue import REPORTS
from tests.api.conftest import MILLBROOK, MakeKey, admin, clock, make_key, millbrook, server  # noqa: F401
from tests.api.test_keys import bearer
from tests.api.test_refusals import refused
from tests.reports.examples import ledger

EXAMPLE = "northshire-2024"


def poolbook(tmp_path: Path, *words: str, example: str = EXAMPLE) -> tuple[int, dict[str, object]]:
    """`poolbook report … --json` on an example's ledger: its exit status and what it says."""
    database = str(ledger(example).url.database)
    where = ["--out", str(tmp_path / "out"), "--database", database]
    done = CliRunner().invoke(main, ["report", *words, "--json", *where])
    return done.exit_code, json.loads(done.stdout or done.stderr)


@pytest.mark.parametrize(("words", "code"), [
    (("aging", "FY2024-M12"), "report-unknown"), (("ageing", "FY2024-Q4"), "period-name-wrong"),
    (("ageing", "FY2026-M01"), "statement-missing"), (("ageing", "FY2024-M12", "--partner", "ccg"),
                                                      "partner-not-in-statement"),
    (("partner-accounts", "FY2024-M12", "--agent", "bedz"), "report-name-unknown"),
    (("partner-accounts", "FY2024-M12", "--vat", "community-beds"), "report-option-wrong"),
    (("partner-accounts", "FY2024-M12", "--vat", "bedz=exempt"), "report-name-unknown"),
    (("bcf-return", "FY2024-M12", "--minimum", "base budget"), "report-option-wrong"),
    (("bcf-return", "FY2024-M12", "--minimum", "base budget=lots"), "report-option-wrong"),
    (("bcf-return", "FY2024-M12", "--minimum", "grant=1"), "report-name-unknown"),
    (("bcf-return", "FY2024-M12", "--minimum", "base budget=1:bedz"), "report-name-unknown"),
    (("balances", "FY2024-M12", "--balances", "nowhere.csv"), "file-unreadable")])
def test_a_report_that_cannot_be_made_is_refused(tmp_path: Path, words: tuple[str, ...], code: str) -> None:
    status, said = poolbook(tmp_path, *words)
    assert (status, [fault["code"] for fault in said["refused"]]) == (2, [code])  # type: ignore[attr-defined]
    assert not (tmp_path / "out").exists(), "nothing was written"


@pytest.mark.parametrize(("text", "codes"), [
    ("partner,amount\n", ["column-missing"]), ("partner,figure,amount\nccg,payable,1\n", ["partner-unknown"]),
    ("partner,figure,amount\nnhs,debtors,1\n", ["balance-figure-unknown"]),
    ("partner,figure,amount\nnhs,payable,1.234\nnhs,payable\n", ["amount-too-fine", "row-ragged"]),
    ("partner,figure,amount\nnhs,payable,1\nnhs,payable,2\n", ["balance-figure-twice"])])
def test_partners_figures_that_cannot_be_read_are_refused_by_line(tmp_path: Path, text: str, codes: list[str]) -> None:
    file = tmp_path / "theirs.csv"
    file.write_text(text, encoding="utf-8")
    status, said = poolbook(tmp_path, "balances", "FY2024-M12", "--balances", str(file))
    faults: list[dict[str, dict[str, object]]] = said["refused"]  # type: ignore[assignment]
    assert (status, [fault["code"] for fault in faults]) == (2, codes)
    assert not any("date" in str(fault["remedy"]) for fault in faults), "of this file, not of a file of events"
    assert all(fault["place"]["file"] == "theirs.csv" and fault["place"]["line"] for fault in faults)


def test_reports_made_for_one_partner_are_made_for_each(tmp_path: Path) -> None:
    status, said = poolbook(tmp_path, "settlement-notice", "FY2024-M12", "--format", "csv")
    assert (status, said["checks_hold"]) == (0, True)
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert [name for name in names if ".journal." in name] == [
        f"settlement-notice-FY2024-M12-{partner}.journal.csv" for partner in ("council", "district", "nhs")]
    status, said = poolbook(tmp_path, "settlement-notice", "FY2024-M12", "--partner", "nhs")
    assert [Path(str(file)).name for file in said["files"]] == [  # type: ignore[attr-defined]
        *(f"settlement-notice-FY2024-M12-nhs{suffix}" for suffix in (
            ".pdf", ".xlsx", ".working.csv", ".journal.csv", ".checks.csv", "-metadata.json"))]


def test_what_is_stated_is_taken(tmp_path: Path) -> None:
    words = ("--agent", "therapy", "--vat", "therapy=exempt", "--net", "--partner", "nhs", "--format", "csv")
    poolbook(tmp_path, "partner-accounts", "FY2024-M12", *words)
    text = (tmp_path / "out" / "partner-accounts-FY2024-M12-nhs.services.csv").read_text(encoding="utf-8")
    (therapy,) = [row for row in text.splitlines() if row.startswith("therapy,")]
    assert ",agent,exempt," in therapy
    assert therapy.endswith(",0.00"), "an agent shows nothing of it as its own"


@pytest.fixture
def closed(millbrook: TestClient) -> TestClient:  # noqa: F811
    assert millbrook.post(f"{MILLBROOK}/periods/FY2024-Q1/close").status_code == 200
    return millbrook


@pytest.mark.parametrize("name", REPORTS)
def test_over_http_a_partner_gets_its_own_and_no_other(closed: TestClient, make_key: MakeKey,  # noqa: F811
                                                       name: str) -> None:
    key = bearer(make_key("millbrook", ("board-reader",), partner="council"))
    path = f"{MILLBROOK}/reports/{name}/FY2024-Q1"
    own = closed.get(f"{path}.csv", headers=key)
    assert own.status_code == 200, own.text
    assert own.content == closed.get(f"{path}.csv", params={"partner": "council"}).content
    about = closed.get(f"{path}.json", headers=key).json()
    assert about["poolbook:partner"] == "council"
    for table in about["tables"]:
        wanted = table["url"].split(".")[-2]
        text = closed.get(f"{path}.csv", params={"table": wanted}, headers=key).text
        assert "NHS Millbrook" not in text or wanted in ("funds", "schemes"), "who hosts and leads is in the agreement"
    refused(closed.get(f"{path}.pdf", params={"partner": "nhs"}, headers=key), 403, "other-partner")


def test_over_http_every_format_is_there(closed: TestClient) -> None:
    path = f"{MILLBROOK}/reports/ageing/FY2024-Q1"
    for name, begins in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("csv", b"partner,"), ("json", b"{")):
        answer = closed.get(f"{path}.{name}")
        assert answer.status_code == 200
        assert answer.content.startswith(begins)
        assert "ageing-FY2024-Q1" in answer.headers["content-disposition"]
    refused(closed.get(f"{path}.csv", params={"table": "payment"}), 404, "report-table-unknown")
    refused(closed.get(f"{MILLBROOK}/reports/aging/FY2024-Q1.pdf"), 404, "report-unknown")
    refused(closed.get(f"{MILLBROOK}/reports/ageing/FY2024-Q2.pdf"), 404, "statement-missing")
    refused(closed.get(f"{MILLBROOK}/reports/settlement-notice/FY2024-Q1.pdf"), 422, "report-needs-partner")
    refused(closed.get(f"{MILLBROOK}/reports/partner-accounts/FY2024-Q1.pdf", params={
        "partner": "nhs", "agent": "bedz"}), 422, "report-name-unknown")
