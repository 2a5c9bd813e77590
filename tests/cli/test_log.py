"""The command line logs where the environment says so, to standard error, and otherwise nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def init(path: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "api.cli", "init", "--database", str(path)], capture_output=True,
                          text=True, env={**os.environ, **settings}, cwd=ROOT, check=False)


@pytest.mark.parametrize("form", ["json", "text"])
def test_the_steps_of_a_migration_are_logged_on_demand(tmp_path: Path, form: str) -> None:
    done = init(tmp_path / "books.db", POOLBOOK_LOG_LEVEL="info", POOLBOOK_LOG_FORMAT=form)
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert any("0001" in line for line in lines)
    if form == "json":
        assert all(json.loads(line)["logger"].startswith("alembic") for line in lines)


def test_without_it_nothing_is_logged(tmp_path: Path) -> None:
    done = init(tmp_path / "books.db", POOLBOOK_LOG_LEVEL="")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_level_that_there_is_not_is_refused(tmp_path: Path) -> None:
    done = init(tmp_path / "books.db", POOLBOOK_LOG_LEVEL="loud")
    assert done.returncode == 2
    assert "[setting-not-one-of]" in done.stderr
    assert not (tmp_path / "books.db").exists()
