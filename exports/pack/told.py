"""What every part of a pack is told: the options that were weighed, what stands beside them, and how to say figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from babel.numbers import get_decimal_symbol

from allocation.negotiation.table import Division
from commissioning.negotiation.chances import Chances
from commissioning.negotiation.moves import words_of
from commissioning.negotiation.options import Worked
from commissioning.negotiation.record import Record
from commissioning.negotiation.weighed import Weighed
from commissioning.scenario.values import Lever
from exports.language import locale
from exports.scenario.inputs import shown
from exports.scenario.said import said
from exports.tables import total
from exports.view import Column, Foot, Table
from exports.words import MINUS, Kind, Value, counted, day, percent, whole_percent
from ledger.language import _

MONEY, CHANGE = Kind.MONEY, Kind.CHANGE
Rows = tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Told:
    """What the parts are made of, with names. `chances` and `division` where they were asked for."""

    weighed: Weighed
    record: Record
    currency: str
    chances: Chances | None = None
    division: Division | None = None

    @property
    def worked(self) -> tuple[Worked, ...]:
        return self.weighed.worked

    @property
    def first(self) -> Worked:
        return self.worked[0]

    @property
    def options(self) -> list[str]:
        """The options' names; today's rules in the reader's language."""
        return [_("Today") if one.option.kind == "today" else one.option.name for one in self.worked]

    @property
    def names(self) -> dict[str, str]:
        return {p.id: p.name or p.id for p in self.first.statement.partners}

    def name(self, partner: str) -> str:
        return self.names.get(partner, partner)


def changed(amount: int, of: int) -> str:
    """A change in percent, with its sign: `+1.4%`."""
    said = percent(amount, of) if of or not amount else ""
    return said if not amount or not said[:1].isdigit() else f"{'+' if amount > 0 else MINUS}{said}"


def away(points: int) -> str:
    """By how much all costs are moved: `−5%`, `+10%`, or as expected."""
    return f"{'+' if points > 0 else MINUS}{whole_percent(Fraction(abs(points), 100))}" if points else _("As expected")


def signed_percent(points: Fraction) -> str:
    """A percentage with one decimal and its sign: `−7.6%`."""
    tenths = round(points * 10)
    return f"{MINUS if tenths < 0 else '+' if tenths > 0 else ''}{percent(abs(tenths), 1000)}"


def figure(text: str) -> str:
    """A written number in the reader's form, with the decimals that it has: `-1234.50`."""
    whole, point, part = text.removeprefix("-").partition(".")
    mark = get_decimal_symbol(locale()) if point else ""
    return f"{MINUS if text.startswith('-') else ''}{counted(int(whole))}{mark}{part}"


def number(lever: Lever, value: Fraction) -> str:
    """An input's value as people write it."""
    said = f"{shown(lever, value):f}"
    if lever.form == "switch":
        return _("on") if said == "1" else _("off")
    return f"{figure(said)} {lever.unit}" if lever.unit else figure(said)


def day_of(text: str) -> str:
    """A day as people write it; nothing where none was stated."""
    return day(dt.date.fromisoformat(text)) if text else ""


def input_words(told: Told, lever: Lever) -> str:
    """An input, and who disputes it."""
    who = next((s.disputed_by for s in told.record.inputs if s.input == lever.path and s.disputed_by), "")
    if not who:
        return said(words_of(lever))
    return _("{input} (disputed by {partner})").format(input=said(words_of(lever)), partner=told.name(who))


def side_by_side(told: Told, rows: Iterable[tuple[str, Sequence[int]]], first: str, name: str, heading: str,
                 caption: str, note: str = "", brief: bool = True) -> Table:
    """Amounts under each option with the change from the first in money and percent; the rows sum to the total."""
    columns = [Column(first), Column(told.options[0], MONEY, told.options[0], True)]
    foots = []
    for n, option in enumerate(told.options[1:]):
        columns += [Column(option, MONEY, option, True),
                    Column(_("Change under {option}").format(option=option), CHANGE, option, True),
                    Column(_("% under {option}").format(option=option), Kind.PERCENT, option)]
        foots.append(Foot(_("{option} less {today} is the change").format(option=option, today=told.options[0]),
                          (2 + 3 * n,), (1,), 3 + 3 * n))
    body: list[tuple[Value, ...]] = []
    for label, amounts in rows:
        cells: list[Value] = [label, amounts[0]]
        for amount in amounts[1:]:
            cells += [amount, amount - amounts[0], changed(amount - amounts[0], amounts[0])]
        body.append(tuple(cells))
    sums = total(columns, tuple(body))
    return Table(name, heading, caption, tuple(columns), tuple(body), sums and _with_percent(sums),
                 tuple(foots), note, brief)


def _with_percent(sums: tuple[Value, ...]) -> tuple[Value, ...]:
    found = list(sums)
    for i in range(4, len(found), 3):
        change, of = found[i - 1], found[1]
        if isinstance(change, int) and isinstance(of, int):
            found[i] = changed(change, of)
    return tuple(found)
