"""How the figures of a year's course come about: what takes the variance, gaps, outcomes, and forecasts that moved."""

from __future__ import annotations

from collections.abc import Iterator

from api.web.sources.model import Part, Rest, Source, dates, entries, footed
from commissioning.statement import COLUMNS, OutcomeLine, Statement
from exports.facts import COLUMN_WORDS
from exports.words import Kind
from ledger.language import _

PARTNERS = "partners"  # among what takes the variance: the partners, by their shares


def taken(statement: Statement) -> Iterator[tuple[str, int]]:
    """What takes a part of the variance, in the statement's order: a column or the partners, and how much."""
    sums = {key: sum(int(getattr(line, key)) for line in statement.services) for key in COLUMNS}
    rest = statement.totals.variance - sum(sums.values())
    for key, amount in (*((key, sums[key]) for key in COLUMNS[:4]), (PARTNERS, rest),
                        *((key, sums[key]) for key in COLUMNS[4:])):
        if amount:
            yield key, amount


def measure(statement: Statement, key: str, attribute: str) -> Source | None:
    """What a measure `takes` of the variance, or what is `left` after it."""
    known = dict(taken(statement))
    if key not in known or attribute not in ("takes", "left"):
        return None
    words = {one: _(COLUMN_WORDS.get(one, "Partners, by their shares")) for one in known}
    if attribute == "left":
        before = list(known)[:list(known).index(key) + 1]
        parts = [Part(_("Variance to date"), statement.totals.variance, "totals/variance"),
                 *(Part(words[one], -known[one], f"measures/{one}/takes") for one in before)]
        return Source(_("Left after it"), sum(part.amount for part in parts), parts=tuple(parts))
    if key == PARTNERS:
        parts = [Part(line.name or line.id, line.share_of_variance, f"partners/{line.id}/share_of_variance")
                 for line in statement.partners]
    else:
        parts = [Part(line.name or line.id, int(getattr(line, key)), f"services/{line.id}/{key}")
                 for line in statement.services if getattr(line, key)]
    return Source(words[key], known[key], parts=footed(parts, known[key]))


def gap(statement: Statement, fund: str, who: str) -> Source | None:
    """What a fund's contributions are short of its budgets (`who` empty), or the part of a partner or column."""
    found = next((line.gap for line in statement.funds if line.id == fund), None)
    if found is None:
        return None
    names = {line.id: line.name or line.id for line in statement.partners}
    parts = {**found.partners, **found.columns}
    if who and who not in parts:
        return None
    if who:
        words = names.get(who) or _(COLUMN_WORDS.get(who, who))
        return Source(words, parts[who], service=fund, partner=who if who in names else "")
    rests = (Rest(_("What the agreement says is contributed and budgeted"), "/agreement"),)
    return Source(_("Gap to date"), found.amount, parts=footed(
        (Part(names.get(one) or _(COLUMN_WORDS.get(one, one)), amount, f"gaps/{fund}/{one}")
         for one, amount in parts.items() if amount), found.amount), rests=rests, service=fund)


def outcome(statement: Statement, name: str, attribute: str, who: str) -> Source | None:
    """What an outcome has saved, is expected to save and may miss; what somebody paid for it and gained."""
    line = next((one for one in statement.outcomes if one.id == name), None)
    if line is None:
        return None
    said = line.indicator or line.id
    measured = Rest(_("What was measured of it"), entries(kind="outcome", **dates(statement)))
    terms = Rest(_("What the agreement says of it"), "/agreement")
    here = f"outcomes/{name}"
    if attribute == "value":
        return Source(f"{said}: {_('Saved to date')}", line.value, rests=(measured, terms), service=name)
    if attribute == "expected" and line.expected is not None:
        return Source(f"{said}: {_('Expected by the target')}", line.expected, rests=(terms,))
    if attribute == "risk":
        missing = max((line.expected or 0) - line.value, 0)
        parts = (Part(_("Expected by the target"), line.expected or 0, f"{here}/expected" if line.expected else ""),
                 Part(_("Less what is saved to date"), -line.value, f"{here}/value"))
        return Source(f"{said}: {_('At risk')}", missing, parts=parts if missing else ())
    return _pocket(statement, line, attribute, who, measured)


def _pocket(statement: Statement, line: OutcomeLine, attribute: str, who: str, measured: Rest) -> Source | None:
    """What one partner or other party paid for an outcome's service, gained, and gained less paid."""
    paid, gained = line.paid.get(who, 0), line.gains.get(who, 0)
    if who not in {**line.paid, **line.gains}:
        return None
    name = next((one.name for one in statement.partners if one.id == who), "") or who
    if attribute == "paid":
        there = f"services/{line.service}/partners/{who}/actual"
        return Source(f"{name}: {_('Paid for the service')}", paid,
                      parts=(Part(_("Share of actual"), paid, there),) if paid else ())
    if attribute == "gained":
        return Source(f"{name}: {_('Gained')}", gained, rests=(measured,), service=line.id)
    if attribute != "difference":
        return None
    parts = (Part(_("Gained"), gained, f"outcomes/{line.id}/gained/{who}"),
             Part(_("Less what was paid"), -paid, f"outcomes/{line.id}/paid/{who}"))
    return Source(f"{name}: {_('Gained less paid')}", gained - paid, parts=parts)


def moved(statement: Statement, period: str) -> Source | None:
    """By how much the year's forecast changed from the statement of one period to that of the next."""
    told = [(one.period, one.issue, one.forecast) for one in statement.earlier_forecasts]
    told.append((statement.period, 0, statement.totals.forecast))
    place = next((i for i, one in enumerate(told) if i and one[0] == period), 0)
    if not place:
        return None
    (before, _number, was), (_period, _issue, now) = told[place - 1], told[place]
    own = "totals/forecast" if place == len(told) - 1 else ""
    rests = [Rest(_("Statement for {period}").format(period=name), forecast_at(name, number))
             for name, number, _amount in told[place - 1:place + 1] if number]
    return Source(_("Change since the one before"), now - was, Kind.CHANGE,
                  (Part(_("Forecast for the year"), now, own),
                   Part(_("Forecast at {period}").format(period=before), -was)), tuple(rests))


def forecast_at(period: str, issue: int, figure: str = "forecast") -> str:
    """The address, below the pool, of a figure of all services in an earlier statement."""
    return f"/statements/{period}/figures/totals/{figure}?issue={issue}"
