"""In whose language words for people are said: English, unless a translation is in force for the task at hand.

Poolbook's own words are English and stand in the code. `_` gives them in the language of whoever reads; what the books
keep (codes, ids, sealed statements) is never translated. Which translations there are, `exports.language` knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations

_in_force: ContextVar[NullTranslations] = ContextVar("language", default=NullTranslations())  # noqa: B039 -- never changed


def _(text: str) -> str:
    """A sentence, or a template of one, in the reader's language."""
    return _in_force.get().gettext(text) if text else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The form of a sentence for this count in the reader's language."""
    return _in_force.get().ngettext(one, many, count)


def N_(text: str) -> str:  # noqa: N802 -- gettext's own name
    """Marks a word that stands in a table and is translated where it is used."""
    return text


@contextmanager
def said_in(translations: NullTranslations) -> Iterator[None]:
    """While this lasts, and in this task only, words are said in these translations."""
    token = _in_force.set(translations)
    try:
        yield
    finally:
        _in_force.reset(token)
