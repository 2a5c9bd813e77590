"""Words, numbers and dates in the reader's language: none is left in English by the statement's faces."""

from __future__ import annotations

import calendar
import datetime as dt
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from gettext import NullTranslations

import pytest

from exports import language
from exports.axis import scale
from exports.html import to_html
from exports.present import present
from exports.statement import to_json
from exports.view import Table, View
from exports.words import (
    Kind,
    cell,
    clock,
    counted,
    currency_name,
    day,
    listed,
    money,
    number_word,
    percent,
    plain,
    signed,
    tag,
    with_currency,
)
from ledger.language import said_in
from tests.exports.samples import SAMPLES

WORD = r"[^\W\d_]{3,}"
NOON = dt.datetime(2019, 4, 8, 12, 30, tzinfo=dt.UTC)


@contextmanager
def written_in(monkeypatch: pytest.MonkeyPatch, tongue: str) -> Iterator[None]:
    """Numbers and dates of a language for which there need be no catalogue yet."""
    monkeypatch.setattr(language, "languages", lambda: ("en", tongue))
    monkeypatch.setattr(language, "_catalogue", lambda _tag: NullTranslations())
    with language.speaking(tongue):
        yield


@pytest.mark.parametrize(("tongue", "wanted"), [
    ("en", ["£1,234,567.50", "SEK\u00a01,234.50", "−£5.00", "12,345", "6.3%", "8 April 2019", "12:30", "a, b and c",
            "en-GB"]),
    ("sv", ["1\u00a0234\u00a0567,50\u00a0GBP", "1\u00a0234,50\u00a0kr", "−5,00\u00a0GBP", "12\u00a0345", "6,3\u00a0%",
            "8 april 2019", "12:30", "a, b och c", "sv"]),
    ("fi", ["1\u00a0234\u00a0567,50\u00a0£", "1\u00a0234,50\u00a0SEK", "−5,00\u00a0£", "12\u00a0345", "6,3\u00a0%",
            "8. huhtikuuta 2019", "12.30", "a, b ja c", "fi"]),
    ("de", ["1.234.567,50\u00a0£", "1.234,50\u00a0SEK", "−5,00\u00a0£", "12.345", "6,3\u00a0%", "8. April 2019",
            "12:30", "a, b und c", "de"])])
def test_forms_of_a_language(monkeypatch: pytest.MonkeyPatch, tongue: str, wanted: list[str]) -> None:
    with written_in(monkeypatch, tongue):
        assert [money(123456750, "GBP"), money(123450, "SEK"), money(-500, "GBP"), counted(12345), percent(63, 1000),
                day(NOON.date()), clock(NOON).removesuffix(" UTC").rpartition(" ")[2], listed(["a", "b", "c"]),
                tag()] == wanted


def test_forms_that_have_no_decimals_or_narrow_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    with written_in(monkeypatch, "fr"):
        assert plain(-1234567, "ISK") == "−1\u00a0234\u00a0567"
        assert "\u202f" not in money(123456789, "EUR") + percent(1, 3)
        assert scale(250_000_000, "EUR").ticks[-1][1] == "2,5m\u00a0€"


def test_english_names_currencies_so_that_none_is_mistaken() -> None:
    assert [currency_name(code) for code in ("GBP", "SEK", "ISK")] == [
        "pounds sterling", "Swedish kronor", "Icelandic krónur"]
    assert with_currency("5", "DKK") == "DKK\u00a05"
    assert number_word(3) == "three"
    assert number_word(1234) == "1,234"


class Marked(NullTranslations):
    """A language in which every sentence stands in brackets, its slots outside of none."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


def _bare(text: str) -> str:
    """What of a text no translation has written: all that is outside of the outermost brackets."""
    kept, depth = "", 0
    for letter in text:
        depth += (letter == "⟦") - (letter == "⟧")
        kept += letter if not depth and letter != "⟧" else ""
    return kept.strip()


def _texts(view: View) -> Iterator[str]:
    yield from (view.title, view.status, view.standing, *view.verdict, *view.notes, view.reference)
    for figure in view.figures:
        yield from (figure.label, figure.note)
    for chart in [view.chart, *(table.chart for table in view.tables)]:
        if chart:
            yield from (chart.heading, chart.caption, chart.alternative, *chart.heads)
    for table in (view.asked, *view.tables, view.working):
        yield from _of_table(table)
    yield from (label for label, _words in view.ledger)


def _of_table(table: Table) -> Iterator[str]:
    yield from (table.name, table.heading, table.caption, table.note, table.empty, *(f.words for f in table.foots))
    for column in table.columns:
        yield column.head
    for row in [*table.rows, *([table.total] if table.total else [])]:
        yield from (cell(value, column.kind, "GBP") for value, column in zip(row, table.columns, strict=True)
                    if column.kind is not Kind.PERCENT)


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_sentence_of_a_statement_is_left_untranslated(sample: str) -> None:
    """What is not translated is what the agreement and the books say: names, clauses, amounts."""
    statement = SAMPLES[sample]()
    said = present(statement)
    own = set(re.findall(WORD, " ".join([*_said(json.loads(to_json(statement))), *calendar.month_name]).casefold()))
    with said_in(Marked()):
        marked = present(statement)
        texts = list(_texts(marked))
    assert len(texts) == len(list(_texts(said)))
    left = {text: words for text in texts if (words := set(re.findall(WORD, _bare(text).casefold())) - own)}
    assert left == {}


def _said(data: object) -> Iterator[str]:
    """Every text that a statement's data holds, and its keys: ids stand there too."""
    if isinstance(data, dict):
        data = [*data.values(), *data]
    for value in data if isinstance(data, list) else ():
        yield from _said(value)
    if isinstance(data, str):
        yield data


@pytest.mark.parametrize("sample", SAMPLES)
def test_ratings_keep_their_colours_in_any_language(sample: str) -> None:
    before = re.findall(r'class="[^"]*\b(red|amber|green|fails)\b', to_html(SAMPLES[sample]()))
    with said_in(Marked()):
        assert re.findall(r'class="[^"]*\b(red|amber|green|fails)\b', to_html(SAMPLES[sample]())) == before


def test_a_signed_amount_has_its_word_in_the_language() -> None:
    with said_in(Marked()):
        assert signed(500, Kind.VARIANCE, "GBP") == "5.00 ⟦over⟧"
