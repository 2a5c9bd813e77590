"""What the statement before this one expected, so that a reader sees what has changed since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from commissioning import store
from commissioning.agreement import Agreement
from commissioning.statement import Previous
from ledger.model import Book, Period
from ledger.money import to_minor


def previous(conn: Connection, book: Book, agreement: Agreement, period: Period,
             upto: int | None = None) -> Previous | None:
    """The latest statement of the period before, in the same financial year; None where there is none.

    `upto`: of those issued by the time that many entries had been recorded.
    """
    before = [p for p in agreement.calendar.year_of(period.ends).periods() if p.number < period.number]
    issued = [one for one in store.issues(conn, book, before[-1])
              if upto is None or one.entry_number <= upto] if before else []
    if not issued:
        return None
    said: Mapping[str, Any] = json.loads(issued[-1].document)

    def minor(amount: str) -> int:
        return to_minor(amount, agreement.currency)

    return Previous(before[-1].id, issued[-1].issue, {one["id"]: minor(one["forecast"]) for one in said["services"]},
                    {name: minor(one["forecast_share"]) for name, one in said["partners"].items()})
