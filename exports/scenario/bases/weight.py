"""Share basis `weight` in cells: the stated weights times the further tables."""

from __future__ import annotations

from typing import cast

from allocation.bases.weight import Weight
from allocation.basis import Basis
from exports.scenario.given import Sharing
from exports.scenario.model import Term


def weights(basis: Basis, at: Sharing) -> tuple[list[tuple[str, Term]], int]:
    terms, most = cast("Weight", basis), 0
    found: list[tuple[str, Term]] = []
    scales = [max((at.scale("times", k, name) for name in table), default=1) for k, table in enumerate(terms.times, 1)]
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
