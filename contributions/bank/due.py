"""What of a partner's instalments is still to come, once what it has paid is taken off the oldest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from contributions.model import Instalment


def unpaid(instalments: Iterable[Instalment], paid: int) -> list[Instalment]:
    """The instalments, in the order of their days, less what was paid; one that was paid in part has the rest."""
    left = max(paid, 0)
    found = []
    for one in sorted(instalments, key=lambda one: one.date):
        off = min(left, max(one.amount, 0))
        left -= off
        if one.amount > off:
            found.append(replace(one, amount=one.amount - off))
    return found
