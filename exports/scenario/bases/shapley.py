"""Share basis `shapley` in cells: each party's value times the number of orders, from the cost of every coalition."""

from __future__ import annotations

from math import factorial
from typing import cast

from allocation.bases.shapley import Shapley, coalitions
from allocation.basis import Basis
from exports.scenario.given import Sharing
from exports.scenario.model import Term


def weights(basis: Basis, at: Sharing) -> tuple[list[tuple[str, Term]], int]:
    terms = cast("Shapley", basis)
    n = len(terms.values)
    found: list[tuple[str, Term]] = []
    costs = {key: next(iter(coalitions({key: cost}))) for key, cost in terms.costs.items()}
    for party in terms.values:
        pieces = []
        for key, members in costs.items():
            size = len(members)
            if party in members:
                pieces.append(f"+{factorial(size - 1) * factorial(n - size)}*{at.own('costs', key)}")
            else:
                pieces.append(f"-{factorial(size) * factorial(n - size - 1)}*{at.own('costs', key)}")
        value = at.line(f"Shapley value × {factorial(n)}", party, "".join(pieces),
                        "what it adds to each coalition of others, over all orders in which they can join")
        at.bench.book.checks.append(("Shares", f"{at.what}: the Shapley value of {party} is not below zero",
                                     f"=MAX(-{value},0)"))
        found.append((party, value))
    everybody = next(key for key, members in costs.items() if len(members) == n)
    return found, factorial(n) * at.high("costs", everybody)
