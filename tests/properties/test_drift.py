"""Rounding does not drift: after any number of rows each partner is within a penny of its exact share, cumulatively."""

from __future__ import annotations

import random
from fractions import Fraction

from commissioning.apportionment.borne import spread

SPLITS = 10_000
PARTNERS = ("a", "b", "c", "d")


def test_ten_thousand_splits_stay_within_a_penny() -> None:
    """Amounts of either sign, shares that change from row to row as agreements do."""
    draw = random.Random(2024)
    totals, shares = [], []
    weights = [Fraction(draw.randrange(1, 1000)) for _ in PARTNERS]
    for i in range(SPLITS):
        if i % 500 == 0:
            weights = [Fraction(draw.randrange(0, 1000)) for _ in PARTNERS]
            weights[i // 500 % len(PARTNERS)] += 1
        totals.append(draw.randrange(-5_000_00, 9_000_00))
        shares.append({p: weight / sum(weights) for p, weight in zip(PARTNERS, weights, strict=True)})
    rows = spread(totals, lambda i, total: {p: total * share for p, share in shares[i].items()}, PARTNERS)
    exact, rounded = dict.fromkeys(PARTNERS, Fraction(0)), dict.fromkeys(PARTNERS, 0)
    for total, share, row in zip(totals, shares, rows, strict=True):
        assert sum(row.values()) == total, "no penny is lost"
        for partner in PARTNERS:
            exact[partner] += total * share[partner]
            rounded[partner] += row[partner]
            assert abs(exact[partner] - rounded[partner]) < 1, "within a penny, at every row"
