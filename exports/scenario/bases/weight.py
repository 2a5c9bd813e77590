"""Share basis `weight` in cells: the stated weights times the further tables.

Products that are too large for whole weights are exact: a million millions times each figure over the most it can be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from allocation.bases.weight import Weight
from allocation.basis import Basis
from exports.scenario.exact import Part
from exports.scenario.given import Sharing
from exports.scenario.model import Term
from exports.scenario.split import LARGE


def weights(basis: Basis, at: Sharing) -> tuple[list[tuple[str, Term]], int]:
    terms, most = cast("Weight", basis), 0
    found: list[tuple[str, Term]] = []
    scales = [_one(at, k, table) for k, table in enumerate(terms.times, 1)]
    for name in terms.values:
        pieces, high = [str(at.own("values", name))], at.high("values", name)
        for k, (table, scale) in enumerate(zip(terms.times, scales, strict=True), 1):
            pieces.append(str(at.own("times", k, name)) if name in table else str(scale))
            high *= at.high("times", k, name) if name in table else scale
        most += high
        if len(pieces) == 1:
            found.append((name, at.own("values", name)))
        else:
            found.append((name, at.bench.line("Shares", f"{at.what}: weight", name, "*".join(pieces),
                                              "the stated weight times the further tables, in whole parts")))
    return found, most


def products(basis: Basis, at: Sharing) -> dict[str, Part]:
    """The same figures, with fractions: the most that a table can have stands for one."""
    terms = cast("Weight", basis)
    most = max(at.high("values", name) for name in terms.values)
    found: dict[str, Part] = {}
    for name in terms.values:
        if not at.facts.may_share(name):
            continue
        part = at.bench.exact.times(f"{at.what}: weight", name, Part(LARGE), at.own("values", name), most)
        for k, table in enumerate(terms.times, 1):
            high = max((at.high("times", k, other) for other in table), default=1)
            own: Term = at.own("times", k, name) if name in table else _one(at, k, table)
            part = at.bench.exact.times(f"{at.what}: weight with table {k}", name, part, own, high)
        found[name] = part
    return found


def _one(at: Sharing, k: int, table: Mapping[str, object]) -> int:
    """What stands for one in a further table."""
    return max((at.scale("times", k, other) for other in table), default=1)
