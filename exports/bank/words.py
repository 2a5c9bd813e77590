"""Says why a bank line is thought to be what is suggested, and how bank and books tie."""

from __future__ import annotations

from collections.abc import Mapping

from commissioning.bank.service import Reconciled
from contributions.bank.suggestion import Expected, Match
from exports.words import day, listed, money
from ledger.language import _, ngettext

LONG = 10  # days from which on it is said how far apart the days are


def why(match: Match, partners: Mapping[str, str], currency: str) -> str:
    """The reason for a suggestion in two short sentences: what the line is, and what points to it."""
    return f"{_what(match, partners, currency)} {_pointers(match)}".rstrip()


def _what(match: Match, partners: Mapping[str, str], currency: str) -> str:
    code = match.reason.code
    if code == "cancelled":
        return _("The bank took this payment back itself, so there is nothing to post.")
    if code == "undoes":
        assert match.undoes is not None, "it says which"
        return _("It takes back entry {number} of {day} ({reference}).").format(
            number=match.undoes.number, day=day(match.undoes.date), reference=match.undoes.reference)
    if match.booked:
        entries = listed([str(entry.number) for entry in match.booked])
        if code == "posted":
            return _("It was posted from the bank before: {entries}.").format(entries=entries)
        if len(match.lines) > 1:
            return _("It is part of what the books have as one: {entries}.").format(entries=entries)
        return _("It is in the books already: {entries}.").format(entries=entries)
    if code == "other-amount":
        return _("It is less or more than what was expected: {item}.").format(
            item=item(match.expected[0], partners, currency))
    if len(match.lines) > 1:
        return _("It is one of {count} parts of what was expected: {item}.").format(
            count=len(match.lines), item=item(match.expected[0], partners, currency))
    items = listed([item(one, partners, currency) for one in match.expected])
    return _("It comes to what was expected: {items}.").format(items=items)


def item(one: Expected, partners: Mapping[str, str], currency: str) -> str:
    """An expectation in a few words."""
    facts = {"amount": money(abs(one.amount), currency), "day": day(one.due), "source": one.source,
             "partner": partners.get(one.partner, one.partner), "reference": one.reference, "to": one.beneficiary}
    if one.kind == "settlement":
        return _("settlement of {amount} with {partner}").format(**facts)
    if one.kind == "payment":
        return (_("{amount} owed to {to}") if one.beneficiary else _("invoice {reference} of {amount}")).format(**facts)
    return _("{partner}, {source}: {amount} due on {day}").format(**facts)


def _pointers(match: Match) -> str:
    reason = match.reason
    if any(entry.undone for entry in match.booked):
        return _("That was undone since. Unless the bank sent the money back, write its event and another reference.")
    if reason.code in ("posted", "cancelled"):
        return ""
    if reason.referred:
        return _("The bank's text has the reference.")
    if reason.named:
        return _("The bank's text has the name.")
    if reason.days > LONG:
        return ngettext("Only the amount points to it, {days} day apart.", "Only the amount points to it, {days} days "
                        "apart.", reason.days).format(days=reason.days)
    return _("Only the amount and the day point to it.")


def tied(one: Reconciled, currency: str) -> list[tuple[str, int]]:
    """How bank and books tie, line by line: the first is the sum of those after it. Nothing without a balance."""
    if one.bank is None or one.ends is None:
        return []
    rows = [(_("Bank, closing balance on {day}").format(day=day(one.ends)), one.bank),
            (_("Books, cash on {day}").format(day=day(one.ends)), one.books),
            (_("Lines of the bank that are not in the books"), one.not_in_books),
            (_("Entries of the books that are not at the bank, taken off"), -one.not_at_bank),
            (_("In the books after that day"), one.later),
            (_("Difference brought forward from before the first line"), one.brought_forward)]
    return [rows[0], rows[1], rows[2], *(row for row in rows[3:] if row[1])]
