"""Periods, their statements' issues, and what closing or reopening them did."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from api.shapes.base import Ledger, Shape, Words


class ReopenIn(Shape):
    """Why a period is opened again; the reason is kept for good."""

    reason: Words = Field(min_length=1)


class PeriodOut(Shape):
    """One period of the calendar."""

    id: str
    starts: dt.date = Field(alias="from")
    ends: dt.date = Field(alias="to")
    status: Literal["open", "closed"]


class PeriodsOut(Shape):
    """The calendar in order."""

    items: list[PeriodOut]


class IssueOut(Shape):
    """One issue of a period's statement."""

    period: str
    issue: int
    indicative: bool
    known_at: dt.datetime
    entry: int = Field(description="The entry that recorded it; the chain covers its SHA-256")
    sha256: str


class IssuesOut(Shape):
    """Every issue of every statement, in order."""

    items: list[IssueOut]


class PeriodClosed(Shape):
    """The period that was closed and the statement issued for it."""

    statement: IssueOut
    ledger: Ledger
    dry_run: bool = False


class PeriodsReopened(Shape):
    """The periods that are open again: the one asked for and those after it."""

    reopened: list[str]
    ledger: Ledger
    dry_run: bool = False
