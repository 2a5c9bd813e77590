"""A share under caps, in cells, by the hand method: cut whoever is over, share the rest among the others, repeat.

As many rounds as there are caps and one more always suffice; a round in which nobody is over changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from exports.scenario.given import Offered
from exports.scenario.model import Ref, Term, plus
from exports.scenario.split import Weight, Weights

WHOLE, REST = 4, 3  # how many columns before the part a split has the whole part of each quota, and its remainder


def capped(at: Offered, amount: Term, weights: Weights, caps: Mapping[str, Term]) -> dict[str, Ref]:
    """`amount` by weights, nobody over its cap; less than all is taken where everybody is at the cap."""
    names = weights.names()
    bound = [name for name in names if name in caps]
    free = {part.party: part.weight for part in weights.parts}
    at_cap: dict[str, Ref] = {}
    rest: Term = amount
    for turn in range(1, len(bound) + 1):
        parts = _split(at, f"round {turn}", rest, free, weights.most)
        for name in bound:
            over = at.line(f"round {turn}: over its cap", name, _over(at, parts[name], caps[name], at_cap.get(name)),
                           "1: its exact part is above its cap, now or in an earlier round")
            at_cap[name] = over
        fixed = "+".join(f"{at_cap[name]}*{caps[name]}" for name in bound)
        rest = at.line(f"round {turn}: left for the others", "", f"{amount}-({fixed})")
        for name in bound:
            free[name] = at.line(f"round {turn}: weight", name, f"{free[name]}*(1-{at_cap[name]})", "0 at its cap")
    nobody = plus(list(free.values()))
    last = at.line("left for those below their caps", "", f"IF({nobody}=0,0,{rest})", "nothing where all are at caps")
    parts = _split(at, "those below their caps", last, free, weights.most)
    for name in bound:
        parts[name] = at.line("bears", name, f"{parts[name]}+{at_cap[name]}*{caps[name]}", "its part, or its cap")
    return {name: parts[name] for name in names}


def _split(at: Offered, what: str, rest: Term, free: Mapping[str, Term], most: int) -> dict[str, Ref]:
    weights = Weights(tuple(Weight(name, weight) for name, weight in free.items()), most)
    return at.split(what, rest, weights)


def _over(at: Offered, part: Ref, cap: Term, before: Ref | None) -> str:
    """Whether the exact quota of a split's row is above a cap: its whole part, or that with something left over."""
    sheet = at.bench.book.sheets[part.sheet]
    last = len(sheet.columns) - 1
    whole, left = sheet.ref(last - WHOLE, part.row), sheet.ref(last - REST, part.row)
    weighed = sheet.ref(4, part.row)
    now = f"IF(AND({weighed}>0,OR({whole}>{cap},AND({whole}={cap},{left}>0))),1,0)"
    return now if before is None else f"MAX({before},{now})"
