"""Shares within floors and ceilings in cells, without repeating anything: the scale at which all limits are kept.

The twin of `allocation.limits`: everybody has λ × weight, held within its limits, and λ is such that this comes to
the whole. It is known what it comes to at each λ at which somebody meets a limit; the largest of these that is not too
much says who stands at a limit, and the others share what is left by their weights.
"""

from __future__ import annotations

from commissioning.scenario_levers import limit_scale
from exports.scenario.given import Sharing
from exports.scenario.model import Ref, Term, plus


def limited(at: Sharing, figures: list[tuple[str, Term]], most: int) -> tuple[list[tuple[str, Term]], int]:
    """Whole weights within the basis's limits, and the most that they can total."""
    basis, hundred = at.given, 100 * limit_scale(at.given)
    weights: dict[str, Term] = {**dict.fromkeys((*basis.floor, *basis.ceiling), 0), **dict(figures)}
    low: dict[str, Term] = {name: at.own("floor", name) for name in basis.floor}
    high: dict[str, Term] = {name: at.own("ceiling", name) for name in basis.ceiling}
    above, below = _turn(at, weights, low, high, hundred)
    fixed: dict[str, Ref] = {}
    free: dict[str, Term] = {}
    for name, weight in weights.items():
        if name not in low and name not in high:
            free[name] = weight
            continue
        least, cap = low.get(name, 0), high.get(name, hundred)
        free[name] = at.line("shares what is left", name,
                             f"IF(OR({above}*{weight}>={cap}*{below},{above}*{weight}<{least}*{below}),0,{weight})",
                             "its weight; 0 where it stands at its floor or ceiling")
        fixed[name] = at.line("stands at a limit", name,
                              f"IF({above}*{weight}>={cap}*{below},{cap},IF({above}*{weight}<{least}*{below},{least},0))",
                              "its floor or ceiling, where it stands at it")
    whole = at.bench.total("Shares", f"{at.what}: weights that share what is left", "", list(free.values()))
    left = at.line("left beside those at a limit", "", f"{hundred}-({plus(list(fixed.values()))})")
    at.bench.book.checks.append(("Shares", f"{at.what}: floors and ceilings can be kept",
                                 f"=IF({whole}=0,{left},MIN({left},0))"))
    found: list[tuple[str, Term]] = []
    for name in weights:
        tail = f"+{fixed[name]}*MAX({whole},1)" if name in fixed else ""
        found.append((name, at.line("weight within limits", name, f"{free[name]}*{left}{tail}",
                                    "weight × what is left, or limit × the weights that share")))
    return found, most * hundred


def _turn(at: Sharing, weights: dict[str, Term], low: dict[str, Term], high: dict[str, Term],
          hundred: int) -> tuple[str, str]:
    """The largest scale, as a limit over a weight, at which everybody's part together is not above the whole."""
    turns: list[tuple[str, Term, Term]] = [("nothing", 0, 1)]
    turns += [(f"{name}, {word}", limit, weights[name]) for word, table in (("floor", low), ("ceiling", high))
              for name, limit in table.items()]
    rest = at.bench.total("Shares", f"{at.what}: weights without limits", "",
                          [weight for name, weight in weights.items() if name not in low and name not in high])
    above = [at.line("turning point, limit", who, str(limit)) for who, limit, _ in turns]
    below = [at.line("turning point, weight", who, str(weight)) for who, _, weight in turns]
    scales = []
    for (who, _, _), x, y in zip(turns, above, below, strict=True):
        pieces = [f"{x}*{rest}"]
        for name in dict.fromkeys([*low, *high]):
            part = f"{x}*{weights[name]}"
            part = f"MIN({part},{high[name]}*{y})" if name in high else part
            pieces.append(f"MAX({part},{low[name]}*{y})" if name in low else part)
        scales.append(at.line("turning point: scale, if not too much", who,
                              f"IF({y}=0,-1,IF({plus(pieces)}<={hundred}*{y},{x}/{y},-1))"))
    spans = [f"{some[0]}:${some[0].column}${some[-1].row}" for some in (above, below, scales)]
    place = at.line("turning point that holds", "", f"MATCH(MAX({spans[2]}),{spans[2]},0)", "the largest scale")
    return tuple(str(at.line(f"turning point that holds, {word}", "", f"INDEX({span},{place})"))
                 for word, span in (("limit", spans[0]), ("weight", spans[1])))  # type: ignore[return-value]
