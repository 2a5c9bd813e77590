"""Share basis `parties` in cells: the parties' percentages; what a group has is divided where groups are."""

from __future__ import annotations

from typing import cast

from allocation.bases.parties import Parties
from allocation.basis import Basis
from exports.scenario.given import Sharing
from exports.scenario.model import Term


def weights(basis: Basis, at: Sharing) -> tuple[list[tuple[str, Term]], int]:
    names = [party.named for party in cast("Parties", basis).parties]
    return ([(name, at.own("parties", name, "percent")) for name in names],
            100 * at.scale("parties", names[0], "percent"))
