"""Share basis `fixed` in cells: the percentages, as whole parts of a hundred."""

from __future__ import annotations

from allocation.basis import Basis
from exports.scenario.given import Sharing
from exports.scenario.model import Term


def weights(basis: Basis, at: Sharing) -> tuple[list[tuple[str, Term]], int]:
    names = basis.sharers() or ()
    return [(name, at.own("percent", name)) for name in names], 100 * at.scale("percent", names[0])
