"""A negotiation as plain data for programs: amounts as decimal strings, shares of change by option and partner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from allocation.negotiation.table import Division
from allocation.negotiation.table import as_data as division_as_data
from commissioning.exposure.expose import as_data as exposure_as_data
from commissioning.negotiation.chances import Chances
from commissioning.negotiation.moves import Turns
from commissioning.negotiation.options import less
from commissioning.negotiation.record import Record
from commissioning.negotiation.weighed import Weighed
from ledger.money import to_text

FORMAT = "poolbook.negotiation/1"
COMPARED = {-1: "less", 0: "same", 1: "more"}


def as_data(weighed: Weighed, record: Record, chances: Chances | None = None,
            division: Division | None = None) -> dict[str, Any]:
    """`{"format", "partnership", "year", "as_at", "ledger", "same_total", "options": [..], "record", "chances",
    "division"}`; see below. `chances` is what was stated, `division` every method's answer; null where not asked.

    An option: `{"name", "kind", "total", "owes", "change", "no_partner": {column}, "beside", "services": {service:
    {partner}}, "drivers": [{"because", "changes"}], "outturns": {percent: {partner} | null}, "break_even": {partner:
    [{"owes": "less" | "same" | "more", "up_to": percent | null}]}, "sensitivity": [{"input", "changes": {partner:
    [lower, higher]}}], "limits": [{"limit", "outturn",
    "changes"}], "years": {year: {partner} | null}, "exposure": as `commissioning.exposure.expose.as_data` | null,
    "lacks"}`.
    """
    first = weighed.worked[0]
    base = first.option.base
    return {"format": FORMAT, "partnership": first.statement.partnership, "year": base.period.id[:6],
            "as_at": base.as_at.id, "ledger": {"entries": base.head.entries, "head": base.head.hash},
            "same_total": all(weighed.alike.values()),
            "options": [_option(weighed, n, chances) for n in range(len(weighed.worked))], "record": asdict(record),
            "chances": None if chances is None else chances.terms.model_dump(mode="json", by_alias=True,
                                                                              exclude_none=True),
            "division": None if division is None else division_as_data(division)}


def _spans(turn: Turns) -> list[dict[str, str | None]]:
    """Between which outturns an option costs a partner less, the same or more; percent with one decimal."""
    return [{"owes": COMPARED[sign], "up_to": None if upto is None else _tenths(round(upto * 10))}
            for sign, upto in turn.spans]


def _tenths(tenths: int) -> str:
    return f"{'-' if tenths < 0 else ''}{abs(tenths) // 10}.{abs(tenths) % 10}"


def _option(weighed: Weighed, n: int, chances: Chances | None) -> dict[str, Any]:
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
        "break_even": {turn.partner: _spans(turn) for turn in weighed.turns[n]},
        "sensitivity": [{"input": bar.lever.path, "changes": {p: [to_text(amount, currency) for amount in pair]
                                                              for p, pair in bar.changes.items()}}
                        for bar in weighed.sensitivity[n]],
        "limits": [{"limit": cost.words, "outturn": cost.outturn, "changes": each(cost.changes)}
                   for cost in weighed.limits[n]],
        "years": {line.year: None if (due := line.due[n]) is None else each(due) for line in weighed.years},
        "exposure": None if chances is None else exposure_as_data(chances.exposures[n], currency),
        "lacks": [fault.as_data() for fault in one.lacks]}
