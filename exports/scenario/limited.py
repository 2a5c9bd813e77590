"""Shares within floors and ceilings in cells, without repeating anything: the scale at which all limits are kept.

The twin of `allocation.limits`: everybody has λ × weight, held within its limits, and λ is such that this comes to
the whole. It is known what it comes to at each λ at which somebody meets a limit; the largest of these that is not too
much says who stands at a limit, and the others share what is left by their weights.

Limits times weights are compared exactly up to 2^53, and beyond it to sixteen digits: whoever is so near a limit has
the same whether it counts as standing there or not, for what is left is divided exactly in either case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from commissioning.scenario.values import limit_scale
from exports.scenario.exact import Part, together
from exports.scenario.given import Sharing
from exports.scenario.model import Ref, Term, plus

NEAR = "0.00000001"
"""What is less than this times the parts of a hundred is no difference: who is so near a limit has it either way."""


def limited(at: Sharing, weights: Mapping[str, Part]) -> dict[str, Part]:
    """Each one's exact part of the amount by its weight, within the basis's limits."""
    basis, hundred = at.given, 100 * limit_scale(at.given)
    weights = {**dict.fromkeys((*basis.floor, *basis.ceiling), Part(0)), **weights}
    low: dict[str, Term] = {name: at.own("floor", name) for name in basis.floor}
    high: dict[str, Term] = {name: at.own("ceiling", name) for name in basis.ceiling}
    above, below = _turn(at, weights, low, high, hundred)
    fixed: dict[str, Ref] = {}
    free: dict[str, Part] = {}
    for name, weight in weights.items():
        if name not in low and name not in high:
            free[name] = weight
            continue
        least, cap = low.get(name, 0), high.get(name, hundred)
        stands = at.line("stands at its ceiling: 2, at its floor: 1", name,
                         f"IF({_less(above, weight, cap, below)},IF({_less(above, weight, least, below)},1,0),2)")
        fixed[name] = at.line("stands at a limit", name, f"IF({stands}=2,{cap},IF({stands}=1,{least},0))",
                              "its floor or ceiling, where it stands at it")
        free[name] = Part(at.line("shares what is left", name, f"IF({stands}=0,{weight.whole},0)",
                                  "its weight; 0 where it stands at its floor or ceiling"),
                          0 if weight.rest == 0 else f"IF({stands}=0,{weight.rest},0)")
    return _parts(at, fixed, free, hundred)


def _parts(at: Sharing, fixed: Mapping[str, Ref], free: Mapping[str, Part], hundred: int) -> dict[str, Part]:
    """Of the amount what each limit says, and what is left by the weights of the others."""
    exact = at.bench.exact
    whole = Part(at.bench.total("Shares", f"{at.what}: weights that share what is left", "",
                                [one.whole for one in free.values()]), together(list(free.values())).rest)
    left = at.line("left beside those at a limit", "", f"{hundred}-({plus(list(fixed.values()))})")
    nobody = f"{whole.whole}=0" if whole.rest == 0 else f"{whole.whole}+{whole.rest}=0"
    at.bench.book.checks.append(("Shares", f"{at.what}: floors and ceilings can be kept",
                                 f"=IF({nobody},{left},MIN({left},0))"))
    rest = exact.times(f"{at.what}: left beside those at a limit", "", at.amount, f"MAX({left},0)", hundred)
    found: dict[str, Part] = {}
    for name, weight in free.items():
        part = exact.times(f"{at.what}: part of what is left", name, rest, weight, whole)
        if name in fixed:
            limit = exact.times(f"{at.what}: limit", name, at.amount, fixed[name], hundred)
            part = together([part, limit])
        found[name] = part
    return found


def _turn(at: Sharing, weights: Mapping[str, Part], low: Mapping[str, Term], high: Mapping[str, Term],
          hundred: int) -> tuple[Term, Part]:
    """The largest scale, as a limit over a weight, at which everybody's part together is not above the whole."""
    turns: list[tuple[str, Term, Part]] = [("nothing", 0, Part(1))]
    turns += [(f"{name}, {word}", limit, weights[name]) for word, table in (("floor", low), ("ceiling", high))
              for name, limit in table.items()]
    above = [at.line("turning point, limit", who, str(limit)) for who, limit, _ in turns]
    below = [at.line("turning point, weight", who, str(weight.whole)) for who, _, weight in turns]
    beside = [at.line("turning point, part of a weight", who, str(weight.rest)) for who, _, weight in turns]
    sums = []
    for (who, _, _), x, w, r in zip(turns, above, below, beside, strict=True):
        pieces = [_held(at, who, (x, Part(w, r)), (name, weight), low, high) for name, weight in weights.items()]
        held = at.bench.total("Shares", f"{at.what}: turning point, everybody together", who,
                              [piece.whole for piece in pieces])
        rests = [piece.rest for piece in pieces if piece.rest != 0]
        beside_held: Term = at.bench.total(
            "Shares", f"{at.what}: turning point, everybody's parts of a weight", who, rests) if rests else 0
        over = f"{held}-{hundred}*{w}+({beside_held}-{hundred}*{r})"
        sums.append(f"IF({w}+{r}<={NEAR},-1,IF({over}<={NEAR},{x}/({w}+{r}),-1))")
    scales = [at.line("turning point: scale, if not too much", who, one)
              for (who, _, _), one in zip(turns, sums, strict=True)]
    spans = [f"{some[0]}:${some[0].column}${some[-1].row}" for some in (above, below, beside, scales)]
    place = at.line("turning point that holds", "", f"MATCH(MAX({spans[3]}),{spans[3]},0)", "the largest scale")
    limit, whole, rest = (at.line(f"turning point that holds, {word}", "", f"INDEX({span},{place})")
                          for word, span in zip(("limit", "weight", "part of a weight"), spans, strict=False))
    return limit, Part(whole, rest)


def _held(at: Sharing, who: str, turn: tuple[Term, Part], one: tuple[str, Part], low: Mapping[str, Term],
          high: Mapping[str, Term]) -> Part:
    """What somebody has at a turning point, times the weight there."""
    (x, y), (name, weight) = turn, one
    if name not in low and name not in high:
        return Part(f"{x}*{weight.whole}", 0 if weight.rest == 0 else f"{x}*{weight.rest}")
    least, cap = low.get(name), high.get(name)
    over = "0" if cap is None else f"IF({_less(x, weight, cap, y)},0,2)"
    under = "0" if least is None else f"IF({_less(x, weight, least, y)},1,0)"
    stands = at.line(f"at the turning point of {who}: at its ceiling 2, at its floor 1", name, f"MAX({under},{over})")

    def at_limit(own: Term, of: Term) -> str:
        return f"IF({stands}=0,{x}*{own},IF({stands}=2,{cap or 0},{least or 0})*{of})"

    return Part(at_limit(weight.whole, y.whole), at_limit(weight.rest, y.rest))


def _less(x: Term, weight: Part, limit: Term, of: Part) -> str:
    """Whether x × weight is less than limit × another: wholes first, so that their difference is exact."""
    rests: Sequence[tuple[str, Term, Term]] = (("+", x, weight.rest), ("-", limit, of.rest))
    tail = "".join(f"{sign}{times}*{rest}" for sign, times, rest in rests if rest != 0)
    return f"{x}*{weight.whole}-{limit}*{of.whole}{tail}<-{NEAR}"
