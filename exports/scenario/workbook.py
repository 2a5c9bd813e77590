"""The whole scenario workbook as plain data: inputs, stages, splits, results, in the engine's order."""

from __future__ import annotations

from dataclasses import dataclass

from commissioning.scenario.base import Base
from commissioning.scenario.levers import levers
from commissioning.scenario.run import Result, run
from commissioning.scenario.values import Lever
from exports.scenario.bench import Bench
from exports.scenario.expressed import expresses
from exports.scenario.inputs import SCENARIO as INPUT
from exports.scenario.inputs import inputs
from exports.scenario.model import FIRST, Book, Ref
from exports.scenario.order import stays
from exports.scenario.results import SCENARIO, figures, results
from exports.scenario.year import work_out


@dataclass(frozen=True)
class Workbook:
    """A scenario workbook before it is drawn: its book, its inputs by path, and the engine's baseline."""

    base: Base
    levers: dict[str, Lever]
    book: Book
    baseline: Result

    def results(self) -> dict[str, Ref]:
        """Each result's cell, by its path in the statement."""
        sheet = self.book.sheets["Results"]
        return {figure.path: sheet.ref(SCENARIO, FIRST + i)
                for i, figure in enumerate(figures(self.baseline.statement), 1)}

    def entries(self) -> dict[str, Ref]:
        """Each input's cell, by its path."""
        sheet = self.book.sheets["Inputs"]
        return {path: sheet.ref(INPUT, FIRST + i) for i, path in enumerate(self.levers, 1)}

    def constants(self) -> dict[str, frozenset[str]]:
        """Results that do not follow every input, by path, and why."""
        reasons = self.book.reasons()
        cells = {path: (ref.sheet, ref.column, ref.row) for path, ref in self.results().items()}
        return {path: reasons[cell] for path, cell in cells.items() if cell in reasons}


def levers_of(base: Base) -> dict[str, Lever]:
    """The inputs that the workbook of a year has, by path."""
    found = levers(base, lambda basis: expresses(basis, base.agreement), stays)
    by_path = {lever.path: lever for lever in found}
    assert len(by_path) == len(found), "every input has a path of its own"
    return by_path


def workbook(base: Base) -> Workbook:
    """Compiles a year. Raises what the engine raises where the year cannot be worked out."""
    found = levers_of(base)
    baseline = run(base, found, {})
    bench = Bench(base, found)
    inputs(bench)
    bench.begin()
    results(bench, work_out(bench, baseline.position), baseline.statement)
    for name in [name for name, sheet in bench.book.sheets.items() if not sheet.rows]:
        del bench.book.sheets[name]
    return Workbook(base, found, bench.book, baseline)
