"""One migrated SQLite database for all random cases: each runs in a transaction that is rolled back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from sqlalchemy import Engine

from api.database import connect

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
settings.register_profile("poolbook", deadline=None, derandomize=True, suppress_health_check=_SLOW,
                          phases=(Phase.explicit, Phase.generate))
settings.register_profile("search", deadline=None, max_examples=1000, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("POOLBOOK_PROPERTIES", "poolbook"))
"""The tests try the same cases every time, and tell a failing one as it is; `POOLBOOK_PROPERTIES=search` looks for new
ones, for longer, and makes what it finds as small as it can."""


@pytest.fixture(scope="session")
def engine_for_cases(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on a migrated database that no case leaves anything in."""
    path = tmp_path_factory.mktemp("cases") / "books.db"
    shutil.copyfile(sqlite_template, path)
    made = connect(f"sqlite:///{path}")
    yield made
    made.dispose()
