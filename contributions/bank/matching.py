"""Suggests what each bank line is: what is in the books already, what was expected, or nothing that can be told.

Nothing is decided here: a suggestion has its reason and its strength, and a person says yes. Every line is in one
match at most, so is every expectation and every entry; the amounts of both sides of a match are equal, except where a
named party pays another amount than it owes, or a part of an invoice is paid. The surest are taken first; equals go by
day and by order.
"""

from __future__ import annotations

from collections.abc import Iterable

from contributions.bank import finders as find
from contributions.bank.desk import Desk, Names
from contributions.bank.model import BankLine
from contributions.bank.suggestion import LIKELY, STRENGTHS, Booked, Expected, Found

SUMS = (find.in_books_together, find.in_books_in_parts, find.several_expected, find.several_lines)


def match(lines: Iterable[BankLine], expected: Iterable[Expected], booked: Iterable[Booked], names: Names) -> Found:
    """The suggestions for these lines. `names`: by what each party may be called in a line's text."""
    desk = Desk(list(lines), list(expected), list(booked), names, SUMS)
    desk.take(find.same_reference(desk))
    for strength in STRENGTHS:
        desk.in_order(strength, (find.in_books_by_reference, find.in_books))
    for strength in STRENGTHS:
        desk.in_order(strength, (find.in_books_together, find.in_books_in_parts))
    desk.in_order(LIKELY, (find.cancelled, find.undone_by_reference, find.undone))
    for strength in STRENGTHS:
        desk.in_order(strength, (find.one_by_reference, find.one, find.several_expected, find.several_lines,
                                 find.undone_by_reference, find.undone, find.part_of_invoice, find.other_amount))
    return Found(desk.matches, desk.lines, desk.expected, desk.booked)
