"""What every stage of the workbook writes with: its book, its inputs, its splits, and a row for each single figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from commissioning.scenario.base import Base
from commissioning.scenario.values import Lever
from exports.scenario.exact import Exact
from exports.scenario.model import Book, Column, Formula, Frozen, Ref, Sheet, Term, half_up, plus, short_sums
from exports.scenario.split import Splits
from ledger.money import decimals

STAGES: Mapping[str, tuple[str, str]] = {
    "Contributions": ("Contributions", "What each line comes to in the year, and each partner's contribution."),
    "Costs": ("Costs of the services", "Units × cost of a unit, with growth, and what stands beside it."),
    "Budgets": ("Budgets by partner", "Each service's budget, and who meets it."),
    "Variances": ("Variances", "Cost less budget of each service, and what is left of it for each rule."),
    "Steps": ("The rules, step by step", "What each step is offered, what it takes, and what goes on to the next."),
    "Shares": ("Who bears what", "Every part of every service's cost, by partner."),
}
"""The engine's stages, each a sheet of single figures in whole minor units."""
_COLUMNS = (Column("Number", "whole", 10), Column("What", width=58), Column("Who", width=24),
            Column("Minor units", "whole", 20), Column("How it is worked out", width=70))


@dataclass
class Bench:
    """The book under work. `cells`: each input's cell in whole units; `switches`: 1 or 0."""

    base: Base
    levers: Mapping[str, Lever]
    book: Book = field(default_factory=Book)
    cells: dict[str, Ref] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stages: dict[str, Sheet] = {}
        self.splits: Splits
        self.exact: Exact

    def begin(self) -> None:
        """The stages' sheets, in order."""
        for name, (title, note) in STAGES.items():
            self.stages[name] = self.book.sheet(Sheet(name, title, f"{note} Pence, or the currency's smallest unit.",
                                                      _COLUMNS))
        self.splits = Splits(self.book)
        self.exact = Exact(self.book)

    @property
    def partners(self) -> list[str]:
        return list(self.base.agreement.partners)

    @property
    def scale(self) -> int:
        """Minor units in one of the currency."""
        return int(10**decimals(self.base.agreement.currency))

    def line(self, stage: str, what: str, who: str, formula: str | int | Frozen, how: str = "") -> Ref:
        """One figure on a stage's sheet."""
        sheet = self.stages[stage]
        value = Formula(f"={formula}") if isinstance(formula, str) else formula
        row = sheet.add(len(sheet.rows) + 1, what, who, value, how)
        return sheet.ref(3, row)

    def total(self, stage: str, what: str, who: str, terms: Sequence[Term], how: str = "") -> Ref:
        """The sum of many cells, in as many rows as no formula grows too long for."""
        groups = list(short_sums(terms))
        while len(groups) > 1:
            groups = list(short_sums(self.line(stage, f"{what}, part", who, plus(group), "a part of the sum below")
                                     for group in groups))
        return self.line(stage, what, who, plus(groups[0]), how)

    def whole(self, path: str, otherwise: int = 0) -> Term:
        """An input in whole units, or what it is where it cannot be changed here."""
        return self.cells.get(path, otherwise)

    def minor(self, path: str, otherwise: int) -> Term:
        """An input of money in minor units."""
        return self.cells.get(path, otherwise)

    def limit(self, path: str, limit: int | Fraction, of: Term) -> str:
        """A limit that is an amount, or a percentage (a fraction) of something, in minor units."""
        if isinstance(limit, int):
            return str(self.cells.get(path, limit))
        lever = self.levers[path]
        under = 100 * lever.scale
        size = f"INT({of}/{under})"
        rest = f"({of}-{size}*{under})"
        factor = self.cells[path]
        return f"({size}*{factor}+INT((2*{rest}*{factor}+{under})/{2 * under}))"

    def part(self, term: Term, factor: Fraction) -> str:
        """A fixed part of an amount, rounded half up."""
        return half_up(str(term), factor.numerator, factor.denominator)
