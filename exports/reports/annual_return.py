"""The annual return of income and expenditure, and the memorandum account: whose money it was and what became of it.

Source: regulation 7 of SI 2000/617, which asks the host of a pooled fund for a quarterly report and an annual return of
income and expenditure; the memorandum account is what each partner's own accounts take their share from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from commissioning.books.figures import REDONE, is_cost
from commissioning.books.postings import cost_share, risk_share
from commissioning.statement import COLUMNS
from exports.facts import COLUMN_WORDS
from exports.reports.model import Asked, Cell, Check, Field, Report, Sheet, Ties, made
from exports.reports.parts import amount, credit, figure, fund_field, partner_fields, service_fields
from exports.view import KeyFigure
from exports.words import Kind, money
from ledger.language import N_, _
from ledger.model import Movement

NAME = "annual-return"
Key = tuple[str, str, str, str, str]
KINDS = {"income:contributions": N_("contribution"), "income:risk-share": N_("share of variance"),
         "income:cost-share": N_("share of cost"), "income:user-charges": N_("users' charges"),
         "income:other": N_("other income")}


def build(asked: Asked) -> Report:
    """The return of the period's year to date."""
    income, spent = _income(asked), _expenditure(asked)
    funding, sheet = _memorandum(asked)
    title = _("annual return of income and expenditure, and memorandum account") if asked.facts.whole_year else _(
        "report of income and expenditure, and memorandum account")
    verdict, figures = _of_partner(asked, funding) if asked.partner else _of_pool(asked)
    notes = (_("Income and expenditure are what the ledger recorded in the year to date, when earned or incurred. "
               "Shares of a variance or of cost become income when they are settled."),)
    sheets = (sheet, income, spent, _funds(asked))
    return made(NAME, asked, title, (verdict,), figures, sheets, tuple(_tied(asked)), notes)


def _of_partner(asked: Asked, funding: int) -> tuple[str, tuple[KeyFigure, ...]]:
    s, line = asked.statement, asked.statement.partners[0]
    verdict = _("{partner} funded {funded} and bears {borne} of the pool's expenditure of {actual}.").format(
        partner=line.name, funded=money(funding, s.currency), borne=money(line.share_of_actual, s.currency),
        actual=money(s.totals.actual, s.currency))
    return verdict, (
        figure(_("Funded by the partner"), funding, s.currency, _("contributions and settled shares")),
        figure(_("Borne by the partner"), line.share_of_actual, s.currency, _("share of expenditure")))


def _of_pool(asked: Asked) -> tuple[str, tuple[KeyFigure, ...]]:
    s, year = asked.statement, asked.books.year
    gross, cost = credit(year, "income:"), -credit(year, "expenses:")
    words = (_("The pool's income and its expenditure were both {income}.") if cost == gross else
             _("The pool's income was {income} and its expenditure {cost}: {rest} more expenditure than income.")
             if cost > gross else
             _("The pool's income was {income} and its expenditure {cost}: {rest} more income than expenditure."))
    return words.format(income=money(gross, s.currency), cost=money(cost, s.currency),
                        rest=money(abs(gross - cost), s.currency)), (
        figure(_("Income"), gross, s.currency, _("contributions, settled shares, charges and other")),
        figure(_("Expenditure"), cost, s.currency, _("before users' charges and income of services")),
        figure(_("Closing cash"), sum(f.closing for f in s.funds), s.currency, _("in the funds' banks")))


def _income(asked: Asked) -> Sheet:
    """Every income of the year by fund, kind, partner and source."""
    found: dict[Key, int] = defaultdict(int)
    for m in asked.books.year:
        if m.account.startswith("income:"):
            kind = ":".join(m.account.split(":")[:2])
            earlier = "earlier" if m.kind == REDONE else ""
            found[m.fund, kind, m.partner, m.source or m.service, earlier] -= m.amount
    rows: list[tuple[Cell, ...]] = []
    for (fund, kind, partner, about, earlier), total in found.items():
        if total and (not asked.partner or partner == asked.partner):
            words = _(KINDS[kind]) if kind in KINDS else kind
            words = _("{kind}, correction of an earlier year").format(kind=words) if earlier else words
            about = asked.facts.services.get(about, about)
            rows.append((fund, words, partner, asked.facts.name(partner), about, total))
    fields = (fund_field(), Field("kind", _("Kind"), _("What kind of income it is")), *partner_fields(),
              Field("about", _("Source or service"), _("The contribution's source, or the service that earned it")),
              amount("amount", _("Income"), _("Income of the year to date, as the ledger recorded it")))
    heading = _("Income by partner and source")
    return Sheet("income", _("Income"), heading, _("Income of each fund in the year to date"), fields, tuple(rows),
                 empty=_("The ledger recorded no income."))


def _expenditure(asked: Asked) -> Sheet:
    """Cost by service: gross and net for the pool; a partner sees the net cost, as its statement has it."""
    rows: list[tuple[Cell, ...]] = []
    if asked.partner:
        rows += [(line.fund, line.id, line.name, None, None, line.actual) for line in asked.statement.services]
    else:
        gross, less = _by_service(asked.books.year, costs=True), _by_service(asked.books.year, costs=False)
        for fund, service in dict.fromkeys([*gross, *less]):
            cost, earned = gross.get((fund, service), 0), less.get((fund, service), 0)
            rows.append((fund, service, asked.facts.services.get(service, service.replace(":", " ")), cost, earned,
                         cost - earned))
    fields = (fund_field(), *service_fields(),
              amount("gross", _("Expenditure"), _("Cost when incurred, given in kind included")),
              amount("income", _("Charges and income"), _("Users' charges and other income that name the service")),
              amount("net", _("Net cost"), _("Expenditure less charges and income")))
    sheet = Sheet("expenditure", _("Expenditure"), _("Expenditure by service"),
                  _("Cost of each service in the year to date"), fields, tuple(rows),
                  (Ties(_("expenditure less income is the net cost"), ("gross",), ("income",), "net"),),
                  empty=_("The ledger recorded no expenditure."))
    return sheet.without("gross", "income") if asked.partner else sheet


def _by_service(movements: Iterable[Movement], *, costs: bool) -> dict[tuple[str, str], int]:
    """Expenses by fund and service, or the income that names a service; what names none by its account."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for m in movements:
        if m.account.startswith("expenses:") if costs else m.service and m.account.startswith("income:") and is_cost(
                m.account):
            found[m.fund, m.service or m.account.partition(":")[2]] += m.amount if costs else -m.amount
    return {key: total for key, total in found.items() if total}


def _memorandum(asked: Asked) -> tuple[int, Sheet]:
    """The partners' funding in all, and the memorandum account."""
    s, rows = asked.statement, list[tuple[Cell, ...]]()
    year = [m for m in asked.books.year if m.kind != REDONE]
    given = {p.id: credit(year, f"income:contributions:{p.id}:") for p in asked.whole.partners}
    shares = {p.id: credit(year, risk_share(p.id), cost_share(p.id)) for p in asked.whole.partners}
    whole = sum(given.values()) + sum(shares.values())
    for line in s.partners:
        funded = given[line.id] + shares[line.id]
        rows.append((line.id, line.name, given[line.id], shares[line.id], funded, line.share_of_actual,
                     funded - line.share_of_actual, Fraction(funded, whole) if whole else None))
    for column in COLUMNS:
        if borne := sum(getattr(service, column) for service in s.services):
            words = _("{what} (no partner)").format(what=_(COLUMN_WORDS[column]))
            rows.append(("", words, 0, 0, 0, borne, -borne, None))
    fields = (*partner_fields(),
              amount("contributions", _("Gross funding"), _("Contributions earned by the pool, in kind included")),
              amount("shares", _("Settled shares"), _("Share of the variance or of the cost, once it is settled")),
              amount("funded", _("Funded in all"), _("Gross funding with settled shares")),
              amount("borne", _("Share of expenditure"), _("What the partner bears of the services' net cost")),
              amount("balance", _("Balance"), _("Funded in all less share of expenditure")),
              Field("percent", _("Share of funding"), _("Part of what all partners funded"), Kind.PERCENT))
    sheet = Sheet(
        "memorandum", _("Memorandum account"), _("Memorandum account: what each partner funded and bears"),
        _("Funding, expenditure and balance of each partner"), fields, tuple(rows),
        (Ties(_("gross funding with settled shares is funded in all"), ("contributions", "shares"), (), "funded"),
         Ties(_("funded less expenditure is the balance"), ("funded",), ("borne",), "balance")),
        _("A balance below zero: more was spent for the partner than it has funded so far. Contributions to a fund "
          "that shares cost are advances, and stand under settled shares once the year is settled."),
        totalled=not asked.partner)
    funded = sum(given[line.id] + shares[line.id] for line in s.partners)
    return funded, sheet.without("percent") if asked.partner else sheet


def _funds(asked: Asked) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for fund in asked.statement.funds:
        own = [m for m in asked.books.year if m.fund == fund.id]
        earned, cost = credit(own, "income:"), -credit(own, "expenses:")
        host = asked.books.position.agreement.partner_name(fund.host) if fund.host else ""
        rows.append((fund.id, fund.kind.replace("_", " "), host, earned, cost, earned - cost,
                     fund.opening, fund.received, fund.paid, fund.closing))
    group = _("Income and expenditure")
    fields = (fund_field(), Field("kind", _("Kind"), _("How the fund is held: pooled, aligned …")),
              Field("host", _("Host"), _("The partner that holds the fund")),
              amount("income", _("Income"), _("Income of the year to date"), group),
              amount("expenditure", _("Expenditure"), _("Expenditure of the year to date"), group),
              amount("surplus", _("Surplus"), _("Income less expenditure"), group),
              amount("opening", _("Opening cash"), _("Cash at the start of the year"), _("Cash")),
              amount("received", _("Received"), _("Cash received in the year to date"), _("Cash")),
              amount("paid", _("Paid"), _("Cash paid in the year to date"), _("Cash")),
              amount("closing", _("Closing cash"), _("Cash at the period's end"), _("Cash")))
    sheet = Sheet("funds", _("Funds"), _("Each fund's income, expenditure and cash"),
                  _("Income, expenditure and cash of each fund"), fields, tuple(rows),
                  (Ties(_("income less expenditure is the surplus"), ("income",), ("expenditure",), "surplus"),
                   Ties(_("opening plus received less paid is closing"), ("opening", "received"), ("paid",),
                        "closing")), _("A surplus below zero is more expenditure than income."))
    return replace(sheet.without("income", "expenditure", "surplus"), note="") if asked.partner else sheet


def _tied(asked: Asked) -> Iterator[Check]:
    s, year = asked.statement, asked.books.year
    plain = [m for m in year if m.kind != REDONE]
    for line in s.partners if asked.final else ():
        funded = credit(plain, f"income:contributions:{line.id}:", risk_share(line.id), cost_share(line.id))
        yield Check(_("{partner}: funded in all is the amount due under the agreement").format(partner=line.name),
                    funded, line.liability)
    yield Check(_("shares of expenditure and what no partner bears come to the services' cost"),
                sum(line.share_of_actual for line in asked.whole.partners)
                + sum(getattr(one, column) for one in s.services for column in COLUMNS), s.totals.actual)
    if not asked.partner:
        gross, less = _by_service(year, costs=True), _by_service(year, costs=False)
        known = {one.id for one in s.services}
        yield Check(_("the services' net cost is the statement's actual"),
                    sum(total for (_fund, service), total in gross.items() if service in known)
                    - sum(total for (_fund, service), total in less.items() if service in known), s.totals.actual)
        yield Check(_("funds' income is the ledger's"), sum(credit([m for m in year if m.fund == f.id], "income:")
                                                            for f in s.funds), credit(year, "income:"))
        yield Check(_("funds' expenditure is the ledger's"), -sum(credit([m for m in year if m.fund == f.id],
                    "expenses:") for f in s.funds), -credit(year, "expenses:"))
    yield Check(_("closing cash is the ledger's"), sum(f.closing for f in s.funds),
                -credit([*asked.books.before, *year], "assets:bank:"))
