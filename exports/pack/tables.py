"""The tables of amounts in a pack: every option beside today's rules, in money and percent."""

from __future__ import annotations

from collections.abc import Mapping

from commissioning.negotiation.moves import OUTTURNS, SHOWN, Turns
from commissioning.negotiation.options import less
from commissioning.statement import COLUMNS
from exports.facts import COLUMN_WORDS
from exports.pack.told import CHANGE, MONEY, Rows, Told, away, changed, input_words, side_by_side, signed_percent
from exports.scenario.said import said as label
from exports.tables import total
from exports.view import Column, Table
from exports.words import MINUS, Kind, Value
from ledger.language import N_, _, ngettext

MOST_INPUTS = 10
ALWAYS = {-1: N_("less at every outturn tried"), 0: N_("the same at every outturn tried"),
          1: N_("more at every outturn tried")}
UP_TO = {-1: N_("less up to {outturn}"), 0: N_("the same up to {outturn}"), 1: N_("more up to {outturn}")}
ABOVE = {-1: N_("less above"), 0: N_("the same above"), 1: N_("more above")}


def owed(told: Told) -> Table:
    """Partner by option, down to the services' total."""
    rows = [(name, [one.due[p] for one in told.worked]) for p, name in told.names.items()]
    for column in COLUMNS:
        parked = [one.parked[column] for one in told.worked]
        if any(parked):
            rows.append((_("Met by no partner: {column}").format(column=_(COLUMN_WORDS[column]).lower()), parked))
    beside = [one.beside for one in told.worked]
    if any(beside):
        rows.append((_("Met otherwise; {minus}: owed beyond the cost").format(minus=MINUS), beside))
    same = all(told.weighed.alike.values())
    heading = (_("What each partner owes: every option funds the same services at the same total") if same else
               _("What each partner owes; options that suppose other costs have another total"))
    return side_by_side(told, rows, _("Partner"), _("Options"), heading, _("What each partner owes for the year"),
                        _("The total is what the services cost. Met by no partner: drawn from reserves, carried "
                          "forward or not yet agreed; a minus sign means put aside. More: the partner owes more than "
                          "today."))


def proof(told: Told) -> Table:
    """Every service costs the same under every option."""
    costs = {line.id: [next(s.actual for s in one.statement.services if s.id == line.id) for one in told.worked]
             for line in told.first.statement.services}
    lines = {line.id: line.name for line in told.first.statement.services}
    columns = (Column(_("Service")), *(Column(option, MONEY, "", True) for option in told.options), Column(_("Equal")))
    rows: Rows = tuple((lines[s], *amounts,
                        _("yes") if told.weighed.alike[s] else _("no: other costs are supposed"))
                       for s, amounts in costs.items())
    sums = total(columns, rows)
    differing = sum(not alike for alike in told.weighed.alike.values())
    heading = (_("Every service costs the same under every option, to the penny") if not differing else
               ngettext("{count} of {all} services is supposed to cost otherwise under some option",
                        "{count} of {all} services are supposed to cost otherwise under some option",
                        differing).format(count=differing, all=len(rows)))
    return Table(_("Same total"), heading, _("What each service costs under each option"), columns, rows, sums)


def services(told: Told) -> Table:
    """Each partner's part of each service, by option."""
    rows = [(_("{service}: {partner}").format(service=line.name, partner=name),
             [one.of_service(line.id)[p] for one in told.worked])
            for line in told.first.statement.services for p, name in told.names.items()
            if any(one.of_service(line.id)[p] for one in told.worked)]
    return side_by_side(told, rows, _("Service and partner"), _("Services and partners"),
                        _("What each partner bears of each service"), _("Each partner's part of each service's cost"),
                        brief=False)


def outturn(told: Told) -> Table:
    """What each owes if all services cost less or more."""
    columns = (Column(_("Partner")), Column(_("Option")), *(Column(away(p), MONEY, "") for p in SHOWN))
    rows: Rows = tuple((name, option, *((found[p] or {}).get(partner) for p in SHOWN))
                       for partner, name in told.names.items()
                       for option, found in zip(told.options, told.weighed.outturns, strict=True))
    return Table(_("Outturns"), _("What each partner owes if all services cost less or more"),
                 _("What each partner owes at other outturns"), columns, rows,
                 note=_("Every service's cost of the year is changed alike; costs that are shared case by case stay."))


def break_even(told: Told) -> Table:
    """Where an option turns from less to more for a partner."""
    columns = (Column(_("Partner")), Column(_("Option")),
               Column(_("Compared with today, as all services cost less or more")))
    rows: Rows = tuple((told.name(turn.partner), option, spans(turn))
                       for p in told.names
                       for option, some in list(zip(told.options, told.weighed.turns, strict=True))[1:]
                       for turn in some if turn.partner == p)
    return Table(_("Break-even"), _("Where each option breaks even with today's rules"),
                 _("Up to which outturn a partner owes less, the same or more than today"), columns, rows,
                 note=_("Looked for from {low} to {high} of all services' cost; a penny either way counts as the "
                        "same.").format(low=away(OUTTURNS[0]), high=away(OUTTURNS[-1])))


def spans(turn: Turns) -> str:
    """`less up to −3.2%, more above`."""
    if not turn.spans:
        return _("cannot be worked out")
    if len(turn.spans) == 1:
        return _(ALWAYS[turn.spans[0][0]])
    return ", ".join(_(ABOVE[sign]) if upto is None else _(UP_TO[sign]).format(outturn=signed_percent(upto))
                     for sign, upto in turn.spans)


def sensitivity(told: Told, n: int) -> Table:
    """What each input does to each partner when it is a tenth lower or higher."""
    option = told.options[n]
    bars = told.weighed.sensitivity[n]
    columns = (Column(_("Input")), *(Column(f"{name}, {away(points)}", CHANGE, name)
                                     for name in told.names.values() for points in (-10, 10)))
    rows: Rows = tuple((input_words(told, bar.lever), *(amount for p in told.names for amount in bar.changes[p]))
                       for bar in bars[:MOST_INPUTS])
    left = len(bars) - len(rows)
    note = _("Growth moves by ten percentage points; percentages that total 100 move the others in proportion.")
    if left:
        note += " " + ngettext("The {count} input that moves less is left out.",
                               "The {count} inputs that move less are left out.", left).format(count=left)
    return Table(_("Sensitivity {option}").format(option=option),
                 _("What a tenth less or more of an input does: {option}").format(option=option),
                 _("Change in what each partner owes under {option}").format(option=option), columns, rows,
                 brief=n == 0, note=note, empty=_("No input can be moved alone."))


def limits(told: Told) -> Table:
    """What caps, floors and most-amounts cost, and who pays."""
    columns = (Column(_("Cap, floor or limit")), Column(_("Option")), Column(_("Outturn")),
               *(Column(name, CHANGE, name) for name in told.names.values()), Column(_("No partner"), CHANGE))
    rows: Rows = tuple((label(cost.words), option, away(cost.outturn), *(cost.changes[p] for p in told.names),
                        -sum(cost.changes.values()))
                       for option, some in zip(told.options, told.weighed.limits, strict=True) for cost in some)
    return Table(_("Caps and floors"), _("What caps and floors cost, and who pays"),
                 _("What each partner owes more or less because of each cap, floor or limit"), columns, rows,
                 note=_("Against the same option without that one limit. No partner: what reserves, later years or an "
                        "amount not yet agreed bear instead."),
                 empty=_("No cap, floor or limit makes a difference, as expected or at {outturn}.").format(
                     outturn=away(10)))


def years(told: Told) -> Table:
    """The years that the case has, and those to come by stated growth."""
    columns = (Column(_("Year")), Column(_("Option")),
               *(Column(name, MONEY, name) for name in told.names.values()))
    rows: Rows = tuple((line.year if line.growth is None else
                        _("{year}, all costs {growth}").format(year=line.year, growth=signed_percent(line.growth)),
                        option, *(due.get(p, 0) for p in told.names))
                       for line in told.weighed.years
                       for option, due in zip(told.options, line.due, strict=True) if due is not None)
    note = _("A scenario is about its own year and those worked out from it; another agreement is applied to every "
             "earlier year whose services and days it covers.")
    if any(line.growth is not None for line in told.weighed.years):
        note += " " + _("Later years: this year's terms and contributions, with every service's cost moved as stated "
                        "against this year's.")
    return Table(_("Years"), _("Several years, under the same rules"), _("What each partner owes for each year"),
                 columns, rows, note=note)


def own_options(told: Told, partner: str) -> Table:
    """One partner's row of every option."""
    columns = (Column(_("Option")), Column(_("Owed"), MONEY), Column(_("Change from today"), CHANGE),
               Column("%", Kind.PERCENT),
               *(Column(_("At {outturn}").format(outturn=away(p)), MONEY, "outturn") for p in SHOWN if p),
               Column(_("Break-even with today")))
    rows: list[tuple[Value, ...]] = []
    for n, one in enumerate(told.worked):
        change = less(one.due, told.first.due)[partner]
        found: Mapping[int, Mapping[str, int] | None] = told.weighed.outturns[n]
        turn = next(turn for turn in told.weighed.turns[n] if turn.partner == partner)
        rows.append((told.options[n], one.due[partner], change, changed(change, told.first.due[partner]),
                     *((found[p] or {}).get(partner) for p in SHOWN if p), spans(turn) if n else ""))
    return Table(_("{partner} options").format(partner=partner), _("Options"),
                 _("What {partner} owes under each option").format(partner=told.name(partner)), columns, tuple(rows),
                 note=_("Under each outturn all services cost so much less or more."))


def own_services(told: Told, partner: str) -> Table:
    """What one partner bears of each service today, and what changes."""
    columns = (Column(_("Service")), Column(told.options[0], MONEY, "", True),
               *(Column(_("Change under {option}").format(option=option), CHANGE, "", True)
                 for option in told.options[1:]))
    rows: Rows = tuple((line.name, amounts[0], *(amount - amounts[0] for amount in amounts[1:]))
                       for line in told.first.statement.services
                       if any(amounts := [one.of_service(line.id)[partner] for one in told.worked]))
    return Table(_("{partner} services").format(partner=partner), _("Part of each service's cost"),
                 _("What {partner} bears of each service's cost").format(partner=told.name(partner)), columns, rows,
                 total(columns, rows), empty=_("This partner bears no part of a service's cost."))
