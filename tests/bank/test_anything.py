"""Whatever a file holds, it is read or refused: no other error comes out, however it was damaged."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from contributions.bank.files import read_statements
from ledger.errors import Refused
from tests.bank import example
from tests.bank.test_csv_statement import FORMS

PIECES = (b"", b"<", b">", b"/", b"\"", b"&", b"\0", b"\xff", b"-", b"9" * 30, b"\n", b",", b";", b"<Amt>", b"<Bal/>")


def damaged(content: bytes, rng: random.Random) -> bytes:
    """The content with one to four pieces cut out, put in or exchanged."""
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(content) + 1)
        content = content[:at] + rng.choice(PIECES) + content[at + rng.choice((0, 1, 1, 7, 60)):]
    return content


@pytest.mark.parametrize("sound", [example.content(), *(form.encode() for form in FORMS.values())],
                         ids=["camt.053", *FORMS])
def test_damaged_files_are_read_or_refused(sound: bytes) -> None:
    rng = random.Random(len(sound))
    taken = 0
    for _ in range(250):
        with suppress(Refused):
            read_statements([("bank", damaged(sound, rng))], "GBP")
            taken += 1
    assert taken < 250, "some damage is seen"
