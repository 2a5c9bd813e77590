"""The gallery's pictures: each that the page shows is there, a real picture, and all together are small."""

from __future__ import annotations

import re
import struct

from docs.gallery_pictures import FOLDER, PICTURES, text
from docs.make_gallery import PAGE

MOST_BYTES = 1_500_000


def test_every_picture_that_is_named_exists_and_none_besides() -> None:
    named = re.findall(r"!\[(.+)\]\(pictures/([\w-]+)\.png\)", PAGE.read_text(encoding="utf-8"))
    assert [name for _, name in named] == [one.name for one in PICTURES]
    assert all(len(words) > 30 for words, _ in named), "each says what it shows to those who cannot see it"
    assert {path.stem for path in FOLDER.iterdir()} == {one.name for one in PICTURES}
    assert text() in PAGE.read_text(encoding="utf-8"), "python -m docs.make_gallery"


def test_pictures_are_pictures_and_small() -> None:
    for path in FOLDER.iterdir():
        head = path.read_bytes()[:24]
        assert head[:8] == b"\x89PNG\r\n\x1a\n", path.name
        width, height = struct.unpack(">II", head[16:24])
        assert 300 <= width <= 1400, path.name
        assert 300 <= height <= 1400, path.name
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < MOST_BYTES
