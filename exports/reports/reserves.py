"""Reserves by partner of origin: what each partner had in every reserve, what went in and out and why, what is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from commissioning.closing.reserves import Origin, origins
from exports.reports.model import Asked, Cell, Check, Field, Report, Sheet, Ties, made
from exports.reports.parts import amount, credit, figure, partner_fields
from exports.words import Kind, money
from ledger.language import _

NAME = "reserves"


def build(asked: Asked) -> Report:
    """The reserves at the period's end."""
    s = asked.statement
    found = [one for one in origins(asked.books.position) if one.partner in asked.mine and any(
        (one.opening, one.gone_in, one.gone_out))]
    ins, outs, left = (sum(getattr(one, name) for one in found) for name in ("gone_in", "gone_out", "closing"))
    verdict = (_("Reserves stand at {closing}: {ins} went in and {outs} went out in the year to date.").format(
        closing=money(left, s.currency), ins=money(ins, s.currency), outs=money(outs, s.currency)),) if found else (
            _("No partner has anything in a reserve."),)
    indicative = (_("Movements under the rules are indicative: they are posted when the year is settled."),) if (
        s.indicative and found) else ()
    figures = (figure(_("Opening"), sum(one.opening for one in found), s.currency, _("at the start of the year")),
               figure(_("In less out"), ins - outs, s.currency, _("in the year to date")),
               figure(_("Closing"), left, s.currency, _("at the period's end")))
    return made(NAME, asked, _("reserves by partner of origin"), (*verdict, *indicative), figures,
                (_origins(asked, found), _entries(asked)), tuple(_tied(asked, found)))


def _origins(asked: Asked, found: list[Origin]) -> Sheet:
    fields = (Field("reserve", _("Reserve"), _("The reserve's id in the agreement")), *partner_fields(),
              amount("opening", _("Opening"), _("At the start of the year, or when the reserve was opened in it")),
              amount("put_in", _("Put in"), _("By transfers of cash"), _("In")),
              amount("added", _("Added by rules"), _("What a rule put into the reserve for the partner"), _("In")),
              amount("joined", _("On joining"), _("What a joining partner put in"), _("In")),
              amount("taken_out", _("Taken out"), _("By transfers of cash"), _("Out")),
              amount("planned", _("Planned use"), _("What the plan uses of the reserve, as budgets run"), _("Out")),
              amount("drawn", _("Drawn by rules"), _("What a rule drew of the partner's part"), _("Out")),
              amount("left", _("On leaving"), _("What a leaving partner took out or left to others"), _("Out")),
              amount("closing", _("Closing"), _("At the period's end")))
    rows: list[tuple[Cell, ...]] = [(
        one.reserve, one.partner, asked.facts.name(one.partner), one.opening, one.put_in, one.added, one.joined,
        one.taken_out, one.planned, one.drawn, one.left, one.closing) for one in found]
    sheet = Sheet("origins", _("By origin"), _("Whose the reserves are"),
                  _("Each partner's part of each reserve, from opening to closing"), fields, tuple(rows),
                  empty=_("No partner has anything in a reserve."))
    unused = {one.id for i, one in enumerate(fields) if one.id not in ("opening", "closing") and one.summed
              and not any(row[i] for row in rows)}
    tie = Ties(_("opening plus what went in less what went out is closing"),
               tuple(name for name in ("opening", "put_in", "added", "joined") if name not in unused),
               tuple(name for name in ("taken_out", "planned", "drawn", "left") if name not in unused), "closing")
    return replace(sheet.without(*unused), ties=(tie,))


def _entries(asked: Asked) -> Sheet:
    """The entries behind the movements, each with what it did to one partner's part."""
    fields = (Field("entry", _("Entry"), _("The number of the entry in the ledger"), Kind.COUNT),
              Field("date", _("Date"), _("The entry's date")),
              Field("kind", _("Kind"), _("The kind of the entry, as the ledger names it")),
              Field("reference", _("Reference"), _("The entry's reference")),
              Field("reserve", _("Reserve"), _("The reserve's id in the agreement")), *partner_fields(),
              amount("amount", _("Into the reserve"), _("Above zero: into the reserve; below: out of it")))
    rows: list[tuple[Cell, ...]] = []
    for recorded in asked.books.reserves:
        for line in recorded.entry.postings:
            root, _colon, rest = line.account.partition(":")
            name, _colon, partner = rest.partition(":")
            if root == "reserves" and name in asked.books.position.agreement.reserves and partner in asked.mine:
                rows.append((recorded.number, recorded.entry.date, line.kind or recorded.entry.kind,
                             recorded.entry.reference, name, partner, asked.facts.name(partner), -line.amount))
    return Sheet("entries", _("Entries"), _("The entries behind these movements"),
                 _("Every entry of the year on a reserve"), fields, tuple(rows),
                 empty=_("The ledger has no entry on a reserve in the year to date."))


def _tied(asked: Asked, found: list[Origin]) -> Iterator[Check]:
    books = asked.books
    yield Check(_("closing of all reserves is the statement's"), sum(one.closing for one in found),
                sum(part for line in asked.statement.reserves for part in line.by_partner.values()))
    for line in asked.statement.reserves:
        mine = [one for one in found if one.reserve == line.id]
        for partner, closing in line.by_partner.items():
            if closing or any(one.partner == partner for one in mine):
                yield Check(_("{reserve}, part of {partner}: closing is the statement's").format(
                    reserve=line.id, partner=asked.facts.name(partner)),
                    sum(one.closing for one in mine if one.partner == partner), closing)
        if not asked.partner:
            for words, name, there in ((_("opening"), "opening", line.opening), (_("in"), "gone_in", line.added),
                                       (_("out"), "gone_out", line.drawn)):
                yield Check(_("{reserve}: {what} is the statement's").format(reserve=line.id, what=words),
                            sum(getattr(one, name) for one in mine), there)
        if asked.final:
            held = [credit([*books.before, *books.year], f"reserves:{line.id}:{p}") for p in asked.mine]
            yield Check(_("{reserve}: closing is the ledger's balance").format(reserve=line.id),
                        sum(one.closing for one in mine), sum(held))
