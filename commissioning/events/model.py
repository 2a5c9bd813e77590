"""Events of AGREEMENTS §3 as values: their columns, and what each kind needs."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ledger.errors import NOWHERE, Place

COLUMNS = ("date", "event", "fund", "service", "partner", "for", "amount", "units", "source", "cost_class", "case",
           "account", "against", "reference", "note")


@dataclass(frozen=True, slots=True)
class Event:
    """One event. Amounts in minor units, units in millionths; words that do not apply are empty."""

    date: dt.date
    event: str
    reference: str
    amount: int | None = None
    units: int | None = None
    fund: str = ""
    service: str = ""
    partner: str = ""
    beneficiary: str = ""  # the column `for`
    source: str = ""
    cost_class: str = ""
    case: str = ""
    account: str = ""
    against: str = ""
    note: str = ""
    place: Place = NOWHERE

    def details(self) -> str:
        """The event as canonical JSON, which the chain covers."""
        told = {name: value for name in _TOLD if (value := getattr(self, name)) not in ("", None)}
        return _CANONICAL({**told, "date": self.date.isoformat()})


_TOLD = tuple(field.name for field in fields(Event) if field.name != "place")
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Kind:
    """What one kind of event needs. `sign` of its amount: positive | zero (zero or more) | units (zero only with units)
    | any (not zero) | optional (positive, or none) | none (no amount)."""

    needs: tuple[str, ...]
    sign: str


KINDS: Mapping[str, Kind] = {
    "contribution": Kind(("partner",), "positive"),
    "expenditure": Kind(("service",), "units"),
    "payment": Kind((), "positive"),
    "in_kind": Kind(("partner", "service"), "positive"),
    "user_charge": Kind(("service",), "positive"),
    "income": Kind((), "positive"),
    "settlement": Kind(("partner",), "any"),
    "accrual": Kind(("service",), "any"),
    "commitment": Kind(("service",), "positive"),
    "activity": Kind(("service", "units"), "none"),
    "forecast": Kind(("service",), "zero"),
    "virement": Kind(("service",), "any"),
    "fault": Kind(("service", "partner"), "positive"),
    "refund": Kind(("service",), "positive"),
    "reversal": Kind(("against",), "optional"),
    "adjustment": Kind(("account",), "any"),
    "outcome": Kind(("units",), "none"),
    "claim": Kind(("partner", "case"), "positive"),
    "recognise": Kind(("case",), "positive"),
    "draw": Kind(("case",), "positive"),
    "resolve": Kind(("case",), "optional"),
    "opening_units": Kind(("case", "units"), "none"),
    "reserve_transfer": Kind(("partner", "source"), "any"),
    "explanation": Kind(("service", "note"), "none"),
    "action": Kind(("note", "for", "source"), "none"),
    "decision": Kind(("note",), "none"),
}
NOTES = ("explanation", "action", "decision")
"""What the pool manager tells the board: why a service is off its plan, who does what by when, what to decide."""


def details_of(text: str) -> dict[str, Any]:
    """An event's canonical JSON as data again."""
    data: dict[str, Any] = json.loads(text)
    return data
