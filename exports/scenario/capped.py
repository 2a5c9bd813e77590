"""A share under caps, in cells, by the hand method: cut whoever is over, share the rest among the others, repeat.

As many rounds as there are caps and one more always suffice; a round in which nobody is over changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exports.scenario.exact import SNAP, Part, together
from exports.scenario.given import Offered
from exports.scenario.model import Ref, Term, plus
from exports.scenario.split import Weight, Weights

WHOLE, REST = 4, 3  # how many columns before the part a split has the whole part of each quota, and its remainder


def capped(at: Offered, amount: Term, ways: Weights | Mapping[str, Part], caps: Mapping[str, Term]) -> dict[str, Ref]:
    """`amount` by weights, nobody over its cap; less than all is taken where everybody is at the cap."""
    rounds = _ByWeights(at, ways.most) if isinstance(ways, Weights) else _ByParts(at)
    free = {one.party: Part(one.weight) for one in ways.parts} if isinstance(ways, Weights) else {
        name: at.bench.exact.tidy(f"{at.what}: weight", name, part) for name, part in ways.items()}
    names, bound, beside = list(free), [name for name in free if name in caps], {n: p.rest for n, p in free.items()}
    at_cap: dict[str, Ref] = {}
    rest: Term = amount
    for turn in range(1, len(bound) + 1):
        above = rounds.above(f"round {turn}", rest, free, caps)
        for name in bound:
            now = above[name] if name not in at_cap else f"MAX({at_cap[name]},{above[name]})"
            at_cap[name] = at.line(f"round {turn}: over its cap", name, now,
                                   "1: its exact part is above its cap, now or in an earlier round")
        fixed = "+".join(f"{at_cap[name]}*{caps[name]}" for name in bound)
        rest = at.line(f"round {turn}: left for the others", "", f"{amount}-({fixed})")
        for name in bound:
            free[name] = Part(at.line(f"round {turn}: weight", name, f"{free[name].whole}*(1-{at_cap[name]})",
                                      "0 at its cap"),
                              0 if beside[name] == 0 else f"{beside[name]}*(1-{at_cap[name]})")
    nobody = together(list(free.values()))
    last = at.line("left for those below their caps", "",
                   f"IF({nobody.whole}{'' if nobody.rest == 0 else f'+{nobody.rest}'}=0,0,{rest})",
                   "nothing where all are at caps")
    parts = rounds.divided("those below their caps", last, free)
    for name in bound:
        parts[name] = at.line("bears", name, f"{parts[name]}+{at_cap[name]}*{caps[name]}", "its part, or its cap")
    return {name: parts[name] for name in names}


@dataclass(frozen=True)
class _ByWeights:
    """Rounds by whole weights: each is a split."""

    at: Offered
    most: int

    def divided(self, what: str, rest: Term, free: Mapping[str, Part]) -> dict[str, Ref]:
        weights = Weights(tuple(Weight(name, part.whole) for name, part in free.items()), self.most)
        return self.at.split(what, rest, weights)

    def above(self, what: str, rest: Term, free: Mapping[str, Part], caps: Mapping[str, Term]) -> dict[str, str]:
        """1 where the exact quota of a split's row is above a cap: its whole part, or that with something left over."""
        parts = self.divided(what, rest, free)
        return {name: self._over(parts[name], caps[name]) for name in free if name in caps}

    def _over(self, part: Ref, cap: Term) -> str:
        sheet = self.at.bench.book.sheets[part.sheet]
        last = len(sheet.columns) - 1
        whole, left = sheet.ref(last - WHOLE, part.row), sheet.ref(last - REST, part.row)
        weighed = sheet.ref(4, part.row)
        return f"IF(AND({weighed}>0,OR({whole}>{cap},AND({whole}={cap},{left}>0))),1,0)"


@dataclass(frozen=True)
class _ByParts:
    """Rounds by exact parts: each weight is one, with its fraction."""

    at: Offered

    def divided(self, what: str, rest: Term, free: Mapping[str, Part]) -> dict[str, Ref]:
        quotas = {name: [part] for name, part in self._quotas(what, rest, free).items()}
        return self.at.bench.exact.settle(f"{self.at.what}: {what}", rest, quotas, self.at.facts.partners)

    def above(self, what: str, rest: Term, free: Mapping[str, Part], caps: Mapping[str, Term]) -> dict[str, str]:
        quotas = self._quotas(what, rest, free)
        return {name: f"IF(OR({part.whole}>{caps[name]},AND({part.whole}={caps[name]},{part.rest}>{SNAP})),1,0)"
                for name, part in quotas.items() if name in caps}

    def _quotas(self, what: str, rest: Term, free: Mapping[str, Part]) -> dict[str, Part]:
        whole = self.at.line(f"{what}: weights in all", "", plus([part.whole for part in free.values()]))
        over = Part(whole, together(list(free.values())).rest)
        return {name: self.at.bench.exact.times(f"{self.at.what}: {what}", name, Part(rest), part, over)
                for name, part in free.items()}
