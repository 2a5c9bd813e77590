"""A partner's own extract for its accounts: its part of every service, its income and balances, as its books show them.

Whether it shows a line gross or net, and as principal or agent, and under which VAT regime, is for the partner and its
auditor; the agreement language has no words for it. So each is an option, and the report says what it took.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from commissioning.books.figures import is_cost
from commissioning.reports.sources import sources
from commissioning.statement import COLUMNS, ServiceLine
from exports.reports.model import Asked, Cell, Check, Field, Report, Sheet, Ties, made
from exports.reports.parts import amount, figure, fund_field, service_fields
from exports.words import listed, money
from ledger.language import _
from ledger.money import split

NAME = "partner-accounts"


def build(asked: Asked) -> Report:
    """The extract of the one partner that it is asked for."""
    s, line = asked.statement, asked.statement.partners[0]
    services, giving = _services(asked), _contributions(asked)
    shown = services.sum("shown")
    how = _("gross: its part of expenditure and of income apart") if asked.options.gross else _(
        "net: its part of expenditure less income")
    agents = [asked.facts.services.get(one, one) for one in asked.options.agents]
    verdict = (_("{partner} shows {amount} as its own expenditure, {how}.").format(
        partner=line.name, amount=money(shown, s.currency), how=how),
        _("As agent, and so not as its own: {services}.").format(services=listed(agents)) if agents else
        _("It is taken to be the principal for every service: nothing else was stated."),
        _("VAT regimes are as they were stated.") if asked.options.vat else
        _("No VAT regime was stated; amounts are net of recoverable VAT."))
    figures = (figure(_("Shown as own expenditure"), shown, s.currency, _("of the pool's services")),
               figure(_("Amount due"), line.liability, s.currency, _("under the agreement, year to date")),
               figure(_("To settle"), abs(line.settlement), s.currency, _("to pay") if line.settlement > 0 else
                      _("to receive") if line.settlement < 0 else _("nothing is left to settle")))
    return made(NAME, asked, _("extract for the accounts of {partner}").format(partner=line.name), verdict, figures,
                (services, giving, _balance(asked)), tuple(_tied(asked, services)))


def _services(asked: Asked) -> Sheet:
    """The partner's part of each service, with how it shows it."""
    own, options = asked.partner, asked.options
    kind, direct = _given(asked, "expenses:in-kind:"), _given(asked, "expenses:")
    rows: list[tuple[Cell, ...]] = []
    for line in asked.whole.services:
        part = line.partners.get(own)
        in_kind, paid = kind.get(line.id, 0), direct.get(line.id, 0) - kind.get(line.id, 0)
        if part is None or not any((part.budget, part.actual, in_kind, paid)):
            continue
        earned = _earned(asked, line)[own]
        agent = line.id in options.agents
        shown = 0 if agent else part.actual + earned if options.gross else part.actual
        rows.append((line.id, line.name, line.fund, _("agent") if agent else _("principal"),
                     options.vat.get(line.id, ""), part.budget, part.actual + earned, earned, part.actual, in_kind,
                     paid, shown))
    group = _("Part of the actual")
    fields = (*service_fields(), replace(fund_field(), shown=False),
              Field("role", _("Role"), _("Whether the partner acts as principal or as agent, as stated")),
              Field("vat", _("VAT regime"), _("As stated; empty where nothing was")),
              amount("plan", _("Plan"), _("Its part of the plan to date")),
              amount("gross", _("Expenditure"), _("Its part of the cost, before charges and income"), group),
              amount("income", _("Income"), _("Its part of users' charges and income of the service"), group),
              amount("net", _("Net"), _("Its part of the actual, as the statement has it"), group),
              amount("in_kind", _("Given in kind"), _("What it gave to the service, valued"), _("Of its own")),
              amount("direct", _("Paid directly"), _("What it paid to providers from its own account"),
                     _("Of its own")),
              amount("shown", _("Shown as own"), _("What it shows as its own expenditure: nothing as an agent")))
    sheet = Sheet("services", _("Services"), _("Its part of each service"),
                  _("The partner's part of each service, and how its accounts show it"), fields, tuple(rows),
                  (Ties(_("expenditure less income is the net"), ("gross",), ("income",), "net"),),
                  empty=_("The partner bears no part of any service."))
    unused = [name for name in ("in_kind", "direct") if not sheet.sum(name)]
    return sheet.without(*unused, *(() if options.vat else ("vat",)))


def _given(asked: Asked, root: str) -> Mapping[str, int]:
    """What the partner itself gave or paid, by service."""
    found: dict[str, int] = defaultdict(int)
    for m in asked.books.year:
        if m.account.startswith(root) and m.partner == asked.partner and m.service:
            found[m.service] += m.amount
    return found


def _earned(asked: Asked, line: ServiceLine) -> Mapping[str, int]:
    """A service's charges and income divided among all who bear its cost, in proportion to what each bears."""
    earned = -sum(m.amount for m in asked.books.year if m.service == line.id and is_cost(m.account)
                  and m.account.startswith("income:"))
    bearers = {**{p: part.actual for p, part in line.partners.items()}, **{c: getattr(line, c) for c in COLUMNS}}
    weights = [max(borne, 0) for borne in bearers.values()]
    if not sum(weights):
        weights = [1 if name in line.partners else 0 for name in bearers]
    return dict(zip(bearers, split(earned, weights), strict=True))


def _contributions(asked: Asked) -> Sheet:
    """Its contribution lines: agreed, fallen due, received."""
    s = asked.whole
    actuals, funds = {one.id: one.actual for one in s.services}, {one.id: one.fund for one in s.services}
    found = sources(asked.books, actuals, funds)
    rows: list[tuple[Cell, ...]] = [(
        one.fund, one.source, one.kind.replace("_", " "), one.agreed, one.due, one.received)
        for one in found.sources if one.partner == asked.partner]
    if unnamed := found.unnamed.get(asked.partner):
        rows.append(("", _("cash that names no line"), "cash", 0, 0, unnamed))
    fields = (fund_field(), Field("source", _("Source"), _("The contribution line's source")),
              Field("kind", _("Kind"), _("cash, in kind or grant, as the agreement says")),
              amount("agreed", _("Agreed"), _("For the year")), amount("due", _("Due"), _("Fallen due to date")),
              amount("received", _("Received"), _("Cash received in the year to date")))
    return Sheet("contributions", _("Contributions"), _("Its contributions"),
                 _("The partner's contribution lines with what was received"), fields, tuple(rows),
                 empty=_("The partner has no contribution line."))


def _balance(asked: Asked) -> Sheet:
    """From the amount due to what is to be settled, and what is open of earlier periods."""
    line, paid = asked.statement.partners[0], asked.books.position.figures.partners[asked.partner]
    steps = ((_("Amount due under the agreement"), line.liability), (_("Less paid in cash"), -paid.cash),
             (_("Less given in kind"), -paid.in_kind), (_("Less paid to providers"), -paid.direct),
             (_("Plus charges and income held"), paid.held))
    rows: list[tuple[Cell, ...]] = [(words, value) for words, value in steps if value or (words, value) == steps[0]]
    fields = (Field("line", _("Line"), _("What the amount is")), amount("amount", _("Amount"), _("Year to date")))
    return Sheet("balance", _("Balance"), _("What is to be settled"),
                 _("From the amount due to the settlement; the total is the settlement"), fields, tuple(rows),
                 note=_("Of earlier periods' settlements {open} is open.").format(
                     open=money(line.brought_forward - line.settled, asked.statement.currency)))


def _tied(asked: Asked, services: Sheet) -> Iterator[Check]:
    line = asked.statement.partners[0]
    for name, words, there in (("net", _("its parts of the actual are the statement's share"), line.share_of_actual),
                               ("plan", _("its parts of the plan are the statement's share"), line.share_of_budget)):
        yield Check(words, services.sum(name), there)
    paid = asked.books.position.figures.partners[asked.partner]
    yield Check(_("amount due less paid is the statement's settlement"),
                line.liability - paid.cash - paid.in_kind - paid.direct + paid.held, line.settlement)
    yield Check(_("cash received is the statement's contribution paid"), paid.cash, line.contribution_paid)
    yield Check(_("every service's income is divided without a rest"), sum(sum(_earned(asked, one).values())
                for one in asked.whole.services), -sum(m.amount for m in asked.books.year if m.service and is_cost(
                    m.account) and m.account.startswith("income:") and m.service in asked.facts.services))
