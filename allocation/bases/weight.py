"""Share basis `weight`: stated weights, such as population, times other tables, such as need or price."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Literal

from allocation.basis import Basis
from allocation.errors import NothingToShareBy
from allocation.groups import Group
from allocation.model import Example, Facts
from allocation.terms import Number, number_text
from ledger.errors import PoolbookError
from ledger.language import Said

_TWO = Facts(("ash", "birch"), ("ash", "birch"))


class Weight(Basis):
    name = "weight"
    open_table = True
    words = ("In proportion to stated weights, such as population. `times` multiplies them by further tables (need, "
             "price); a partner missing from a further table counts as 1 there.")
    formula = "w_i = v_i · Π_k t_ki / Σ_j v_j · Π_k t_kj"
    source = "AGREEMENTS 2.1; weighted capitation as in NHS allocations (population × need × market forces factor)"
    examples = (
        Example({"by": "weight", "values": {"ash": "41000", "birch": "23500"}}, _TWO,
                {"ash": Fraction(410, 645), "birch": Fraction(235, 645)}),
        Example({"by": "weight", "values": {"ash": "2", "birch": "1"}, "times": [{"ash": "1.5", "birch": "1"}]}, _TWO,
                {"ash": Fraction(3, 4), "birch": Fraction(1, 4)}),
    )

    by: Literal["weight"] = "weight"
    values: Mapping[str, Number]
    times: tuple[Mapping[str, Number], ...] = ()

    def sharers(self) -> tuple[str, ...]:
        return tuple(self.values)

    def idle(self) -> tuple[str, ...]:
        products = self._products()
        return tuple(partner for partner, figure in products.items() if figure == 0) if any(products.values()) else ()

    def partners_named(self) -> set[str]:
        return {*self.values, *(p for table in self.times for p in table), *super().partners_named()}

    def figures(self, facts: Facts) -> Mapping[str, Fraction]:
        return {partner: figure for partner, figure in self._products().items() if facts.may_share(partner)}

    def _products(self) -> dict[str, Fraction]:
        figures = dict(self.values)
        for table in self.times:
            figures = {partner: figure * table.get(partner, Fraction(1)) for partner, figure in figures.items()}
        return figures

    def check(self, taking_part: Collection[str] = (),
              groups: Mapping[str, Group] | None = None) -> list[PoolbookError]:
        faults = super().check(taking_part, groups)
        if self.otherwise == "refuse" and not any(self._products().values()):
            faults.append(NothingToShareBy(amount=Said("an amount"), basis=self.name))
        return faults

    def title(self) -> str:
        return "in proportion to the stated weights"

    def figure_text(self, partner: str, facts: Facts) -> str:
        figures = self.figures(facts)
        return f"{number_text(figures[partner])} of {number_text(sum(figures.values(), Fraction(0)))} = "
