"""Share basis `equal` in cells: everybody who takes part counts for one."""

from __future__ import annotations

from allocation.basis import Basis
from exports.scenario.given import Sharing
from exports.scenario.model import Term


def weights(basis: Basis, at: Sharing) -> tuple[list[tuple[str, Term]], int]:
    return [(name, 1) for name in at.taking], len(at.taking)
