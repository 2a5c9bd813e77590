"""How the figures of funds' banks and of reserves come about."""

from __future__ import annotations

from collections.abc import Mapping

from api.web.sources.model import Part, Rest, Source, dates, entries, footed
from commissioning.statement import FundLine, ReserveLine, Statement
from exports.words import money
from ledger.calendar import ONE_DAY
from ledger.language import N_, _

FUND: Mapping[str, str] = {
    "opening": N_("Opening cash of fund {name}"), "received": N_("Received by fund {name}"),
    "paid": N_("Paid by fund {name}"), "closing": N_("Closing cash of fund {name}"),
    "uncommitted": N_("Uncommitted in the plan of fund {name}")}
RESERVE: Mapping[str, str] = {
    "opening": N_("Opening balance of reserve {name}"), "drawn": N_("Drawn from reserve {name}"),
    "added": N_("Added to reserve {name}"), "closing": N_("Closing balance of reserve {name}")}


def fund(statement: Statement, line: FundLine, attribute: str) -> Source | None:
    """A figure of a fund; None for what is none."""
    if attribute not in FUND:
        return None
    parts: tuple[Part, ...] = ()
    if attribute == "closing":
        parts = (Part(_("Opening"), line.opening, f"funds/{line.id}/opening"),
                 Part(_("Received"), line.received, f"funds/{line.id}/received"),
                 Part(_("Less what was paid"), -line.paid, f"funds/{line.id}/paid"))
    bank = f"assets:bank:{line.id}"
    rests = {"opening": Rest(_("What the fund's bank moved before the year"),
                             entries(account=bank, to=(statement.starts - ONE_DAY).isoformat())),
             "uncommitted": Rest(_("What the agreement says is contributed and budgeted"), "/agreement")}
    return Source(_(FUND[attribute]).format(name=line.id), getattr(line, attribute),
                  parts=footed(parts, line.closing) if parts else (),
                  rests=(rests[attribute],) if attribute in rests else ())


def reserve(statement: Statement, line: ReserveLine, attribute: str) -> Source | None:
    """A figure of a reserve; None for what is none."""
    here, names = f"reserves/{line.id}", {one.id: one.name or one.id for one in statement.partners}
    parts: tuple[Part, ...] = ()
    if attribute not in RESERVE:
        return None
    if attribute == "closing":
        parts = (Part(_("Opening"), line.opening, f"{here}/opening"),
                 Part(_("Less what was drawn"), -line.drawn, f"{here}/drawn"),
                 Part(_("Added"), line.added, f"{here}/added"))
    of = f"reserves:{line.id}"
    days = {"to": (statement.starts - ONE_DAY).isoformat()} if attribute == "opening" else dates(statement)
    rests = [Rest(_("The entries on the reserve"), entries(account=of, **days))]
    if attribute == "opening":
        rests.append(Rest(_("Opening balances that the agreement states"), entries(account=of, kind="opening")))
    if attribute == "closing":
        rests += [Rest(_("Of this {partner} owns {amount}").format(
            partner=names.get(who, who), amount=money(amount, statement.currency)), f"{here}/by_partner/{who}")
            for who, amount in line.by_partner.items() if amount]
    return Source(_(RESERVE[attribute]).format(name=line.id), getattr(line, attribute),
                  parts=footed(parts, line.closing) if parts else (), rests=tuple(rests), service=f"reserve {line.id}")


def owned(statement: Statement, line: ReserveLine, partner: str) -> Source | None:
    """What of a reserve is a partner's by origin."""
    if partner not in line.by_partner:
        return None
    name = next((one.name for one in statement.partners if one.id == partner), "") or partner
    rests = (Rest(_("The entries on its part of the reserve"), entries(
        account=f"reserves:{line.id}:{partner}", to=statement.ends.isoformat())),
        Rest(_(RESERVE["closing"]).format(name=line.id), f"reserves/{line.id}/closing"))
    return Source(_("Of reserve {reserve} owned by {partner}").format(reserve=line.id, partner=name),
                  line.by_partner[partner], rests=rests)
