"""Cost rule `tariff`: a payer bears a percentage of each case's cost up to a cap in the year, another the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal

from pydantic import field_validator

from allocation.cost import (
    FOR,
    UNALLOCATED,
    Carried,
    CaseSoFar,
    CostExample,
    CostItem,
    CostLine,
    CostRule,
    named,
    split_exactly,
)
from allocation.model import Facts
from allocation.terms import Number, PositiveAmount, Terms, TermsWrong, carry, number_text
from ledger.language import Said
from ledger.money import grouped

_FACTS = Facts(("region", "ash", "birch"), ("region", "ash", "birch"), currency="NOK")
_TERMS = {"by": "tariff", "payer": "for", "remainder": "region",
          "rates": {"somatic": {"percent": "56", "cap_per_case": "31029"}}}
Key = tuple[str, str, str]


class Rate(Terms):
    """What the payer bears of a case of this class in a financial year: min(percent × cost, cap)."""

    percent: Number
    cap_per_case: PositiveAmount | None = None

    @field_validator("percent")
    @classmethod
    def _at_most_all(cls, percent: Fraction) -> Fraction:
        if percent > 100:
            raise carry(TermsWrong(fault=Said("a tariff of {percent} percent is more than the cost",
                                              percent=number_text(percent)),
                                   mend=Said("write a percentage from 0 to 100")))
        return percent


class Tariff(CostRule):
    """Per service, case, class and financial year; each is split, and rounded, on its own."""

    name = "tariff"
    words = ("Of each case's cost in the financial year the payer bears a percentage, no more than the cap; the "
             "remainder is another partner's. `payer: for` charges the partner for whom the event says the cost was. "
             "A class without a rate is all remainder.")
    formula = "payer = min(percent · cost, cap) per service, case, class and year; remainder = cost − payer"
    source = "AGREEMENTS 2.3, 2.6, 2.7; municipal co-payment for specialist care"
    examples = (
        CostExample(_TERMS, (CostItem("hospital", 40_000_00, cost_class="somatic", case="c1", beneficiary="ash"),
                             CostItem("hospital", 60_000_00, cost_class="somatic", case="c2", beneficiary="birch")),
                    _FACTS, {"hospital": {"region": 46_571_00, "ash": 22_400_00, "birch": 31_029_00}},
                    "56 % of 40,000.00 is 22,400.00; 56 % of 60,000.00 would be 33,600.00, but the cap is 31,029.00"),
        CostExample({**_TERMS, "payer": "ash"}, (CostItem("hospital", 100_00, cost_class="dental", case="c1"),),
                    _FACTS, {"hospital": {"region": 100_00}}, "there is no rate for dental care"),
    )

    by: Literal["tariff"] = "tariff"
    payer: str
    remainder: str
    rates: Mapping[str, Rate]

    def partners_named(self) -> set[str]:
        return {self.remainder} | ({self.payer} - {FOR})

    def lacks(self, item: CostItem) -> tuple[str, ...]:
        if item.cost_class not in self.rates or not item.amount:
            return ()
        wants = {"case": item.case, "for": item.beneficiary or self.payer != FOR}
        return tuple(column for column, given in wants.items() if not given)

    def _lines(self, items: Sequence[CostItem], services: Sequence[str], facts: Facts,
               carried: Carried) -> tuple[list[CostLine], Carried]:
        cases: dict[Key, list[CostItem]] = {}
        for item in items:
            cases.setdefault((item.service, item.case, item.cost_class), []).append(item)
        lines, found = [], dict(carried.cases)
        for key in sorted(cases, key=lambda key: (services.index(key[0]), key)):
            line, found[key] = self._case(key, cases[key], found.get(key, CaseSoFar()), facts)
            lines.append(line)
        return lines, Carried(carried.units, found)

    def _case(self, key: Key, items: Sequence[CostItem], before: CaseSoFar,
              facts: Facts) -> tuple[CostLine, CaseSoFar]:
        """One case and class: the year's whole, less what earlier versions of the year charged.

        Earlier cost keeps the percentage and the cap of its own version: a lower cap in a later one takes back nothing
        that was rightly charged before, and a higher one charges nothing that was let go; what is new is charged up to
        the cap, with what went before counted.
        """
        rate, cost = self.rates.get(key[2], Rate(percent=Fraction(0))), sum(item.amount for item in items)
        uncapped = dict(before.uncapped)
        for item in items:
            who = self._payer(item)
            uncapped[who] = uncapped.get(who, Fraction(0)) + rate.percent / 100 * item.amount
        wanted, wanted_before = sum(uncapped.values(), Fraction(0)), sum(before.uncapped.values(), Fraction(0))
        most = wanted if rate.cap_per_case is None else max(Fraction(rate.cap_per_case), before.charged)
        charged = min(wanted, most, before.charged + max(wanted - wanted_before, Fraction(0)))
        scale = charged / wanted if wanted else Fraction(1)
        rounded = self._rounded({who: part * scale for who, part in uncapped.items()}, before.cost + cost, facts)
        out = {who: part - before.rounded.get(who, 0) for who, part in rounded.items()}
        out[self.remainder] = out.get(self.remainder, 0) + cost - sum(out.values())
        step = f"cost of {key[0]}, case {key[1] or '(none stated)'}, class {key[2] or '(none stated)'}"
        because = self._because(rate, key[2], charged == most < wanted, before, facts)
        line = CostLine(key[0], step, cost, named(out), 0, because)
        return line, CaseSoFar(before.cost + cost, uncapped, charged, rounded)

    def _payer(self, item: CostItem) -> str:
        return (item.beneficiary or UNALLOCATED) if self.payer == FOR else self.payer

    def _rounded(self, payers: Mapping[str, Fraction], cost: int, facts: Facts) -> dict[str, int]:
        """The payers' parts in whole minor units, split from the cost together with the remainder."""
        rest = cost - sum(payers.values(), Fraction(0))
        if self.remainder in payers:  # a partner that pays itself: what falls to it either way is not told apart
            others = {who: part for who, part in payers.items() if who != self.remainder}
            parts = split_exactly({**others, self.remainder: rest + payers[self.remainder]}, facts)
        else:
            parts = split_exactly({**payers, self.remainder: rest}, facts)
        return {who: part for who, part in parts.items() if who != self.remainder}

    def _because(self, rate: Rate, cost_class: str, reached: bool, before: CaseSoFar, facts: Facts) -> str:
        """In words: the percentage, the cap, what went before in the year."""
        if cost_class not in self.rates:
            return f"there is no rate for this class: it is {self.remainder}'s"
        payer = "the partner for whom it was" if self.payer == FOR else self.payer
        said = f"{payer} bears {number_text(rate.percent)} percent"
        if rate.cap_per_case is not None:
            cap = grouped(rate.cap_per_case, facts.currency)
            said += f", at most {cap} per case and year (reached)" if reached else \
                f", at most {cap} per case and year"
        if before.cost:
            charged_before = grouped(sum(before.rounded.values()), facts.currency)
            said += f"; earlier in the year {charged_before} of {grouped(before.cost, facts.currency)} was charged"
        return f"{said}; the rest is {self.remainder}'s"
