"""A return in the shape of the Better Care Fund's: income by source, expenditure by scheme, minimum spending.

Source of the shape: NHS England's BCF planning template. A minimum is what the agreement has the source give, unless
another is stated; it is met when so much of the source was spent, on the services stated if any are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from commissioning.reports.sources import Source, Sources, sources
from exports.reports.model import Asked, Cell, Check, Field, Minimum, Report, Sheet, made
from exports.reports.parts import amount, credit, figure, fund_field, partner_fields, service_fields
from exports.view import KeyFigure
from exports.words import Kind, listed, money
from ledger.language import _, ngettext

NAME = "bcf-return"
MOST_ROWS = 60
"""Spending by source and service of more rows than this is left to the workbook and the CSV."""


def build(asked: Asked) -> Report:
    """The return of the year to date."""
    s, whole = asked.statement, asked.whole
    found = sources(asked.books, {one.id: one.actual for one in whole.services},
                    {one.id: one.fund for one in whole.services})
    mine = [one for one in found.sources if one.partner in asked.mine]
    tests = _tests(asked, mine)
    failed = [row for row in tests.rows if row[-1] is False]
    short = tests.sum("shortfall")
    if not asked.facts.whole_year:
        verdict = _("The year is not over: {amount} of the minimum spending is still to come.").format(
            amount=money(short, s.currency))
    elif failed:
        verdict = ngettext("{count} test of minimum spending fails, short of {amount}.",
                           "{count} tests of minimum spending fail, short of {amount} in all.", len(failed)).format(
                               count=len(failed), amount=money(short, s.currency))
    else:
        verdict = _("Every test of minimum spending passes.")
    figures = (figure(_("Agreed income"), sum(one.agreed for one in mine), s.currency, _("for the year, all sources")),
               figure(_("Expenditure"), s.totals.actual, s.currency, _("of the schemes, net, year to date")),
               KeyFigure(_("Tests met"), _("{met} of {count}").format(
                   met=sum(row[-1] is True for row in tests.rows), count=len(tests.rows)),
                   _("of minimum spending")))
    notes = (_("Ring-fenced sources are spent first, on their own schemes; other sources meet the rest of their fund's "
               "cost in proportion to what they give. The agreement has no rule for this: it is how this return reads "
               "it."),)
    return made(NAME, asked, _("Better Care Fund return"), (verdict,), figures,
                (tests, _income(asked, mine, found), _schemes(asked), _spending(asked, mine, found)),
                tuple(_tied(asked, found)), notes)


def _tests(asked: Asked, mine: list[Source]) -> Sheet:
    stated = {one.source for one in asked.options.minimums}
    own = dict.fromkeys(one.source for one in mine)
    minimums = [Minimum(name, sum(one.agreed for one in mine if one.source == name)) for name in own
                if name not in stated]
    rows: list[tuple[Cell, ...]] = []
    for least in [*minimums, *(one for one in asked.options.minimums if one.source in own)]:
        spent = sum(paid for one in mine if one.source == least.source for service, paid in one.spent.items()
                    if not least.services or service in least.services)
        short = max(least.amount - spent, 0)
        on = listed([asked.facts.services.get(name, name) for name in least.services]) if least.services else _(
            "any scheme that it may pay for")
        met = True if not short else False if asked.facts.whole_year else None
        rows.append((least.source, on, _("stated") if least.source in stated else _("as agreed"), least.amount, spent,
                     short, met))
    fields = (Field("source", _("Source"), _("The source of the contribution")),
              Field("on", _("To be spent on"), _("The services on which the minimum is to be spent")),
              Field("basis", _("Minimum is"), _("As the agreement has the source give, or as stated for this return")),
              Field("minimum", _("Minimum"), _("The least to be spent in the year"), Kind.MONEY),
              Field("spent", _("Spent"), _("Spent from the source on these services, year to date"), Kind.MONEY),
              Field("shortfall", _("Shortfall"), _("Minimum less spent, where it is more"), Kind.MONEY),
              Field("met", _("Met"), _("Whether the minimum is met; empty while the year is not over and it is not")))
    return Sheet("tests", _("Tests"), _("Minimum spending by source"), _("Whether each source's minimum was spent"),
                 fields, tuple(rows), empty=_("The agreement has no source."), totalled=False)


def _income(asked: Asked, mine: list[Source], found: Sources) -> Sheet:
    rows: list[tuple[Cell, ...]] = [(
        one.fund, one.source, one.partner, asked.facts.name(one.partner), one.kind.replace("_", " "),
        listed([asked.facts.services.get(name, name) for name in one.services]), one.agreed, one.due, one.received)
        for one in mine]
    rows += [("", _("cash that names no source"), partner, asked.facts.name(partner), "cash", "", 0, 0, cash)
             for partner, cash in found.unnamed.items() if partner in asked.mine]
    fields = (fund_field(), Field("source", _("Source"), _("The source of the contribution")), *partner_fields(),
              Field("kind", _("Kind"), _("cash, in kind or grant, as the agreement says")),
              Field("ring_fence", _("Ring-fenced for"), _("The services that alone may use it; empty: any")),
              amount("agreed", _("Agreed"), _("For the year")), amount("due", _("Due"), _("Fallen due to date")),
              amount("received", _("Received"), _("Cash received in the year to date")))
    return Sheet("income", _("Income"), _("Income by source"), _("Each source with what was agreed and received"),
                 fields, tuple(rows), empty=_("The agreement has no source."))


def _schemes(asked: Asked) -> Sheet:
    agreement = asked.books.position.agreement
    leads = {name: (agreement.partner_name(terms.lead) if terms.lead else "", terms.provider)
             for version in agreement.versions() for name, terms in version.services.items()}
    rows: list[tuple[Cell, ...]] = [(
        one.id, one.name, one.fund, leads[one.id][0], leads[one.id][1], one.annual_budget, one.budget,
        one.actual, one.forecast) for one in asked.statement.services]
    fields = (*service_fields(), replace(fund_field(), shown=False),
              Field("lead", _("Lead"), _("The lead commissioner")),
              Field("provider", _("Provider"), _("Who provides it, as the agreement says")),
              amount("annual", _("Plan for the year"), _("The annual budget")),
              amount("plan", _("Plan to date"), _("The part of it that falls in the period so far")),
              amount("actual", _("Actual"), _("Net cost to date")),
              amount("forecast", _("Forecast"), _("Expected cost of the year")))
    return Sheet("schemes", _("Schemes"), _("Expenditure by scheme"), _("Plan, actual and forecast of each scheme"),
                 fields, tuple(rows), empty=_("The pool has no scheme in this period."))


def _spending(asked: Asked, mine: list[Source], found: Sources) -> Sheet:
    rows: list[tuple[Cell, ...]] = [(
        one.fund, one.source, one.partner, asked.facts.name(one.partner), service,
        asked.facts.services.get(service, service), paid) for one in mine for service, paid in one.spent.items()]
    funds = {one.id: one.fund for one in asked.whole.services}
    rows += [(funds[service], _("met otherwise"), "", "", service, asked.facts.services.get(service, service), paid)
             for service, paid in found.otherwise.items() if not asked.partner]
    fields = (fund_field(), Field("source", _("Source"), _("The source of the contribution")), *partner_fields(),
              *service_fields(), amount("spent", _("Spent"), _("Spent from the source on the service, year to date")))
    return Sheet("spending", _("Spending"), _("What each source was spent on"),
                 _("Spending of each source by service"), fields, tuple(rows),
                 note=_("Met otherwise: by reserves, and by shares of the variance or of cost beyond contributions."),
                 empty=_("Nothing was spent."), brief=len(rows) <= MOST_ROWS)


def _tied(asked: Asked, found: Sources) -> Iterator[Check]:
    s = asked.whole
    spent = sum(one.spending for one in found.sources) + sum(found.otherwise.values())
    yield Check(_("what sources paid for, and what was met otherwise, is the services' cost"), spent,
                sum(max(one.actual, 0) for one in s.services))
    for line in asked.statement.partners:
        own = [one for one in found.sources if one.partner == line.id]
        yield Check(_("{partner}: received is the statement's contribution paid").format(partner=line.name),
                    sum(one.received for one in own) + found.unnamed.get(line.id, 0), line.contribution_paid)
        pooled = {f.id for f in s.funds if f.kind == "pooled"}
        yield Check(_("{partner}: due is the statement's contribution due").format(partner=line.name),
                    sum(one.due for one in own if one.fund in pooled), line.contribution_due)
    if not asked.partner:
        yield Check(_("the schemes' cost is the ledger's"), s.totals.actual, -credit(
            [m for m in asked.books.year if m.service in asked.facts.services], "expenses:", "income:user-charges:",
            "income:other:"))
