"""What a basis or a step looks at and what it answers, in cells: the twins of `allocation.model`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from allocation.basis import Basis
from allocation.model import Facts
from allocation.step import Step
from exports.scenario.bench import Bench
from exports.scenario.exact import NOTHING, Part
from exports.scenario.model import Ref, Term
from exports.scenario.split import Weights


@dataclass(frozen=True)
class Sharing:
    """Where a basis stands and what it may look at: inputs below `path`, contributions and units as cells.

    `amount`: the absolute amount to be shared, with the fraction of a penny that a group's part has.
    """

    bench: Bench
    path: str
    what: str
    facts: Facts
    contributions: Mapping[str, Term]
    given: Basis
    amount: Part = NOTHING
    units: Mapping[str, Term] = field(default_factory=dict)

    def line(self, what: str, who: str, formula: str, how: str = "") -> Ref:
        """A figure on the sheet of shares."""
        return self.bench.line("Shares", f"{self.what}: {what}", who, formula, how)

    @property
    def taking(self) -> tuple[str, ...]:
        return self.facts.members or self.facts.taking_part

    def own(self, *keys: str | int) -> Ref:
        """One of the basis's own figures, in whole units of its table."""
        return self.bench.cells[".".join([self.path, *map(str, keys)])]

    def scale(self, *keys: str | int) -> int:
        return self.bench.levers[".".join([self.path, *map(str, keys)])].scale

    def high(self, *keys: str | int) -> int:
        lever = self.bench.levers[".".join([self.path, *map(str, keys)])]
        return lever.high * lever.scale


@dataclass(frozen=True)
class Offered:
    """One step of a waterfall and what it may take of. Amounts are absolute, as in `allocation.model.Situation`.

    `shares`: by a basis of the step, by the key under which it stands: weights, or exact parts of the amount;
    `shared`: an amount divided by it. `borne`, `before`: in earlier versions.
    """

    bench: Bench
    step: Step
    path: str
    what: str
    side: str
    amount: Ref
    facts: Facts
    contributions: Mapping[str, Ref]
    shares: Callable[[str, Basis], Weights | Mapping[str, Part]]
    shared: Callable[[str, Term, str, Basis], Mapping[str, Ref]]
    balances: Mapping[str, Mapping[str, Term]]
    fenced: Mapping[str, Term]
    usable: tuple[Usable, ...]
    so_far: Mapping[str, Term]
    borne: Mapping[str, Term]
    before: Term
    better: Mapping[str, tuple[int, int]]

    def line(self, what: str, who: str, formula: str, how: str = "") -> Ref:
        """A figure on the sheet of steps."""
        return self.bench.line("Steps", f"{self.what}: {what}", who, formula, how)

    def split(self, what: str, total: Term, weights: Weights) -> dict[str, Ref]:
        return self.bench.splits.split(f"{self.what}: {what}", total, weights)


@dataclass(frozen=True)
class Usable:
    """Underspends under one later rule, by service, and that rule's net underspend."""

    underspends: Mapping[str, Term]
    net: Term


@dataclass(frozen=True)
class Took:
    """What a step took, all absolute: partners, columns, a reserve's partners of origin, others' underspends."""

    partners: Mapping[str, Term] = field(default_factory=dict)
    columns: Mapping[str, Term] = field(default_factory=dict)
    reserve: str = ""
    origins: Mapping[str, Term] = field(default_factory=dict)
    used: Mapping[str, Term] = field(default_factory=dict)
