"""The tables of a statement in reading order: services, what partners are asked for, bear and contribute."""

from __future__ import annotations

from commissioning.statement import COLUMNS, PartnerLine
from exports import tables_books, tables_course
from exports.charts import contributions as contributions_chart
from exports.facts import (
    COLUMN_WORDS,
    Facts,
    counted_as_paid,
    forecast_variance,
    period_words,
    rated,
    rating,
    rating_rule,
    sign_rule,
)
from exports.rows import Rows, no_partners, no_services, other_partners, partner_rows, partner_total
from exports.rows import total as total
from exports.view import Column, Foot, Table
from exports.words import Kind, Value, listed, money, percent, plain, signed
from ledger.language import _

MONEY, VARIANCE, SETTLEMENT, TEXT = Kind.MONEY, Kind.VARIANCE, Kind.SETTLEMENT, Kind.TEXT


def tables(facts: Facts) -> tuple[Table, ...]:
    """Every table in reading order; those of which the statement has no line are left out."""
    matrices = (
        _by_partner(facts, "actual", _("Actual by partner"), _("What each partner bears of each service")),
        _by_partner(facts, "variance", _("Variance by partner"), _("Each partner's part of each variance")),
        _by_partner(facts, "budget", _("Budget by partner"), _("Each partner's part of each plan to date")))
    return (_services(facts), *tables_course.of_services(facts), _partners(facts), *tables_course.measures(facts),
            _contributions(facts), *matrices, *tables_books.of_funds(facts), *tables_course.of_the_year(facts),
            *tables_books.of_others(facts), *tables_books.standing(facts))


def _services(facts: Facts) -> Table:
    s = facts.statement
    committed = any(line.committed for line in s.services)
    date, year = _("To date"), _("Full year")
    columns = (Column(_("Service")), Column(_("Plan to date"), MONEY, date, True),
               Column(_("Actual to date"), MONEY, date, True, "actual"),
               Column(_("Variance to date"), VARIANCE, date, True),
               *([Column(_("Committed, not yet spent"), MONEY, date, True)] if committed else []),
               Column(_("Annual budget"), MONEY, year, True), Column(_("Forecast"), MONEY, year, True),
               *([Column(_("Forecast at {period}").format(period=period_words(s.previous.period)), MONEY,
                         year, True)] if s.previous else []),
               Column(_("Forecast variance"), VARIANCE, year, True), Column(_("% of budget"), Kind.PERCENT, year),
               Column(_("Rating"), Kind.RATING, year))
    rows: Rows = tuple((line.name or line.id, line.budget, line.actual, line.variance,
                        *([line.committed] if committed else []), line.annual_budget, line.forecast,
                        *([s.previous.forecasts.get(line.id, 0)] if s.previous else []), forecast_variance(line),
                        percent(forecast_variance(line), line.annual_budget), rated(line)) for line in s.services)
    sums = total(columns, rows)
    if sums:
        away = s.totals.forecast - s.totals.annual_budget
        sums = (*sums[:-2], percent(away, s.totals.annual_budget), rating(away, s.totals.annual_budget))
    late = 5 if committed else 4
    return Table(_("Services"), _services_heading(facts), _("Plan, actual and forecast of each service"), columns, rows,
                 sums, (Foot(_("actual less plan is the variance"), (2,), (1,), 3),
                        Foot(_("forecast less annual budget is the forecast variance"), (late + 1,), (late,),
                             late + (3 if s.previous else 2))),
                 f"{sign_rule()} {rating_rule()}", empty=no_services(), key="services")


def _services_heading(facts: Facts) -> str:
    t = facts.statement.totals
    reds = sum(rated(line) == "Red" for line in facts.statement.services)
    if not t.variance:
        form = (_("Services: in total exactly on plan; {reds} of {count} rated Red") if reds else
                _("Services: in total exactly on plan"))
    elif t.variance > 0:
        form = (_("Services: {share} overspend to date; {reds} of {count} rated Red") if reds else
                _("Services: {share} overspend to date"))
    else:
        form = (_("Services: {share} underspend to date; {reds} of {count} rated Red") if reds else
                _("Services: {share} underspend to date"))
    return form.format(share=percent(t.variance, t.budget), reds=reds, count=len(facts.statement.services))


def asked(facts: Facts) -> Table:
    """What each partner is asked for, and by which clause: the first page's table."""
    indicative = facts.statement.indicative
    columns = (Column(_("Partner")), Column(_("Amount due under the agreement"), MONEY, "", True),
               Column(_("Paid or credited"), MONEY, "", True, "paid"),
               Column(_("Settlement, indicative") if indicative else _("Settlement"), SETTLEMENT, "", True),
               Column(_("What is asked, and by which clause")))
    rows = partner_rows(facts, lambda p: (p.liability, counted_as_paid(p), p.settlement, _request(facts, p)))
    heading = (_("What each partner is asked for now, and where the year stands") if indicative else
               _("What each partner is asked for"))
    return Table(_("Asked of partners"), heading, _("What each partner is asked for"), columns, rows,
                 partner_total(facts, columns, rows), (Foot(_("due less paid is the settlement"), (1,), (2,), 3),),
                 _("Paid or credited: in cash, in kind or directly to providers, less charges and income held."),
                 empty=no_partners(), key="asked")


def _request(facts: Facts, line: PartnerLine) -> str:
    """The request in words, with the clauses it rests on."""
    s, by = facts.statement, listed(facts.clauses(line.id))
    if not s.indicative:
        words = signed(line.settlement, SETTLEMENT, s.currency) if line.settlement else _("Nothing")
    elif line.due_now > 0:
        words = _("{amount} to pay now").format(amount=plain(line.due_now, s.currency))
    elif line.outstanding < 0:
        words = _("Nothing now ({amount} paid ahead)").format(amount=plain(-line.outstanding, s.currency))
    else:
        words = _("Nothing now")
    return f"{words}. {by}" if by else words


def _partners(facts: Facts) -> Table:
    shares = _("Shares")
    columns = (Column(_("Partner")), Column(_("Share of plan"), MONEY, shares, True),
               Column(_("Share of actual"), MONEY, shares, True),
               Column(_("Share of variance"), VARIANCE, shares, True),
               Column(_("Share of variance on the forecast"), VARIANCE, shares, True),
               Column(_("By which clause"), TEXT, shares))
    rows = partner_rows(facts, lambda p: (p.share_of_budget, p.share_of_actual, p.share_of_variance, p.forecast_share,
                                          listed(facts.clauses(p.id))))
    return Table(_("Partners"), _partners_heading(facts), _("Each partner's share of plan, actual and variance"),
                 columns, rows, partner_total(facts, columns, rows), empty=no_partners(), key="partners")


def _partners_heading(facts: Facts) -> str:
    """Who bears most of it, where one partner does."""
    s = facts.statement
    whole = sum(line.share_of_variance for line in s.partners)
    top = max(s.partners, key=lambda line: abs(line.share_of_variance), default=None)
    if facts.extract or top is None or not whole or len(s.partners) < 2:
        return _("Partners: what each bears")
    share, one_side = top.share_of_variance, all(line.share_of_variance * whole >= 0 for line in s.partners)
    if not one_side or 2 * abs(share) <= abs(whole):
        return _("Partners: what each bears")
    form = (_("Partners: {partner} bears most, {amount}") if share > 0 else
            _("Partners: {partner} gains most, {amount}"))
    return form.format(partner=top.name or top.id, amount=money(abs(share), s.currency))


def _contributions(facts: Facts) -> Table:
    s = facts.statement
    agreed = all(p.contribution_agreed is not None for p in s.partners)
    earlier = any(p.brought_forward or p.settled for p in s.partners)
    given = _("Contributions")
    columns = (Column(_("Partner")), *([Column(_("Agreed for the year"), MONEY, given, True)] if agreed else []),
               Column(_("Contribution due"), MONEY, given, True),
               Column(_("Contribution paid"), MONEY, given, True, "contribution"),
               Column(_("In kind or to providers"), MONEY, given, True), Column(_("Overdue"), MONEY, given, True),
               Column(_("Beyond what is due"), MONEY, given, True),
               *((Column(_("Earlier settlements brought forward"), SETTLEMENT, _("Earlier"), True),
                  Column(_("Earlier settlements settled"), SETTLEMENT, _("Earlier"), True)) if earlier else ()))
    rows = partner_rows(facts, lambda p: (
        *([p.contribution_agreed] if agreed else []), p.contribution_due, p.contribution_paid,
        p.outstanding - p.due_now, max(p.due_now, 0), max(-p.due_now, 0),
        *((p.brought_forward, p.settled) if earlier else ())))
    at = 2 if agreed else 1
    return Table(_("Contributions"), _contributions_heading(facts), _("Contributions due and paid by each partner"),
                 columns, rows, partner_total(facts, columns, rows),
                 (Foot(_("due and what is beyond it, less paid and given, is overdue"), (at, at + 4),
                       (at + 1, at + 2), at + 3),), _contributions_note(earlier), empty=no_partners(),
                 key="contributions", chart=contributions_chart(facts))


def _contributions_note(earlier: bool) -> str:
    said = _("Contribution paid: in cash. Overdue: what is due to date less what was paid, given in kind or paid to "
             "providers. Beyond what is due: paid ahead, given, or spent on lines met by own spending.")
    return said + " " + (_("Earlier periods' settlements stand in columns of their own.") if earlier else
                         _("No earlier period's settlement is open."))


def _contributions_heading(facts: Facts) -> str:
    s = facts.statement
    late = [line.name or line.id for line in s.partners if line.due_now > 0]
    amount = money(sum(max(line.due_now, 0) for line in s.partners), s.currency)
    if not late:
        return _("Contributions: none overdue")
    if len(listed(late)) <= 50:
        return _("Contributions: {amount} overdue from {partners}").format(amount=amount, partners=listed(late))
    return _("Contributions: {amount} overdue from {count} of {all} partners").format(
        amount=amount, count=len(late), all=len(s.partners))


def _by_partner(facts: Facts, part: str, name: str, heading: str) -> Table:
    """Services down, partners across. The actual also shows what no partner bears, so that each row foots."""
    s, kind = facts.statement, VARIANCE if part == "variance" else MONEY
    used = [key for key in COLUMNS if part != "budget" and any(getattr(line, key) for line in s.services)]
    others = other_partners(facts)
    whole_head = {"budget": _("Plan to date"), "actual": _("Actual to date"), "variance": _("Variance to date")}[part]
    columns = (Column(_("Service")), *(Column(line.name or line.id, kind, line.id, True) for line in s.partners),
               *(Column(word, kind, "others", True) for word in others),
               *(Column(_(COLUMN_WORDS[key]), kind, key, True) for key in used), Column(whole_head, kind, "", True))
    rows: list[tuple[Value, ...]] = []
    for line in s.services:
        own = [getattr(line.partners[p.id], part) if p.id in line.partners else 0 for p in s.partners]
        beside, whole = [getattr(line, key) for key in used], getattr(line, part)
        rest = [whole - sum(own) - sum(beside)] if others else []
        rows.append((line.name or line.id, *own, *rest, *beside, whole))
    last = len(columns) - 1
    note = _("What no partner bears stands in columns of its own; there a minus sign means put aside or given "
             "back.") if used else ""
    caption = _("{heading}, in {currency}").format(heading=heading, currency=s.currency)
    return Table(name, heading, caption, columns, tuple(rows), total(columns, tuple(rows)),
                 (Foot(_("the parts of each row sum to the whole"), tuple(range(1, last)), (), last),) if rows else (),
                 note, False, no_services(), part)
