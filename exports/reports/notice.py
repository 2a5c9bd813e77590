"""A settlement notice: what a partner is asked for or is paid for a period, by which clause, how it was worked out.

With it go the journal lines for the partner's own finance system. While shares are indicative only contributions that
have fallen due are asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from exports.reports.model import Asked, Cell, Check, Field, Report, Sheet, made
from exports.reports.parts import amount, figure
from exports.view import KeyFigure
from exports.words import Kind, counted, day, listed, money
from ledger.language import _, ngettext

NAME = "settlement-notice"


def build(asked: Asked) -> Report:
    """The notice to the one partner that it is asked for."""
    s, line, sum_ = asked.statement, asked.statement.partners[0], _asked_for(asked)
    words = {"partner": line.name, "amount": money(abs(sum_), s.currency), "pool": s.name or s.partnership,
             "day": day(_due(asked)), "reference": _reference(asked)}
    if sum_ > 0:
        asks = _("{partner} is asked to pay {amount} by {day}. Please quote {reference}.").format(**words)
    elif sum_ < 0:
        asks = _("{pool} will pay {partner} {amount} by {day}, quoting {reference}.").format(**words)
    else:
        asks = _("Nothing is to be paid now, by {partner} or to it.").format(**words)
    clauses = listed(asked.facts.clauses(line.id))
    rests = _("This rests on {clauses}.").format(clauses=clauses) if clauses else ""
    side = _("to pay") if sum_ > 0 else _("to receive") if sum_ < 0 else _("nothing to settle now")
    figures = (figure(_("Amount"), abs(sum_), s.currency, side),
               KeyFigure(_("Due on"), day(_due(asked)) if sum_ else "–", ngettext(
                   "{days} day after the statement", "{days} days after the statement", asked.options.days).format(
                       days=counted(asked.options.days))),
               KeyFigure(_("Reference"), _reference(asked), _("for the bank transfer")))
    verdict = tuple(text for text in (asks, rests, _standing(asked)) if text)
    return made(NAME, asked, _("settlement notice to {partner}").format(partner=line.name), verdict, figures,
                (_working(asked), _journal(asked)), tuple(_tied(asked)),
                (_("The day on which it is due follows from the {days} days that were stated for this notice, or are "
                   "taken where none are; the agreement states none.").format(days=asked.options.days),))


def _standing(asked: Asked) -> str:
    """Whether it can be relied on: an agreement that is not signed makes nothing payable."""
    s = asked.statement
    if unsigned := s.signed_as("draft"):
        return _("Not signed: {agreements}. Nothing is payable until it is; this notice says what would be.").format(
            agreements=listed(unsigned))
    return _("Shares of the variance are indicative and not settled yet: only contributions that have fallen due are "
             "asked for.") if s.indicative else _("These figures are final for the period.")


def _asked_for(asked: Asked) -> int:
    """What is to be paid now, above zero by the partner: while shares are indicative, what is ahead stays for the year.
    """
    line, total = asked.statement.partners[0], _settled(asked)
    return (max(total, 0) if asked.statement.indicative else total) + line.brought_forward - line.settled


def _due(asked: Asked) -> dt.date:
    return asked.statement.known_at.date() + dt.timedelta(days=asked.options.days)


def _reference(asked: Asked) -> str:
    s = asked.statement
    return f"{s.partnership}/{s.period}/{s.issue}/{asked.partner}".upper()


def _parts(asked: Asked) -> list[tuple[str, str, int]]:
    """What makes the amount, each with the words for a working and for a journal; above zero is owed by the partner."""
    s, own = asked.statement, asked.partner
    position = asked.books.position
    paid, shares = position.figures.partners[own], position.shares
    if s.indicative:
        owed = [(_("Contributions fallen due"), _("Contribution to the pooled fund"), position.contribution_due(own))]
    else:
        owed = [(_("Contributions of the year"), _("Contribution to the pooled fund"), position.contribution_owed(own)),
                (_("Share of the variance"), _("Share of the pooled fund's variance"), shares.share_of_variance(own)),
                (_("Share of cost"), _("Share of the pooled fund's cost"), shares.share_of_cost(own))]
    less = [(_("Less paid in cash"), _("Payments to the pooled fund"), -paid.cash),
            (_("Less given in kind"), _("Given to the pooled fund in kind"), -paid.in_kind),
            (_("Less paid to providers for the pool"), _("Paid to providers for the pooled fund"), -paid.direct)]
    held = [(_("Plus charges and income held for the pool"), _("Charges and income held for the pool"), paid.held)]
    return [part for part in (*owed, *less, *([] if s.indicative else held)) if part[2]]


def _settled(asked: Asked) -> int:
    return sum(minor for _working_words, _journal_words, minor in _parts(asked))


def _working(asked: Asked) -> Sheet:
    line = asked.statement.partners[0]
    rows: list[tuple[Cell, ...]] = [(words, minor) for words, _journal_words, minor in _parts(asked)]
    if line.brought_forward:
        rows.append((_("Settlements of earlier periods"), line.brought_forward))
    if line.settled:
        rows.append((_("Less settlements paid since"), -line.settled))
    if asked.statement.indicative and (ahead := -min(_settled(asked), 0)):
        rows.append((_("Paid ahead, or spent on own lines: counts when the year is settled"), ahead))
    fields = (Field("line", _("Line"), _("What the amount is")),
              amount("amount", _("Amount"), _("Above zero: the partner owes it; below: it counts for the partner"),
                     kind=Kind.MONEY))
    return Sheet("working", _("Working"), _("How the amount was worked out"),
                 _("From what is due to what is to be paid; the total is the amount"), fields, tuple(rows),
                 note=_("A total below zero is paid to the partner."), empty=_("Nothing is due and nothing was paid."))


def _journal(asked: Asked) -> Sheet:
    """The lines with which the partner records it: what it bears against what it paid and what it owes."""
    s, reference = asked.statement, _reference(asked)
    lines = [(words, minor) for _working_words, words, minor in _parts(asked)]
    if rest := sum(minor for _words, minor in lines):
        ahead = _("Paid ahead to the pooled fund, or spent on own lines") if s.indicative else _(
            "Owed by the pooled fund")
        lines.append((_("Owed to the pooled fund") if rest > 0 else ahead, -rest))
    rows: list[tuple[Cell, ...]] = [(s.ends, reference, words, max(minor, 0), max(-minor, 0), "")
                                    for words, minor in lines]
    fields = (Field("date", _("Date"), _("The last day of the period")),
              Field("reference", _("Reference"), _("The notice's reference")),
              Field("account", _("Account in words"), _("What the line is about: for the partner's own account")),
              amount("debit", _("Debit"), _("Debits, year to date")), amount("credit", _("Credit"), _("Credits")),
              Field("vat_code", _("VAT code"), _("Empty: the agreement states none")))
    return Sheet("journal", _("Journal"), _("Journal lines for the partner's own books"),
                 _("What the partner records, year to date"), fields, tuple(rows),
                 note=_("Year to date: what was recorded from an earlier notice of the year is to be taken off. "
                        "Settlements of earlier years are in the books of those years."),
                 empty=_("There is nothing to record."))


def _tied(asked: Asked) -> Iterator[Check]:
    line, journal = asked.statement.partners[0], _journal(asked)
    paid = asked.books.position.figures.partners[asked.partner]
    if asked.final:
        yield Check(_("the period's amount is the statement's settlement"), _settled(asked), line.settlement)
        yield Check(_("the amount with earlier settlements is what the ledger says is owed"),
                    _settled(asked) + line.brought_forward - line.settled, paid.owed)
    else:
        yield Check(_("the period's amount is the statement's due now"), _settled(asked), line.due_now)
    yield Check(_("the working comes to the amount"), _working(asked).sum("amount"), _asked_for(asked))
    yield Check(_("the journal's debits are its credits"), journal.sum("debit"), journal.sum("credit"))
