"""One input of a scenario: what it is, in which whole numbers its values are, and how files write them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from allocation.basis import Basis
from commissioning.scenario.text import At
from ledger.money import decimals, round_half_up, to_text

UNIT_COST_PLACES, GROWTH_PLACES, PERCENT_PLACES, NESTED_PLACES = 4, 2, 2, 1
MOST = 10**11  # major units: more is no pool's, and workbooks reckon exactly up to here


@dataclass(frozen=True, slots=True)
class Lever:
    """One input. A cell holds value × `parts`, with at most `places` decimals, from `low` to `high`.

    `form` says how the value goes back: amount | number | percent (a limit written in percent) | switch | order | year.
    """

    path: str
    group: str
    words: str
    who: str
    unit: str
    form: str
    at: At
    baseline: Fraction
    places: int = 2
    parts: int = 1
    low: int = 0
    high: int = MOST

    @property
    def scale(self) -> int:
        """A cell's whole number is its value × scale."""
        return int(10**self.places) * self.parts


class Found:
    """Inputs as they are found, one after the other."""

    def __init__(self, currency: str) -> None:
        self.currency, self.places = currency, decimals(currency)
        self.levers: list[Lever] = []

    def money(self, path: str, group: str, words: str, who: str, at: At, minor: int, form: str = "amount",
              low: int = 0) -> None:
        self.levers.append(Lever(path, group, words, who, self.currency, form, at,
                                 Fraction(minor, 10**self.places), self.places, low=low))

    def number(self, path: str, group: str, words: str, who: str, unit: str, at: At, value: Fraction, *,
               scale: tuple[int, int], high: int, form: str = "number", low: int = 0) -> None:
        places, parts = scale
        said = unit if parts == 1 else f"1/{parts} of a {unit}"
        self.levers.append(Lever(path, group, words, who, said, form, at, value, places, parts, low, high))


def table_scale(values: Sequence[Fraction], least: int, most: int = 4) -> tuple[int, int]:
    """(places, parts) in which all values are whole: decimals where these suffice, else parts of a whole."""
    for places in range(least, most + 1):
        if all((value * 10**places).denominator == 1 for value in values):
            return places, 1
    return 0, lcm(*(value.denominator for value in values))


def limit_scale(basis: Basis) -> int:
    """In which whole numbers a basis's floors and ceilings are: percent × this."""
    places, parts = table_scale([*basis.floor.values(), *basis.ceiling.values()], PERCENT_PLACES)
    return int(10**places) * parts


def most_weight(table: Mapping[str, Fraction]) -> int:
    """The most that a weight of a table may be made: ten times the largest, in round figures."""
    digits = len(str(int(max(table.values(), default=Fraction(0)))))
    return int(10 ** max(digits + 1, 3))


def unit_price(cost: int, units: Fraction, places: int) -> Fraction:
    """The cost of a unit that a cost in minor units comes to, cut after four decimals."""
    price = Fraction(max(cost, 0), 10**places) / units
    return Fraction(int(price * 10**UNIT_COST_PLACES), 10**UNIT_COST_PLACES)


def unit_amount(units: Fraction, price: Fraction, places: int) -> int:
    """Units × price in minor units, rounded half up."""
    return round_half_up(units * price * int(10**places))


def as_text(lever: Lever, value: Fraction, currency: str) -> str:
    """A value as an agreement file writes it."""
    places = decimals(currency)
    if lever.form == "amount":
        minor = value * int(10**places)
        assert minor.denominator == 1, "an amount is whole in minor units"
        return to_text(minor.numerator, currency)
    text = f"{value.numerator}/{value.denominator}"
    for digits in range(10):
        if (value * 10**digits).denominator == 1:
            whole = str(int(value * 10**digits)).rjust(digits + 1, "0")
            text = f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole
            break
    return f'"{text}%"' if lever.form == "percent" else text
