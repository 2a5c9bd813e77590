"""The pictures of a pack, with the same facts in words for those who cannot see them."""

from __future__ import annotations

from commissioning.negotiation.moves import words_of
from commissioning.negotiation.options import change
from exports.pack.model import Multiples, Tornado, Waterfall
from exports.pack.told import Told
from exports.scenario.said import said as label
from exports.words import money
from ledger.language import _

MOST_BARS = 5


def more(amount: int, currency: str) -> str:
    """A change in words: `£12.00 more`."""
    if not amount:
        return _("no change")
    return (_("{amount} more") if amount > 0 else _("{amount} less")).format(amount=money(abs(amount), currency))


def multiples(told: Told) -> Multiples:
    """The same small chart for each partner, on one scale."""
    charts = tuple((name, tuple((option, change(told.worked, n)[partner])
                                for n, option in enumerate(told.options) if n))
                   for partner, name in told.names.items())
    said = "; ".join(f"{name}: " + ", ".join(f"{option} {more(amount, told.currency)}" for option, amount in some)
                     for name, some in charts)
    return Multiples(_("Change from today, by partner"),
                     _("One scale for all partners. Orange, to the right: more. Blue, to the left: less."),
                     _("Bars of change from today for each partner. {changes}.").format(changes=said), charts)


def waterfall(told: Told, partner: str, n: int) -> Waterfall:
    """From what a partner owes today to what it owes under an option, by driver."""
    option, name, currency = told.options[n], told.name(partner), told.currency
    first, last = told.first.due[partner], told.worked[n].due[partner]
    steps = tuple((label(_(driver.words)), driver.changes[partner]) for driver in told.weighed.drivers[n]
                  if driver.changes[partner])
    said = "; ".join(f"{words} {more(amount, currency)}" for words, amount in steps) or _("no driver changes it")
    heading = (_("From today to {option}, by input, one after the other: {change}")
               if told.worked[n].option.kind == "scenario" else _("From today to {option}, by service: {change}"))
    few = len(told.worked) - 1
    caption = (_("Orange: more. Blue: less. The totals at both ends are cut at the white band.") if n == few else "")
    return Waterfall(heading.format(option=option, change=more(last - first, currency)), caption,
                     _("Waterfall of what {partner} owes, from {first} today to {last} under {option}: "
                       "{drivers}.").format(partner=name, first=money(first, currency), last=money(last, currency),
                                            option=option, drivers=said),
                     (told.options[0], first), steps, (option, last), 130 if few == 1 else 105 if few == 2 else 66)


def tornado(told: Told, partner: str) -> Tornado:
    """The inputs that move a partner's amount most under today's rules."""
    name, currency = told.name(partner), told.currency
    some = sorted(told.weighed.sensitivity[0], key=lambda bar: -max(map(abs, bar.changes[partner])))[:MOST_BARS]
    bars = tuple((label(words_of(bar.lever)), *bar.changes[partner]) for bar in some if any(bar.changes[partner]))
    said = "; ".join(_("{input}: {low} at a tenth less, {high} at a tenth more").format(
        input=words, low=more(low, currency), high=more(high, currency)) for words, low, high in bars)
    return Tornado(_("What moves this amount most, under today's rules"),
                   _("Each input a tenth lower (pale) and a tenth higher (dark); growth by ten percentage points."),
                   _("Bars of the change in what {partner} owes. {changes}.").format(
                       partner=name, changes=said or _("no input moves it")), bars)
