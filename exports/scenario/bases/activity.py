"""Share basis `activity` in cells: the estimate, or the units used where somebody is too far from it."""

from __future__ import annotations

from typing import cast

from allocation.bases.activity import Activity
from allocation.basis import Basis
from allocation.groups import in_order
from exports.scenario.given import Sharing
from exports.scenario.model import Ref, Term, plus
from exports.scenario.split import LARGE, Weight, Weights


def weights(basis: Basis, at: Sharing) -> tuple[list[tuple[str, Term]], int]:
    terms = cast("Activity", basis)
    estimate: dict[str, Term] = {name: at.own("estimate", name) for name in terms.estimate}
    hundred = 100 * at.scale("estimate", next(iter(estimate))) if estimate else 0
    if estimate and at.facts.planning:
        return [(name, figure) for name, figure in estimate.items() if at.facts.may_share(name)], hundred
    units = {name: at.line("units used", name, f"MAX({at.units.get(name, 0)},0)", "a net return counts as none")
             for name in in_order([*at.taking, *estimate, *at.units], at.facts) if at.facts.may_share(name)}
    whole = at.line("units used, all together", "", plus(list(units.values())))
    figures: dict[str, Term] = dict(units)
    most = LARGE
    if terms.round_percent is not None:
        most = 100 * int(10**terms.round_percent)
        figures = dict(at.bench.splits.split(
            f"{at.what}: percentages with {terms.round_percent} decimals", f"IF({whole}=0,0,{most})",
            Weights(tuple(Weight(name, used) for name, used in units.items()))))
    if not estimate:
        return list(figures.items()), most
    stands = _stands(at, units, whole, estimate, hundred)
    return [(name, at.line("estimate or use", name, f"IF({stands}=1,{estimate.get(name, 0)},{figures[name]})",
                           "the estimate where it stands, else what was used"))
            for name in figures], max(most, hundred)


def _stands(at: Sharing, units: dict[str, Ref], whole: Ref, estimate: dict[str, Term], hundred: int) -> Ref:
    """1 where nobody's part of the units differs from its estimate by more than the tolerance, or there are none."""
    limit, fine = at.own("tolerance_points"), at.scale("tolerance_points")
    scale = hundred // 100
    off = [f"IF(ABS({hundred * fine}*{used}-{estimate.get(name, 0)}*{fine}*{whole})>{limit}*{scale}*{whole},1,0)"
           for name, used in units.items()]
    far = [at.line("further from its estimate than the tolerance", name, one, "1: it is")
           for name, one in zip(units, off, strict=True)]
    return at.line("the estimate stands", "", f"IF(OR({whole}=0,{plus(list(far))}=0),1,0)",
                   "1: nobody is too far from it, or nothing was used")
