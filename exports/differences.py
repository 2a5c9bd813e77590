"""The difference between two issues of a statement as JSON, `poolbook.differences/1`, and as plain text for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from commissioning.differences import Cause, Differences, Figure
from commissioning.statement import Statement
from exports.statement import moment
from exports.words import clock, day
from ledger.money import grouped, to_text

FORMAT = "poolbook.differences/1"
GROUPS = {
    "recorded": "Recorded in between, for the year to the period's end",
    "earlier": "Recorded in between, dated before the year",
    "later": "Belonging to the year, but dated after the period: not in these figures",
    "worked_out": "Worked out by the close from all this",
    "steps": "Steps taken",
}


def to_json(found: Differences) -> str:
    """The differences as text, indented by one, with a newline at the end."""
    return json.dumps(to_data(found), ensure_ascii=False, indent=1) + "\n"


def to_data(found: Differences) -> dict[str, object]:
    """The differences as plain data; amounts are decimal strings."""
    currency = found.after.currency
    return {
        "format": FORMAT,
        "partnership": {"id": found.after.partnership, "name": found.after.name, "currency": currency},
        "period": found.after.period, "before": _issue(found.before), "after": _issue(found.after),
        "figures": [_figure(one, currency) for one in found.figures],
        "words": [{"path": one.path, "before": one.before, "after": one.after} for one in found.words],
        "entries": {name: [_cause(one, currency) for one in getattr(found, name)] for name in GROUPS},
        "agreements": [{"entry": one.number, "recorded_at": moment(one.recorded_at), "changes": list(one.changes)}
                       for one in found.agreements],
        "services": [{"service": one.service, "change": to_text(one.change, currency),
                      "entries": to_text(one.entries, currency)} for one in found.services]}


def _issue(statement: Statement) -> dict[str, object]:
    return {"issue": statement.issue, "known_at": moment(statement.known_at), "entries": statement.entries,
            "head": statement.head}


def _figure(one: Figure, currency: str) -> dict[str, object]:
    before, after = (None if amount is None else to_text(amount, currency) for amount in (one.before, one.after))
    return {"path": one.path, "before": before, "after": after, "change": to_text(one.change, currency)}


def _cause(one: Cause, currency: str) -> dict[str, object]:
    return {"entry": one.number, "recorded_at": moment(one.recorded_at), "kind": one.kind, "reference": one.reference,
            "date": one.date.isoformat(), "amount": to_text(one.amount, currency), "service": one.service,
            "partner": one.partner, "belongs_to": one.belongs_to, "memo": one.memo}


def to_text_page(found: Differences) -> str:
    """The differences as a page of plain text: what changed, table by table, then what did it."""
    s = found.after
    lines = [f"{s.name or s.partnership}, {s.period}, in {s.currency}",
             f"{_named(found.before)}, against {_named(found.after)}", ""]
    lines += ["What changed", *(list(_figures(found)) or ["  Nothing: every figure is the same."])]
    for name, heading in GROUPS.items():
        some = getattr(found, name)
        if some:
            lines += ["", heading, *(line for one in some for line in _told(one, s.currency))]
    for applied in found.agreements:
        lines += ["", f"Agreement applied on {day(applied.recorded_at.date())} (entry {applied.number})",
                  *(f"  {change}" for change in applied.changes)]
    if found.services:
        lines += ["", "Cost by service: the figure moved by, the entries come to",
                  *_columns([[one.service, _signed(one.change, s.currency), _signed(one.entries, s.currency),
                              "" if one.change == one.entries else "DIFFERS"] for one in found.services])]
    return "\n".join(lines) + "\n"


def _named(statement: Statement) -> str:
    name = f"issue {statement.issue}" if statement.issue else "a draft"
    return f"{name} (known at {clock(statement.known_at)}, {statement.entries:,} entries)"


def _figures(found: Differences) -> Iterator[str]:
    """Figures under the table and line that they stand in, with a blank line between tables."""
    tables: dict[str, list[list[str]]] = {}
    currency = found.after.currency
    for one in found.figures:
        table, name = _placed(one.path)
        before, after = ("-" if amount is None else grouped(amount, currency) for amount in (one.before, one.after))
        tables.setdefault(table, []).append([name, before, after, _signed(one.change, currency)])
    for word in found.words:
        table, name = _placed(word.path)
        tables.setdefault(table, []).append([name, word.before or "-", word.after or "-", ""])
    for table, rows in tables.items():
        yield f"  {table}"
        yield from _columns(rows, "    ")


def _placed(path: str) -> tuple[str, str]:
    """`services.beds.partners.nhs.actual`: the heading `services: beds`, and `partners nhs actual`."""
    parts = [part.replace("_", " ") for part in path.split(".")]
    if len(parts) < 3:
        return (parts[0], parts[-1]) if len(parts) == 2 else ("altogether", parts[0])
    return f"{parts[0]}: {parts[1]}", " ".join(parts[2:])


def _told(one: Cause, currency: str) -> Iterable[str]:
    about = ", ".join(word for word in (one.service, one.partner) if word)
    amount = f" {grouped(one.amount, currency)}" if one.amount else ""
    late = f"; belongs to {one.belongs_to}" if one.belongs_to else ""
    yield (f"  entry {one.number} of {one.date}: {one.kind} {one.reference}{f' ({about})' if about else ''}{amount}"
           f"; recorded {clock(one.recorded_at)}{late}")
    if one.memo:
        yield f"    {one.memo}"


def _signed(amount: int, currency: str) -> str:
    return f"{'+' if amount > 0 else ''}{grouped(amount, currency)}"


def _columns(rows: list[list[str]], indent: str = "  ") -> Iterator[str]:
    """Rows in columns: the first to the left, figures to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        yield (indent + "  ".join(cells)).rstrip()
