"""What the year's earlier statements expected, so that a reader sees what has changed since."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

from commissioning import store
from commissioning.agreement.model import Agreement
from commissioning.statement import EarlierForecast, Previous
from ledger.model import Book, Period
from ledger.money import from_text


def previous(conn: Connection, book: Book, agreement: Agreement, period: Period,
             upto: int | None = None) -> Previous | None:
    """The latest statement of the period before, in the same financial year; None where there is none.

    `upto`: of those issued by the time that many entries had been recorded.
    """
    before = _before(agreement, period)
    issued = _latest(conn, book, before[-1], upto) if before else None
    if issued is None:
        return None
    said: Mapping[str, Any] = json.loads(issued.document)

    def minor(amount: str) -> int:
        return from_text(amount, agreement.currency)

    return Previous(before[-1].id, issued.issue, {one["id"]: minor(one["forecast"]) for one in said["services"]},
                    {name: minor(one["forecast_share"]) for name, one in said["partners"].items()})


def earlier_forecasts(conn: Connection, book: Book, agreement: Agreement, period: Period,
                      upto: int | None = None) -> Iterator[EarlierForecast]:
    """What each period of the year before this one expected of the whole year, as its latest statement has it."""
    for one in _before(agreement, period):
        if (issued := _latest(conn, book, one, upto)) is not None:
            totals = json.loads(issued.document)["totals"]
            yield EarlierForecast(one.id, issued.issue, from_text(totals["annual_budget"], agreement.currency),
                                  from_text(totals["forecast"], agreement.currency))


def _before(agreement: Agreement, period: Period) -> list[Period]:
    return [p for p in agreement.calendar.year_of(period.ends).periods() if p.number < period.number]


def _latest(conn: Connection, book: Book, period: Period, upto: int | None) -> store.Issued | None:
    known = [one for one in store.issues(conn, book, period) if upto is None or one.entry_number <= upto]
    return known[-1] if known else None
