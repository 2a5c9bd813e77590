"""Share basis `formula`: a base for every party, and the rest by weighted indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal

from pydantic import Field, field_validator

from allocation.basis import Basis, money_text
from allocation.groups import in_order
from allocation.model import Example, Facts
from allocation.terms import Number, PositiveAmount, Terms, carry, number_text
from ledger.errors import PoolbookError

_TWO = Facts(("ash", "birch"), ("ash", "birch"), amount=100_000_00)
_PEOPLE = {"name": "people", "weight": "1", "values": {"ash": "3", "birch": "1"}}


class IndicatorWeightsNot1(PoolbookError):
    code = "indicator-weights-not-1"
    what = "the weights of the indicators total {total}, not 1"
    remedy = "make them total exactly 1; an exact third is written 1/3"


class IndicatorTwice(PoolbookError):
    code = "indicator-twice"
    what = "there are two indicators named {name}"
    remedy = "give each indicator a name of its own"


class IndicatorZero(PoolbookError):
    code = "indicator-zero"
    what = "every party's value of the indicator {name} is zero, so it divides nothing"
    remedy = "enter its values, or take the indicator out"


class IndicatorValueMissing(PoolbookError):
    code = "indicator-value-missing"
    what = "the indicator {name} has no value for {party}, which other indicators name"
    remedy = "enter its value; write 0 where it has none"


class BaseAboveAmount(PoolbookError):
    code = "base-above-amount"
    what = "the base of {base} for each of {count} parties is more than the {amount} to be shared"
    remedy = "lower `base`, or write `scale_base: true` so that a smaller amount is divided equally"


class Indicator(Terms):
    """One table of figures by party, and the part of the rest that it divides."""

    name: str
    weight: Number
    values: Mapping[str, Number]


def indicator_mix(recipients: Sequence[str], indicators: Sequence[Indicator]) -> dict[str, Fraction]:
    """Σ_k α_k · x_ik / X_k for each recipient; the parts total 1. Raises `IndicatorZero`."""
    mix = dict.fromkeys(recipients, Fraction(0))
    for indicator in indicators:
        whole = sum((indicator.values.get(r, Fraction(0)) for r in recipients), Fraction(0))
        if indicator.weight and not whole:
            raise IndicatorZero(name=indicator.name)
        for r in recipients if indicator.weight else ():
            mix[r] += indicator.weight * indicator.values.get(r, Fraction(0)) / whole
    return mix


def base_within(count: int, amount: Fraction | int, base: int, scale_base: bool, currency: str = "GBP") -> Fraction:
    """The base that `amount` can bear for so many parties. Raises `BaseAboveAmount` unless it may be scaled."""
    if amount >= count * base:
        return Fraction(base)
    if not scale_base:
        raise BaseAboveAmount(base=money_text(base, currency), count=count, amount=money_text(amount, currency))
    return Fraction(amount) / count


def formula_shares(recipients: Sequence[str], amount: Fraction | int, indicators: Sequence[Indicator], *,
                   base: int = 0, scale_base: bool = False, currency: str = "GBP") -> dict[str, Fraction]:
    """Each recipient's exact share of `amount` (minor units): (b + (T − n·b) · Σ_k α_k x_ik/X_k) / T.

    Recipients need not be partners. An amount of zero is shared as a very small one would be. Raises
    `BaseAboveAmount` and `IndicatorZero`.
    """
    mix = indicator_mix(recipients, indicators)
    count = len(recipients)
    held = base_within(count, amount, base, scale_base, currency)
    if amount == 0:
        return {r: Fraction(1, count) if base else part for r, part in mix.items()}
    shares = {r: (held + (amount - count * held) * part) / amount for r, part in mix.items()}
    assert sum(shares.values()) == 1, "formula shares total 1"
    return shares


class Formula(Basis):
    name = "formula"
    open_table = True
    words = ("Every party gets the same `base`; what is left of the amount is divided by weighted indicators, such as "
             "population and need. Where the amount is less than all bases together it is refused, or with "
             "`scale_base: true` divided equally.")
    formula = "w_i = (b + (T − n·b) · Σ_k α_k · x_ik / X_k) / T, with Σ_k α_k = 1 and X_k = Σ_i x_ik"
    source = "AGREEMENTS 2.1; the Swedish state's model for Finsam associations (a base each, then 0.75 and 0.25)"
    examples = (
        Example({"by": "formula", "base": "10000", "indicators": [_PEOPLE]}, _TWO,
                {"ash": Fraction(7, 10), "birch": Fraction(3, 10)},
                "of 100,000 each has 10,000; the other 80,000 go 3 to 1: 70,000 and 30,000"),
        Example({"by": "formula", "base": "60000", "indicators": [_PEOPLE], "scale_base": "true"}, _TWO,
                {"ash": Fraction(1, 2), "birch": Fraction(1, 2)},
                "two bases of 60,000 are more than 100,000: each is scaled to 50,000"),
        Example({"by": "formula", "indicators": [
            {"name": "people", "weight": "0.6", "values": {"ash": "3", "birch": "1"}},
            {"name": "need", "weight": "0.4", "values": {"ash": "1", "birch": "1"}}]}, _TWO,
                {"ash": Fraction(13, 20), "birch": Fraction(7, 20)}, "0.6 × 3/4 + 0.4 × 1/2 = 0.65"),
    )

    by: Literal["formula"] = "formula"
    base: PositiveAmount = 0
    indicators: tuple[Indicator, ...]
    scale_base: bool = Field(False, description="divide equally what is less than all bases together")

    @field_validator("indicators")
    @classmethod
    def _sound(cls, indicators: tuple[Indicator, ...]) -> tuple[Indicator, ...]:
        total = sum((i.weight for i in indicators), Fraction(0))
        if total != 1:
            raise carry(IndicatorWeightsNot1(total=number_text(total)))
        names = [i.name for i in indicators]
        parties = dict.fromkeys(p for i in indicators for p in i.values)
        for i in indicators:
            if names.count(i.name) > 1:
                raise carry(IndicatorTwice(name=i.name))
            for party in parties:
                if party not in i.values:
                    raise carry(IndicatorValueMissing(name=i.name, party=party))
            if i.weight and not any(i.values.values()):
                raise carry(IndicatorZero(name=i.name))
        return indicators

    def sharers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(p for i in self.indicators for p in i.values))

    def partners_named(self) -> set[str]:
        return {*self.sharers(), *super().partners_named()}

    def _recipients(self, facts: Facts) -> tuple[str, ...]:
        return in_order((p for p in self.sharers() if facts.may_share(p)), facts)

    def figures(self, facts: Facts) -> Mapping[str, Fraction]:
        recipients = self._recipients(facts)
        if not recipients:
            return {}
        return formula_shares(recipients, facts.amount, self.indicators, base=self.base, scale_base=self.scale_base,
                              currency=facts.currency)

    def title(self) -> str:
        names = ", ".join(f"{i.name} {number_text(i.weight)}" for i in self.indicators)
        return f"by the formula of the agreement ({'a base, then ' if self.base else ''}{names})"

    def figure_text(self, partner: str, facts: Facts) -> str:
        recipients, currency = self._recipients(facts), facts.currency
        parts = []
        for i in self.indicators:
            whole = sum((i.values[r] for r in recipients), Fraction(0))
            parts.append(f"{number_text(i.weight)} × {number_text(i.values[partner])}/{number_text(whole)}")
        mix = " + ".join(parts)
        if not self.base:
            return f"{mix} = "
        held = base_within(len(recipients), facts.amount, self.base, self.scale_base, currency)
        rest = money_text(facts.amount - len(recipients) * held, currency)
        return f"({money_text(held, currency)} + {rest} × ({mix})) / {money_text(facts.amount, currency)} = "
