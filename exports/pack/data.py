"""A negotiation as plain data for programs: amounts as decimal strings, shares of change by option and partner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from commissioning.comparison import less
from commissioning.comparison_record import Record
from commissioning.comparison_weighed import Weighed
from exports.pack.tables import spans
from ledger.money import to_text

FORMAT = "poolbook.negotiation/1"


def as_data(weighed: Weighed, record: Record) -> dict[str, Any]:
    """`{"format", "partnership", "year", "as_at", "ledger", "same_total", "options": [..], "record"}`; see below.

    An option: `{"name", "kind", "total", "owes", "change", "no_partner": {column}, "beside", "services": {service:
    {partner}}, "drivers": [{"because", "changes"}], "outturns": {percent: {partner} | null}, "break_even": {partner:
    words}, "sensitivity": [{"input", "changes": {partner: [lower, higher]}}], "limits": [{"limit", "outturn",
    "changes"}], "years": {year: {partner} | null}, "lacks"}`.
    """
    first = weighed.worked[0]
    base = first.option.base
    return {"format": FORMAT, "partnership": first.statement.partnership, "year": base.period.id[:6],
            "as_at": base.as_at.id, "ledger": {"entries": base.head.entries, "head": base.head.hash},
            "same_total": all(weighed.alike.values()),
            "options": [_option(weighed, n) for n in range(len(weighed.worked))], "record": asdict(record)}


def _option(weighed: Weighed, n: int) -> dict[str, Any]:
    one, first = weighed.worked[n], weighed.worked[0]
    currency = one.statement.currency

    def each(amounts: Mapping[str, int]) -> dict[str, str]:
        return {key: to_text(amount, currency) for key, amount in amounts.items()}

    return {
        "name": one.option.name, "kind": one.option.kind, "total": to_text(one.total, currency),
        "owes": each(one.due), "change": each(less(one.due, first.due)), "no_partner": each(one.parked),
        "beside": to_text(one.beside, currency),
        "services": {s.id: each(one.of_service(s.id)) for s in one.statement.services},
        "drivers": [{"because": driver.words, "changes": each(driver.changes)} for driver in weighed.drivers[n]],
        "outturns": {str(at): None if due is None else each(due) for at, due in weighed.outturns[n].items()},
        "break_even": {turn.partner: spans(turn) for turn in weighed.turns[n]},
        "sensitivity": [{"input": bar.lever.path, "changes": {p: [to_text(amount, currency) for amount in pair]
                                                              for p, pair in bar.changes.items()}}
                        for bar in weighed.sensitivity[n]],
        "limits": [{"limit": cost.words, "outturn": cost.outturn, "changes": each(cost.changes)}
                   for cost in weighed.limits[n]],
        "years": {line.year: None if (due := line.due[n]) is None else each(due) for line in weighed.years},
        "lacks": [fault.as_data() for fault in one.lacks]}
