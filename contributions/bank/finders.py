"""Each way in which a bank line may be recognised: a pass over the table that proposes matches, in any number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from contributions.bank.around import Around, part_of
from contributions.bank.desk import Desk
from contributions.bank.model import BankLine
from contributions.bank.pairs import P, in_time
from contributions.bank.suggestion import CERTAIN, LIKELY, POSSIBLE, STRENGTHS, Booked, Expected, Match, Reason
from contributions.bank.words import refers_to, tokens

NEAR, FAR, RECORDED_WITHIN, SUMS_WITHIN = 10, 120, 10, 45  # days


def _days(line: BankLine, day: dt.date) -> int:
    return abs((line.booked - day).days)


def is_part(reference: str, line: str) -> bool:
    """Whether an entry's reference is that of a line, or of a part of it (`REF/1`)."""
    return reference == line or (reference.startswith(f"{line}/") and reference[len(line) + 1:].isdigit())


def same_reference(desk: Desk) -> Iterator[Match]:
    """Lines that were posted from the bank's own reference."""
    by_reference: dict[str, list[Booked]] = {}
    for entry in desk.booked:
        by_reference.setdefault(entry.reference.rpartition("/")[0] or entry.reference, []).append(entry)
        by_reference.setdefault(entry.reference, []).append(entry)
    for line in desk.lines:
        own = tuple(dict.fromkeys(e for e in by_reference.get(line.id, ()) if is_part(e.reference, line.id)))
        if own and sum(entry.amount for entry in own) == line.amount:
            yield Match((line,), CERTAIN, Reason("posted", referred=True), booked=own)


def in_books_by_reference(desk: Desk) -> Iterator[Match]:
    """Lines that were posted by hand and name the entry, or what it paid: the same amount, not far in time."""
    for entry in desk.booked:
        for line in dict.fromkeys([*desk.naming(entry.reference), *desk.naming(entry.about)]):
            days = _days(line, entry.date)
            if line.amount == entry.amount and days <= SUMS_WITHIN:
                yield Match((line,), CERTAIN, Reason("in-books", True, desk.names(line, entry.party), days),
                            booked=(entry,))


def in_books(desk: Desk) -> Iterator[Match]:
    """Lines that were posted by hand: the same amount, near in time, of a party that fits."""
    for line, entry, named, days in in_time(desk, desk.lines, desk.booked, _date_of, lambda *_: RECORDED_WITHIN):
        yield Match((line,), CERTAIN if named else LIKELY, Reason("in-books", named=named, days=days), booked=(entry,))


def in_books_together(desk: Desk) -> Iterator[Match]:
    """One line for several entries of one party."""
    entries = {party: Around(some, _date_of, RECORDED_WITHIN) for party, some in _by_party(desk.booked).items()}
    for line in desk.lines:
        for party in desk.may_be(line, entries):
            if some := entries[party].sum(line.booked, line.amount):
                days = max(_days(line, entry.date) for entry in some)
                yield Match((line,), _strength(desk, (line,), party), Reason(
                    "in-books-together", named=desk.names(line, party), days=days), booked=some)
                break


def in_books_in_parts(desk: Desk) -> Iterator[Match]:
    """Several lines for one entry."""
    lines = sorted(desk.lines, key=_id_of)
    fitting = {party: Around([line for line in lines if desk.fits(line, party)], _booked_of, RECORDED_WITHIN)
               for party in _by_party(desk.booked)}
    for entry in desk.booked:
        if some := fitting[entry.party].sum(entry.date, entry.amount):
            yield Match(some, _strength(desk, some, entry.party), Reason(
                "in-books-in-parts", named=all(desk.names(line, entry.party) for line in some),
                days=max(_days(line, entry.date) for line in some)), booked=(entry,))


def _strength(desk: Desk, lines: Sequence[BankLine], party: str) -> str:
    return LIKELY if all(desk.names(line, party) for line in lines) else POSSIBLE


def cancelled(desk: Desk) -> Iterator[Match]:
    """A line that the bank took back itself, before anything was posted."""
    by_amount: dict[tuple[str, int], list[BankLine]] = {}
    for line in desk.lines:
        if not line.reversal:
            by_amount.setdefault((line.account, -line.amount), []).append(line)
    for back in desk.lines:
        for line in by_amount.get((back.account, back.amount), ()) if back.reversal else ():
            if 0 <= (back.booked - line.booked).days <= FAR:
                said = tokens(line.text)
                shared = bool(set(line.references) & set(back.references)) or (bool(said) and said == tokens(back.text))
                named = bool(desk.named[line]) and desk.named[line] == desk.named[back]
                others = bool(desk.named[line] and desk.named[back]) and not named
                if (shared or named) and not others:
                    yield Match((line, back), LIKELY, Reason("cancelled", shared, named, _days(back, line.booked)))


def undone_by_reference(desk: Desk) -> Iterator[Match]:
    """A line that names what is in the books and has its opposite amount: it takes that back."""
    for entry in sorted(desk.may_be_undone, key=_number_of):
        for back in dict.fromkeys([*desk.naming(entry.reference), *desk.naming(entry.about)]):
            days = (back.booked - entry.date).days
            if back.amount == -entry.amount and 0 <= days <= FAR:
                yield Match((back,), LIKELY, Reason("undoes", True, desk.names(back, entry.party), days), undoes=entry)


def undone(desk: Desk) -> Iterator[Match]:
    """A line of which the bank says that it takes something back: that is in the books, of a party that fits."""
    backs = [line for line in desk.lines if line.reversal]
    entries = sorted(desk.may_be_undone, key=_number_of)
    for back, entry, named, days in in_time(desk, backs, entries, _date_of, lambda *_: FAR, back=True):
        yield Match((back,), LIKELY if named else POSSIBLE, Reason("undoes", named=named, days=days), undoes=entry)


def one_by_reference(desk: Desk) -> Iterator[Match]:
    """One line for the invoice that it names, of exactly its amount."""
    for item in desk.expected:
        for line in desk.naming(item.reference):
            if line.amount == item.amount and not line.reversal and desk.fits(line, item.party):
                yield Match((line,), CERTAIN, Reason("expected", True, desk.names(line, item.party),
                                                     _days(line, item.due)), (item,))


def one(desk: Desk) -> Iterator[Match]:
    """One line for one expectation of exactly its amount."""
    posts: dict[tuple[int, str], set[tuple[str, ...]]] = {}
    for item in desk.expected:
        posts.setdefault((item.amount, item.party), set()).add(item.posts)
    parties = {party for _, party in posts}

    def alone(line: BankLine) -> bool:
        """Whether everything of this amount that the line may be would be posted alike."""
        return len({one for party in desk.may_be(line, parties) for one in posts.get((line.amount, party), ())}) == 1

    def reach(line: BankLine, named: bool) -> int:
        return max((days for days in (NEAR, SUMS_WITHIN, FAR)
                    if STRENGTHS.index(_how_sure(named, alone(line), days)) <= STRENGTHS.index(desk.asked)), default=-1)

    lines = [line for line in desk.lines if not line.reversal]
    for line, item, named, days in in_time(desk, lines, desk.expected, _due_of, reach):
        yield Match((line,), _how_sure(named, alone(line), days), Reason("expected", named=named, days=days), (item,))


def _how_sure(named: bool, alone: bool, days: int) -> str:
    """`alone`: everything else of this amount would be posted alike."""
    if named:
        return CERTAIN if alone and days <= SUMS_WITHIN else LIKELY
    return LIKELY if alone and days <= NEAR else POSSIBLE


def several_expected(desk: Desk) -> Iterator[Match]:
    """One line for two to four expectations of one party."""
    items = {party: Around(some, _due_of, SUMS_WITHIN) for party, some in _by_party(desk.expected).items()}
    for line in desk.lines:
        if line.reversal:
            continue
        for party in desk.may_be(line, items):
            if some := items[party].sum(line.booked, line.amount):
                referred = all(refers_to(line, item.reference) for item in some)
                strength = CERTAIN if referred else _strength(desk, (line,), party)
                yield Match((line,), strength, Reason("expected-together", referred, desk.names(line, party),
                                                      max(_days(line, item.due) for item in some)), some)


def several_lines(desk: Desk) -> Iterator[Match]:
    """Two to four lines for one expectation, paid in parts: lines of its party, or that name the invoice."""
    forward = sorted((line for line in desk.lines if not line.reversal), key=_id_of)
    own = {party: Around([line for line in forward if desk.names(line, party)], _booked_of, SUMS_WITHIN)
           for party in _by_party(desk.expected)}
    for item in desk.expected:
        lines = own[item.party]
        if naming := [line for line in desk.naming(item.reference) if not line.reversal]:
            near = {*lines.parts(item.due, item.amount), *naming}
            lines = Around(sorted(near, key=_id_of), _booked_of, SUMS_WITHIN)
        if some := lines.sum(item.due, item.amount):
            referred = all(refers_to(line, item.reference) for line in some)
            yield Match(some, CERTAIN if referred else LIKELY, Reason(
                "expected-in-parts", referred, named=all(desk.names(line, item.party) for line in some),
                days=max(_days(line, item.due) for line in some)), (item,))


def other_amount(desk: Desk) -> Iterator[Match]:
    """A line of a party that owes or is owed something else: its oldest expectation, at the amount of the line."""
    items = _by_party(item for item in desk.expected if item.kind != "payment")
    for line in desk.lines:
        if line.reversal or len(desk.named[line]) != 1:
            continue
        (party,) = desk.named[line]
        own = [item for item in items.get(party, ()) if (item.amount > 0) == (line.amount > 0)]
        if own:
            item = min(own, key=lambda one: (one.due, one.key))
            if _days(line, item.due) <= FAR:
                yield Match((line,), POSSIBLE, Reason("other-amount", named=True, days=_days(line, item.due)), (item,))


def part_of_invoice(desk: Desk) -> Iterator[Match]:
    """A line that names an invoice and pays less than it: a part, of which the others are still to come."""
    for item in desk.expected:
        for line in desk.naming(item.reference):
            if not line.reversal and part_of(line.amount, item.amount):
                yield Match((line,), POSSIBLE, Reason("other-amount", referred=True, days=_days(line, item.due)),
                            (item,))


def _id_of(line: BankLine) -> str:
    return line.id


def _number_of(entry: Booked) -> int:
    return entry.number


def _booked_of(line: BankLine) -> dt.date:
    return line.booked


def _date_of(entry: Booked) -> dt.date:
    return entry.date


def _due_of(item: Expected) -> dt.date:
    return item.due


def _by_party(items: Iterable[P]) -> dict[str, list[P]]:
    found: dict[str, list[P]] = {}
    for item in items:
        found.setdefault(item.party, []).append(item)
    return found
