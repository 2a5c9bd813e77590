"""Balances by what was asked for."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from api.shapes.base import Amount, Shape


class BalanceOut(Shape):
    """One balance, with the words by which it was asked."""

    account: str | None = None
    kind: str | None = None
    fund: str | None = None
    partner: str | None = None
    service: str | None = None
    source: str | None = None
    cost_class: str | None = None
    period: str | None = None
    debit: Amount
    credit: Amount
    amount: Amount = Field(description="Debit less credit")
    units: str


class BalancesOut(Shape):
    """Balances at the end of a day and as known at a moment; without these, now."""

    currency: str
    at: dt.date | None = None
    known_at: dt.datetime | None = None
    items: list[BalanceOut]
