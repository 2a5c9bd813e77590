"""The installed command as a shell finds it: what goes where, how it ends, and the README's own lines."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.cli.conftest import EPOCH

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def environment(**more: str) -> dict[str, str]:
    """As little as a shell needs, with the installed command found first."""
    return {"PATH": f"{BIN}{os.pathsep}{os.defpath}", "HOME": os.environ.get("HOME", "/"), "LANG": "C", **more}


def installed(*words: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BIN / "poolbook", *words], capture_output=True, text=True, encoding="utf-8", cwd=folder,
                          env=environment(**more), check=False)


def test_a_run_and_a_refusal(case: Path, tmp_path: Path) -> None:
    done = installed("run", "case", "--out", "out", "--json", folder=tmp_path, SOURCE_DATE_EPOCH=EPOCH)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(json.loads(done.stdout)["files"]) == 8
    refused = installed("import", "nowhere.csv", folder=tmp_path, POOLBOOK_DATABASE="out/poolbook.db")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("nowhere.csv: the file cannot be read: ")


def test_a_reader_who_leaves_early_meets_no_traceback(steps: dict[str, Path], tmp_path: Path) -> None:
    shutil.copyfile(steps["closed"], tmp_path / "poolbook.db")
    line = "poolbook statement FY2024-Q1 --format html | head -c 10; poolbook export --format csv --json | head -c 1"
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, cwd=tmp_path, env=environment(),
                          check=True)
    assert "Traceback" not in done.stderr


def readme_lines() -> list[str]:
    """The commands of the README's indented blocks; what follows `make` and `poolbook serve` is tested elsewhere."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = [re.split(r"\s{2,}#", line.strip())[0] for line in re.findall(r"^ {4}(.+)$", text, re.MULTILINE)]
    return [line for line in lines if re.match(r"(export|poolbook) ", line) and not line.startswith("poolbook serve")]


def test_the_readme_s_commands_run_in_order(tmp_path: Path) -> None:
    lines = readme_lines()
    assert any(line.startswith("poolbook init") for line in lines)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(BIN)
    for name in set(re.findall(r"examples/([a-z0-9-]+)", " ".join(lines))):
        shutil.copytree(ROOT / "examples" / name, tmp_path / "examples" / name)
    done = subprocess.run(["/bin/sh", "-euxc", "\n".join(lines)], capture_output=True, text=True, encoding="utf-8",
                          cwd=tmp_path, env=environment(), check=False)
    assert done.returncode == 0, done.stderr
    assert "is closed; its indicative statement is issued (issue 1). All its checks hold." in done.stdout
    assert "The books are sound" in done.stdout
    assert (tmp_path / "out" / "statement-FY2018-Q1.pdf").read_bytes().startswith(b"%PDF")
    assert "INV-2018-0001" in (tmp_path / "books.beancount").read_text(encoding="utf-8")


def test_the_readme_s_demo_says_what_the_readme_says(tmp_path: Path) -> None:
    """`make demo` installs and then does this."""
    rule = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "@$(BIN)/poolbook run $(CASE) --out out/$(notdir $(CASE))" in rule
    assert "CASE ?= examples/scottish-borders-2018" in rule
    case = "scottish-borders-2018"
    done = installed("run", str(ROOT / "examples" / case), "--out", f"out/{case}", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for figure in ("1,632,798.57", "4,367,201.43"):
        assert figure in text
        assert figure in done.stdout
    assert f"out/{case}/statement-FY2018-Q4.pdf" in done.stdout


def test_serve_refuses_an_address_that_is_taken_or_not_this_machine_s(steps: dict[str, Path], tmp_path: Path) -> None:
    shutil.copyfile(steps["closed"], tmp_path / "poolbook.db")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = installed("serve", "--port", port, folder=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        2, f"nobody can be answered at 127.0.0.1, port {port}: Address already in use  [address-unusable]")
    done = installed("serve", "--host", "192.0.2.1", "--json", folder=tmp_path)
    assert json.loads(done.stderr)["refused"][0]["code"] == "address-unusable"


def test_serve_refuses_a_database_that_is_not_up_to_date(tmp_path: Path) -> None:
    (tmp_path / "books.db").touch()
    done = installed("serve", "--database", "books.db", "--json", folder=tmp_path)
    assert done.returncode == 2
    assert json.loads(done.stderr)["refused"][0]["code"] == "database-not-ready"


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no disk that is always full")
@pytest.mark.parametrize("words", ["verify", "statement FY2024-Q1", "statement FY2024-Q1 --format pdf",
                                   "export --format csv", "export --format csv --json", "schema", "--help"])
def test_a_full_disk_behind_standard_output_is_told(steps: dict[str, Path], tmp_path: Path, words: str) -> None:
    shutil.copyfile(steps["closed"], tmp_path / "poolbook.db")
    done = subprocess.run(["/bin/sh", "-c", f"poolbook {words} > /dev/full"], capture_output=True, text=True,
                          cwd=tmp_path, env=environment(), check=False)
    assert done.returncode == 2
    if "--json" in words:
        assert json.loads(done.stderr)["refused"][0]["code"] == "file-unwritable"
    else:
        assert done.stderr.splitlines()[0] == ("standard output: nothing can be written there: "
                                               "No space left on device  [file-unwritable]")
        assert len(done.stderr.splitlines()) == 2


def test_standard_output_that_is_closed_ends_without_a_traceback(steps: dict[str, Path], tmp_path: Path) -> None:
    shutil.copyfile(steps["closed"], tmp_path / "poolbook.db")
    done = subprocess.run(["/bin/sh", "-c", "poolbook statement FY2024-Q1 >&-"], capture_output=True, text=True,
                          cwd=tmp_path, env=environment(), check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_is_written_through_a_link_and_into_a_pipe(steps: dict[str, Path], tmp_path: Path) -> None:
    shutil.copyfile(steps["closed"], tmp_path / "poolbook.db")
    (tmp_path / "kept").mkdir()
    (tmp_path / "receipt.json").symlink_to("kept/receipt.json")
    assert installed("receipt", "--out", "receipt.json", folder=tmp_path).returncode == 0
    assert (tmp_path / "receipt.json").is_symlink()
    assert json.loads((tmp_path / "kept" / "receipt.json").read_text(encoding="utf-8"))["format"]
    piped = subprocess.run(["/bin/sh", "-c", "mkfifo pipe; cat pipe & poolbook receipt --out pipe > told; wait"],
                           capture_output=True, text=True, cwd=tmp_path, env=environment(), check=True)
    assert json.loads(piped.stdout)["format"]
    assert (tmp_path / "pipe").is_fifo()
    assert list(tmp_path.glob("**/*.part")) == []


def test_who_breaks_off_before_the_command_is_read_meets_no_traceback(tmp_path: Path) -> None:
    broken_off = ("import sys\n"
                  "class Broken:\n"
                  "    def find_spec(self, name, path=None, target=None):\n"
                  "        if name == 'click': raise KeyboardInterrupt\n"
                  "sys.meta_path.insert(0, Broken())\n"
                  "from api.start import main\n"
                  "main()\n")
    done = subprocess.run([sys.executable, "-c", broken_off], capture_output=True, text=True, cwd=ROOT, check=False,
                          env=environment())
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "Aborted!\n")


def test_the_command_begins_where_that_is_caught() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"poolbook": "api.start:main"}
