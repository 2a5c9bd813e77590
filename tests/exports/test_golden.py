"""The faces of the samples are what they were; `python -m tests.golden.renew` changes that, and shows where."""

from __future__ import annotations

import pytest

from tests.exports.samples import SAMPLES
from tests.golden import DUMPS, FOLDER


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("suffix", DUMPS)
def test_face_is_as_kept(name: str, suffix: str) -> None:
    kept = (FOLDER / f"{name}.{suffix}").read_text(encoding="utf-8")
    assert DUMPS[suffix](SAMPLES[name]()) == kept, "if this is meant: python -m tests.golden.renew, then read the diff"


def test_no_golden_is_left_over() -> None:
    known = {f"{name}.{suffix}" for name in SAMPLES for suffix in DUMPS}
    assert {path.name for path in FOLDER.iterdir() if path.suffix in (".json", ".txt", ".html")} == known
