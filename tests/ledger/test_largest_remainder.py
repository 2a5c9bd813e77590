"""Largest remainder beside an independent implementation, on random splits where its answer is unique.

`POOLBOOK_PROPERTIES=search` tries a million of them.
"""

from __future__ import annotations

import os
import random

import pytest
from apportionment.methods import TiesException, compute

from ledger.money import split

PARTS, SPLITS = 10, 100_000 if os.environ.get("POOLBOOK_PROPERTIES") == "search" else 20_000


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(PARTS))
def test_it_agrees_with_another_implementation(seed: int) -> None:
    draw = random.Random(seed)
    unique = 0
    for _ in range(SPLITS):
        weights = [draw.randrange(1, 10**draw.randrange(1, 6)) for _ in range(draw.randrange(2, 7))]
        total = draw.randrange(1, 10**draw.randrange(1, 9))
        try:
            theirs = compute("largest_remainder", weights, total, fractions=True, tiesallowed=False)
        except TiesException:
            continue
        unique += 1
        assert split(total, weights) == theirs, (total, weights)
    assert unique > SPLITS // 2
