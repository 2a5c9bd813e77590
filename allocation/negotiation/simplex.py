"""A small linear programme solved exactly: the simplex method in whole numbers, without rounding and without cycling.

Sources: J. Edmonds, Systems of distinct representatives and linear algebra (1967), for pivots that stay whole; R. G.
Bland, New finite pivoting rules for the simplex method (1977), for a way out of every standstill.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm


@dataclass(frozen=True, slots=True)
class Optimum:
    """The largest value, how much of each column gives it, and what one more unit of each row would be worth."""

    value: Fraction
    amounts: tuple[Fraction, ...]
    prices: tuple[Fraction, ...]


def maximise(columns: Sequence[Sequence[int]], right: Sequence[int], gains: Sequence[Fraction]) -> Optimum:
    """The largest Σ gains·q over q ≥ 0 with Σ columns·q = right; `right` is not negative.

    The programme must have a solution, and gains must be bounded on it: both hold for those that this package sets.
    """
    scale = lcm(*(gain.denominator for gain in gains))
    table = _Table(columns, right, [int(gain * scale) for gain in gains])
    table.run(table.feasible)
    assert table.feasible[-1] == 0, "the programme has a solution"
    table.drop_helpers()
    table.run(table.gains)
    unit = table.unit * scale
    amounts = [Fraction(0)] * len(columns)
    for row, column in zip(table.rows, table.basis, strict=True):
        if column < len(columns):
            amounts[column] = Fraction(row[-1], table.unit)
    prices = tuple(Fraction(-price, unit) for price in table.gains[len(columns):-1])
    return Optimum(Fraction(-table.gains[-1], unit), tuple(amounts), prices)


class _Table:
    """The tableau. Every figure is a multiple of 1/`unit`; behind the columns stand one helper a row, and the right."""

    def __init__(self, columns: Sequence[Sequence[int]], right: Sequence[int], gains: Sequence[int]) -> None:
        height, self.width, self.unit = len(right), len(columns), 1
        self.rows = [[*(column[i] for column in columns), *(int(i == k) for k in range(height)), right[i]]
                     for i in range(height)]
        self.basis = [self.width + i for i in range(height)]
        self.gains = [*gains, *[0] * height, 0]
        self.feasible = [sum(row[j] for row in self.rows) for j in range(self.width)] + [0] * height + [sum(right)]

    def run(self, target: list[int]) -> None:
        """Pivots until no column would raise the target; where that stands still, by Bland's rule."""
        standing = False
        while True:
            rising = [j for j in range(self.width) if target[j] > 0]
            if not rising:
                return
            column = rising[0] if standing else max(rising, key=target.__getitem__)
            able = [i for i, row in enumerate(self.rows) if row[column] > 0]
            assert able, "the gains are bounded"
            row = min(able, key=lambda i: (Fraction(self.rows[i][-1], self.rows[i][column]), self.basis[i]))
            standing = self.rows[row][-1] == 0
            self.pivot(row, column)

    def pivot(self, row: int, column: int) -> None:
        """Brings a column into the basis. The division by the last unit leaves no remainder (Edmonds)."""
        chosen, unit = self.rows[row], self.unit
        by = chosen[column]
        for line in (*self.rows, self.gains, self.feasible):
            if line is not chosen:
                other = line[column]
                line[:] = [(by * figure - other * beside) // unit for figure, beside in zip(line, chosen, strict=True)]
        self.unit, self.basis[row] = by, column

    def drop_helpers(self) -> None:
        """Takes helpers out of the basis, where they stand at zero; a row of zeros says nothing and stays."""
        for i, row in enumerate(self.rows):
            column = next((j for j in range(self.width) if row[j]), None)
            if self.basis[i] < self.width or column is None:
                continue
            if row[column] < 0:
                row[:] = [-figure for figure in row]
            self.pivot(i, column)
