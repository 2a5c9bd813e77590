"""Claims in dispute: what was claimed, accepted and drawn, what is contested, why and since when.

Beside them stands the variance that partners have not agreed how to bear.
"""

from __future__ import annotations

from collections.abc import Iterator

from commissioning.reports.claims import Dispute, claims
from exports.reports.model import Asked, Cell, Check, Field, Report, Sheet, made
from exports.reports.parts import amount, figure, partner_fields, service_fields
from exports.words import money
from ledger.language import _

NAME = "claims"
CONTESTED = "contested"


def build(asked: Asked) -> Report:
    """The claims and the contested variance at the period's end."""
    s = asked.statement
    found = [one for one in claims(asked.books.claims) if not asked.partner or one.partner == asked.partner]
    contested = sum(one.contested for one in found)
    said = ((contested, _("Of claims on funders {amount} is contested.")),
            (s.contested, _("Of the year's variance {amount} is contested: nobody bears it yet.")))
    verdict = tuple(words.format(amount=money(minor, s.currency)) for minor, words in said if minor) or (
        _("Nothing is in dispute."),)
    figures = (figure(_("Claimed"), sum(one.claimed for one in found), s.currency, _("of funders, all years")),
               figure(_("Claims contested"), contested, s.currency, _("drawn beyond what was accepted")),
               figure(_("Variance contested"), s.contested, s.currency, _("of the year, borne by nobody yet")))
    return made(NAME, asked, _("claims in dispute"), verdict, figures, (_claims(asked, found), _variance(asked)),
                tuple(_tied(asked, found)))


def _claims(asked: Asked, found: list[Dispute]) -> Sheet:
    fields = (Field("case", _("Claim"), _("The claim's case")), *partner_fields(),
              amount("claimed", _("Claimed"), _("What was asked of the funder")),
              amount("accepted", _("Accepted"), _("What the funder has recognised")),
              amount("drawn", _("Drawn"), _("What was drawn from the funder")),
              amount("contested", _("Contested"), _("Drawn beyond what was accepted, until it is resolved")),
              Field("since", _("Since"), _("The day from which more was drawn than accepted")),
              Field("resolved", _("Resolved on"), _("The day on which the dispute ended")),
              Field("reason", _("Last word"), _("What the latest event of the claim that says something says")))
    rows: list[tuple[Cell, ...]] = [(
        one.case, one.partner, asked.facts.name(one.partner) if one.partner else "", one.claimed, one.accepted,
        one.drawn, one.contested, one.since, one.resolved, one.reason) for one in found]
    sheet = Sheet("claims", _("Claims"), _("Claims on funders"), _("Every claim, and what of it is contested"), fields,
                  tuple(rows), empty=_("There is no claim on a funder."))
    return sheet if any(one.resolved for one in found) else sheet.without("resolved")


def _variance(asked: Asked) -> Sheet:
    """What of the services' variance, and of what funds are short of, a rule has left in dispute."""
    s = asked.statement
    clauses = ", ".join(dict.fromkeys(line.reference or line.rule for line in s.working if line.out.get(CONTESTED)))
    fields = (*service_fields(), amount("variance", _("Variance"), _("Actual less plan to date")),
              amount("contested", _("Contested"), _("What of it is in dispute")),
              Field("clause", _("Clause"), _("The clauses of the agreement that leave it in dispute")),
              Field("since", _("Since"), _("The period of this year from whose statement on it has been contested")))
    lines = [(one.id, one.name, one.variance, one.contested) for one in s.services if one.contested]
    lines += [(f.id, _("{fund}: contributions short of budgets").format(fund=f.id), f.gap.amount,
               f.gap.columns[CONTESTED]) for f in s.funds if f.gap and f.gap.columns.get(CONTESTED)]
    rows: list[tuple[Cell, ...]] = [(*line, clauses, asked.since.get(line[0], s.period)) for line in lines]
    return Sheet("variance", _("Variance"), _("Variance in dispute"), _("Each service's variance that is contested"),
                 fields, tuple(rows), empty=_("No variance is contested."))


def _tied(asked: Asked, found: list[Dispute]) -> Iterator[Check]:
    s = asked.statement
    yield Check(_("contested variance is the statement's"), sum(one.contested for one in s.services) + sum(
        f.gap.columns.get(CONTESTED, 0) for f in s.funds if f.gap), s.contested)
    if not asked.partner:
        told = (("claimed", _("claimed")), ("recognised", _("accepted")), ("drawn", _("drawn")),
                ("contested", _("contested")))
        for name, words in told:
            mine = "accepted" if name == "recognised" else name
            yield Check(_("claims: {what} is the statement's").format(what=words),
                        sum(getattr(one, mine) for one in found), sum(getattr(one, name) for one in s.claims))
