"""Builds a pack from options that were weighed: what it says first, its sections, and one page for each partner.

Every partner's page has the same layout and the same words around its figures.
"""

from __future__ import annotations

import datetime as dt

from commissioning.comparison import change, less
from commissioning.comparison_moves import words_of
from commissioning.comparison_record import Record
from commissioning.comparison_weighed import Weighed
from commissioning.statement import COLUMNS
from exports.facts import COLUMN_WORDS
from exports.pack import tables
from exports.pack.model import MARK, Multiples, Pack, Page, Part, Tornado, Waterfall
from exports.pack.tables import Told
from exports.view import Column, KeyFigure, Table, View
from exports.words import clock, day, listed, money, number_word

MOST_BARS = 5
POSTED = "each partner's settlement"


def pack(weighed: Weighed, record: Record, when: dt.datetime) -> Pack:
    """The pack; the same for the same options, record and moment."""
    told = Told(weighed, record, weighed.worked[0].statement.currency)
    asked = tables.owed(told)
    parts: list[Part] = [asked, _multiples(told), tables.proof(told), tables.changes(told), tables.outturn(told),
                         tables.break_even(told), tables.limits(told)]
    parts += [tables.sensitivity(told, n) for n in range(len(told.worked))]
    if weighed.years:
        parts.append(tables.years(told))
    parts += [tables.services(told), tables.weights(told), tables.principles(told), tables.offers(told),
              _checks(told, asked)]
    pages = tuple(_page(told, partner) for partner in told.names)
    s = told.first.statement
    return Pack(_view(told, asked, when), tuple(parts), pages, s.name or s.partnership, when)


def sheets(made: Pack) -> tuple[Table, ...]:
    """Every table of the pack, as the workbook has one a sheet."""
    own = [part for page in made.pages for part in page.parts]
    return tuple(part for part in (*made.parts, *own) if isinstance(part, Table))


def _view(told: Told, asked: Table, when: dt.datetime) -> View:
    s = told.first.statement
    base = told.first.option.base
    name = s.name or s.partnership
    title = f"{name}: options for sharing {_year(told)}"
    standing = f"{MARK}. Negotiation pack, prepared {clock(when)}. Amounts are in {s.currency}."
    return View(
        title=title, status=MARK, standing=standing, verdict=_verdict(told), figures=_figures(told), asked=asked,
        chart=None, tables=(), working=asked, steps=(), notes=_notes(told), currency=s.currency,
        ledger=(("Drawn from", f"the first {base.head.entries:,} entries of the ledger"),
                ("Ledger head", base.head.hash or "none yet"),
                ("Known up to", f"{base.as_at.id}; what follows in the year is forecast"
                 if base.as_at.number != base.period.number else f"{base.period.id}, the year's end"),
                ("Prepared", clock(when))),
        reference=f"{name}, options for {_year(told)}. Ledger head {base.head.hash[:12]}")


def _year(told: Told) -> str:
    s = told.first.statement
    return str(s.starts.year) if s.starts.month == 1 else f"{s.starts.year}/{(s.starts.year + 1) % 100:02}"


def _verdict(told: Told) -> tuple[str, ...]:
    """What each option does to whom, in one sentence each; first what all have in common."""
    s = told.first.statement
    same = all(told.weighed.alike.values())
    total = money(told.first.total, s.currency)
    count = number_word(len(told.worked))
    head = (f"All {count} options fund the same services at the same total of {total}." if same else
            f"Today's services cost {total}; an option that supposes other costs has a total of its own.")
    return (head, *(_sentence(told, n) for n in range(1, len(told.worked))))


def _sentence(told: Told, n: int) -> str:
    moved = change(told.worked, n)
    currency = told.currency
    sides = []
    for sign, word in ((1, "more"), (-1, "less")):
        who = [f"{told.name(p)} {money(abs(amount), currency)}" for p, amount in moved.items() if amount * sign > 0]
        if who:
            sides.append(f"{listed(who)} {word}")
    said = "; ".join(sides) if sides else "no partner owes more or less than today"
    beside = _beside(told, n)
    lacks = told.worked[n].lacks
    unsigned = f" Before it could be signed: {lacks[0].message}." if lacks else ""
    return f"{told.options[n]}: {said}.{beside}{unsigned}"


def _beside(told: Told, n: int) -> str:
    """What else differs, so that the sums of a sentence can be followed."""
    first, one = told.first, told.worked[n]
    found = [("services cost", one.total - first.total),
             *((f"{COLUMN_WORDS[column].lower()}", one.parked[column] - first.parked[column]) for column in COLUMNS),
             ("owed beyond the services' cost", first.beside - one.beside)]
    said = [f"{words} {_more(amount, told.currency)}" for words, amount in found if amount]
    return f" Besides: {listed(said)}." if said else ""


def _figures(told: Told) -> tuple[KeyFigure, ...]:
    moved = [(abs(amount), amount, p, n) for n in range(1, len(told.worked))
             for p, amount in change(told.worked, n).items()]
    size, amount, who, n = max(moved, key=lambda one: one[0])
    s = told.first.statement
    return (KeyFigure("Cost of all services today", money(told.first.total, s.currency),
                      f"{number_word(len(s.services))} services, year to {day(s.ends)}"),
            KeyFigure("Options beside today's rules", str(len(told.worked) - 1), listed(told.options[1:])),
            KeyFigure("Largest change for a partner", money(size, s.currency),
                      f"{told.name(who)}, {'more' if amount > 0 else 'less'} under {told.options[n]}" if size else
                      "no option changes what anybody owes"))


def _notes(told: Told) -> tuple[str, ...]:
    return (f"{MARK}: nothing in this pack is an offer, and no party is bound by it.",
            "Every option is worked out by the code that closes the books, from the same ledger and forecast.",
            "Owed: what a partner owes for the year under the agreement, contributions with its share of what is "
            "over or under, or its share of cost.",
            "Rounding: largest remainder, ties to the partner listed first in the agreement.",
            "Each partner's page has the same layout.")


def _multiples(told: Told) -> Multiples:
    charts = tuple((name, tuple((option, change(told.worked, n)[partner])
                                for n, option in enumerate(told.options) if n))
                   for partner, name in told.names.items())
    said = "; ".join(f"{name}: " + ", ".join(f"{option} {_more(amount, told.currency)}" for option, amount in some)
                     for name, some in charts)
    return Multiples("Change from today, by partner", "One scale for all partners. Orange, to the right: more. "
                     "Blue, to the left: less.", f"Bars of change from today for each partner. {said}.", charts)


def _more(amount: int, currency: str) -> str:
    return f"{money(abs(amount), currency)} {'more' if amount > 0 else 'less'}" if amount else "no change"


def _checks(told: Told, asked: Table) -> Table:
    rules_only = [one for one in told.worked if not one.option.changes_costs]
    found = [("what partners owe, what no partner meets and what is met otherwise sum to the services' cost",
              all(sum(one.due.values()) + sum(one.parked.values()) + one.beside == one.total for one in told.worked)),
             ("partners' parts of each service, and what no partner bears, sum to the services' cost",
              all(sum(one.bears.values()) + sum(one.parked.values()) == one.total for one in told.worked)),
             ("options that change rules only cost the same as today, to the penny",
              all(one.total == told.first.total for one in rules_only)),
             ("the drivers of each option sum to its change, for each partner",
              all(sum(driver.changes[p] for driver in some) == less(one.due, told.first.due)[p]
                  for one, some in zip(told.worked, told.weighed.drivers, strict=True) for p in told.names)),
             *((f"{one.option.name}: every check of its statement but the one on settlements, which only a close posts",
                all(check.holds or check.check.startswith(POSTED) for check in one.statement.checks))
               for one in told.worked)]
    rows = tuple((words, "Holds" if holds else "FAILS") for words, holds in found)
    failed = sum(not holds for _, holds in found)
    return Table("Checks", f"Checks: {failed} of {len(rows)} fail" if failed else f"Checks: all {len(rows)} hold",
                 "What was checked when the pack was made", (Column("Check"), Column("Result")), rows)


def _page(told: Told, partner: str) -> Page:
    name = told.name(partner)
    parts: list[Part] = [tables.own_options(told, partner)]
    parts += [_waterfall(told, partner, n) for n in range(1, len(told.worked))]
    parts.append(tables.own_services(told, partner))
    parts += [_tornado(told, partner)]
    return Page(partner, f"{MARK}: {name}", tuple(parts))


def _waterfall(told: Told, partner: str, n: int) -> Waterfall:
    option, name, currency = told.options[n], told.name(partner), told.currency
    first, last = told.first.due[partner], told.worked[n].due[partner]
    steps = tuple((driver.words, driver.changes[partner]) for driver in told.weighed.drivers[n]
                  if driver.changes[partner])
    said = "; ".join(f"{words} {_more(amount, currency)}" for words, amount in steps) or "no driver changes it"
    by = "input, one after the other" if told.worked[n].option.kind == "scenario" else "service"
    few = len(told.worked) - 1
    caption = "Orange: more. Blue: less. The totals at both ends are cut at the white band." if n == few else ""
    return Waterfall(f"From today to {option}, by {by}: {_more(last - first, currency)}", caption,
                     f"Waterfall of what {name} owes, from {money(first, currency)} today to {money(last, currency)} "
                     f"under {option}: {said}.", (told.options[0], first), steps, (option, last),
                     130 if few == 1 else 105 if few == 2 else 66)


def _tornado(told: Told, partner: str) -> Tornado:
    name, currency = told.name(partner), told.currency
    some = sorted(told.weighed.sensitivity[0], key=lambda bar: -max(map(abs, bar.changes[partner])))[:MOST_BARS]
    bars = tuple((words_of(bar.lever), *bar.changes[partner]) for bar in some if any(bar.changes[partner]))
    said = "; ".join(f"{words}: {_more(low, currency)} at a tenth less, {_more(high, currency)} at a tenth more"
                     for words, low, high in bars) or "no input moves it"
    return Tornado("What moves this amount most, under today's rules",
                   "Each input a tenth lower (pale) and a tenth higher (dark); growth by ten percentage points.",
                   f"Bars of the change in what {name} owes. {said}.", bars)
