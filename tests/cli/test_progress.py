"""A progress bar is for people who wait: on a terminal, and only for what takes over two seconds."""

from __future__ import annotations

import io
import sys

import pytest

from api.commands import session


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("passed", "shows"), [(1.9, False), (2.1, True)])
def test_it_shows_after_two_seconds(monkeypatch: pytest.MonkeyPatch, passed: float, shows: bool) -> None:
    clock = iter([0.0, *[passed] * 9])
    monkeypatch.setattr(session.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(sys, "stderr", Terminal())
    with session.progress("Posting events", 10) as heard:
        heard(5)
        heard(10)
    assert ("Posting events" in sys.stderr.getvalue()) is shows  # type: ignore[attr-defined]


def test_nothing_is_drawn_into_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with session.progress("Posting events", 10) as heard:
        heard(10)
    assert sys.stderr.getvalue() == ""  # type: ignore[attr-defined]
