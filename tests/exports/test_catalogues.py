"""Every catalogue is whole: it has all words of the code, each translated, with the same slots; and it is used."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Message

from exports.language import ENGLISH, languages, speaking
from exports.locale.gather import HERE, forms, gathered, read, untranslated
from exports.retold import retold
from ledger.language import _, ngettext

OTHERS = [tag for tag in languages() if tag != ENGLISH]
SLOTS = re.compile(r"%\(\w+\)s|(?<!\{)\{\w*(?:![rs])?\}(?!\})")


def key(message: Message) -> tuple[str, str | None]:
    return str(message.id), message.context


def test_there_is_one_language_beside_english() -> None:
    assert "sv" in OTHERS


@pytest.mark.parametrize("tag", OTHERS)
def test_the_catalogue_has_the_words_of_the_code_and_no_others(tag: str) -> None:
    """After words have changed: `python -m exports.locale.gather`, then translate what it left empty."""
    kept = read(HERE / tag / "messages.po")
    assert {key(one) for one in kept} == {key(one) for one in gathered()}
    assert untranslated(kept) == []


@pytest.mark.parametrize("tag", OTHERS)
def test_a_translation_has_the_slots_of_its_text(tag: str) -> None:
    for one in read(HERE / tag / "messages.po"):
        ids = (one.id,) if isinstance(one.id, str) else tuple(one.id)
        wanted = {slot for text in ids for slot in SLOTS.findall(text)}
        for said in forms(one):
            assert set(SLOTS.findall(said)) <= wanted, one.id
            assert wanted <= set(SLOTS.findall(said)) or len(ids) > 1, one.id


def test_words_plurals_and_sentences_are_said_in_swedish() -> None:
    with speaking("sv"):
        assert _("Reserves") == "Reserver"
        assert ngettext("{count} more service", "{count} more services", 2).format(count=2) == "2 tjänster till"
        assert retold("council bears 1,234.50 alone") == "council bär ensam 1\u00a0234,50"
    assert _("Reserves") == "Reserves"
