"""Claims on funders: what was claimed, accepted and drawn, what of it is contested, why and since when. Pure.

Contested is what was drawn beyond what was recognised, until the claim is resolved (AGREEMENTS 3). A partner's reader
sees only the claims whose events it may see, so this is worked out from the entries, not from the statement.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commissioning.events.model import details_of
from commissioning.reports.books import CLAIM_KINDS
from ledger.model import Recorded


@dataclass(slots=True)
class Dispute:
    """One claim. `since`: the day from which more was drawn than recognised; `reason`: the last word on it."""

    case: str
    partner: str = ""
    claimed: int = 0
    accepted: int = 0
    drawn: int = 0
    resolved: dt.date | None = None
    since: dt.date | None = None
    reason: str = ""

    @property
    def contested(self) -> int:
        return 0 if self.resolved else max(self.drawn - self.accepted, 0)


def claims(entries: Iterable[Recorded]) -> list[Dispute]:
    """Every claim of all years by its case; an event that was undone does not count."""
    told = sorted(entries, key=lambda one: (one.entry.date, one.number))
    undone = {one.entry.reverses for one in told if one.entry.kind == "reversal"}
    found: dict[str, Dispute] = {}
    for one in told:
        if one.entry.kind in CLAIM_KINDS and one.number not in undone and one.entry.details:
            says = details_of(one.entry.details)
            claim = found.setdefault(says["case"], Dispute(says["case"]))
            _tell(claim, one.entry.kind, one.entry.date, says)
    return list(found.values())


def _tell(claim: Dispute, kind: str, date: dt.date, says: dict[str, object]) -> None:
    amount = says.get("amount", 0)
    assert isinstance(amount, int)
    claim.partner = claim.partner or str(says.get("partner", ""))
    claim.reason = str(says.get("note", "")) or claim.reason
    if kind == "claim":
        claim.claimed += amount
    elif kind == "draw":
        claim.drawn += amount
    else:
        claim.accepted += amount
    if kind == "resolve":
        claim.resolved = date
    claim.since = (claim.since or date) if claim.contested else None


def contested_since(statements: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """By service or fund, the period from which on every statement of the year has had something of it contested.

    `statements`: one of each period of the year up to now, as plain data, in order.
    """
    found: dict[str, str] = {}
    for one in statements:
        gaps = {fund["id"]: fund["gap"]["contested"] for fund in one["funds"] if "gap" in fund}
        amounts = {**{service["id"]: service["contested"] for service in one["services"]}, **gaps}
        now = {name for name, amount in amounts.items() if amount.strip("-0.")}
        found = {name: found.get(name, one["period"]["id"]) for name in now}
    return found
