"""The tables of a negotiation pack: every option beside today's rules, in money and percent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from itertools import zip_longest

from commissioning.comparison import Worked, less
from commissioning.comparison_moves import OUTTURNS, SHOWN, Turns, words_of
from commissioning.comparison_record import Record
from commissioning.comparison_weighed import Weighed
from commissioning.exposure_levers import Bar
from commissioning.scenario_levers import Lever
from commissioning.statement import COLUMNS
from exports.facts import COLUMN_WORDS
from exports.scenario.inputs import shown
from exports.tables import total
from exports.view import Column, Foot, Table
from exports.words import MINUS, Kind, Value, day, percent

MONEY, CHANGE = Kind.MONEY, Kind.CHANGE
MOST_INPUTS = 10
SIGNS = {-1: "less", 0: "the same", 1: "more"}
Rows = tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Told:
    """What the tables are made of, with names."""

    weighed: Weighed
    record: Record
    currency: str

    @property
    def worked(self) -> tuple[Worked, ...]:
        return self.weighed.worked

    @property
    def first(self) -> Worked:
        return self.worked[0]

    @property
    def options(self) -> list[str]:
        return [one.option.name for one in self.worked]

    @property
    def names(self) -> dict[str, str]:
        return {p.id: p.name or p.id for p in self.first.statement.partners}

    def name(self, partner: str) -> str:
        return self.names.get(partner, partner)


def changed(amount: int, of: int) -> str:
    """A change in percent, with its sign: `+1.4%`."""
    said = percent(amount, of) if of or not amount else ""
    return said if not amount or not said[:1].isdigit() else f"{'+' if amount > 0 else MINUS}{said}"


def day_of(text: str) -> str:
    """A day as people write it; nothing where none was stated."""
    return day(dt.date.fromisoformat(text)) if text else ""


def side_by_side(told: Told, rows: Iterable[tuple[str, Sequence[int]]], first: str, name: str, heading: str,
                 caption: str, note: str = "", brief: bool = True) -> Table:
    """Amounts under each option with the change from the first in money and percent; the rows sum to the total."""
    columns = [Column(first), Column(told.options[0], MONEY, told.options[0], True)]
    foots = []
    for n, option in enumerate(told.options[1:]):
        columns += [Column(option, MONEY, option, True), Column(f"Change under {option}", CHANGE, option, True),
                    Column(f"% under {option}", Kind.PERCENT, option)]
        foots.append(Foot(f"{option} less {told.options[0]} is the change", (2 + 3 * n,), (1,), 3 + 3 * n))
    body: list[tuple[Value, ...]] = []
    for label, amounts in rows:
        cells: list[Value] = [label, amounts[0]]
        for amount in amounts[1:]:
            cells += [amount, amount - amounts[0], changed(amount - amounts[0], amounts[0])]
        body.append(tuple(cells))
    sums = total(columns, tuple(body))
    return Table(name, heading, caption, tuple(columns), tuple(body), sums and _with_percent(sums), tuple(foots), note,
                 brief)


def _with_percent(sums: tuple[Value, ...]) -> tuple[Value, ...]:
    found = list(sums)
    for i in range(4, len(found), 3):
        change, of = found[i - 1], found[1]
        if isinstance(change, int) and isinstance(of, int):
            found[i] = changed(change, of)
    return tuple(found)


def owed(told: Told) -> Table:
    """Partner by option, down to the services' total."""
    rows = [(name, [one.due[p] for one in told.worked]) for p, name in told.names.items()]
    for column in COLUMNS:
        parked = [one.parked[column] for one in told.worked]
        if any(parked):
            rows.append((f"Met by no partner: {COLUMN_WORDS[column].lower()}", parked))
    beside = [one.beside for one in told.worked]
    if any(beside):
        rows.append((f"Met otherwise; {MINUS}: owed beyond the cost", beside))
    same = all(told.weighed.alike.values())
    heading = ("What each partner owes: every option funds the same services at the same total" if same else
               "What each partner owes; options that suppose other costs have another total")
    return side_by_side(told, rows, "Partner", "Options", heading, "What each partner owes for the year",
                        "The total is what the services cost. Met by no partner: drawn from reserves, carried forward "
                        "or not yet agreed; a minus sign means put aside. More: the partner owes more than today.")


def proof(told: Told) -> Table:
    """Every service costs the same under every option."""
    costs = {line.id: [next(s.actual for s in one.statement.services if s.id == line.id) for one in told.worked]
             for line in told.first.statement.services}
    lines = {line.id: line.name for line in told.first.statement.services}
    columns = (Column("Service"), *(Column(option, MONEY, "", True) for option in told.options), Column("Equal"))
    rows: Rows = tuple((lines[s], *amounts, "yes" if told.weighed.alike[s] else "no: other costs are supposed")
                       for s, amounts in costs.items())
    sums = total(columns, rows)
    differing = sum(not alike for alike in told.weighed.alike.values())
    heading = ("Every service costs the same under every option, to the penny" if not differing else
               f"{differing} of {len(rows)} services are supposed to cost otherwise under some option")
    return Table("Same total", heading, "What each service costs under each option", columns, rows, sums)


def services(told: Told) -> Table:
    """Each partner's part of each service, by option."""
    rows = [(f"{line.name}: {name}", [one.of_service(line.id)[p] for one in told.worked])
            for line in told.first.statement.services for p, name in told.names.items()
            if any(one.of_service(line.id)[p] for one in told.worked)]
    return side_by_side(told, rows, "Service and partner", "Services and partners",
                        "What each partner bears of each service", "Each partner's part of each service's cost",
                        brief=False)


def changes(told: Told) -> Table:
    """What each option changes: inputs of a scenario, lines of another agreement."""
    columns = (Column("Option"), Column("What changes"), Column("Today"), Column("Under the option"))
    rows: list[tuple[Value, ...]] = []
    for one in told.worked[1:]:
        option = one.option
        if option.kind == "scenario":
            rows += [(option.name, words_of(lever), number(lever, lever.baseline), number(lever, value))
                     for path, value in option.values.items() if (lever := option.levers[path])]
        else:
            rows += [(option.name, "rule text", before or "(none)", after or "(none)")
                     for before, after in told_apart(told.first.option.base.text, option.base.text)]
    return Table("Changes", "What each option changes", "What each option changes in the agreement or the year",
                 columns, tuple(rows), empty="No option changes anything.")


def told_apart(before: str, after: str) -> list[tuple[str, str]]:
    """The lines in which two agreement files differ, without comments and indents."""
    one, other = ([line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
                  for text in (before, after))
    found: list[tuple[str, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag != "equal":
            found += list(zip_longest(one[a:b], other[c:d], fillvalue=""))
    return found


def number(lever: Lever, value: Fraction) -> str:
    """An input's value as people write it."""
    said = f"{shown(lever, value):,f}"
    if lever.form == "switch":
        return "on" if said == "1" else "off"
    return f"{said} {lever.unit}" if lever.unit else said


def outturn(told: Told) -> Table:
    """What each owes if all services cost less or more."""
    columns = (Column("Partner"), Column("Option"), *(Column(_away(p), MONEY, "") for p in SHOWN))
    rows: Rows = tuple((name, option, *((found[p] or {}).get(partner) for p in SHOWN))
                       for partner, name in told.names.items()
                       for option, found in zip(told.options, told.weighed.outturns, strict=True))
    return Table("Outturns", "What each partner owes if all services cost less or more",
                 "What each partner owes at other outturns", columns, rows,
                 note="Every service's cost of the year is changed alike; costs that are shared case by case stay.")


def _away(percentage: int) -> str:
    return "As expected" if not percentage else f"{'+' if percentage > 0 else MINUS}{abs(percentage)}%"


def break_even(told: Told) -> Table:
    """Where an option turns from less to more for a partner."""
    columns = (Column("Partner"), Column("Option"), Column("Compared with today, as all services cost less or more"))
    rows: Rows = tuple((told.name(turn.partner), one.option.name, spans(turn))
                       for p in told.names
                       for one, some in list(zip(told.worked, told.weighed.turns, strict=True))[1:]
                       for turn in some if turn.partner == p)
    return Table("Break-even", "Where each option breaks even with today's rules",
                 "Up to which outturn a partner owes less, the same or more than today", columns, rows,
                 note=f"Looked for from {MINUS}{-OUTTURNS[0]}% to +{OUTTURNS[-1]}% of all services' cost; a penny "
                      "either way counts as the same.")


def spans(turn: Turns) -> str:
    """`owes less up to −3.2%, then more`."""
    if not turn.spans:
        return "cannot be worked out"
    if len(turn.spans) == 1:
        return f"{SIGNS[turn.spans[0][0]]} at every outturn tried"
    words = []
    for sign, upto in turn.spans:
        tenths = 0 if upto is None else round(upto * 10)
        mark = MINUS if tenths < 0 else "+" if tenths > 0 else ""
        at = f" up to {mark}{abs(tenths) // 10}.{abs(tenths) % 10}%"
        words.append(f"{SIGNS[sign]}{at if upto is not None else ' above'}")
    return ", ".join(words)


def sensitivity(told: Told, n: int) -> Table:
    """What each input does to each partner when it is a tenth lower or higher."""
    option = told.options[n]
    bars = told.weighed.sensitivity[n]
    columns = (Column("Input"), *(Column(f"{name}, {sign}10%", CHANGE, name)
                                  for name in told.names.values() for sign in (MINUS, "+")))
    rows: Rows = tuple((words_of(bar.lever) + _disputed(told, bar),
                        *(amount for p in told.names for amount in bar.changes[p])) for bar in bars[:MOST_INPUTS])
    left = len(bars) - len(rows)
    return Table(f"Sensitivity {option}", f"What a tenth less or more of an input does: {option}",
                 f"Change in what each partner owes under {option}", columns, rows, brief=n == 0,
                 note="Growth moves by ten percentage points; percentages that total 100 move the others in proportion."
                      + (f" The {left} inputs that move less are left out." if left else ""),
                 empty="No input can be moved alone.")


def _disputed(told: Told, bar: Bar) -> str:
    who = next((s.disputed_by for s in told.record.inputs if s.input == bar.lever.path and s.disputed_by), "")
    return f" (disputed by {told.name(who)})" if who else ""


def limits(told: Told) -> Table:
    """What caps, floors and most-amounts cost, and who pays."""
    columns = (Column("Cap, floor or limit"), Column("Option"), Column("Outturn"),
               *(Column(name, CHANGE, name) for name in told.names.values()), Column("No partner", CHANGE))
    rows: Rows = tuple((cost.words, one.option.name, _away(cost.outturn), *(cost.changes[p] for p in told.names),
                        -sum(cost.changes.values()))
                       for one, some in zip(told.worked, told.weighed.limits, strict=True) for cost in some)
    return Table("Caps and floors", "What caps and floors cost, and who pays",
                 "What each partner owes more or less because of each cap, floor or limit", columns, rows,
                 note="Against the same option without that one limit. No partner: what reserves, later years or an "
                      "amount not yet agreed bear instead.",
                 empty="No cap, floor or limit makes a difference, as expected or at +10%.")


def years(told: Told) -> Table:
    """The years that the case has."""
    columns = (Column("Year"), Column("Option"), *(Column(name, MONEY, name) for name in told.names.values()))
    rows: Rows = tuple((line.year, option, *(due.get(p, 0) for p in told.names))
                       for line in told.weighed.years
                       for option, due in zip(told.options, line.due, strict=True) if due is not None)
    return Table("Years", "The years before, under the same rules", "What each partner owes for each year", columns,
                 rows, note="A scenario is about its own year alone; another agreement is applied to every year whose "
                            "services and days it covers.")


def weights(told: Told) -> Table:
    """The figures by which costs are shared, with their sources, and who disputes them."""
    said = {one.input: one for one in told.record.inputs}
    columns = (Column("Input"), *(Column(option, Kind.TEXT, option) for option in told.options),
               *(Column(head, Kind.TEXT, "about") for head in ("Source", "Date", "In dispute")))
    levers = [one.option.levers for one in told.worked]
    shown = {path: lever for some in levers for path, lever in some.items()
             if path in said or (lever.form == "number" and lever.at[:1] != ("year",))
             or (lever.form == "percent")}
    rows: list[tuple[Value, ...]] = []
    for path, lever in shown.items():
        values = [number(some[path], one.option.values.get(path, some[path].baseline)) if path in some else "none"
                  for one, some in zip(told.worked, levers, strict=True)]
        source = said.get(path)
        dispute = f"by {told.name(source.disputed_by)}" if source and source.disputed_by else ""
        because = f": {source.because}" if source and source.because and dispute else ""
        rows.append((words_of(lever), *values, source.source if source and source.source else "not stated",
                     day_of(source.date) if source else "", f"DISPUTED {dispute}{because}" if dispute else "no"))
    disputed = sum(1 for one in told.record.inputs if one.disputed_by)
    heading = "Weights and sources" + (f": {disputed} in dispute" if disputed else "")
    return Table("Weights", heading, "Figures by which costs are shared, and where they come from", columns,
                 tuple(rows), empty="The agreement shares by no weights or percentages of its own.")


def principles(told: Told) -> Table:
    """What the parties hold to."""
    rows: Rows = tuple((one.text, one.source, day_of(one.date)) for one in told.record.principles)
    return Table("Principles", "Principles", "What the parties hold to, and where it is written",
                 (Column("Principle"), Column("Source"), Column("Date")), rows, empty="No principles were recorded.")


def offers(told: Told) -> Table:
    """The log of offers."""
    rows: Rows = tuple((day_of(one.date), told.name(one.by), one.option, one.offer, one.answer or "open")
                       for one in told.record.offers)
    return Table("Offers", f"Log of offers: {len(rows)}" if rows else "Log of offers",
                 "Offers made and what was answered", (Column("Date"), Column("By"), Column("Option"),
                                                       Column("Offer"), Column("Answer")), rows,
                 empty="No offer was recorded.")


def own_options(told: Told, partner: str) -> Table:
    """One partner's row of every option."""
    columns = (Column("Option"), Column("Owed", MONEY), Column("Change from today", CHANGE), Column("%", Kind.PERCENT),
               *(Column(f"At {_away(p)}", MONEY, "outturn") for p in SHOWN if p), Column("Break-even with today"))
    rows: list[tuple[Value, ...]] = []
    for n, one in enumerate(told.worked):
        change = less(one.due, told.first.due)[partner]
        away: Mapping[int, Mapping[str, int] | None] = told.weighed.outturns[n]
        turn = next(turn for turn in told.weighed.turns[n] if turn.partner == partner)
        rows.append((one.option.name, one.due[partner], change, changed(change, told.first.due[partner]),
                     *((away[p] or {}).get(partner) for p in SHOWN if p), spans(turn) if n else ""))
    return Table(f"{partner} options", "Options", f"What {told.name(partner)} owes under each option", columns,
                 tuple(rows), note="Under each outturn all services cost so much less or more.")


def own_services(told: Told, partner: str) -> Table:
    """What one partner bears of each service today, and what changes."""
    columns = (Column("Service"), Column(told.options[0], MONEY, "", True),
               *(Column(f"Change under {option}", CHANGE, "", True) for option in told.options[1:]))
    rows: Rows = tuple((line.name, amounts[0], *(amount - amounts[0] for amount in amounts[1:]))
                       for line in told.first.statement.services
                       if any(amounts := [one.of_service(line.id)[partner] for one in told.worked]))
    return Table(f"{partner} services", "Part of each service's cost",
                 f"What {told.name(partner)} bears of each service's cost", columns, rows, total(columns, rows),
                 empty="This partner bears no part of a service's cost.")
