"""One database for all examples: each runs in a transaction that is rolled back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.database import connect


@pytest.fixture(scope="session")
def books(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on a migrated SQLite database that no test leaves anything in."""
    path = tmp_path_factory.mktemp("examples") / "books.db"
    shutil.copyfile(sqlite_template, path)
    made = connect(f"sqlite:///{path}")
    yield made
    made.dispose()
