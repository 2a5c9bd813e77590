"""The tables that tell how the year runs: services off plan and why, what becomes of the variance, savings, forecasts
by period, and what has moved the plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from commissioning.statement import COLUMNS, Note, ServiceLine
from exports.facts import COLUMN_WORDS, Facts, forecast_variance, period_words, rated
from exports.rows import Rows, total
from exports.view import Column, Foot, Table
from exports.words import Kind, Value, capital, day, money, percent
from ledger.language import N_, _, ngettext

MONEY, VARIANCE, CHANGE, TEXT = Kind.MONEY, Kind.VARIANCE, Kind.CHANGE, Kind.TEXT
NOTE_WORDS = {"explanation": N_("Reason"), "action": N_("Action"), "decision": N_("Decision")}
CHANGE_WORDS = {"virement": N_("Virement"), "carried_forward": N_("Carried forward from last year"),
                "version": N_("A new version of the agreement takes effect")}


def of_services(facts: Facts) -> Iterator[Table]:
    """Why services are off plan and what is done about it; then what else the pool manager tells."""
    if any(line.budget or line.actual or line.annual_budget for line in facts.statement.services):
        yield _off_plan(facts)
    if (notes := _notes(facts)).rows:
        yield notes


def _is_off(line: ServiceLine) -> bool:
    return rated(line) != "Green"


def _off_plan(facts: Facts) -> Table:
    """Each service rated Amber or Red, with its reason and actions, or the plain word that none was given."""
    s = facts.statement
    columns = (Column(_("Service")), Column(_("Forecast variance"), VARIANCE), Column(_("Rating"), Kind.RATING),
               Column(_("Reason")), Column(_("Action")), Column(_("Who, and by when")))
    off = [line for line in s.services if _is_off(line)]
    ordered = sorted(off, key=lambda line: (rated(line) != "Red", -abs(forecast_variance(line))))
    rows: list[tuple[Value, ...]] = []
    for line in ordered:
        told = [note for note in s.notes if note.service == line.id]
        reasons = " ".join(note.text for note in told if note.kind == "explanation")
        actions = [(note.text, _who(note)) for note in told if note.kind == "action"]
        about = (line.name or line.id, forecast_variance(line), rated(line),
                 reasons or _none_given(facts, _("No reason was given.")))
        rows += [(*about, *action) for action in actions or [(_none_given(facts, _("No action was given.")), "")]]
    return Table(_("Off plan"), _off_plan_heading(facts, ordered), _("Services rated Amber or Red, why, and what is "
                 "done about it"), columns, tuple(rows), empty=_("No service is rated Amber or Red."), key="off-plan")


def _none_given(facts: Facts, words: str) -> str:
    """An extract may leave out what names another partner, and so cannot say that nothing was given."""
    return _("None that this extract shows.") if facts.extract else words


def _off_plan_heading(facts: Facts, off: list[ServiceLine]) -> str:
    told = {note.service for note in facts.statement.notes if note.kind == "explanation"}
    silent = sum(line.id not in told for line in off)
    if not off:
        return _("Services off plan: none")
    if silent and not facts.extract:
        return ngettext("Services off plan: {count}, of which {silent} without a reason given",
                        "Services off plan: {count}, of which {silent} without a reason given", silent).format(
                            count=len(off), silent=silent)
    return _("Services off plan: {count}").format(count=len(off))


def _who(note: Note) -> str:
    if not note.by:
        return note.owner
    return _("{owner}, by {date}").format(owner=note.owner, date=_by(note))


def _by(note: Note) -> str:
    return day(dt.date.fromisoformat(note.by)) if note.by else ""


def _notes(facts: Facts) -> Table:
    """What the pool manager tells the board beside the reasons and actions of services off plan."""
    off = {line.id for line in facts.statement.services if _is_off(line)}
    columns = (Column(_("What")), Column(_("Service")), Column(_("In words")), Column(_("Who")), Column(_("By")))
    rows: Rows = tuple((_(NOTE_WORDS.get(n.kind, n.kind)), facts.services.get(n.service, n.service), n.text, n.owner,
                        _by(n)) for n in facts.statement.notes if n.kind == "decision" or n.service not in off)
    return Table(_("Notes"), _("Decisions asked, and other notes"), _("What the pool manager tells the board"), columns,
                 rows, key="notes")


def measures(facts: Facts) -> Iterator[Table]:
    """What becomes of the variance, one measure after the other, and what is left after each."""
    s = facts.statement
    left = s.totals.variance
    if not left:
        return
    taken = {key: sum(getattr(line, key) for line in s.services) for key in COLUMNS}
    partners = left - sum(taken.values())
    words = {"reserves": _("Reserves and risk pool"), "recovered": _("Recovery plan: savings still to be made")}
    first = _("Overspend to date") if left > 0 else _("Underspend to date")
    rows: list[tuple[Value, ...]] = [(first, None, left)]
    steps = [(words.get(key, _(COLUMN_WORDS[key])), taken[key]) for key in COLUMNS[:4]]
    steps += [(_("Partners, by their shares"), partners)]
    steps += [(_(COLUMN_WORDS[key]), taken[key]) for key in COLUMNS[4:]]
    for name, amount in steps:
        if amount:
            left -= amount
            rows.append((name, amount, left))
    columns = (Column(_("Measure")), Column(_("Takes"), MONEY), Column(_("Left after it"), MONEY))
    yield Table(_("Measures"), _measures_heading(facts, partners), _("What takes a part of the variance, and what is "
                "left"), columns, tuple(rows), note=_("A minus sign: an underspend, or what is put aside or given "
                "back."), key="measures")


def _measures_heading(facts: Facts, partners: int) -> str:
    s = facts.statement
    open_ = s.totals.variance - partners - sum(getattr(line, key) for line in s.services for key in COLUMNS[:4])
    form = (_("After measures nothing falls on partners") if not partners else
            _("After measures partners bear {amount}") if partners > 0 else _("After measures partners gain {amount}"))
    if open_:
        form = (_("After measures nothing falls on partners and {open} is left open") if not partners else
                _("After measures partners bear {amount} and {open} is left open") if partners > 0 else
                _("After measures partners gain {amount} and {open} is left open"))
    return form.format(amount=money(abs(partners), s.currency), open=money(abs(open_), s.currency))


def of_the_year(facts: Facts) -> Iterator[Table]:
    """Savings, the forecast as it was from period to period, and what has moved the plan."""
    if facts.statement.outcomes:
        yield _savings(facts)
        yield _outcomes(facts)
    if any(one.forecast or one.annual_budget for one in facts.statement.earlier_forecasts):
        yield _forecasts(facts)
    if facts.statement.plan_changes or _carries_course(facts):
        yield _changes(facts)


def _carries_course(facts: Facts) -> bool:
    """Whether the statement is of those that tell what moved the plan."""
    return any(line.contribution_agreed is not None for line in facts.statement.partners)


def _savings(facts: Facts) -> Table:
    """What each outcome has saved, what its target would have saved by now, and what of that is missing."""
    s = facts.statement
    columns = (Column(_("Outcome")), Column(_("Service"), TEXT, _("About")), Column(_("Measured"), TEXT, _("About")),
               Column(_("Baseline to date"), TEXT, _("About")), Column(_("Saved to date"), MONEY, _("Savings"), True),
               Column(_("Expected by the target"), MONEY, _("Savings"), True),
               Column(_("At risk"), MONEY, _("Savings"), True))
    rows: Rows = tuple((o.indicator or o.id, facts.services.get(o.service, o.service), o.measured or _("nothing yet"),
                        o.baseline, o.value, o.expected, max((o.expected or 0) - o.value, 0)) for o in s.outcomes)
    risk = sum(max((o.expected or 0) - o.value, 0) for o in s.outcomes)
    heading = _("Savings: {saved} delivered, {risk} at risk").format(
        saved=money(sum(o.value for o in s.outcomes), s.currency), risk=money(risk, s.currency))
    return Table(_("Savings"), heading, _("What outcomes have saved, and what is missing to their targets"), columns,
                 rows, total(columns, rows), note=_("Units better than the baseline at the agreed value. At risk: what "
                 "is missing to the target so far, or a loss against the baseline."), key="savings")


def _outcomes(facts: Facts) -> Table:
    """What each partner paid for a service beside what it gained: a saving in one pocket that another pays for."""
    columns = (Column(_("Outcome")), Column(_("Service"), TEXT, _("About")), Column(_("Who"), TEXT, _("Who")),
               Column(_("Paid for the service"), MONEY, _("Who"), True), Column(_("Gained"), MONEY, _("Who"), True),
               Column(_("Gained less paid"), MONEY, _("Who"), True))
    rows: list[tuple[Value, ...]] = []
    for o in facts.statement.outcomes:
        for who in dict.fromkeys([*o.paid, *o.gains]):
            paid, gained = o.paid.get(who, 0), o.gains.get(who, 0)
            if paid or gained:
                rows.append((o.indicator or o.id, facts.services.get(o.service, o.service), facts.name(who), paid,
                             gained, gained - paid))
    return Table(_("Outcomes"), _("Who paid and who gained"), _("Outcomes: what each partner paid, and what it gained"),
                 columns, tuple(rows), total(columns, tuple(rows)),
                 (Foot(_("gained less paid is the difference"), (4,), (3,), 5),) if rows else (),
                 note=_("A partner pays its part of the service's actual cost; the gain is in units better than the "
                        "baseline, at the agreed value. Who gains need not be a partner."), key="outcomes",
                 empty=_("Nobody has paid or gained yet."))


def _forecasts(facts: Facts) -> Table:
    """The year's forecast as each period's statement had it, up to this one."""
    s = facts.statement
    told = [(capital(period_words(f.period)), f.annual_budget, f.forecast) for f in s.earlier_forecasts]
    told.append((capital(period_words(s.period)), s.totals.annual_budget, s.totals.forecast))
    rows: list[tuple[Value, ...]] = []
    for i, (period, budget, forecast) in enumerate(told):
        away = forecast - budget
        rows.append((period, budget, forecast, away, percent(away, budget), forecast - told[i - 1][2] if i else None))
    columns = (Column(_("Forecast at")), Column(_("Annual budget"), MONEY), Column(_("Forecast"), MONEY),
               Column(_("Forecast variance"), VARIANCE), Column(_("% of budget"), Kind.PERCENT),
               Column(_("Change since the one before"), CHANGE))
    moved = told[-1][2] - told[0][2]
    form = (_("Forecast by period: {amount} more than at {period}") if moved > 0 else
            _("Forecast by period: {amount} less than at {period}") if moved else
            _("Forecast by period: as it was at {period}"))
    since = period_words(s.earlier_forecasts[0].period)
    return Table(_("Forecasts"), form.format(amount=money(abs(moved), s.currency), period=since),
                 _("What each period's statement expected of the whole year"), columns, tuple(rows), None,
                 (Foot(_("forecast less annual budget is the forecast variance"), (2,), (1,), 3),), key="forecasts")


def _changes(facts: Facts) -> Table:
    """What has moved the year's plan."""
    changes = facts.statement.plan_changes
    columns = (Column(_("What")), Column(_("Date")), Column(_("Service")), Column(_("Budget"), CHANGE),
               Column(_("Reference")), Column(_("In words")))
    rows: Rows = tuple((_(CHANGE_WORDS.get(c.kind, c.kind)), day(c.date), facts.services.get(c.service, c.service),
                        c.amount if c.service else None, c.reference, c.text) for c in changes)
    count = len({(c.kind, c.date, c.reference) for c in changes})
    heading = ngettext("The plan was changed once in the year", "The plan was changed {count} times in the year",
                       count).format(count=count)
    return Table(_("Plan changes"), heading if rows else _("The plan has not been changed in the year"),
                 _("What has moved the year's budgets"), columns, rows, key="changes",
                 empty=_("No virement, no carry forward and no new version of the agreement."))
