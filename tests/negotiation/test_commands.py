"""`poolbook negotiate`: a pack from a case, workbooks, other agreements and a record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from api.cli import main
from tests.negotiation.samples import CASE, FAIR, OTHER_SHARES, RECORD
from tests.scenario import damage as do

CASES = CASE.parent


def poolbook(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A returned workbook with a higher contribution, another agreement, and a record."""
    folder = tmp_path_factory.mktemp("options")
    assert poolbook("scenario", "new", CASE, "--year", "FY2024", "--out", folder / "higher.xlsx").exit_code == 0
    rows = {row[11].value: row[6].coordinate for row in load_workbook(folder / "higher.xlsx")["Inputs"].iter_rows(
        min_row=6)}
    content = do.number("Inputs", rows["in_contributions_1_amount"], "4900000")((folder / "higher.xlsx").read_bytes())
    (folder / "higher.xlsx").write_bytes(content)
    (folder / "shares.yaml").write_text(OTHER_SHARES, encoding="utf-8")
    (folder / "record.yaml").write_text(RECORD, encoding="utf-8")
    return folder


def test_a_pack_is_written_in_every_format(files: Path, tmp_path: Path) -> None:
    words: list[object] = ["negotiate", CASE, "--year", "FY2024", "--scenarios", files / "higher.xlsx", "--rules",
                           files / "shares.yaml", "--offers", files / "record.yaml", "--known-at", "2026-11-22"]
    result = poolbook(*words, "--out", tmp_path, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    data = json.loads(result.stdout)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"negotiation-FY2024.{suffix}"
                                                                for suffix in ("html", "json", "pdf", "xlsx")]
    assert data["same_total"], "more money paid in changes no cost"
    assert [one["name"] for one in data["options"]] == ["Today", "higher", "shares"]
    assert data["options"][2]["change"] == {"council": "76111.11", "nhs": "66388.89", "district": "7500.00"}
    kept = json.loads((tmp_path / "negotiation-FY2024.json").read_text(encoding="utf-8"))
    assert kept["options"] == data["options"]
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert "All three options fund the same services" in poolbook(*words, "--out", tmp_path).stdout
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first, "the same bytes"


def test_other_years_stand_beside_the_one_that_is_negotiated(files: Path, tmp_path: Path) -> None:
    result = poolbook("negotiate", CASE, "--rules", files / "shares.yaml", "--out", tmp_path, "--json")
    assert json.loads(result.stdout)["verdict"][0].startswith("Both options fund the same services at the same total")
    years = json.loads(result.stdout)["options"][1]["years"]
    assert list(years) == ["FY2024", "FY2025"]
    assert years["FY2024"]["council"] == "5203111.11"


@pytest.mark.parametrize(("options", "code"), [
    ([], "nothing-to-compare"),
    (["--rules", "shares.yaml", "--rules", "shares.yaml"], "option-name-twice"),
    (["--scenarios", "higher.xlsx", "--year", "FY2025"], "scenario-base-other"),
    (["--scenarios", "other.xlsx"], "scenario-base-other"),
    (["--rules", CASES / "salford-2006" / "agreement.yaml"], "option-other-partnership"),
    (["--scenarios", "none.xlsx"], "file-unreadable"),
    (["--rules", "shares.yaml", "--offers", "bad.csv"], "negotiation-record-wrong")])
def test_it_is_refused_and_nothing_is_written(files: Path, tmp_path: Path, options: list[object], code: str) -> None:
    poolbook("scenario", "new", CASES / "salford-2006", "--out", files / "other.xlsx")
    (files / "bad.csv").write_text("date,by,offer\n2026-09-01,nobody,x\n", encoding="utf-8")
    given = [files / one if isinstance(one, str) and "." in one else one for one in options]
    result = poolbook("negotiate", CASE, *given, "--out", tmp_path / "out")
    assert (result.exit_code, f"[{code}]" in result.stderr) == (2, True), result.stderr
    assert not (tmp_path / "out").exists()


def test_chances_and_a_question_of_fairness_stand_beside_the_options(files: Path, tmp_path: Path) -> None:
    (files / "chances.yaml").write_text("{seed: 7, draws: 50, services: {reablement: {demand: {normal: {sd: 5}}}}}\n",
                                        encoding="utf-8")
    (files / "fair.yaml").write_text(FAIR, encoding="utf-8")
    result = poolbook("negotiate", CASE, "--year", "FY2024", "--rules", files / "shares.yaml", "--chances",
                      files / "chances.yaml", "--fair", files / "fair.yaml", "--out", tmp_path, "--json")
    assert result.exit_code == 0, result.stderr
    data = json.loads(result.stdout)
    assert (data["chances"]["seed"], data["chances"]["draws"]) == (7, 50)
    assert data["chances"]["services"]["reablement"]["demand"]["normal"] == {"mean": "0", "sd": "5"}
    assert [one["exposure"]["years"] for one in data["options"]] == [50, 50]
    assert len(data["division"]["methods"]) == 9
    page = (tmp_path / "negotiation-FY2024.html").read_text(encoding="utf-8")
    assert "What each partner may be called for, in 50 drawn years" in page
    assert "A cost of £900,000.00 borne in nine ways" in page


@pytest.mark.parametrize(("option", "text", "code", "place"), [
    ("--chances", "{seed: 1, services: {beds: {demand: {normal: {sd: 5}}}}}", "service-not-simulated", "Today"),
    ("--chances", "seed: 1\nservices: {reablement: {demand: {normal: {sd: x}}}}", "number-unreadable", "given.yaml:2"),
    ("--fair", "cost: 5\nparties: [a, a]\n", "terms-wrong", "given.yaml")])
def test_what_stands_beside_is_refused_where_it_is_wrong(files: Path, tmp_path: Path, option: str, text: str,
                                                         code: str, place: str) -> None:
    (files / "given.yaml").write_text(text, encoding="utf-8")
    result = poolbook("negotiate", CASE, "--rules", files / "shares.yaml", option, files / "given.yaml", "--year",
                      "FY2024", "--out", tmp_path / "out")
    assert (result.exit_code, f"[{code}]" in result.stderr) == (2, True), result.stderr
    assert place in result.stderr
    assert not (tmp_path / "out").exists()
