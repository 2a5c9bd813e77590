"""A contribution line as it was agreed, and an instalment of it. Amounts in minor units, for a full financial year."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

CASH_KINDS = frozenset({"cash", "in_kind", "grant"})
"""The kinds that a partner owes; a `user_charge` line is money that users are expected to pay."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a partner puts into a fund in a year. `services`: ring-fenced for these; empty: for any of the fund.

    `instalments`: annual | quarterly | monthly, or `dated` amounts. `starts`/`ends` bound a part year, which `prorate`
    (none | days | months) makes a part of the amount; `part_year_months` states the months outright.
    """

    fund: str
    partner: str
    source: str
    kind: str
    amount: int
    instalments: str = "annual"
    dated: tuple[tuple[dt.date, int], ...] = ()
    services: tuple[str, ...] = ()
    starts: dt.date | None = None
    ends: dt.date | None = None
    prorate: str = "none"
    part_year_months: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The days of a financial year on which a version of the agreement is in force, both included."""

    starts: dt.date
    ends: dt.date


@dataclass(frozen=True, slots=True)
class Instalment:
    """One instalment: the day on which it falls due, and its amount. A line's instalments total its year's amount."""

    date: dt.date
    amount: int
