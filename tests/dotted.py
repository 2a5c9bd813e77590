"""A language of dots: each letter of a translated text is a dot, so what is left in letters was not translated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from gettext import NullTranslations

import pytest

from exports import language, retold

SLOT = re.compile(r"(\{\w*(?:![rs])?(?::[^{}]*)?\}|%\(\w+\)s)")
WORD = re.compile(r"[^\W\d_]{2,}")


def dotted(text: str) -> str:
    """A text in dots, with its slots."""
    return "".join(piece if i % 2 else re.sub(r"[^\W\d_]", "·", piece) for i, piece in enumerate(SLOT.split(text)))


class Dotted(NullTranslations):
    """The catalogue of that language."""

    def gettext(self, message: str) -> str:
        return dotted(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return dotted(msgid1 if n == 1 else msgid2)


@pytest.fixture
def swedish_in_dots(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """While a test runs, dots stand in for Swedish: in words and in the sentences that the books keep."""
    kept = {context: [(english, dotted(english)) for english, _said in language.templates("sv", context)]
            for context in (language.WORKING, language.WORKBOOK)}
    monkeypatch.setattr(language, "_catalogue", lambda tag: Dotted() if tag == "sv" else NullTranslations())
    monkeypatch.setattr(retold, "templates", lambda _tag, context: iter(kept[context]))
    _forget()
    yield
    _forget()


def _forget() -> None:
    retold._templates.cache_clear()
    retold._retold.cache_clear()
