"""The language reference in docs is what the rule files say today."""

from __future__ import annotations

from pathlib import Path

from allocation.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "language.md"


def test_the_reference_is_current() -> None:
    renew = "python -m allocation.reference > docs/language.md"
    assert PAGE.read_text(encoding="utf-8") == reference(), renew
