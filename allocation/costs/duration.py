"""Cost rule `duration`: who pays depends on how many days a case has lasted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Literal

from pydantic import field_validator

from allocation.bases.fixed import Fixed
from allocation.basis import Basis
from allocation.cost import UNIT, Carried, CostExample, CostItem, CostLine, CostRule, named, split_exactly
from allocation.model import Facts
from allocation.terms import Number, Percentages, Terms, carry, number_text
from ledger.errors import PoolbookError
from ledger.language import Said, in_a_row

_FACTS = Facts(("city", "state"), ("city", "state"), currency="EUR")
_TIERS = [{"through_day": "300", "percent": {"state": "100"}},
          {"through_day": "1000", "percent": {"city": "50", "state": "50"}},
          {"percent": {"city": "70", "state": "30"}}]
_MONTH = CostItem("support", 900_00, 30 * UNIT, case="c1", date=dt.date(2024, 6, 30))


class TiersNotRising(PoolbookError):
    code = "tiers-not-rising"
    what = "the tiers end on {days}, which does not rise to a last tier that is open"
    remedy = "write the tiers in the order of their days, each with a later through_day, and the last one without"


class Tier(Terms):
    """The percentages that hold through this day of a case; without `through_day`, from then on."""

    through_day: Number | None = None
    percent: Percentages

    @cached_property
    def basis(self) -> Fixed:
        """The percentages as a share basis, which knows how a group's part is divided."""
        return Fixed(percent=self.percent)

    def text(self) -> str:
        shares = ", ".join(f"{who} {number_text(percent)}" for who, percent in self.percent.items() if percent)
        until = "the last tier" if self.through_day is None else f"the tier through day {number_text(self.through_day)}"
        return f"{until} ({shares} percent)"


class Duration(CostRule):
    """Each event is split on its own. A case's days are those of all covered services together."""

    name = "duration"
    words = ("Each payment is shared by how long its case has lasted. `boundary: end_of_payment_period`: an event is "
             "one payment period, wholly at the tier of its first day. `exact_day`: it is divided by days where a tier "
             "ends within it. An event without days stands at the tier that its case has reached.")
    formula = "liability_i = Σ_tiers percent_i · cost · days in the tier / days; largest remainder, each event"
    source = "AGREEMENTS 2.3, 2.6; Finnish labour market support: the municipality's part grows with the days paid"
    examples = (
        CostExample({"by": "duration", "boundary": "exact_day", "tiers": _TIERS}, (_MONTH,), _FACTS,
                    {"support": {"city": 300_00, "state": 600_00}},
                    "days 291 to 320: 10 at the first tier, and 20 of which the city pays half",
                    Carried({"c1": 290 * UNIT})),
        CostExample({"by": "duration", "boundary": "end_of_payment_period", "tiers": _TIERS}, (_MONTH,), _FACTS,
                    {"support": {"state": 900_00}}, "the payment period began before day 300 was over",
                    Carried({"c1": 290 * UNIT})),
    )

    by: Literal["duration"] = "duration"
    tiers: tuple[Tier, ...]
    boundary: Literal["end_of_payment_period", "exact_day"]

    @field_validator("tiers")
    @classmethod
    def _rising(cls, tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
        ends = [tier.through_day for tier in tiers]
        days = [Fraction(0), *(day for day in ends[:-1] if day is not None)]
        rising = all(low < high for low, high in pairwise(days))
        if not tiers or len(days) != len(tiers) or ends[-1] is not None or not rising:
            each = [Said("no day") if day is None else Said("day {day}", day=number_text(day)) for day in ends]
            raise carry(TiersNotRising(days=in_a_row(each) or Said("no day at all")))
        return tiers

    def bases(self) -> tuple[Basis, ...]:
        return tuple(tier.basis for tier in self.tiers)

    def partners_named(self) -> set[str]:
        return {who for tier in self.tiers for who in tier.percent}

    def lacks(self, item: CostItem) -> tuple[str, ...]:
        wants = {"case": item.case, "units": item.amount <= 0 or item.units}
        return tuple(column for column, given in wants.items() if not given)

    def _lines(self, items: Sequence[CostItem], services: Sequence[str], facts: Facts,
               carried: Carried) -> tuple[list[CostLine], Carried]:
        so_far, lines = dict(carried.units), []
        for item in items:
            before = Fraction(so_far.get(item.case, 0) if item.case else 0, UNIT)
            if item.amount:
                lines.append(self._line(item, before, facts))
            if item.case and item.units:
                so_far[item.case] = so_far.get(item.case, 0) + item.units
        return lines, Carried(so_far, carried.cases)

    def _line(self, item: CostItem, before: Fraction, facts: Facts) -> CostLine:
        """One event, split by the days on which it stands."""
        days = Fraction(item.units or 0, UNIT)
        first, last = min(before, before + days), max(before, before + days)  # days taken back run backwards
        parts: dict[str, Fraction] = {}
        stands = self._stands(first, last)
        for tier, part in stands:
            for who, share in tier.basis.shares(replace(facts, amount=abs(item.amount * part))).items():
                parts[who] = parts.get(who, Fraction(0)) + item.amount * part * share
        case = f"case {item.case}" if item.case else "no case stated"
        said = "; ".join(f"at {tier.text()}" if part == 1 else
                         f"{number_text(part * abs(days))} days at {tier.text()}" for tier, part in stands)
        where = f"after day {number_text(first)} through day {number_text(last)}" if days else \
            f"no days stated, the case has reached day {number_text(before)}"
        return CostLine(item.service, f"cost of {item.service}, {case}, {item.date}", item.amount,
                        named(split_exactly(parts, facts)), 0, f"{where}: {said}")

    def _stands(self, first: Fraction, last: Fraction) -> list[tuple[Tier, Fraction]]:
        """The tiers on which the days after `first` through `last` stand, with the part of them on each."""
        if self.boundary == "end_of_payment_period" or first == last:
            return [(self._tier(first, still_in=first == last), Fraction(1))]
        found, starts = [], min(first, Fraction(0))  # days that were taken back may reach below none
        for tier in self.tiers:
            ends = last if tier.through_day is None else tier.through_day
            within = min(last, ends) - max(first, starts)
            if within > 0:
                found.append((tier, within / (last - first)))
            starts = ends
        return found

    def _tier(self, day: Fraction, *, still_in: bool) -> Tier:
        """The tier of what comes after so many days; `still_in`: the tier of the last of these days itself."""
        for tier in self.tiers[:-1]:
            assert tier.through_day is not None, "only the last tier is open"
            if day < tier.through_day or (still_in and day == tier.through_day):
                return tier
        return self.tiers[-1]
