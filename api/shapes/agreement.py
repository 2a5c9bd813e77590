"""The agreement in force, and what applying another did."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from api.shapes.base import Ledger, Shape


class AgreementApplied(Shape):
    """What an agreement changed, in words; no words where it was in force already."""

    partnership: str
    changes: list[str]
    ledger: Ledger
    dry_run: bool = False


class VersionOut(Shape):
    """One dated version of the agreement."""

    id: str
    reference: str
    status: Literal["signed", "draft", "retrospective"]
    effective: dt.date
    until: dt.date | None


class AgreementOut(Shape):
    """The agreement in force, with the file as it was applied."""

    partnership: str
    name: str
    currency: str
    entry: int = Field(description="The entry that recorded it; the chain covers its SHA-256")
    recorded_at: dt.datetime
    sha256: str
    versions: list[VersionOut]
    text: str
