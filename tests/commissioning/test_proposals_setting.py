"""The agreement says what waits for a second person; a file that changes it says so in words."""

from __future__ import annotations

from typing import Any

import pytest

from commissioning.agreement.changes import changes
from commissioning.agreement.reading import read_agreement
from ledger.errors import Refused
from tests.cli.conftest import AGREEMENT


def with_four_eyes(terms: str) -> Any:
    return read_agreement(AGREEMENT.replace("periods: quarter", f"periods: quarter, four_eyes: {terms}"))


def test_without_the_key_nothing_waits() -> None:
    assert read_agreement(AGREEMENT).partnership.four_eyes is None
    assert with_four_eyes("null").partnership.four_eyes is None


def test_the_threshold_is_in_currency() -> None:
    terms = with_four_eyes("{entries_above: 10000.50}").partnership.four_eyes
    assert terms is not None
    assert terms.entries_above == 1_000_050


@pytest.mark.parametrize("terms", ["{}", "{entries_above: -1}", "{entries_above: 10.001}", "{above: 5}", "yes"])
def test_what_cannot_be_a_threshold_is_refused(terms: str) -> None:
    with pytest.raises(Refused):
        with_four_eyes(terms)


def test_a_change_is_told_in_words() -> None:
    off, every, above = (read_agreement(AGREEMENT), with_four_eyes("{entries_above: 0}"),
                         with_four_eyes("{entries_above: 10000}"))
    assert list(changes(off, above)) == [
        "changes partnership", "from now on entries above 10,000.00, and every close, reopening, reversal and "
        "agreement, wait for a second person"]
    assert "from now on every entry, and every close" in list(changes(above, every))[1]
    assert list(changes(every, off))[1] == "from now on nothing waits for a second person"
    assert list(changes(None, above))[-1] == (
        "entries above 10,000.00, and every close, reopening, reversal and agreement, wait for a second person")
