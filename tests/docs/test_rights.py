"""The page about rights says what the table of rights says."""

from __future__ import annotations

import re
from pathlib import Path

from api.access.rights import BOUND, BOUND_ROLES, RIGHTS, ROLES
from api.row_security import READABLE

PAGE = (Path(__file__).parents[2] / "docs" / "rights.md").read_text(encoding="utf-8")


def test_the_tables_are_the_codes() -> None:
    rows = dict(re.findall(r"^\| ([\w-]+) \| (.+) \|$", PAGE, re.MULTILINE))
    assert {name: set(rows[name].split(", ")) for name in ROLES} == {name: set(may) for name, may in ROLES.items()}
    assert {name: rows[name] for name in RIGHTS} == dict(RIGHTS)
    assert set(rows) == {*ROLES, *RIGHTS, "role", "right"}


def test_what_is_said_of_partners_is_so() -> None:
    assert {"commissioner", "board-reader", "auditor"} == set(BOUND_ROLES)
    assert {"read", "audit"} == BOUND
    said = re.search(r"It reads `([^`]+)`", PAGE)
    assert said is not None
    assert set(said[1].replace("\n", " ").replace(",", " ").split()) == set(READABLE) - {"entry"}


def test_its_commands_are_there() -> None:
    from api.cli import main

    for line in re.findall(r"^ +poolbook (.+)$", PAGE, re.MULTILINE):
        group, name, *_ = line.split()
        assert name in main.commands[group].commands, line  # type: ignore[attr-defined]
