"""Every file here is refused with the message kept beside it, and nothing of it is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from tests.errors import cases


def _check(engine: Engine, path: Path, attempt: Callable[[Connection, Path], cases.Tried]) -> cases.Tried:
    with engine.connect() as conn:
        tried = attempt(conn, path)
    assert tried.printed, f"{path.name} is accepted"
    assert tried.after == tried.before, "nothing is written"
    assert tried.printed == cases.golden(path).read_text(encoding="utf-8"), "python -m tests.errors.renew"
    return tried


@pytest.mark.parametrize("path", cases.AGREEMENTS, ids=lambda path: path.stem)
def test_agreement_is_refused(sqlite_engine: Engine, path: Path) -> None:
    _check(sqlite_engine, path, cases.try_agreement)


@pytest.mark.parametrize("path", cases.EVENTS, ids=lambda path: path.stem)
def test_events_are_refused(sqlite_engine: Engine, path: Path) -> None:
    _check(sqlite_engine, path, cases.try_events)


def test_the_sound_files_are_accepted(sqlite_engine: Engine) -> None:
    with sqlite_engine.connect() as conn:
        tried = cases.try_events(conn, cases.HERE / "events" / "sound.csv")
    assert not tried.printed
    assert tried.before
    assert tried.after
    assert tried.after.entries == tried.before.entries + 4


def test_every_message_names_file_line_and_remedy() -> None:
    for path in (*cases.AGREEMENTS, *cases.EVENTS):
        kept = cases.golden(path)
        what, remedy, *_ = kept.read_text(encoding="utf-8").splitlines()
        assert what.startswith(f"{path.name}:"), f"{kept.name} names its file and line"
        assert what.endswith("]"), f"{kept.name} ends with its code"
        assert remedy.startswith("    "), kept.name
        assert len(remedy) > 10, kept.name


def test_no_message_is_left_over() -> None:
    kept = {path for folder in ("agreements", "events") for path in (cases.HERE / folder).glob("*.txt")}
    assert kept <= {cases.golden(path) for path in (*cases.AGREEMENTS, *cases.EVENTS)}
