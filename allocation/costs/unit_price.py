"""Cost rule `unit_price`: a payer is charged a price per unit, and the payee gets it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from allocation.cost import FOR, UNALLOCATED, UNIT, Carried, CostExample, CostItem, CostLine, CostRule
from allocation.model import Facts
from allocation.terms import Number, PositiveAmount, number_text
from ledger.money import grouped, round_half_up

_FACTS = Facts(("region", "ash", "birch"), ("region", "ash", "birch"), currency="SEK")
_TERMS = {"by": "unit_price", "price": "9300", "payer": "for", "payee": "region"}


def _days(case: str, units: int, to: str = "ash") -> CostItem:
    return CostItem("beds", 0, units * UNIT, case=case, beneficiary=to, date=dt.date(2022, 3, 31))


class UnitPrice(CostRule):
    """Charges total nothing: what they put on the payer they take off the payee, whose the cost itself is."""

    name = "unit_price"
    words = ("The payer is charged the price for each unit and the payee gets it; the service's actual cost is the "
             "payee's, who provides it. With `free_units_mean` nothing is charged for a month in which the mean over "
             "all of the payer's cases, those without units counted, is not above it; otherwise all units are.")
    formula = "payer = price · units, if Σ units / cases > free mean in the month; payee = cost − Σ payers"
    source = "AGREEMENTS 2.3; Swedish law 2017:612 on coordinated discharge: SEK 9,300 a day in 2022; Stockholm's mean"
    examples = (
        CostExample(_TERMS, (_days("c1", 4), _days("c2", 1, "birch")), _FACTS,
                    {"beds": {"region": -46_500_00, "ash": 37_200_00, "birch": 9_300_00}}),
        CostExample({**_TERMS, "free_units_mean": "3"}, (_days("c1", 9), _days("c2", 0), _days("c3", 0)), _FACTS,
                    {"beds": {}}, "9 days over three cases is a mean of 3, which is not above 3: all are free"),
        CostExample({**_TERMS, "free_units_mean": "3"}, (_days("c1", 10), _days("c2", 0), _days("c3", 0)), _FACTS,
                    {"beds": {"region": -93_000_00, "ash": 93_000_00}}, "the mean is above 3: all 10 days are charged"),
        CostExample(_TERMS, (CostItem("beds", 60_000_00, payer="region"), _days("c1", 4)), _FACTS,
                    {"beds": {"region": 22_800_00, "ash": 37_200_00}}, "the region's own cost, less what it gets"),
    )

    by: Literal["unit_price"] = "unit_price"
    price: PositiveAmount
    payer: str
    payee: str
    free_units_mean: Number | None = None

    def partners_named(self) -> set[str]:
        return {self.payee} | ({self.payer} - {FOR})

    def lacks(self, item: CostItem) -> tuple[str, ...]:
        if item.units is None:
            return ()
        wants = {"for": item.beneficiary or self.payer != FOR, "case": item.case or self.free_units_mean is None}
        return tuple(column for column, given in wants.items() if not given)

    def _lines(self, items: Sequence[CostItem], services: Sequence[str], facts: Facts,
               carried: Carried) -> tuple[list[CostLine], Carried]:
        months: dict[tuple[str, str], list[CostItem]] = {}
        for item in items:
            if item.units is not None:
                months.setdefault((f"{item.date:%Y-%m}", self._payer(item)), []).append(item)
        lines = [line for (month, payer), used in sorted(months.items())
                 for line in self._month(month, payer, used, services, facts)]
        for service in services:
            cost = sum(item.amount for item in items if item.service == service)
            if cost:
                lines.append(CostLine(service, f"cost of {service}", cost, {self.payee: cost}, 0,
                                      f"{self.payee} provides it and bears its cost"))
        return lines, carried

    def _payer(self, item: CostItem) -> str:
        return (item.beneficiary or UNALLOCATED) if self.payer == FOR else self.payer

    def _month(self, month: str, payer: str, items: Sequence[CostItem], services: Sequence[str],
               facts: Facts) -> list[CostLine]:
        """What a payer is charged for a month, service by service; the mean is tested over all of them together."""
        charged, why = self._test(items)
        lines = []
        for service in services:
            here = [item.units or 0 for item in items if item.service == service]
            units = Fraction(sum(here), UNIT)
            if not here or payer == self.payee:
                continue
            charge = round_half_up(self.price * units) if charged else 0
            said = f"units: {number_text(units)} · {grouped(self.price, facts.currency)}" if charged else \
                f"units: {number_text(units)}, free of charge"
            lines.append(CostLine(service, f"charge for {service}, {payer}, {month}", 0,
                                  {payer: charge, self.payee: -charge} if charge else {}, 0, f"{said}{why}"))
        return lines

    def _test(self, items: Sequence[CostItem]) -> tuple[bool, str]:
        """Whether the month's units are charged, and why: their mean over all cases, those without units counted."""
        if self.free_units_mean is None:
            return True, ""
        units = Fraction(sum(item.units or 0 for item in items), UNIT)
        cases = len({item.case for item in items if item.case}) + sum(not item.case for item in items)
        charged = units > self.free_units_mean * cases
        return charged, (f"; the mean, {number_text(units)} / {cases} cases, is "
                         f"{'above' if charged else 'not above'} {number_text(self.free_units_mean)}")
