"""Whose language is spoken: what is asked for, what is there, and that it ends with the task."""

from __future__ import annotations

from gettext import NullTranslations

import pytest

from exports.language import ENGLISH, chosen, language, languages, locale, speaking
from ledger.errors import PoolbookError
from ledger.language import _, said_in


class Loud(NullTranslations):
    def gettext(self, message: str) -> str:
        return message.upper().replace("{NAME", "{name")


class Missing(PoolbookError):
    what = "{name} is missing"
    remedy = "add {name}"


@pytest.mark.parametrize("asked", ["", "en", "en-GB,en;q=0.9", "xx", "xx;q=1, en;q=0.2", ";q=x", "*"])
def test_english_is_spoken_unless_another_language_is_known(asked: str) -> None:
    assert chosen(asked) == ENGLISH


def test_an_unknown_language_is_english() -> None:
    with speaking("xx"):
        assert language() == ENGLISH
        assert str(locale()) == "en_GB"


def test_a_translation_lasts_as_long_as_it_is_in_force_and_errors_speak_it() -> None:
    error = Missing(name="it")
    with said_in(Loud()):
        assert _("word") == "WORD"
        assert error.message == "it IS MISSING"
    assert _("word") == "word"
    assert error.message == "it is missing"


def test_languages_begin_with_english() -> None:
    assert languages()[0] == ENGLISH
