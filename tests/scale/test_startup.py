"""Commands import what they use and no more: what each leaves alone is what makes it start at once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from api import database
from benchmarks.startup import COMMANDS, FRESH, prepare

HTTP = ("fastapi", "starlette", "uvicorn", "prometheus_client", "jwt", "httpx")
FACES = ("reportlab", "openpyxl", "jinja2", "PIL")
OTHER = ("numpy", "alembic", "mako", "psycopg", "defusedxml")
NONE = (*HTTP, *FACES, *OTHER)
LEFT_ALONE = {
    "--help": ("sqlalchemy", "pydantic", "ledger", "commissioning", "allocation", "exports", *NONE),
    "init": ("pydantic", "commissioning.service", "allocation", *(set(NONE) - {"alembic", "mako"})),
    "verify": NONE,
    "statement": NONE,  # as JSON it is as it was kept
    "proposals": NONE,
    "key": (*FACES, *OTHER, "fastapi", "starlette", "uvicorn", "prometheus_client"),
    "export": NONE,
    "import": NONE,
    "apply": NONE,
}
ASK = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))
from api.cli import main
main()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("startup")
    prepare(made)
    return made


def _imported(folder: Path, command: Collection[str]) -> set[str]:
    done = subprocess.run([sys.executable, "-c", ASK, *command], cwd=folder, capture_output=True, text=True)
    *told, modules = done.stderr.splitlines()
    assert done.returncode == 0, told
    return set(json.loads(modules))


def test_every_measured_command_says_what_it_leaves_alone() -> None:
    assert set(LEFT_ALONE) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_leaves_alone_what_it_does_not_use(folder: Path, command: str) -> None:
    found = _imported(folder, [command, *COMMANDS[command]])
    assert "click" in found
    assert not found & set(LEFT_ALONE[command])


def test_that_the_books_are_up_to_date_is_known_without_alembic(folder: Path) -> None:
    (folder / FRESH).unlink(missing_ok=True)
    assert "alembic" in _imported(folder, ["init", "--database", FRESH])
    assert not _imported(folder, ["init", "--database", FRESH]) & {"alembic", "mako"}


def test_the_last_migration_by_its_name_is_the_last_that_alembic_knows() -> None:
    assert ScriptDirectory.from_config(database._config()).get_heads() == [database._wanted()]
