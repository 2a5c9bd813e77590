"""How uncertain a year is, as people state it: chances of demand, price and timing by service, and what goes together.

A change is in percent of what the whole year is expected to cost now, spent and still to come (`demand`, `price`), or
in months by which cost comes later (`timing`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, field_validator, model_validator

from allocation.discovery import near
from allocation.errors import SharesNot100
from allocation.terms import Number, NumberUnreadable, Terms, TermsWrong, carry, number_text
from ledger.errors import PoolbookError
from ledger.language import Said

_SIGNED = re.compile(r"[+-]?\d{1,9}(\.\d{1,9})?")
FACTORS = ("demand", "price", "timing")
MOST_DRAWS = 100_000


class ChanceUnclear(PoolbookError):
    code = "chance-unclear"
    what = "{count} distributions are stated where one is needed"
    remedy = "write exactly one of: normal, lognormal, triangular, uniform, discrete"


class ChanceWrong(PoolbookError):
    code = "chance-wrong"
    what = "this {kind} distribution is impossible: {fault}"
    remedy = "{mend}"


class FactorUnknown(PoolbookError):
    code = "factor-unknown"
    what = "a correlation names {name!r}, of which no chances are stated"
    remedy = "write service.demand, service.price or service.timing; stated are: {known}{hint}"


class CorrelationWrong(PoolbookError):
    code = "correlation-wrong"
    what = "the correlation between {one} and {other} cannot stand: {fault}"
    remedy = "state each pair of two different factors once, with a number from -1 to 1"


class CorrelationsImpossible(PoolbookError):
    code = "correlations-impossible"
    what = "the correlations cannot all hold: {name} contradicts what is stated of {others}"
    remedy = "bring the correlations of {name} nearer to 0, or state those that are missing between the others"


def _signed(value: Any) -> Fraction:
    if isinstance(value, Fraction):
        return value
    text = str(value)
    if isinstance(value, bool | float) or not _SIGNED.fullmatch(text):
        raise carry(NumberUnreadable(text=text))
    return Fraction(text)


Signed = Annotated[Fraction, BeforeValidator(_signed)]
"""An exact number, below zero too."""


class Spread(Terms):
    """What one distribution is made of. `kind` is the key under which it stands."""

    kind: ClassVar[str]

    def wrong(self, fault: str, mend: str) -> Exception:
        return carry(ChanceWrong(kind=self.kind, fault=fault, mend=mend))


class Normal(Spread):
    """Around `mean`, as often above as below; two of three times within `sd`."""

    kind = "normal"
    mean: Signed = Fraction(0)
    sd: Number


class LogNormal(Spread):
    """The same mean and spread, but skewed: never below nothing, and now and then far above. Not for timing."""

    kind = "lognormal"
    mean: Signed = Fraction(0)
    sd: Number

    @model_validator(mode="after")
    def _above_nothing(self) -> LogNormal:
        if self.mean <= -100:
            raise self.wrong(Said("its mean leaves nothing"), Said("write a mean above -100"))
        return self


class Triangular(Spread):
    """From `low` to `high`, most often near `mode`."""

    kind = "triangular"
    low: Signed
    mode: Signed
    high: Signed

    @model_validator(mode="after")
    def _in_order(self) -> Triangular:
        if not self.low <= self.mode <= self.high:
            raise self.wrong(Said("low, mode and high are not in order"), Said("write them so that low ≤ mode ≤ high"))
        return self


class Uniform(Spread):
    """Anything from `low` to `high`, all alike."""

    kind = "uniform"
    low: Signed
    high: Signed

    @model_validator(mode="after")
    def _in_order(self) -> Uniform:
        if self.low > self.high:
            raise self.wrong(Said("low is above high"), Said("exchange them"))
        return self


class Chance(Terms):
    """How one factor may turn out: one distribution. `discrete`: what may happen, with its chance in percent."""

    normal: Normal | None = None
    lognormal: LogNormal | None = None
    triangular: Triangular | None = None
    uniform: Uniform | None = None
    discrete: Mapping[Signed, Number] | None = None

    @field_validator("discrete")
    @classmethod
    def _hundred(cls, chances: Mapping[Fraction, Fraction] | None) -> Mapping[Fraction, Fraction] | None:
        if chances is not None and sum(chances.values()) != 100:
            raise carry(SharesNot100(total=number_text(sum(chances.values(), Fraction(0)))))
        return chances

    @model_validator(mode="after")
    def _one(self) -> Chance:
        stated = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(stated) != 1:
            raise carry(ChanceUnclear(count=len(stated)))
        return self


class Uncertain(Terms):
    """The chances of one service. What is not stated is certain."""

    demand: Chance | None = None
    price: Chance | None = None
    timing: Chance | None = None

    @model_validator(mode="after")
    def _months(self) -> Uncertain:
        if self.timing is not None and self.timing.lognormal is not None:
            raise carry(ChanceWrong(kind="lognormal", fault=Said("months have no size that could be skewed"),
                                    mend=Said("state the timing by triangular, uniform, normal or discrete")))
        return self

    def stated(self) -> dict[str, Chance]:
        chances = {factor: getattr(self, factor) for factor in FACTORS}
        return {factor: chance for factor, chance in chances.items() if chance is not None}


class Correlation(Terms):
    """How far two factors (`service.demand`) go together: 1 always, 0 not at all, -1 one up when the other is down."""

    between: Annotated[tuple[str, ...], Field(min_length=2, max_length=2)]
    by: Annotated[Signed, Field(alias="is")]

    @model_validator(mode="after")
    def _possible(self) -> Correlation:
        one, other = self.between
        fault = Said("it is one factor twice") if one == other else Said("{by} is beyond -1 to 1",
                                                                         by=number_text(self.by))
        if one == other or abs(self.by) > 1:
            raise carry(CorrelationWrong(one=one, other=other, fault=fault))
        return self


class Uncertainty(Terms):
    """Everything that a simulation is told: how many years to draw, from which seed, and the chances by service."""

    draws: Annotated[int, Field(ge=1, le=MOST_DRAWS)] = 1000
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)]
    services: Mapping[str, Uncertain]
    correlations: tuple[Correlation, ...] = ()

    @property
    def factors(self) -> dict[str, Chance]:
        """Every stated factor by its name, `service.demand`, in the order of the file."""
        return {f"{service}.{factor}": chance for service, some in self.services.items()
                for factor, chance in some.stated().items()}

    @property
    def correlated(self) -> tuple[str, ...]:
        """The factors that correlations name, in the order of the file."""
        named = {name for one in self.correlations for name in one.between}
        return tuple(name for name in self.factors if name in named)

    @model_validator(mode="after")
    def _whole(self) -> Uncertainty:
        factors = self.factors
        if not factors:
            raise carry(TermsWrong(fault=Said("no chances are stated"),
                                   mend=Said("state demand, price or timing of a service")))
        pairs: set[frozenset[str]] = set()
        for one in self.correlations:
            for name in one.between:
                if name not in factors:
                    raise carry(FactorUnknown(name=name, known=", ".join(factors), hint=near(name, factors)))
            if frozenset(one.between) in pairs:
                raise carry(CorrelationWrong(one=one.between[0], other=one.between[1],
                                             fault=Said("it is stated twice")))
            pairs.add(frozenset(one.between))
        try:
            self.mixing()
        except PoolbookError as fault:
            raise carry(fault) from None
        return self

    def mixing(self) -> tuple[list[list[Fraction]], list[Fraction]]:
        """L and d with L·diag(d)·Lᵀ = the correlation matrix, exactly; d ≥ 0 says that the matrix is possible.

        Raises `CorrelationsImpossible` naming the first factor that contradicts those before it. Source: any
        symmetric matrix is positive semi-definite just when this factorisation runs through without a negative d.
        """
        names = self.correlated
        by = {frozenset(one.between): one.by for one in self.correlations}
        lower: list[list[Fraction]] = [[] for _ in names]
        sizes: list[Fraction] = []
        for i, name in enumerate(names):
            for j in range(i):
                known = sum((lower[i][k] * lower[j][k] * sizes[k] for k in range(j)), Fraction(0))
                left = by.get(frozenset((name, names[j])), Fraction(0)) - known
                if left and not sizes[j]:
                    raise CorrelationsImpossible(name=name, others=", ".join(names[:i]))
                lower[i].append(left / sizes[j] if sizes[j] else Fraction(0))
            sizes.append(1 - sum((lower[i][k] ** 2 * sizes[k] for k in range(i)), Fraction(0)))
            if sizes[i] < 0:
                raise CorrelationsImpossible(name=name, others=", ".join(names[:i]))
        return lower, sizes
