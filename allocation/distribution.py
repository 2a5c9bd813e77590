"""Divides a pot among recipients, who need not be partners: stated elements first, the rest by a share basis.

A floor keeps recipients near their baseline, or a pace of change holds their growth within limits. Pure: the terms
and the figures of the basis in; whole minor units and the working out. Source: AGREEMENTS 2.4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator, model_validator

from allocation.bases import AnyBasis
from allocation.basis import money_text
from allocation.discovery import near
from allocation.limits import clamp
from allocation.model import Facts
from allocation.terms import Amount, Number, PositiveAmount, Rule, Terms, TermsWrong, carry, number_text
from allocation.waterfall import StepLine
from ledger.errors import PoolbookError
from ledger.language import Said
from ledger.money import grouped, largest_remainder

ZERO = Fraction(0)
_GROWTH = re.compile(r"[+-]?\d{1,6}(\.\d{1,12})?(/\d{1,12})?")


class RecipientUnknown(PoolbookError):
    code = "recipient-unknown"
    what = "{name!r} is not a recipient of this distribution"
    remedy = "write one of: {known}; or add it to `recipients`{hint}"


class ElementsAbovePot(PoolbookError):
    code = "elements-above-pot"
    what = "the elements stated for recipients come to {stated}, and the pot is {pot}"
    remedy = "raise the pot, or lower the elements or the months for which they are paid"


class BaselineMissing(PoolbookError):
    code = "baseline-missing"
    what = "there is no baseline for {name}, from which its growth is reckoned"
    remedy = "give every recipient a baseline of more than zero, or state its elements, which have no pace"


class PaceInfeasible(PoolbookError):
    code = "pace-infeasible"
    what = "within these growths the recipients can have {least} to {most} in total, and the pot leaves them {pot}"
    remedy = "change the pot or a limit, so that the pot lies within what the limits allow"


def _growth(value: Any) -> Fraction:
    """A growth as the formula has it, 0.025, or in percent, "2.5%"; a bare number of 1 or more is surely a percent."""
    if isinstance(value, Fraction):
        return value
    text = str(value).strip()
    bare = text.removesuffix("%").strip()
    if isinstance(value, bool | float) or not _GROWTH.fullmatch(bare) or bare.endswith("/0"):
        raise carry(TermsWrong(fault=Said("{text!r} is not a growth", text=text),
                               mend=Said('write 0.025 or "2.5%", or -0.01 for a fall')))
    over, _, under = bare.partition("/")
    growth = Fraction(over) / Fraction(under or 1)
    if text.endswith("%"):
        growth /= 100
    elif abs(growth) >= 1:
        raise carry(TermsWrong(fault=Said("a growth of {text} would be {growth} percent", text=text,
                                          growth=number_text(growth * 100)),
                               mend=Said('write "{text}%" if percent is meant, or "{growth}%"', text=text,
                                         growth=number_text(growth * 100))))
    if growth < -1:
        raise carry(TermsWrong(fault=Said("a growth of {text} falls below nothing", text=text),
                               mend=Said('write "-100%" or more')))
    return growth


Growth = Annotated[Fraction, BeforeValidator(_growth)]
"""A change against the baseline, as a fraction of it: -1 or more."""


class Element(Terms):
    """An amount for a full year (negative: a deduction), and the months of this year for which it is paid."""

    amount: Amount
    part_year_months: Annotated[int, Field(ge=0, le=12)] = 12

    def due(self) -> Fraction:
        return Fraction(self.amount * self.part_year_months, 12)


class Recipient(Terms):
    elements: tuple[Element, ...] = ()

    def stated(self) -> Fraction:
        """What its elements come to this year, in minor units."""
        return sum((element.due() for element in self.elements), ZERO)


class Floor(Terms):
    """Nobody but those excepted falls further than this below its baseline."""

    max_decrease_percent: Number
    excepted: tuple[str, ...] = Field((), alias="except")

    @field_validator("max_decrease_percent")
    @classmethod
    def _at_most_all(cls, percent: Fraction) -> Fraction:
        if percent > 100:
            raise carry(TermsWrong(fault=Said("a decrease of {percent} percent is more than all",
                                              percent=number_text(percent)),
                                   mend=Said("write a percentage from 0 to 100")))
        return percent


class PaceOfChange(Terms):
    """The least and the most that a recipient may grow against its baseline."""

    min_growth: Growth | None = None
    max_growth: Growth | None = None

    @model_validator(mode="after")
    def _in_order(self) -> PaceOfChange:
        if self.min_growth is None and self.max_growth is None:
            raise carry(TermsWrong(fault=Said("this pace of change sets no limit"),
                                   mend=Said("write min_growth or max_growth")))
        if self.min_growth is not None and self.max_growth is not None and self.min_growth > self.max_growth:
            raise carry(TermsWrong(fault=Said("min_growth is above max_growth"), mend=Said("exchange them")))
        return self


@dataclass(frozen=True, slots=True)
class Distributed:
    """What each recipient gets, in their order, and how; whether the floors had to be scaled."""

    amounts: Mapping[str, int]
    lines: tuple[StepLine, ...]
    scaled: bool = False


@dataclass(frozen=True, slots=True)
class DistributionExample:
    """A worked example, in minor units."""

    terms: Mapping[str, Any]
    gives: Mapping[str, int]
    words: str = ""
    facts: Facts = field(default_factory=lambda: Facts((), ()))


_NUMBER = {"type": ["number", "string"]}
_RECIPIENTS: dict[str, Any] = {"anyOf": [
    {"type": "array", "items": {"type": "string"}},
    {"type": "object", "additionalProperties": {"anyOf": [{"type": "null"}, {
        "type": "object", "additionalProperties": False, "properties": {"elements": {"type": "array", "items": {
            "type": "object", "additionalProperties": False, "required": ["amount"],
            "properties": {"amount": _NUMBER, "part_year_months": {"type": "integer", "minimum": 0, "maximum": 12}}}}},
    }]}}]}
"""Recipients as people write them: a list of names, or names with their elements or with nothing."""
_THREE = {"id": "grant", "pot": "1000", "recipients": ["a", "b", "c"], "basis": {"by": "equal"}}
_BASELINE = {"baseline": {"a": "500", "b": "300", "c": "200"}}


class Distribution(Rule):
    """`distributions: [{…}]` of an agreement. Recipients with elements get these; the others share the rest."""

    name = "distribution"
    words = ("A pot is divided among recipients. Recipients with stated elements get them, each for the months it is "
             "paid; the others share the rest by the basis, which sets their targets. With a `floor` nobody falls "
             "further below its baseline, and one factor on what the targets have above the floors uses up the pot; "
             "floors that exceed the pot are scaled to it. With a `pace_of_change` one addition to every growth uses "
             "up the pot within the limits.")
    formula = ("floor: floor_i + λ·max(0, target_i − floor_i); pace: baseline_i·(1 + clamp(target_i/baseline_i − 1 "
               "+ λ, min, max)); λ such that the amounts total the pot; largest remainder, recipients in their order")
    source = "AGREEMENTS 2.4; the Swedish state's model for coordination associations; pace of change in the NHS"
    examples = (
        DistributionExample(_THREE, {"a": 333_34, "b": 333_33, "c": 333_33}),
        DistributionExample({**_THREE, **_BASELINE, "floor": {"max_decrease_percent": "10"}},
                            {"a": 450_00, "b": 299_23, "c": 250_77},
                            "floors 450, 270, 180; targets 333.33, of which 63.33 and 153.33 above; λ = 100 / 216.67"),
        DistributionExample({**_THREE, "pot": "450", **_BASELINE, "floor": {"max_decrease_percent": "10"}},
                            {"a": 225_00, "b": 135_00, "c": 90_00}, "the floors come to 900: each gets half of it"),
        DistributionExample({**_THREE, **_BASELINE, "pace_of_change": {"min_growth": "-0.1", "max_growth": "20%"}},
                            {"a": 450_00, "b": 310_00, "c": 240_00},
                            "a is held at -10 %, c at +20 %, and b takes what is left"),
        DistributionExample({"id": "maia", "pot": "70000", "recipients": {"new": {"elements": [
            {"amount": "42000", "part_year_months": "6"}, {"amount": "48000", "part_year_months": "4"}]}, "old": {}},
            "basis": {"by": "equal"}}, {"new": 37_000_00, "old": 33_000_00},
            "a new area: 42,000 for half a year and 48,000 for four months"),
    )

    id: str
    reference: str = ""
    fund: str = ""
    pot: PositiveAmount
    recipients: Annotated[Mapping[str, Recipient], WithJsonSchema(_RECIPIENTS)]
    basis: AnyBasis | None = None
    baseline: Mapping[str, PositiveAmount] = {}
    floor: Floor | None = None
    pace_of_change: PaceOfChange | None = None

    @field_validator("recipients", mode="before")
    @classmethod
    def _as_mapping(cls, value: Any) -> Any:
        """A list of names, or a mapping in which a recipient may have elements or nothing."""
        if isinstance(value, Mapping):
            return {name: {} if given is None else given for name, given in value.items()}
        if isinstance(value, list | tuple) and all(isinstance(name, str) for name in value):
            twice = [name for i, name in enumerate(value) if name in value[:i]]
            if twice:
                raise carry(TermsWrong(fault=Said("the recipient {twice} stands in the list twice", twice=twice[0]),
                                       mend=Said("keep one")))
            return {name: {} for name in value}
        return value

    @field_validator("basis", "baseline", "floor")
    @classmethod
    def _known(cls, value: Any, info: ValidationInfo) -> Any:
        known = info.data.get("recipients")
        if known is None or value is None:
            return value
        if info.field_name == "basis":
            named = value.must_take_part() - value.groups_named()
        else:
            named = value.excepted if info.field_name == "floor" else value
        for name in sorted(set(named) - set(known)):
            raise carry(RecipientUnknown(name=name, known=", ".join(known), hint=near(name, known)))
        return value

    @model_validator(mode="after")
    def _whole(self, info: ValidationInfo) -> Distribution:
        currency = (info.context or {}).get("currency", "GBP")
        for wrong, fault, mend in (
            (not self.recipients, Said("this distribution has no recipients"), Said("name them under `recipients`")),
            (self.floor and self.pace_of_change, Said("a floor and a pace of change cannot both hold"),
             Said("keep one of them")),
            (self.basis is None and (self.sharing or self.floor or self.pace_of_change),
             Said("nothing says how the rest of the pot is shared"),
             Said("give it a `basis`, or every recipient elements")),
        ):
            if wrong:
                raise carry(TermsWrong(fault=fault, mend=mend))
        if self.stated > self.pot:
            raise carry(ElementsAbovePot(stated=money_text(self.stated, currency), pot=grouped(self.pot, currency)))
        if self.pace_of_change:
            self._feasible(self.pace_of_change, currency)
        return self

    def _feasible(self, pace: PaceOfChange, currency: str) -> None:
        """Whether some growth within the limits uses up the pot: known from the terms alone."""
        for name in self.sharing:
            if not self.baseline.get(name):
                raise carry(BaselineMissing(name=name))
        whole, rest = sum(self.baseline[name] for name in self.sharing), self.after_elements()[1]
        least = ZERO if pace.min_growth is None else whole * (1 + pace.min_growth)
        most = None if pace.max_growth is None else whole * (1 + pace.max_growth)
        if rest < least or (most is not None and rest > most):
            raise carry(PaceInfeasible(least=money_text(least, currency), pot=grouped(rest, currency),
                                       most=Said("any amount") if most is None else money_text(most, currency)))

    @property
    def sharing(self) -> tuple[str, ...]:
        """The recipients without stated elements, who share the rest."""
        return tuple(name for name, recipient in self.recipients.items() if not recipient.elements)

    @property
    def stated(self) -> Fraction:
        """What all stated elements come to this year, in minor units."""
        return sum((recipient.stated() for recipient in self.recipients.values()), ZERO)

    def after_elements(self) -> tuple[dict[str, int], int]:
        """The stated elements in whole minor units, by recipient, and what of the pot is left after them."""
        exact = {name: one.stated() for name, one in self.recipients.items() if one.elements}
        *parts, rest = largest_remainder([*exact.values(), self.pot - self.stated])
        return dict(zip(exact, parts, strict=True)), rest


def distribute(terms: Distribution, facts: Facts) -> Distributed:
    """What each recipient gets of the pot in a financial year; all of it, unless only elements are stated.

    Of `facts` the currency counts, and whatever the basis looks at (contributions, units, groups); who takes part is
    the terms' own. Raises the errors of `allocation.errors` where the basis cannot be worked out.
    """
    found, rest = terms.after_elements()
    lines, scaled = [], False
    if found:
        said = "; ".join(f"{name} {_elements(terms.recipients[name], facts.currency)}" for name in found)
        lines.append(StepLine("stated elements", terms.pot, dict(found), rest, said))
    if terms.basis is not None and terms.sharing:
        shared, line, scaled = _share(terms, rest, facts)
        found.update(shared)
        lines.append(line)
        rest = line.remaining
    amounts = {name: found[name] for name in terms.recipients}
    assert sum(amounts.values()) + rest == terms.pot, "the pot is divided to the penny"
    return Distributed(amounts, tuple(lines), scaled)


def _elements(recipient: Recipient, currency: str) -> str:
    """«42,000.00 · 6/12 + 48,000.00 · 4/12»."""
    return " + ".join(f"{grouped(element.amount, currency)}"
                      f"{'' if element.part_year_months == 12 else f' · {element.part_year_months}/12'}"
                      for element in recipient.elements)


def _share(terms: Distribution, rest: int, facts: Facts) -> tuple[dict[str, int], StepLine, bool]:
    """The rest among those without elements: their targets by the basis, then the floor or the pace of change."""
    names, basis = terms.sharing, terms.basis
    assert basis is not None, "recipients without elements share by a basis"
    facts = replace(facts, partners=names, taking_part=names, amount=rest)
    floors = [_floor(terms, name) for name in names]
    if rest == 0:
        return dict.fromkeys(names, 0), StepLine("share", 0, {}, 0, "nothing is left to share"), any(floors)
    shares = basis.shares(facts)
    targets = [rest * shares.get(name, ZERO) for name in names]
    exact, why, scaled = targets, "", False
    if terms.floor:
        exact, why, scaled = floored(rest, targets, floors, facts.currency)
        why += f". Floors: {_listed(names, floors, facts.currency)}. Targets: {_listed(names, targets, facts.currency)}"
    elif terms.pace_of_change:
        pace, baselines = terms.pace_of_change, [terms.baseline[name] for name in names]
        exact, why = paced(rest, targets, baselines, pace)
        why += f". Targets: {_listed(names, targets, facts.currency)}"
    amounts = dict(zip(names, largest_remainder(exact), strict=True))
    because = f"shared {basis.title()}: {basis.explain(facts)}{why}"
    return amounts, StepLine("share", rest, {n: a for n, a in amounts.items() if a}, 0, because), scaled


def _listed(names: Sequence[str], amounts: Sequence[Fraction], currency: str) -> str:
    return ", ".join(f"{name} {money_text(amount, currency)}" for name, amount in zip(names, amounts, strict=True))


def _floor(terms: Distribution, name: str) -> Fraction:
    """A recipient's floor; none for those excepted, and none without a baseline."""
    if terms.floor is None or name in terms.floor.excepted:
        return ZERO
    return terms.baseline.get(name, 0) * (1 - terms.floor.max_decrease_percent / 100)


def floored(pot: int, targets: Sequence[Fraction], floors: Sequence[Fraction],
            currency: str) -> tuple[list[Fraction], str, bool]:
    """floor_i + λ·max(0, target_i − floor_i), with the one λ that uses up the pot; in words; whether floors were cut.

    `targets` total the pot, so λ lies between 0 and 1. Where the floors alone exceed the pot, each is scaled to it.
    """
    whole = sum(floors, ZERO)
    if whole > pot:
        scale = f"{grouped(pot, currency)} / {money_text(whole, currency)}"
        why = f". The floors exceed the pot, so each is scaled by {scale}"
        return [floor * pot / whole for floor in floors], why, True
    above = [max(ZERO, target - floor) for target, floor in zip(targets, floors, strict=True)]
    wanted, left = sum(above, ZERO), pot - whole
    factor = left / wanted if wanted else ZERO
    why = (f". Each has its floor and λ of what its target has above it; λ = {money_text(left, currency)} left / "
           f"{money_text(wanted, currency)} wanted")
    return [floor + factor * more for floor, more in zip(floors, above, strict=True)], why, False


def paced(pot: int, targets: Sequence[Fraction], baselines: Sequence[int],
          pace: PaceOfChange) -> tuple[list[Fraction], str]:
    """baseline_i·(1 + clamp(target_i/baseline_i − 1 + λ, min, max)), with the λ that uses up the pot; and in words."""
    growths = [target / baseline - 1 for target, baseline in zip(targets, baselines, strict=True)]
    low, high = pace.min_growth, pace.max_growth

    def at(shift: Fraction) -> list[Fraction]:
        return [baseline * (1 + clamp(growth + shift, Fraction(-1) if low is None else low, high))
                for baseline, growth in zip(baselines, growths, strict=True)]

    shift = _shift(pot, at, [limit - growth for growth in growths
                             for limit in (Fraction(-1) if low is None else low, high) if limit is not None])
    said = [f"{word} {number_text(limit * 100)} percent" for word, limit in (("not below", low), ("not above", high))
            if limit is not None]
    return at(shift), f". Growth against the baseline + λ, {' and '.join(said)}; λ = {number_text(shift)}"


def _shift(pot: int, at: Callable[[Fraction], list[Fraction]], turns: Sequence[Fraction]) -> Fraction:
    """The least λ at which the amounts total the pot: between two turns their total is a straight line."""
    *_, last = ordered = sorted(set(turns))
    before, below = ordered[0], sum(at(ordered[0]))
    if below >= pot:  # everybody is at the least growth
        assert below == pot, "the limits were checked when the terms were read"
        return before
    for turn in [*ordered[1:], last + 1]:  # beyond the last turn the line goes on as it is
        total = sum(at(turn))
        if total >= pot or turn > last:
            assert total > below, "the limits were checked when the terms were read"
            return before + (turn - before) * (pot - below) / (total - below)
        before, below = turn, total
    raise AssertionError("the last line reaches every pot")
