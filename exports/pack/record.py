"""What stands beside the amounts of a pack: what options change, weights with their sources, principles, offers."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import zip_longest

from commissioning.negotiation.moves import words_of
from commissioning.negotiation.record import Source
from exports.pack.told import Rows, Told, day_of, number
from exports.scenario.said import said as label
from exports.view import Column, Table
from exports.words import Kind, Value
from ledger.language import _


def changes(told: Told) -> Table:
    """What each option changes: inputs of a scenario, lines of another agreement."""
    columns = (Column(_("Option")), Column(_("What changes")), Column(_("Today")), Column(_("Under the option")))
    rows: list[tuple[Value, ...]] = []
    for one in told.worked[1:]:
        option = one.option
        if option.kind == "scenario":
            rows += [(option.name, label(words_of(lever)), number(lever, lever.baseline), number(lever, value))
                     for path, value in option.values.items() if (lever := option.levers[path])]
        else:
            rows += [(option.name, _("rule text"), before or _("(none)"), after or _("(none)"))
                     for before, after in told_apart(told.first.option.base.text, option.base.text)]
    return Table(_("Changes"), _("What each option changes"),
                 _("What each option changes in the agreement or the year"), columns, tuple(rows),
                 empty=_("No option changes anything."))


def told_apart(before: str, after: str) -> list[tuple[str, str]]:
    """The lines in which two agreement files differ, without comments and indents."""
    one, other = ([line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
                  for text in (before, after))
    found: list[tuple[str, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag != "equal":
            found += list(zip_longest(one[a:b], other[c:d], fillvalue=""))
    return found


def weights(told: Told) -> Table:
    """The figures by which costs are shared, with their sources, and who disputes them."""
    said = {one.input: one for one in told.record.inputs}
    about = _("Source")
    columns = (Column(_("Input")), *(Column(option, Kind.TEXT, option) for option in told.options),
               *(Column(head, Kind.TEXT, about) for head in (_("Source"), _("Date"), _("In dispute"))))
    levers = [one.option.levers for one in told.worked]
    shown = {path: lever for some in levers for path, lever in some.items()
             if path in said or (lever.form == "number" and lever.at[:1] != ("year",))
             or (lever.form == "percent")}
    rows: list[tuple[Value, ...]] = []
    for path, lever in shown.items():
        values = [number(some[path], one.option.values.get(path, some[path].baseline)) if path in some else _("none")
                  for one, some in zip(told.worked, levers, strict=True)]
        source = said.get(path)
        rows.append((label(words_of(lever)), *values, source.source if source and source.source else _("not stated"),
                     day_of(source.date) if source else "", _dispute(told, source)))
    for growth, year in zip(told.record.later_years, told.weighed.later, strict=True):
        rows.append((_("growth of all costs in {year}, in percent").format(year=year), *[growth.growth] *
                     len(told.options), growth.source or _("not stated"), day_of(growth.date), _("no")))
    disputed = sum(1 for one in told.record.inputs if one.disputed_by)
    heading = _("Weights and sources: {count} in dispute").format(count=disputed) if disputed else _(
        "Weights and sources")
    return Table(_("Weights"), heading, _("Figures by which costs are shared, and where they come from"), columns,
                 tuple(rows), empty=_("The agreement shares by no weights or percentages of its own."))


def _dispute(told: Told, source: Source | None) -> str:
    if source is None or not source.disputed_by:
        return _("no")
    who = told.name(source.disputed_by)
    if not source.because:
        return _("DISPUTED by {partner}").format(partner=who)
    return _("DISPUTED by {partner}: {because}").format(partner=who, because=source.because)


def principles(told: Told) -> Table:
    """What the parties hold to."""
    rows: Rows = tuple((one.text, one.source, day_of(one.date)) for one in told.record.principles)
    return Table(_("Principles"), _("Principles"), _("What the parties hold to, and where it is written"),
                 (Column(_("Principle")), Column(_("Source")), Column(_("Date"))), rows,
                 empty=_("No principles were recorded."))


def offers(told: Told) -> Table:
    """The log of offers."""
    rows: Rows = tuple((day_of(one.date), told.name(one.by), one.option, one.offer, one.answer or _("open"))
                       for one in told.record.offers)
    return Table(_("Offers"), _("Log of offers: {count}").format(count=len(rows)) if rows else _("Log of offers"),
                 _("Offers made and what was answered"),
                 (Column(_("Date")), Column(_("By")), Column(_("Option")), Column(_("Offer")), Column(_("Answer"))),
                 rows, empty=_("No offer was recorded."))
