"""Which language the command line speaks: what is shown follows the reader, what is kept does not."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from api.cli import main
from tests.cli.conftest import AGREEMENT


def run(*words: str, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, words, env={"POOLBOOK_LANGUAGE": None, **(env or {})})
    return result.exit_code, result.stdout, result.stderr


def a_case(folder: Path) -> Path:
    folder.mkdir()
    (folder / "agreement.yaml").write_text(AGREEMENT)
    (folder / "events.csv").write_text(
        "date,event,fund,partner,service,amount,reference\n2024-04-05,contribution,core,council,,1000.00,RCT-1\n"
        "2024-05-05,expenditure,core,,beds,2000.00,INV-1\n")
    return folder


def test_a_refusal_is_in_the_readers_language_with_the_same_code(tmp_path: Path) -> None:
    code, _, told = run("--language", "sv", "run", str(tmp_path), "--out", str(tmp_path / "out"))
    assert code == 2
    assert "innehåller ingen agreement.yaml" in told
    assert "[case-incomplete]" in told
    assert run("run", str(tmp_path), "--out", str(tmp_path / "out"))[2] != told


def test_the_environment_says_the_language_too(tmp_path: Path) -> None:
    told = run("run", str(tmp_path), "--out", str(tmp_path / "out"), env={"POOLBOOK_LANGUAGE": "sv"})[2]
    assert "innehåller ingen" in told


def test_an_unknown_language_is_named_with_those_that_are_spoken() -> None:
    code, _, told = run("--language", "tlh", "init")
    assert code == 2
    assert "en, sv" in told


def test_faces_speak_swedish_and_the_document_stays_as_it_is_sealed(tmp_path: Path) -> None:
    case = a_case(tmp_path / "case")
    english, swedish = tmp_path / "en", tmp_path / "sv"
    clock = {"SOURCE_DATE_EPOCH": "1730000000"}
    assert run("run", str(case), "--out", str(english), "--through", "FY2024-Q1", env=clock)[0] == 0
    code, told, _ = run("--language", "sv", "run", str(case), "--out", str(swedish), "--through", "FY2024-Q1",
                        env=clock)
    assert code == 0
    assert "förbrukade poolen" in told
    name = "statement-FY2024-Q1"
    assert json.loads((swedish / f"{name}.json").read_text()) == json.loads((english / f"{name}.json").read_text())
    page = (swedish / f"{name}.html").read_text()
    assert '<html lang="sv"' in page
    assert "2\u00a0000,00" in page
    assert "2,000.00" not in page
    assert '<html lang="en' in (english / f"{name}.html").read_text()
