"""The languages that statements, pages and errors are written in: their catalogues, and who asked for which.

A language is a folder of `exports/locale` with a catalogue (`messages.po`) that translators edit; it is compiled when
it is first used. English needs none: its words stand in the code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from ledger.language import said_in

FOLDER = Path(__file__).parent / "locale"
ENGLISH = "en"
WORKING = "working"  # the context of sentences that the books keep in English
WORKBOOK = "workbook"  # that of the labels of scenario workbooks, which are put together in English
FORMS = {ENGLISH: "en_GB"}  # whose numbers and dates, where the language alone does not say
_language: ContextVar[str] = ContextVar("reader's language", default=ENGLISH)


@cache
def languages() -> tuple[str, ...]:
    """Every language that can be asked for, English first."""
    return (ENGLISH, *sorted(path.parent.name for path in FOLDER.glob("*/messages.po")))


def chosen(asked: str) -> str:
    """The best of our languages for what a reader asked for: a tag (`sv-FI`) or an Accept-Language header."""
    wishes: list[tuple[float, int, str]] = []
    for place, wish in enumerate(asked.split(",")[:20]):
        tag, _, weight = wish.partition(";q=")
        try:
            wishes.append((-float(weight or 1), place, tag.strip().replace("_", "-").partition("-")[0].lower()))
        except ValueError:
            continue
    return next((tag for _, _, tag in sorted(wishes) if tag in languages()), ENGLISH)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """While this lasts, words, numbers and dates are written in this language; English where it is not known."""
    token = _language.set(language if language in languages() else ENGLISH)
    try:
        with said_in(_catalogue(_language.get())):
            yield
    finally:
        _language.reset(token)


def language() -> str:
    """The language in force, as a tag for `lang`."""
    return _language.get()


def locale() -> Locale:
    """How the language in force writes numbers and dates."""
    return _locale(_language.get())


@cache
def _locale(tag: str) -> Locale:
    return Locale.parse(FORMS.get(tag, tag))


def templates(tag: str, context: str) -> Iterator[tuple[str, str]]:
    """Each sentence of a context with its slots, in English and in this language."""
    yield from ((str(one.id), str(one.string)) for one in _file(tag) if one.context == context and one.string)


@cache
def _catalogue(tag: str) -> NullTranslations:
    if tag == ENGLISH:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, _file(tag))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def _file(tag: str) -> Catalog:
    with (FOLDER / tag / "messages.po").open("rb") as file:
        return read_po(file, tag)
