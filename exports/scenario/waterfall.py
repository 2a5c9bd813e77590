"""A rule's waterfall in cells: both lists side by side, for the variance decides in the cells which of them runs.

The twin of `allocation.waterfall`; each kind of step is written by its own file in `steps`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from allocation.basis import Basis
from allocation.model import Facts
from allocation.step import Step
from commissioning.agreement.model import Rule
from commissioning.apportionment.last_agreed import Past, last_shares
from commissioning.statement import COLUMNS
from exports.scenario import steps
from exports.scenario.bench import Bench
from exports.scenario.exact import Part
from exports.scenario.given import Offered, Took, Usable
from exports.scenario.model import Frozen, Ref, Term, plus
from exports.scenario.plan import Plan, sharing_of
from exports.scenario.sharing import shared_out, shares
from exports.scenario.split import Weights

KINDS: Mapping[str, Callable[[Offered], Took]] = {
    info.name.rstrip("_"): importlib.import_module(f"{steps.__name__}.{info.name}").take
    for info in pkgutil.iter_modules(steps.__path__)}


@dataclass(frozen=True)
class Done:
    """What one step has done in earlier versions of the year."""

    variance: Term = 0
    taken: Term = 0
    borne: Mapping[str, Term] = field(default_factory=dict)


@dataclass(frozen=True)
class Start:
    """What a rule's waterfall begins with. `held` and `used` are carried on, and changed by it."""

    bench: Bench
    plan: Plan
    rule: Rule
    what: str
    services: Sequence[str]
    facts: Facts
    variance: Ref
    held: dict[str, dict[str, Term]]
    fenced: Mapping[str, Term]
    usable: Sequence[tuple[dict[str, Term], Term]]
    better: Mapping[str, tuple[int, int]]
    used: dict[tuple[str, str], list[Done]]
    past: Sequence[Past] | None = None


@dataclass
class Ended:
    """Who bears what, signed like the variance; what reserves gave and got; what was used of underspends."""

    borne: dict[str, Ref] = field(default_factory=dict)
    drawn: dict[str, dict[str, list[Term]]] = field(default_factory=dict)
    added: dict[str, dict[str, list[Term]]] = field(default_factory=dict)
    used: dict[str, list[Term]] = field(default_factory=dict)


def waterfall(start: Start) -> Ended:
    """Both lists of a rule."""
    ended = Ended()
    parts: dict[str, list[str]] = {}
    for side, sign in (("overspend", ""), ("underspend", "-")):
        one = _Side(start, side, f"MAX({sign}{start.variance},0)")
        one.run()
        for who, terms in one.parts.items():
            parts.setdefault(who, []).append(f"{sign}({plus(terms)})")
        moved = ended.drawn if side == "overspend" else ended.added
        for reserve, origins in one.origins.items():
            for p, terms in origins.items():
                moved.setdefault(reserve, {}).setdefault(p, []).extend(terms)
        for service, terms in one.offsets.items():
            ended.used.setdefault(service, []).extend(terms)
    for who, pieces in parts.items():
        ended.borne[who] = start.bench.line("Steps", f"{start.what}: in all", who, "+".join(pieces).replace("+-", "-"),
                                            "what all steps put there, with the sign of the variance")
    return ended


class _Side:
    """One list of a rule under way. Amounts are absolute."""

    def __init__(self, start: Start, side: str, size: str) -> None:
        self.start, self.side, self.bench = start, side, start.bench
        self.what = f"{start.what}, {side}"
        self.size = self.bench.line("Steps", f"{self.what}: to be borne", "", size, "nothing where it is the other way")
        self.rest = self.size
        self.parts: dict[str, list[Term]] = {}
        self.origins: dict[str, dict[str, list[Term]]] = {}
        self.offsets: dict[str, list[Term]] = {}
        self.usable = [Usable(dict(sizes), net) for sizes, net in start.usable]
        self.before = start.used.get((start.rule.id, side), [])
        self.after: list[Done] = []

    def run(self) -> None:
        """Place after place; where the order is an input every step is written at each, and one of them takes."""
        steps = list(enumerate(self.start.rule.steps(self.side), 1))
        moves = bool(steps) and f"{self._path(1)}.order" in self.bench.cells
        for place, one in enumerate(steps, 1):
            self._place(place, steps if moves else [one])
        if moves:
            self._check([self.bench.cells[f"{self._path(n)}.order"] for n, _ in steps])
        self._finish()

    def _path(self, number: int) -> str:
        return f"{self.start.plan.prefix}rules.{self.start.rule.id}.{self.side}.{number}"

    def _place(self, place: int, some: Sequence[tuple[int, Step]]) -> None:
        """What the step at one place takes, and what goes on. Limits of the year go on from place to place."""
        done = self.before[place - 1] if place <= len(self.before) else Done()
        took: list[Took] = []
        what = ""
        for number, step in some:
            what = f"{self.what} step {number}, {step.name}"
            if len(some) > 1:
                what += f", if it runs as number {place}"
            offered = self._offered(step, number, place, what, done)
            took.append(self._take(step, number, what, offered, done))
        if len(some) > 1:
            what = f"{self.what}, the step that runs as number {place}"
        whole = self._together(what, took)
        taken = self.bench.total("Steps", f"{what}: takes", "", [*whole.partners.values(), *whole.columns.values()],
                                 "all that it puts on partners and columns")
        self.rest = self.bench.line("Steps", f"{what}: goes on", "", f"{self.rest}-{taken}")
        self._record(whole, took)
        borne = {p: f"{done.borne.get(p, 0)}+{whole.partners.get(p, 0)}" for p in {**done.borne, **whole.partners}}
        self.after.append(Done(f"{done.variance}+{self.size}", f"{done.taken}+{taken}",
                               {p: f"({terms})" for p, terms in borne.items()}))

    def _together(self, what: str, took: Sequence[Took]) -> Took:
        """What the steps that could run at a place put on whom and used: all but one of them nothing."""
        if len(took) == 1:
            return took[0]

        def summed(said: str, some: Sequence[Mapping[str, Term]]) -> dict[str, Term]:
            names = dict.fromkeys(name for one in some for name in one)
            return {name: self.bench.line("Steps", f"{what}: {said}", name,
                                          plus([one[name] for one in some if name in one])) for name in names}

        return Took(summed("puts on", [one.partners for one in took]), summed("puts on", [one.columns for one in took]),
                    used=summed("uses the underspend of", [one.used for one in took]))

    def _check(self, orders: Sequence[Term]) -> None:
        """No two steps of a list have the same place."""
        equal = plus([f"IF({one}={other},1,0)" for one, other in combinations(orders, 2)])
        self.bench.book.checks.append(("Inputs", f"{self.what}: each step has an order of its own", f"={equal}"))

    def _offered(self, step: Step, number: int, place: int, what: str, done: Done) -> Ref:
        path, limits = self._path(number), [str(self.rest)]
        if step.up_to is not None:
            covered = plus([self.start.plan.full[s] for s in self.start.services])
            whole: Term = "0" if isinstance(step.up_to, int) else self.bench.line("Steps", f"{what}: budgets covered",
                                                                                  "", covered)
            limit = step.up_to if isinstance(step.up_to, int) else step.up_to.percent
            limits.append(f"MAX({self.bench.limit(f'{path}.up_to', limit, whole)}-({done.taken}),0)")
        tier = step.until()
        if tier is not None:
            end = self.bench.minor(f"{path}.until_variance", tier)
            limits.append(f"MAX({end}-({done.variance}+{self.size}-{self.rest}),0)")
        least = f"MIN({','.join(limits)})" if len(limits) > 1 else limits[0]
        runs, order = f"{self.bench.whole(f'{path}.on', 1)}=1", self.bench.cells.get(f"{path}.order")
        elsewhere = "" if order is None else f", or runs as another number than {place}"
        return self.bench.line("Steps", f"{what}: may take", "",
                               f"IF({runs if order is None else f'AND({runs},{order}={place})'},{least},0)",
                               f"what is left, within its limits; nothing where it is switched off{elsewhere}")

    def _take(self, step: Step, number: int, what: str, offered: Ref, done: Done) -> Took:
        path = self._path(number)
        if step.name not in KINDS:
            reason = f"{what}: this kind of step is worked out by the engine only"
            mark = self.bench.line("Steps", f"{what}: takes", "", Frozen(0, reason))
            return Took(dict.fromkeys(self.bench.partners, mark), dict.fromkeys(COLUMNS, mark))
        start = self.start
        last = last_shares(start.rule, self.side, start.past)
        facts = replace(start.facts, last=last[number - 1] if last else None)

        def ways(key: str, basis: Basis) -> Weights | Mapping[str, Part]:
            at = sharing_of(start.plan, basis, f"{path}.{key}", what, start.services, facts)
            return shares(replace(at, amount=Part(offered)))

        def shared(said: str, amount: Term, key: str, basis: Basis) -> Mapping[str, Ref]:
            at = sharing_of(start.plan, basis, f"{path}.{key}", what, start.services, facts)
            return shared_out(at, f"{what}: {said}", amount)

        so_far = {p: f"({plus(terms)})" for p, terms in self.parts.items()}
        return KINDS[step.name](Offered(
            self.bench, step, path, what, self.side, offered, facts, start.plan.contributions(start.services),
            ways, shared, start.held, start.fenced, tuple(self.usable), so_far, done.borne, done.taken,
            start.better))

    def _record(self, whole: Took, took: Sequence[Took]) -> None:
        for who, term in (*whole.partners.items(), *whole.columns.items()):
            self.parts.setdefault(who, []).append(term)
        for one in took:
            for p, term in one.origins.items():
                self.origins.setdefault(one.reserve, {}).setdefault(p, []).append(term)
                held = self.start.held[one.reserve]
                sign = "-" if self.side == "overspend" else "+"
                held[p] = self.bench.line("Steps", f"{self.what}: {one.reserve} afterwards", p,
                                          f"{held.get(p, 0)}{sign}{term}")
        for service, term in whole.used.items():
            self.offsets.setdefault(service, []).append(term)
        if whole.used:
            self.usable = [self._left(one, whole.used) for one in self.usable]

    def _left(self, usable: Usable, used: Mapping[str, Term]) -> Usable:
        """What is left of underspends after a step has used some of them."""
        here = [term for service, term in used.items() if service in usable.underspends]
        left = {s: f"({amount}-{used[s]})" if s in used else amount for s, amount in usable.underspends.items()}
        return Usable(left, f"({usable.net}-({plus(here)}))")

    def _finish(self) -> None:
        """What is left after the last step is nobody's."""
        self.parts.setdefault("unallocated", []).append(self.rest)
        self.start.used[self.start.rule.id, self.side] = self.after
