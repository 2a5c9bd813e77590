"""What was told beside the money: forecasts, virements, faults, commitments, by the end of a period. Pure.

Each stands in the books as a memorandum; one that was reversed by then does not count. A fault that was
reversed counts until then, and is taken back on the day of its reversal, like money.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from commissioning.events.model import NOTES, details_of
from ledger.calendar import ONE_DAY
from ledger.model import Recorded
from ledger.money import split

OF_THE_YEAR = ("forecast", "virement", "outcome", *NOTES)
"""Kinds that say something of the year in which they stand, and nothing of later ones."""
LASTING = ("fault", "commitment", "release", "carry_forward", "lending", "claim", "recognise", "draw", "resolve")
"""Kinds that later years look back on; a fault, because it may be reversed in one."""
KINDS = (*OF_THE_YEAR, *LASTING, "reversal")


@dataclass(frozen=True, slots=True)
class Told:
    """One memorandum: its day and what it says."""

    date: dt.date
    says: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lent:
    """What a partner covered for a fund in some year, to be repaid in equal parts over the years after it."""

    fund: str
    partner: str
    amount: int
    years: int

    def due(self, nth: int) -> int:
        """What falls due in the n-th year after (1, 2, …)."""
        return split(self.amount, [1] * self.years)[nth - 1] if 1 <= nth <= self.years and self.amount else 0


@dataclass(slots=True)
class Claim:
    """One claim on a funder: what was asked, accepted and taken, and whether what is contested has been resolved."""

    claimed: int = 0
    recognised: int = 0
    drawn: int = 0
    resolved: bool = False

    @property
    def contested(self) -> int:
        return 0 if self.resolved else max(self.drawn - self.recognised, 0)


@dataclass(slots=True)
class Memoranda:
    """What counts at the end of a period."""

    forecasts: dict[str, int] = field(default_factory=dict)
    virements: list[Told] = field(default_factory=list)
    faults: list[Told] = field(default_factory=list)
    committed: dict[str, int] = field(default_factory=dict)
    carried_in: dict[str, int] = field(default_factory=dict)
    lent: dict[dt.date, tuple[Lent, ...]] = field(default_factory=dict)  # by the last day of the year of the loan
    outcomes: list[Told] = field(default_factory=list)
    notes: list[Told] = field(default_factory=list)  # of the year, in the order of their days
    claims: dict[str, Claim] = field(default_factory=dict)

    def lent_by(self, ends: dt.date) -> tuple[Lent, ...]:
        """What partners covered in the year that ended on a day, to be repaid later."""
        return self.lent.get(ends, ())


def memoranda(recorded: Iterable[Recorded], year_starts: dt.date) -> Memoranda:
    """What the memoranda up to a day say; forecasts, virements and faults are those of the year."""
    told = sorted(recorded, key=lambda r: (r.entry.date, r.number))
    undone = {r.entry.reverses for r in told if r.entry.kind == "reversal"}
    found = Memoranda()
    by_kind: dict[str, list[Told]] = defaultdict(list)
    numbered = {one.number: one for one in told}
    for one in told:
        stands = one.number not in undone or one.entry.kind == "fault"
        if stands and one.entry.details:
            by_kind[one.entry.kind].append(Told(one.entry.date, details_of(one.entry.details)))
        back = numbered.get(one.entry.reverses or 0)
        if back is not None and back.entry.kind == "fault":
            by_kind["fault"].append(Told(one.entry.date, _negated(details_of(back.entry.details))))
    this_year = {kind: [t for t in some if t.date >= year_starts] for kind, some in by_kind.items()}
    for forecast in this_year.get("forecast", []):
        found.forecasts[forecast.says["service"]] = forecast.says["amount"]
    found.virements = this_year.get("virement", [])
    found.faults = this_year.get("fault", [])
    for carried in by_kind["carry_forward"]:  # the latest issue of last year's close counts
        if _of_year(carried) == year_starts - ONE_DAY:
            found.carried_in = carried.says["services"]
    for lending in by_kind["lending"]:
        found.lent[_of_year(lending)] = tuple(Lent(**one) for one in lending.says["lent"])
    found.outcomes = this_year.get("outcome", [])
    found.notes = sorted((told for kind in NOTES for told in this_year.get(kind, [])), key=lambda told: told.date)
    found.claims = _claims(by_kind)
    found.committed = _committed(by_kind["commitment"], by_kind["release"])
    return found


def _negated(says: Mapping[str, Any]) -> dict[str, Any]:
    """What was told, taken back: with its amount negated."""
    return {**says, "amount": -says["amount"]}


def _of_year(told: Told) -> dt.date:
    """The last day of the year that a year-end memorandum is of: its own day, unless it corrects an earlier one."""
    return dt.date.fromisoformat(told.says["ends"]) if "ends" in told.says else told.date


def _committed(commitments: Iterable[Told], releases: Iterable[Told]) -> dict[str, int]:
    """What is contracted and not yet spent, by service: never less than nothing for one commitment."""
    left: dict[tuple[str, str], int] = defaultdict(int)
    for one in commitments:
        left[one.says["service"], one.says["reference"]] += one.says["amount"]
    for one in releases:
        left[one.says["service"], one.says["against"]] -= one.says["amount"]
    found: dict[str, int] = defaultdict(int)
    for (service, _), amount in left.items():
        found[service] += max(amount, 0)
    return dict(found)


def _claims(by_kind: Mapping[str, list[Told]]) -> dict[str, Claim]:
    """Every claim by its case, over all years."""
    found: dict[str, Claim] = {}
    for kind in ("claim", "recognise", "draw", "resolve"):
        for told in by_kind.get(kind, []):
            claim, amount = found.setdefault(told.says["case"], Claim()), told.says.get("amount", 0)
            if kind == "claim":
                claim.claimed += amount
            elif kind == "draw":
                claim.drawn += amount
            else:
                claim.recognised += amount
                claim.resolved = claim.resolved or kind == "resolve"
    return found
