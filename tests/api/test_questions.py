"""Every question of a year of work names the partnership of each table that it asks, so that one server can answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event

from api.database import whole_metadata
from api.distribution import REFERENCE, ROOT
from tests.api.test_whole_year import BORDERS, keep_the_year

SPREAD = "|".join(sorted(set(whole_metadata().tables) - set(REFERENCE)))
ASKED = re.compile(rf"\b(?:FROM|JOIN|UPDATE) +({SPREAD})\b")
NAMED = re.compile(r"\bpartnership_key *=|= *(?:\w+\.)?partnership_key\b")
OF_ALL = re.compile(rf"SELECT [\w., ()]+ FROM {ROOT}(?: WHERE {ROOT}\.id = \S+)?")
"""Which partnerships there are, and which has an id: before its number is known."""


def astray(statement: str) -> bool:
    """Whether it asks more tables of pools than it names the partnership of."""
    return (len(NAMED.findall(statement)) < len(ASKED.findall(statement))
            and not OF_ALL.fullmatch(" ".join(statement.split())))


@pytest.fixture
def asked() -> Iterator[set[str]]:
    """The statements that go to the database."""
    found: set[str] = set()

    def note(_conn: object, _cursor: object, statement: str, *_: Any) -> None:
        found.add(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_question_goes_to_every_server(admin: TestClient, asked: set[str]) -> None:
    keep_the_year(admin)
    for path in ("/entries?text=INV&limit=5", "/entries?account=expenses&partner=council&from=2018-04-01", "/entries/3",
                 "/balances", "/balances?at=2018-09-30&by=account,partner", "/export.jsonl", "/verify", "/periods",
                 "/proposals", "/statements", "/agreement", "/recordings"):
        assert admin.get(BORDERS + path).status_code == 200, path
    assert len([one for one in asked if ASKED.search(one)]) > 40
    assert [one for one in asked if astray(one)] == []


def test_a_question_that_forgot_the_partnership_is_found() -> None:
    assert astray("SELECT entry.number FROM entry WHERE entry.number = 1")
    assert astray("SELECT 1 FROM entry JOIN posting ON posting.number = entry.number WHERE entry.partnership_key = 1")
    assert astray("SELECT id FROM partnership WHERE name = 'x'")
    assert not astray("SELECT entry.number FROM entry WHERE entry.partnership_key = 1")
