"""In whose language words for people are said: English, unless a translation is in force for the task at hand.

Poolbook's own words are English and stand in the code. `_` gives them in the language of whoever reads; what the books
keep (codes, ids, sealed statements) is never translated. Which translations there are, `exports.language` knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations

_in_force: ContextVar[NullTranslations] = ContextVar("language",
                                                     default=NullTranslations())  # noqa: B039 -- never changed


def _(text: str) -> str:
    """A sentence, or a template of one, in the reader's language."""
    return _in_force.get().gettext(text) if text else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The form of a sentence for this count in the reader's language."""
    return _in_force.get().ngettext(one, many, count)


def N_(text: str) -> str:  # noqa: N802 -- gettext's own name
    """Marks a word that stands in a table and is translated where it is used."""
    return text


class Said(str):
    """A word or sentence for people that is a fact of something else, such as what is wrong in an error.

    To the program it is English text. Put into a sentence by `format`, it is said in the reader's language as of then:
    what was refused while the books were worked on in English is still told in the language of whoever asked.
    """

    text: str
    items: tuple[object, ...]
    parts: Mapping[str, object]

    def __new__(cls, text: str, /, *items: object, **parts: object) -> Said:
        """The English template, and what stands in its slots."""
        one = super().__new__(cls, text.format(*items, **parts) if items or parts else text)
        one.text, one.items, one.parts = text, items, parts
        return one

    def __format__(self, spec: str) -> str:
        said = _(self.text)
        return format(said.format(*self.items, **self.parts) if self.items or self.parts else said, spec)

    def __repr__(self) -> str:
        return repr(format(self))


def in_a_row(items: Sequence[str]) -> Said:
    """Several with commas between, each said when it is read; `exports.words.listed` writes sentences of them."""
    return Said(", ".join(f"{{{i}}}" for i in range(len(items))), *items)


@contextmanager
def said_in(translations: NullTranslations) -> Iterator[None]:
    """While this lasts, and in this task only, words are said in these translations."""
    token = _in_force.set(translations)
    try:
        yield
    finally:
        _in_force.reset(token)
