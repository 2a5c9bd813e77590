"""A pot or a cost divided by every method, side by side, with the test of coalitions and plain words."""

from __future__ import annotations

from fractions import Fraction

from allocation.negotiation.table import Column as Answer
from allocation.negotiation.table import Division
from allocation.terms import number_text
from exports.pack.told import MONEY, Rows, Told
from exports.view import Column, Table
from exports.words import Value, listed, money, number_word
from ledger.language import _, ngettext
from ledger.money import round_half_up


def parts(told: Told) -> list[Table]:
    """The whole section; nothing where nothing is to be divided."""
    if told.division is None:
        return []
    return [ways(told, told.division), asked(told, told.division), plain_words(told.division)]


def ways(told: Told, division: Division) -> Table:
    """Who has or bears what under each method, and which coalition would do better alone."""
    question = division.question
    columns = (Column(_("Method")), *(Column(told.name(p), MONEY, "") for p in question.parties),
               Column(_("Would do better alone")))
    rows: list[tuple[Value, ...]] = [
        (f"{one.method.title()}", *(one.amounts[p] for p in question.parties), _objections(told, division, one))
        for one in division.columns]
    rows += [(f"{left.method.title()}", *[None] * len(question.parties),
              _("not worked out: {because}").format(because=left.because.message)) for left in division.left_out]
    amount = money(question.amount, division.currency)
    heading = (ngettext("A cost of {amount} borne in {count} way", "A cost of {amount} borne in {count} ways",
                        len(division.columns)) if question.bears else
               ngettext("A pot of {amount} shared in {count} way", "A pot of {amount} shared in {count} ways",
                        len(division.columns)))
    return Table(_("Ways to divide"), heading.format(amount=amount, count=number_word(len(division.columns))),
                 _("What each party bears under each method") if question.bears else
                 _("What each party has under each method"), columns, tuple(rows), note=_core(division))


def _objections(told: Told, division: Division, one: Answer) -> str:
    if not division.question.alone:
        return ""
    said = [_("{parties} by {amount}").format(
        parties=listed([told.name(p) for p in objection.members]),
        amount=money(max(round_half_up(objection.by), 1), division.currency)) for objection in one.objections]
    return "; ".join(said) if said else _("nobody")


def _core(division: Division) -> str:
    """What is to be known of coalitions, if their own figures were stated."""
    all_of_it = _("Every method divides the whole to the penny, by largest remainder.")
    if not division.question.alone:
        return all_of_it + " " + _("Whether a group would do better alone cannot be told: the question does not state "
                                   "what each group would bear or have alone.")
    found = [all_of_it]
    if division.core is not None and division.core.empty:
        complaint = money(round_half_up(division.core.complaint or Fraction(0)), division.currency)
        found.append(_("Under every division some group would do better alone, by {amount} at least (the core is "
                       "empty).").format(amount=complaint))
    elif division.core is not None:
        found.append(_("There is a division under which no group would do better alone (the core is not empty)."))
    if division.convex:
        found.append(_("The more join a group, the more it saves (the game is convex)."))
    return " ".join(found)


def asked(told: Told, division: Division) -> Table:
    """The figures that the question states of each party."""
    question = division.question
    sizes = question.weights
    tables = [(head, figures) for head, figures in ((_("Claim"), question.claims), (_("Now"), question.baseline))
              if figures]
    alone = question.coalitions() if question.alone else {}
    rows: list[tuple[Value, ...]] = [
        (told.name(party), *([number_text(sizes[party])] if sizes else []),
         *(int(figures[party]) for _head, figures in tables), *([int(alone[frozenset([party])])] if alone else []))
        for party in question.parties]
    empty = [None] * (len(tables) + bool(sizes))
    groups = sorted((one for one in alone if len(one) > 1), key=lambda one: (len(one), sorted(one)))
    rows += [(listed([told.name(p) for p in question.parties if p in group]), *empty, int(alone[group]))
             for group in groups]
    columns = [Column(_("Party or group")), *([Column(_("Size"))] if sizes else []),
               *(Column(head, MONEY, "") for head, _figures in tables),
               *([Column(_("Alone"), MONEY, "")] if alone else [])]
    return Table(_("Division inputs"), _("The figures on which the methods rest"),
                 _("What the question states of each party and group"), tuple(columns), tuple(rows),
                 note=_("Claim: the most that a party asks for, or can be asked for. Alone: what a party or group "
                        "would bear or have by itself. Now: what each bears or has today."))


def plain_words(division: Division) -> Table:
    """One paragraph a method."""
    methods = [*(one.method for one in division.columns), *(left.method for left in division.left_out)]
    rows: Rows = tuple((f"{method.title()}", _("{words} Source: {source}.").format(
        words=method.words, source=method.source)) for method in methods)
    return Table(_("In plain words"), _("What each method does, in plain words"),
                 _("Each method in one paragraph, and where it is written"),
                 (Column(_("Method")), Column(_("In plain words"))), rows)
