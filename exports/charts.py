"""The bullet charts of a statement: services against their plans, contributions against what is due; each with a
heading that says the message and the same numbers in words."""

from __future__ import annotations

from commissioning.statement import PartnerLine, ServiceLine, Statement
from exports.facts import Facts, forecast_variance
from exports.view import Bar, Chart
from exports.words import Kind, listed, money, plain, signed
from ledger.language import _

MOST_BARS = 12


def services(facts: Facts) -> Chart | None:
    """Actual to date in the year's forecast, against plan to date and annual budget."""
    s = facts.statement
    lines = [line for line in s.services if line.budget or line.actual]
    if not lines:
        return None
    largest = sorted(lines, key=lambda line: -abs(line.variance))[:MOST_BARS]
    shown = [line for line in lines if line in largest]
    bars = tuple(_service(line, s.currency, facts.outturn) for line in shown)
    heads = (_("Variance"),) if facts.outturn else (_("To date"), _("Full year"))
    caption = (_("Bar: actual. Line: annual budget. Figures: variance.") if facts.outturn else
               _("Dark bar: actual to date. Pale bar: forecast for the year. Orange line: plan to date. Black line: "
                 "annual budget. Figures: variance to date, and of the forecast."))
    if len(shown) < len(lines):
        caption += " " + _("The {shown} of {all} services that vary most; all are in the table.").format(
            shown=len(shown), all=len(lines))
    said = "; ".join(_service_said(line, s.currency, facts.outturn) for line in shown)
    return Chart(_services_heading(s, lines), caption, _("Bullet chart of services against plan. {services}.").format(
        services=said), bars, heads)


def _service(line: ServiceLine, currency: str, outturn: bool) -> Bar:
    variance = signed(line.variance, Kind.VARIANCE, currency)
    if outturn:
        return Bar(line.name or line.id, line.actual, line.budget, (variance,))
    return Bar(line.name or line.id, line.actual, line.budget,
               (variance, signed(forecast_variance(line), Kind.VARIANCE, currency)), line.forecast, line.annual_budget)


def _service_said(line: ServiceLine, currency: str, outturn: bool) -> str:
    form = (_("{service}: actual {actual}, budget {plan}, {variance}") if outturn else
            _("{service}: actual to date {actual}, plan to date {plan}, {variance}; forecast {forecast}, annual budget "
              "{budget}, {expected}"))
    return form.format(service=line.name or line.id, actual=money(line.actual, currency),
                       plan=money(line.budget, currency), variance=signed(line.variance, Kind.VARIANCE, currency),
                       forecast=money(line.forecast, currency), budget=money(line.annual_budget, currency),
                       expected=signed(forecast_variance(line), Kind.VARIANCE, currency))


def _services_heading(s: Statement, lines: list[ServiceLine]) -> str:
    """The message: which service makes most of the variance, where one does."""
    if not s.totals.variance:
        return _("Spending against plan: in total exactly on plan")
    over = s.totals.variance > 0
    same = [line for line in lines if line.variance and (line.variance > 0) == over]
    whole = sum(abs(line.variance) for line in same)
    top = max(same, key=lambda line: abs(line.variance), default=None)
    if top is None or len(lines) == 1 or 2 * abs(top.variance) <= whole:
        return _("Where the overspend arises") if over else _("Where the underspend arises")
    if abs(top.variance) == whole:
        form = _("The overspend arises in {service}") if over else _("The underspend arises in {service}")
    else:
        form = (_("{service} makes more than half of the overspends") if over else
                _("{service} makes more than half of the underspends"))
    return form.format(service=top.name or top.id)


def contributions(facts: Facts) -> Chart | None:
    """What each partner has paid in the whole of what it agreed, against what is due; none where nothing is due."""
    s = facts.statement
    lines = [line for line in s.partners if line.contribution_due or line.contribution_agreed]
    if len(lines) < 2:
        return None
    shown = sorted(lines, key=lambda line: -line.due_now)[:MOST_BARS] if len(lines) > MOST_BARS else lines
    late = [line.name or line.id for line in lines if line.due_now > 0]
    heading = (_("Behind with contributions: {partners}").format(partners=listed(late)) if 0 < len(late) <= 3 else
               _("Contributions paid against what is due"))
    caption = _("Dark bar: received, given or paid to providers. Pale bar: agreed for the year. Orange line: due to "
                "date. Figures: what is overdue.")
    if len(shown) < len(lines):
        caption += " " + _("The {shown} of {all} partners that are furthest behind; all are in the table.").format(
            shown=len(shown), all=len(lines))
    said = "; ".join(_("{partner}: paid {paid} of {due} due, {overdue}").format(
        partner=line.name or line.id, paid=money(_paid(line), s.currency),
        due=money(line.contribution_due, s.currency), overdue=_overdue(line, s.currency)) for line in shown)
    bars = tuple(Bar(line.name or line.id, _paid(line), line.contribution_due, (_overdue(line, s.currency),),
                     line.contribution_agreed) for line in shown)
    return Chart(heading, caption, _("Bullet chart of contributions. {partners}.").format(partners=said), bars)


def _paid(line: PartnerLine) -> int:
    """In cash, in kind and directly to providers."""
    return line.contribution_due - line.due_now


def _overdue(line: PartnerLine, currency: str) -> str:
    if line.due_now <= 0:
        return _("none overdue")
    return _("{amount} overdue").format(amount=plain(line.due_now, currency))
