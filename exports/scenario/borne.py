"""What the year in cells comes to: each service's parts by partner and column, and what all stages share.

The twin of `commissioning.apportionment.borne`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from commissioning.apportionment.last_agreed import Past, pasts
from commissioning.closing.position import Position
from commissioning.statement import COLUMNS
from exports.scenario.bench import Bench
from exports.scenario.costs.given import SoFar
from exports.scenario.model import Term
from exports.scenario.waterfall import Done

Amounts = dict[str, list[Term]]


@dataclass
class Row:
    """One service: terms to be summed, by partner or column. `kept` is variance where cost is not shared."""

    budget: Amounts = field(default_factory=dict)
    variance: Amounts = field(default_factory=dict)
    columns: Amounts = field(default_factory=dict)
    cost: Amounts = field(default_factory=dict)
    kept: Amounts = field(default_factory=dict)


@dataclass
class Year:
    """Everything in cells that results are made of."""

    bench: Bench
    position: Position
    rows: dict[str, Row] = field(default_factory=dict)
    gaps: dict[str, Row] = field(default_factory=dict)  # by fund
    actuals: dict[str, list[Term]] = field(default_factory=dict)
    budgets: dict[str, list[Term]] = field(default_factory=dict)
    more_paid: Amounts = field(default_factory=dict)  # directly, by partner, beyond the baseline
    owed: Amounts = field(default_factory=dict)
    due: Amounts = field(default_factory=dict)
    held: dict[str, dict[str, Term]] = field(default_factory=dict)
    drawn: dict[str, Amounts] = field(default_factory=dict)
    added: dict[str, Amounts] = field(default_factory=dict)
    used: dict[tuple[str, str], list[Done]] = field(default_factory=dict)
    so_far: dict[str, SoFar] = field(default_factory=dict)  # by rule that looks at cases

    def past(self, place: int) -> tuple[Past, ...] | None:
        """The versions before one of this year's, the latest first; None where no share is to be as it last was."""
        base, books = self.bench.base, self.position.figures
        before = pasts(base.agreement, base.year, base.known.before)
        here = [Past(stretch, books.received, books.units) for stretch in reversed(base.planned[:place])]
        return None if before is None else (*here, *before)

    def row(self, service: str) -> Row:
        return self.rows.setdefault(service, Row())


def put(into: Amounts, who: str, *terms: Term) -> None:
    into.setdefault(who, []).extend(terms)


def bears(row: Row, who: str, term: Term) -> None:
    """Puts what somebody has of a variance where it is shown."""
    if who in COLUMNS:
        put(row.columns, who, term)
    else:
        put(row.variance, who, term)
        put(row.kept, who, term)
