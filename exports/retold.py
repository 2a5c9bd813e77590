"""Says the sentences of a statement's working, and the labels of scenario workbooks, again in the reader's language.

The working is sealed with its statement in English and stays so. Each of its sentences was made from a template with
slots; the template is found again by its fixed words, what stands in the slots is retold in turn, and the translated
template is filled with it. Names, and what no template explains, stay as they are.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from babel.numbers import format_decimal

from exports.language import ENGLISH, WORKING, language, locale, templates

SLOT = re.compile(r"\{(\w+)\}")
FIGURE = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w,])|(?<![\w.,])\d+\.\d+(?![\w.])")
BETWEEN = ("; ", ". ", ": ", ", ")
Where = tuple[str, str]  # a language and a context
LONGEST = 20_000  # characters: nothing of ours is longer


class Template(NamedTuple):
    """A sentence's fixed words as patterns of a text that is the whole of it, begins with it or ends with it."""

    fixed: str  # the longest of its fixed words: what lacks it, the template did not make
    whole: re.Pattern[str]
    leading: re.Pattern[str] | None  # something follows it: `the estimate: `
    following: re.Pattern[str] | None  # it hangs on to what stands before it: `; in all: {0}`
    said: str


def retold(text: str, context: str = WORKING) -> str:
    """A sentence of the working, a step's name or a check's, or a label of a workbook, in the language in force."""
    if language() == ENGLISH or len(text) > LONGEST:
        return text
    return FIGURE.sub(_figure, _retold((language(), context), text))


def _figure(found: re.Match[str]) -> str:
    whole, point, part = found[0].replace(",", "").partition(".")
    shape = "#,##0" + ("." + "0" * len(part) if point else "")
    return str(format_decimal(Decimal(f"{whole}{point}{part}"), shape, locale=locale()))


@cache
def _templates(where: Where) -> tuple[Template, ...]:
    """Those of a language and context, the one with most fixed words first."""
    return tuple(_template(english, said) for english, said in
                 sorted(templates(*where), key=lambda pair: (-len(SLOT.sub("", pair[0])), pair[0])))


def _template(english: str, said: str) -> Template:
    body = "".join(f"(?P<s{piece}>.*?)" if i % 2 else re.escape(piece) for i, piece in enumerate(SLOT.split(english)))
    return Template(max(SLOT.split(english)[::2], key=len), re.compile(body, re.DOTALL),
                    re.compile(f"{body}(?P<rest>.+)", re.DOTALL) if english.endswith(" ") else None,
                    re.compile(f"(?P<rest>.+?){body}", re.DOTALL) if english[0] in " ;,.(" else None, said)


@lru_cache(maxsize=20_000)
def _retold(where: Where, text: str) -> str:
    if not any(letter.isalpha() for letter in text):
        return text
    for one in _templates(where):
        if one.fixed not in text:
            continue
        if found := one.whole.fullmatch(text):
            return _filled(where, one, found)
        if one.leading and (found := one.leading.fullmatch(text)):
            return _filled(where, one, found) + _retold(where, found["rest"])
        if one.following and (found := one.following.fullmatch(text)):
            return _retold(where, found["rest"]) + _filled(where, one, found)
    for between in BETWEEN:
        if between in text:
            return between.join(_retold(where, part) for part in text.split(between))
    return text


def _filled(where: Where, one: Template, found: re.Match[str]) -> str:
    return SLOT.sub(lambda slot: _retold(where, found[f"s{slot[1]}"]), one.said)
