"""Every report by its name: what makes it, which entries it lists, and whether it is made for one partner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from allocation.discovery import near
from commissioning.reports.refusals import ReportNeedsPartner, ReportUnknown
from commissioning.statement import Statement
from exports.reports import ageing, annual_return, balances, bcf, claims, notice, partner_accounts, reserves
from exports.reports.model import Asked, Report
from ledger.language import N_


@dataclass(frozen=True, slots=True)
class Kind:
    """One report. `needs`: the entries that it lists, as `commissioning.reports.books` names them."""

    name: str
    words: str
    build: Callable[[Asked], Report]
    needs: tuple[str, ...] = ()
    for_one: bool = False


REPORTS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in (
    Kind(annual_return.NAME, N_("income and expenditure, and the memorandum account"), annual_return.build),
    Kind(partner_accounts.NAME, N_("one partner's extract for its own accounts"), partner_accounts.build, for_one=True),
    Kind(balances.NAME, N_("agreement of balances with the partners"), balances.build, ("claims", "around")),
    Kind(reserves.NAME, N_("reserves by partner of origin"), reserves.build, ("reserves",)),
    Kind(ageing.NAME, N_("contributions by how long they are overdue"), ageing.build, ("contributions",)),
    Kind(claims.NAME, N_("claims and variance in dispute"), claims.build, ("claims",)),
    Kind(bcf.NAME, N_("a return in the shape of the Better Care Fund's"), bcf.build),
    Kind(notice.NAME, N_("what one partner is asked for, or is paid"), notice.build, for_one=True),
)})


def report(name: str) -> Kind:
    """The report of that name; refuses an unknown one."""
    if name not in REPORTS:
        raise ReportUnknown(name=name, known=", ".join(REPORTS), hint=near(name, REPORTS))
    return REPORTS[name]


def for_whom(kind: Kind, partner: str, statement: Statement) -> None:
    """Refuses a report that is made for one partner where none is named."""
    if kind.for_one and not partner:
        raise ReportNeedsPartner(name=kind.name, known=", ".join(line.id for line in statement.partners))
