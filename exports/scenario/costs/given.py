"""What a cost rule looks at in cells: its rows, their inputs, its own terms; and what it puts on whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from allocation.cost import UNALLOCATED, Carried
from commissioning.scenario.base import Base
from commissioning.scenario.cases import CaseRow, CaseRule
from exports.scenario.bench import Bench
from exports.scenario.exact import Part
from exports.scenario.model import Column, Formula, Frozen, Ref, Sheet, Term, Value


@dataclass(frozen=True)
class CaseCells:
    """A case and class under a tariff in the year's earlier versions, as in `allocation.cost`."""

    cost: Term
    uncapped: Mapping[str, Part]
    charged: Part
    rounded: Mapping[str, Ref]


@dataclass
class SoFar:
    """What goes from one version of a rule to the next: each case's days, and how to write its tariff so far."""

    days: dict[str, Term] = field(default_factory=dict)
    cases: dict[tuple[str, str, str], Callable[[], CaseCells]] = field(default_factory=dict)


@dataclass(frozen=True)
class Cases:
    """One rule. `borne`: by service, the terms that are summed for each partner and for what nobody bears."""

    bench: Bench
    one: CaseRule
    prefix: str
    said: str
    so_far: SoFar
    borne: dict[str, dict[str, list[Term]]] = field(default_factory=dict)

    def row(self, row: CaseRow, what: str) -> Ref:
        """What a row says, in minor units or in whole parts of a unit."""
        return self.bench.cells[f"{self.prefix}{self.one.path(row, what)}"]

    def row_scale(self, row: CaseRow, what: str) -> int:
        return self.bench.levers[f"{self.prefix}{self.one.path(row, what)}"].scale

    def own(self, *keys: str | int) -> Ref:
        """One of the rule's own figures, in whole units."""
        return self.bench.cells[self._path(keys)]

    def scale(self, *keys: str | int) -> int:
        return self.bench.levers[self._path(keys)].scale

    def _path(self, keys: Sequence[str | int]) -> str:
        return ".".join([f"{self.prefix}rules.{self.one.rule.id}.cost", *map(str, keys)])

    def put(self, service: str, who: str, term: Term) -> None:
        self.borne.setdefault(service, {}).setdefault(who, []).append(term)

    def costs(self, service: str) -> list[Ref]:
        """The cells that a service's cost is the sum of."""
        return [self.row(row, "cost") for row in self.one.rows if row.service == service and "cost" in row.changes]

    def totals(self) -> dict[str, dict[str, Ref]]:
        """What each bears of each service."""
        order = [*self.bench.partners, UNALLOCATED]
        return {service: {who: self.bench.total("Shares", f"{self.said}, cost of {service}", who, parts[who],
                                                "what the rows of its cases come to")
                          for who in order if who in parts}
                for service, parts in self.borne.items()}

    def sheet(self, name: str, title: str, note: str, columns: tuple[Column, ...]) -> Table:
        """The rule's table, which rules of one kind have together."""
        found = self.bench.book.sheets.get(name)
        return Table(found or self.bench.book.sheet(Sheet(name, title, note, columns)))


def engines(at: Cases) -> None:
    """What the engine puts on whom in a version, as constants that say why they are."""
    base = at.bench.base
    for service, parts in charged(base)[at.one.stretch, at.one.rule.id].items():
        for who, amount in parts.items():
            at.put(service, who, at.bench.line("Shares", f"{at.said}, cost of {service}", who,
                                               Frozen(amount, at.one.reason), "the engine's figure"))


def charged(base: Base) -> dict[tuple[int, str], dict[str, dict[str, int]]]:
    """What each version's rules that look at cases put on whom by service; cases run on from version to version."""
    found: dict[tuple[int, str], dict[str, dict[str, int]]] = {}
    carried: dict[str, Carried] = {}
    for one in base.cases:
        assert one.rule.cost is not None, "a rule that shares cost"
        items = [item for item in base.known.items[one.stretch] if item.service in one.services]
        done = one.rule.cost.charge(items, base.planned[one.stretch].facts(one.services),
                                    carried.get(one.rule.id, Carried(base.known.opening)))
        carried[one.rule.id] = done.carried
        found[one.stretch, one.rule.id] = {s: {**parts, UNALLOCATED: done.unallocated[s]}
                                           for s, parts in done.liabilities.items()}
    return found


@dataclass(frozen=True)
class Table:
    """A table under work, a row at a time."""

    sheet: Sheet

    def at(self, column: int) -> Ref:
        """The cell of a column (from 0) in the row that comes next."""
        return self.sheet.ref(column, self.sheet.next_row)

    def add(self, *values: Value) -> int:
        return self.sheet.add(len(self.sheet.rows) + 1, *values)


def cell(term: Term) -> int | Formula:
    """A term as the value of a cell."""
    return term if isinstance(term, int) else Formula(f"={term}")
