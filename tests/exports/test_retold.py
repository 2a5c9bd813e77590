"""Sentences of the working said again: every template of the code is found again, with what stands in its slots."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from exports import retold as module
from exports.language import WORKING
from exports.locale.gather import words
from exports.retold import SLOT, retold

CASES = {
    "nothing is left to share": "NOTHING IS LEFT TO SHARE",
    "budget of care at home": "BUDGET OF care at home",
    "shared equally: north 50 %; south 50 %": "SHARED EQUALLY: north 50 %; south 50 %",
    "shared in proportion to the stated weights: north 45 of 100 = 45 %; south 55 of 100 = 55 %":
        "SHARED IN PROPORTION TO THE STATED WEIGHTS: north 45 OF 100 = 45 %; south 55 OF 100 = 55 %",
    "up to 500.00 in the year, of which 20.00 was used before; until the variance reaches 9.00 (1.00 so far); x bears "
    "5.00 alone": "UP TO 500.00 IN THE YEAR, OF WHICH 20.00 WAS USED BEFORE; UNTIL THE VARIANCE REACHES 9.00 (1.00 SO "
                  "FAR); x BEARS 5.00 ALONE",
    "reserve general holds 12.00; north 7.00; south 5.00; drawn in that proportion: 3.00":
        "RESERVE general HOLDS 12.00; north 7.00; south 5.00; DRAWN IN THAT PROPORTION: 3.00",
    "shared equally: a 50 %; b 50 %. Capped at: a 3.00; what is over a cap is contested":
        "SHARED EQUALLY: a 50 %; b 50 %. CAPPED AT: a 3.00; WHAT IS OVER A CAP IS CONTESTED",
    "a name that nobody translates": "a name that nobody translates",
    "": "",
}


def loud(text: str) -> str:
    return "".join(f"{{{part}}}" if i % 2 else part.upper() for i, part in enumerate(SLOT.split(text)))


@pytest.fixture
def _loud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A language in which the fixed words of the working are capitals."""
    found = {str(word.text): loud(str(word.text)) for word in words() if word.context == WORKING}
    monkeypatch.setattr(module, "templates", lambda *_: list(found.items()))
    monkeypatch.setattr(module, "language", lambda: "loud")
    module._templates.cache_clear()
    module._retold.cache_clear()
    yield
    module._templates.cache_clear()
    module._retold.cache_clear()


@pytest.mark.usefixtures("_loud")
@pytest.mark.parametrize("said", CASES)
def test_fixed_words_are_translated_and_names_and_figures_stay(said: str) -> None:
    assert retold(said) == CASES[said]


@pytest.mark.usefixtures("_loud")
def test_text_without_end_is_left_alone() -> None:
    assert retold("x; " * 100_000) == "x; " * 100_000


def test_english_is_as_it_was_sealed() -> None:
    assert retold("nothing is left to share, 1,234.50") == "nothing is left to share, 1,234.50"
