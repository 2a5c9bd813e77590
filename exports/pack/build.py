"""Builds a pack from options that were weighed: what it says first, its sections, and one page for each partner.

Every partner's page has the same layout and the same words around its figures.
"""

from __future__ import annotations

import datetime as dt

from allocation.negotiation.table import Division
from commissioning.negotiation.chances import Chances
from commissioning.negotiation.options import less
from commissioning.negotiation.record import Record
from commissioning.negotiation.weighed import Weighed
from exports.pack import chances, fair, record, tables
from exports.pack.model import MARK, Pack, Page, Part
from exports.pack.opening import view
from exports.pack.pictures import multiples, tornado, waterfall
from exports.pack.told import Told
from exports.view import Column, Table
from ledger.language import _, ngettext

POSTED = "each partner's settlement"


def pack(weighed: Weighed, record: Record, when: dt.datetime, chances: Chances | None = None,
         division: Division | None = None) -> Pack:
    """The pack; the same for the same options, record, chances, division and moment."""
    told = Told(weighed, record, weighed.worked[0].statement.currency, chances, division)
    asked = tables.owed(told)
    pages = tuple(_page(told, partner) for partner in told.names)
    s = told.first.statement
    return Pack(view(told, asked, when), tuple(_parts(told, asked)), pages, s.name or s.partnership, when)


def _parts(told: Told, asked: Table) -> list[Part]:
    """What all share, in reading order."""
    found: list[Part] = [asked, multiples(told), tables.proof(told), record.changes(told), tables.outturn(told),
                         tables.break_even(told), tables.limits(told)]
    found += [tables.sensitivity(told, n) for n in range(len(told.worked))]
    if told.weighed.years:
        found.append(tables.years(told))
    found += [*chances.parts(told), *fair.parts(told)]
    return [*found, tables.services(told), record.weights(told), record.principles(told), record.offers(told),
            _checks(told)]


def sheets(made: Pack) -> tuple[Table, ...]:
    """Every table of the pack, as the workbook has one a sheet."""
    own = [part for page in made.pages for part in page.parts]
    return tuple(part for part in (*made.parts, *own) if isinstance(part, Table))


def _checks(told: Told) -> Table:
    rules_only = [one for one in told.worked if not one.option.changes_costs]
    found = [(_("what partners owe, what no partner meets and what is met otherwise sum to the services' cost"),
              all(sum(one.due.values()) + sum(one.parked.values()) + one.beside == one.total for one in told.worked)),
             (_("partners' parts of each service, and what no partner bears, sum to the services' cost"),
              all(sum(one.bears.values()) + sum(one.parked.values()) == one.total for one in told.worked)),
             (_("options that change rules only cost the same as today, to the penny"),
              all(one.total == told.first.total for one in rules_only)),
             (_("the drivers of each option sum to its change, for each partner"),
              all(sum(driver.changes[p] for driver in some) == less(one.due, told.first.due)[p]
                  for one, some in zip(told.worked, told.weighed.drivers, strict=True) for p in told.names)),
             *((_("{option}: every check of its statement but the one on settlements, which only a close posts").format(
                 option=option), all(check.holds or check.check.startswith(POSTED) for check in one.statement.checks))
               for option, one in zip(told.options, told.worked, strict=True)), *_more_checks(told)]
    rows = tuple((words, _("Holds") if holds else "FAILS") for words, holds in found)
    failed = sum(not holds for _words, holds in found)
    heading = (ngettext("Checks: {count} of {all} fails", "Checks: {count} of {all} fail", failed).format(
        count=failed, all=len(rows)) if failed else _("Checks: all {count} hold").format(count=len(rows)))
    return Table(_("Checks"), heading, _("What was checked when the pack was made"),
                 (Column(_("Check")), Column(_("Result"))), rows)


def _more_checks(told: Told) -> list[tuple[str, bool]]:
    found = []
    if told.chances is not None:
        found.append((_("expected transfers between partners sum to nothing under every option"),
                      all(sum(one.transfer for one in some.partners) == 0 for some in told.chances.exposures)))
    if told.division is not None:
        found.append((_("every method divides the whole, to the penny"),
                      all(sum(one.amounts.values()) == told.division.question.amount
                          for one in told.division.columns)))
    return found


def _page(told: Told, partner: str) -> Page:
    parts: list[Part] = [tables.own_options(told, partner),
                         *(waterfall(told, partner, n) for n in range(1, len(told.worked))),
                         tables.own_services(told, partner), tornado(told, partner)]
    return Page(partner, _("{mark}: {partner}").format(mark=_(MARK), partner=told.name(partner)), tuple(parts))
