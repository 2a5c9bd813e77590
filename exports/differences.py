"""The difference between two issues of a statement as JSON, `poolbook.differences/1`, and as plain text for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from commissioning.closing.differences import Cause, Differences, Figure
from commissioning.statement import Statement
from exports.retold import retold
from exports.statement import moment
from exports.words import clock, counted, day, plain
from ledger.language import N_, _
from ledger.money import to_text

FORMAT = "poolbook.differences/1"
GROUPS = {
    "recorded": N_("Recorded in between, for the year to the period's end"),
    "earlier": N_("Recorded in between, dated before the year"),
    "later": N_("Belonging to the year, but dated after the period: not in these figures"),
    "worked_out": N_("Worked out by the close from all this"),
    "steps": N_("Steps taken"),
}
KEYS = frozenset((
    N_("actual"), N_("annual budget"), N_("amount"), N_("baseline"), N_("brought forward"), N_("budget"),
    N_("carried forward"), N_("checks"), N_("claims"), N_("closing"), N_("committed"), N_("contested"),
    N_("contribution agreed"), N_("contribution due"), N_("contribution paid"), N_("distributions"), N_("drawn"),
    N_("due now"), N_("earlier forecasts"), N_("entries"), N_("expected"), N_("forecast"), N_("forecast share"),
    N_("forecast shares"), N_("forecasts"), N_("funds"), N_("gains"), N_("holds"), N_("in"), N_("indicator"),
    N_("kind"), N_("liability"), N_("measured"), N_("notes"), N_("offset"), N_("opening"), N_("out"), N_("outcomes"),
    N_("outstanding"), N_("paid"), N_("partners"), N_("plan changes"), N_("previous"), N_("received"), N_("recovered"),
    N_("remaining"), N_("reserves"), N_("services"), N_("settled"), N_("settlement"), N_("share of actual"),
    N_("share of budget"), N_("share of variance"), N_("status"), N_("step"), N_("text"), N_("totals"),
    N_("unallocated"), N_("uncommitted"), N_("value"), N_("variance"), N_("working")))
"""What figures are called in paths; what is none of these is a name."""


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
    lines = [_("{pool}, {period}, in {currency}").format(pool=s.name or s.partnership, period=s.period,
                                                         currency=s.currency),
             _("{earlier}, against {later}").format(earlier=_named(found.before), later=_named(found.after)), ""]
    lines += [_("What changed"), *(list(_figures(found)) or ["  " + _("Nothing: every figure is the same.")])]
    for name, heading in GROUPS.items():
        some = getattr(found, name)
        if some:
            lines += ["", _(heading), *(line for one in some for line in _told(one, s.currency))]
    for applied in found.agreements:
        lines += ["", _("Agreement applied on {day} (entry {number})").format(
            day=day(applied.recorded_at.date()), number=applied.number),
                  *(f"  {retold(change)}" for change in applied.changes)]
    if found.services:
        lines += ["", _("Cost by service: the figure moved by, the entries come to"),
                  *_columns([[one.service, _signed(one.change, s.currency), _signed(one.entries, s.currency),
                              "" if one.change == one.entries else _("DIFFERS")] for one in found.services])]
    return "\n".join(lines) + "\n"


def _named(statement: Statement) -> str:
    name = _("issue {issue}").format(issue=statement.issue) if statement.issue else _("a draft")
    return _("{issue} (known at {moment}, {count} entries)").format(
        issue=name, moment=clock(statement.known_at), count=counted(statement.entries))


def _figures(found: Differences) -> Iterator[str]:
    """Figures under the table and line that they stand in, with a blank line between tables."""
    tables: dict[str, list[list[str]]] = {}
    currency = found.after.currency
    for one in found.figures:
        table, name = _placed(one.path)
        before, after = ("-" if amount is None else plain(amount, currency) for amount in (one.before, one.after))
        tables.setdefault(table, []).append([name, before, after, _signed(one.change, currency)])
    for word in found.words:
        table, name = _placed(word.path)
        tables.setdefault(table, []).append([name, word.before or "-", word.after or "-", ""])
    for table, rows in tables.items():
        yield f"  {table}"
        yield from _columns(rows, "    ")


def _placed(path: str) -> tuple[str, str]:
    """`services.beds.partners.nhs.actual`: the heading `services: beds`, and `partners nhs actual`."""
    words = (part.replace("_", " ") for part in path.split("."))
    parts = [_(word) if word in KEYS else word for word in words]
    if len(parts) < 3:
        return (parts[0], parts[-1]) if len(parts) == 2 else (_("altogether"), parts[0])
    return f"{parts[0]}: {parts[1]}", " ".join(parts[2:])


def _told(one: Cause, currency: str) -> Iterable[str]:
    about = ", ".join(word for word in (one.service, one.partner) if word)
    what = f"{one.kind} {one.reference}{f' ({about})' if about else ''}"
    amount = f" {plain(one.amount, currency)}" if one.amount else ""
    said = _("entry {number} of {date}: {what}; recorded {moment}").format(
        number=one.number, date=one.date, what=what + amount, moment=clock(one.recorded_at))
    late = _("; belongs to {period}").format(period=one.belongs_to) if one.belongs_to else ""
    yield f"  {said}{late}"
    if one.memo:
        yield f"    {one.memo}"


def _signed(amount: int, currency: str) -> str:
    return f"{'+' if amount > 0 else ''}{plain(amount, currency)}"


def _columns(rows: list[list[str]], indent: str = "  ") -> Iterator[str]:
    """Rows in columns: the first to the left, figures to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        yield (indent + "  ".join(cells)).rstrip()
