"""The form in which a rule's terms are written: strict keys, exact numbers, amounts in minor units, limits in percent.

Terms are read with `Model.model_validate(data, context={"currency": "GBP"})`; every scalar may be text, so that no
number ever passes through a float. A fault carries a `PoolbookError` to whoever knows the line in the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from allocation.errors import SharesNot100
from ledger.errors import PoolbookError
from ledger.money import AmountUnreadable, to_minor

_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,12})?(/\d{1,15})?")


class NumberUnreadable(PoolbookError):
    code = "number-unreadable"
    what = "{text!r} is not a number"
    remedy = "write digits alone with a full stop before the decimals, or an exact fraction such as 100/3"


class NumberNegative(PoolbookError):
    code = "number-negative"
    what = "{text} is negative"
    remedy = "amounts, weights, percentages and limits of an agreement are zero or more"


class TermsWrong(PoolbookError):
    """Terms that do not hang together, where no narrower class says it better."""

    code = "terms-wrong"
    what = "{fault}"
    remedy = "{mend}"


def carry(error: PoolbookError) -> PydanticCustomError:
    """A domain error in the form in which it travels through Pydantic with its location kept."""
    return PydanticCustomError("poolbook", "refused", {"error": error})


def _number(value: Any) -> Fraction:
    if isinstance(value, Fraction):
        return value
    text = str(value)
    if isinstance(value, bool | float) or not _NUMBER.fullmatch(text) or text.endswith("/0"):
        raise carry(NumberUnreadable(text=text))
    over, _, under = text.partition("/")
    number = Fraction(over) / Fraction(under or 1)
    if number < 0:
        raise carry(NumberNegative(text=text))
    return number


def _amount(value: Any, info: ValidationInfo) -> int:
    if isinstance(value, bool | float) or not isinstance(value, str | int | Decimal):
        raise carry(AmountUnreadable(text=str(value)))
    try:
        return to_minor(value, (info.context or {}).get("currency", "GBP"))
    except PoolbookError as error:
        raise carry(error) from None


def _positive_amount(value: Any, info: ValidationInfo) -> int:
    amount = _amount(value, info)
    if amount < 0:
        raise carry(NumberNegative(text=str(value)))
    return amount


@dataclass(frozen=True, slots=True)
class Percentage:
    """A limit written in percent: of the covered lines' annual budget, or of a partner's contribution."""

    percent: Fraction

    def __str__(self) -> str:
        return f"{number_text(self.percent)}%"


def _limit(value: Any, info: ValidationInfo) -> int | Percentage:
    if isinstance(value, Percentage):
        return value
    if isinstance(value, str) and value.strip().endswith("%"):
        return Percentage(_number(value.strip()[:-1].strip()))
    return _positive_amount(value, info)


def _hundred(percent: Mapping[str, Fraction]) -> Mapping[str, Fraction]:
    if sum(percent.values()) != 100:
        raise carry(SharesNot100(total=number_text(sum(percent.values(), Fraction(0)))))
    return percent


Number = Annotated[Fraction, BeforeValidator(_number)]
"""A number of zero or more, exact."""
Percentages = Annotated[Mapping[str, Number], AfterValidator(_hundred)]
"""Percentages by name that total exactly 100."""
Amount = Annotated[int, BeforeValidator(_amount)]
"""An amount in the partnership's currency, in minor units."""
PositiveAmount = Annotated[int, BeforeValidator(_positive_amount)]
"""An amount of zero or more."""
Limit = Annotated[Any, BeforeValidator(_limit)]
"""An amount in minor units (int), or a `Percentage`."""


class Terms(BaseModel):
    """Terms of an agreement: frozen, and no key beyond those declared."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        """A key that is there without a value says no more than one that is not there, where it has a default."""
        if not isinstance(value, Mapping):
            return value
        optional = {name for field, info in cls.model_fields.items() if not info.is_required()
                    for name in (field, info.alias)}
        return {key: one for key, one in value.items() if one is not None or key not in optional}

    def partners_named(self) -> set[str]:
        """Every partner (or group) that these terms name, so that a misspelt one is refused."""
        return set()


class Rule(Terms):
    """What every kind of rule says about itself, beside its arithmetic."""

    name: ClassVar[str]
    words: ClassVar[str]  # one or two sentences for people who draft agreements
    formula: ClassVar[str]
    source: ClassVar[str]  # the clause, paper or law that the formula comes from
    examples: ClassVar[tuple[Any, ...]]


def number_text(number: Fraction) -> str:
    """An exact number for people: `52.5`, or `100/3` where it has no finite decimals (up to six)."""
    if (number * 10**6).denominator == 1:
        text = f"{Decimal(number.numerator) / Decimal(number.denominator):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{number.numerator}/{number.denominator}"


def percent_text(share: Fraction) -> str:
    """A share as a percentage with four decimals, cut, not rounded: a help to the eye beside the exact figures."""
    ten_thousandths = share.numerator * 10**6 // share.denominator
    exact = "" if share * 10**6 == ten_thousandths else "…"
    return f"{ten_thousandths // 10**4}.{ten_thousandths % 10**4:04d}{exact} %"
