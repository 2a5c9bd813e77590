"""What a pack says first: its title, one sentence an option, three figures, notes, and where the ledger stood."""

from __future__ import annotations

import datetime as dt

from commissioning.negotiation.options import change
from commissioning.statement import COLUMNS
from exports.facts import COLUMN_WORDS
from exports.pack.model import MARK
from exports.pack.pictures import more
from exports.pack.told import Told
from exports.view import KeyFigure, Table, View
from exports.words import capital, clock, counted, day, listed, money, number_word
from ledger.language import _, ngettext


def view(told: Told, asked: Table, when: dt.datetime) -> View:
    """Everything around the tables."""
    s = told.first.statement
    base = told.first.option.base
    name = s.name or s.partnership
    year = _year(told)
    until = (_("{period}; what follows in the year is forecast") if base.as_at.number != base.period.number else
             _("{period}, the year's end")).format(period=base.as_at.id)
    return View(
        title=_("{partnership}: options for sharing {year}").format(partnership=name, year=year), status=_(MARK),
        standing=_("{mark}. Negotiation pack, prepared {when}. Amounts are in {currency}.").format(
            mark=_(MARK), when=clock(when), currency=s.currency),
        verdict=_verdict(told), figures=_figures(told), asked=asked,
        chart=None, tables=(), working=asked, steps=(), notes=_notes(told), currency=s.currency,
        ledger=((_("Drawn from"),
                 _("the first {count} entries of the ledger").format(count=counted(base.head.entries))),
                (_("Ledger head"), base.head.hash or _("none yet")), (_("Known up to"), until),
                (_("Prepared"), clock(when))),
        reference=_("{partnership}, options for {year}. Ledger head {head}").format(
            partnership=name, year=year, head=base.head.hash[:12]))


def _year(told: Told) -> str:
    s = told.first.statement
    return str(s.starts.year) if s.starts.month == 1 else f"{s.starts.year}/{(s.starts.year + 1) % 100:02}"


def _verdict(told: Told) -> tuple[str, ...]:
    """What each option does to whom, in one sentence each; first what all have in common."""
    s = told.first.statement
    same = all(told.weighed.alike.values())
    both = same and len(told.worked) == 2
    head = (_("Both options fund the same services at the same total of {total}.") if both else
            _("All {count} options fund the same services at the same total of {total}.") if same else
            _("Today's services cost {total}; an option that supposes other costs has a total of its own."))
    said = head.format(count=number_word(len(told.worked)), total=money(told.first.total, s.currency))
    return (said, *(_sentence(told, n) for n in range(1, len(told.worked))))


def _sentence(told: Told, n: int) -> str:
    moved = change(told.worked, n)
    sides = []
    for sign, words in ((1, _("{partners} more")), (-1, _("{partners} less"))):
        who = [f"{told.name(p)} {money(abs(amount), told.currency)}" for p, amount in moved.items()
               if amount * sign > 0]
        if who:
            sides.append(words.format(partners=listed(who)))
    said = "; ".join(sides) if sides else _("no partner owes more or less than today")
    found = [_("{option}: {changes}.").format(option=told.options[n], changes=said), *_beside(told, n)]
    if lacks := told.worked[n].lacks:
        found.append(_("Before it could be signed: {fault}.").format(fault=lacks[0].message))
    return " ".join(found)


def _beside(told: Told, n: int) -> list[str]:
    """What else differs, so that the sums of a sentence can be followed."""
    first, one = told.first, told.worked[n]
    found = [(_("services cost {change}"), "", one.total - first.total),
             *((_("{column} {change}"), _(COLUMN_WORDS[column]).lower(), one.parked[column] - first.parked[column])
               for column in COLUMNS),
             (_("owed beyond the services' cost {change}"), "", first.beside - one.beside)]
    said = [words.format(column=column, change=more(amount, told.currency)) for words, column, amount in found
            if amount]
    return [_("Besides: {differences}.").format(differences=listed(said))] if said else []


def _figures(told: Told) -> tuple[KeyFigure, ...]:
    moved = [(abs(amount), amount, p, n) for n in range(1, len(told.worked))
             for p, amount in change(told.worked, n).items()]
    size, amount, who, n = max(moved, key=lambda one: one[0])
    s = told.first.statement
    count = len(s.services)
    said = (_("{partner}, more under {option}") if amount > 0 else _("{partner}, less under {option}")).format(
        partner=told.name(who), option=told.options[n])
    return (KeyFigure(_("Cost of all services today"), money(told.first.total, s.currency),
                      ngettext("{count} service, year to {day}", "{count} services, year to {day}", count).format(
                          count=number_word(count), day=day(s.ends))),
            KeyFigure(_("Options beside today's rules"), counted(len(told.worked) - 1), listed(told.options[1:])),
            KeyFigure(_("Largest change for a partner"), money(size, s.currency),
                      said if size else _("no option changes what anybody owes")))


def _notes(told: Told) -> tuple[str, ...]:
    found = [_("{mark}: nothing in this pack is an offer, and no party is bound by it.").format(mark=_(MARK)),
             _("Every option is worked out by the code that closes the books, from the same ledger and forecast."),
             _("Owed: what a partner owes for the year under the agreement, contributions with its share of what is "
               "over or under, or its share of cost."),
             _("Rounding: largest remainder, ties to the partner listed first in the agreement."),
             _("Each partner's page has the same layout.")]
    if told.chances is not None:
        found.append(_("Exposure says what follows if the stated chances are right; every option meets the same drawn "
                       "years (seed {seed}).").format(seed=told.chances.terms.seed))
    if told.division is not None:
        found.append(_("The ways to divide show what each method makes of the stated figures; none of them is "
                       "proposed."))
    return tuple(capital(note) for note in found)
