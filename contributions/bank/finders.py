"""Each way in which a bank line may be recognised: a pass over the table that proposes matches, in any number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from contributions.bank.desk import Desk
from contributions.bank.model import BankLine
from contributions.bank.suggestion import CERTAIN, LIKELY, POSSIBLE, Booked, Expected, Match, Reason
from contributions.bank.sums import sum_of
from contributions.bank.words import refers_to, tokens

POOL = 16  # items, nearest in time, among which sums are looked for
NEAR, FAR, RECORDED_WITHIN, SUMS_WITHIN = 10, 120, 10, 45  # days
P = TypeVar("P", Expected, Booked)


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


def in_books(desk: Desk) -> Iterator[Match]:
    """Lines that were posted by hand: the same amount, near in time, one party or reference."""
    by_amount: dict[int, list[Booked]] = {}
    for entry in desk.booked:
        by_amount.setdefault(entry.amount, []).append(entry)
    for line in desk.lines:
        for entry in by_amount.get(line.amount, ()):
            days, referred = _days(line, entry.date), entry.named_in(line)
            named = desk.names(line, entry.party)
            if days > (SUMS_WITHIN if referred else RECORDED_WITHIN) or not (referred or desk.fits(line, entry.party)):
                continue
            strength = CERTAIN if referred or named else LIKELY
            yield Match((line,), strength, Reason("in-books", referred, named, days), booked=(entry,))


def in_books_together(desk: Desk) -> Iterator[Match]:
    """One line for several entries of one party."""
    entries = _by_party(desk.booked)
    for line in desk.lines:
        for party in desk.may_be(line, entries):
            near = _near([e for e in entries[party] if _days(line, e.date) <= RECORDED_WITHIN], line, _date_of)
            if some := sum_of(near, line.amount):
                days = max(_days(line, entry.date) for entry in some)
                yield Match((line,), _strength(desk, (line,), party), Reason(
                    "in-books-together", named=desk.names(line, party), days=days), booked=some)
                break


def in_books_in_parts(desk: Desk) -> Iterator[Match]:
    """Several lines for one entry."""
    lines = desk.by_name()
    for entry in desk.booked:
        own = desk.lines if not entry.party else [*lines.get(entry.party, ()), *lines.get("", ())]
        near = _near_lines([line for line in own if _days(line, entry.date) <= RECORDED_WITHIN
                            and desk.fits(line, entry.party)], entry.date, entry.amount)
        if some := sum_of(near, entry.amount):
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


def undone(desk: Desk) -> Iterator[Match]:
    """A line that takes back what is in the books: the bank says so, or it names the entry."""
    by_amount: dict[int, list[Booked]] = {}
    for entry in sorted(desk.may_be_undone, key=lambda entry: entry.number):
        by_amount.setdefault(-entry.amount, []).append(entry)
    for back in desk.lines:
        for entry in by_amount.get(back.amount, ()):
            if not 0 <= (back.booked - entry.date).days <= FAR:
                continue
            referred, named = entry.named_in(back), desk.names(back, entry.party)
            if not (referred or (back.reversal and desk.fits(back, entry.party))):
                continue
            strength = LIKELY if referred or named else POSSIBLE
            yield Match((back,), strength, Reason("undoes", referred, named, _days(back, entry.date)), undoes=entry)


def one(desk: Desk) -> Iterator[Match]:
    """One line for one expectation of exactly its amount."""
    by_amount: dict[int, list[Expected]] = {}
    for item in desk.expected:
        by_amount.setdefault(item.amount, []).append(item)
    for line in desk.lines:
        if line.reversal:
            continue
        same = [item for item in by_amount.get(line.amount, ()) if desk.fits(line, item.party)]
        alone = len({item.posts for item in same}) == 1
        for item in same:
            days, referred = _days(line, item.due), refers_to(line, item.reference)
            named = desk.names(line, item.party)
            if referred or days <= FAR:
                strength = _how_sure(referred, named, alone, days)
                yield Match((line,), strength, Reason("expected", referred, named, days), (item,))


def _how_sure(referred: bool, named: bool, alone: bool, days: int) -> str:
    """`alone`: everything else of this amount would be posted alike."""
    if referred or (named and alone and days <= SUMS_WITHIN):
        return CERTAIN
    return LIKELY if named or (alone and days <= NEAR) else POSSIBLE


def several_expected(desk: Desk) -> Iterator[Match]:
    """One line for two to four expectations of one party."""
    items = _by_party(desk.expected)
    for line in desk.lines:
        if line.reversal:
            continue
        for party in desk.may_be(line, items):
            near = _near([item for item in items[party] if _days(line, item.due) <= SUMS_WITHIN], line, _due_of)
            if some := sum_of(near, line.amount):
                referred = all(refers_to(line, item.reference) for item in some)
                strength = CERTAIN if referred else _strength(desk, (line,), party)
                yield Match((line,), strength, Reason("expected-together", referred, desk.names(line, party),
                                                      max(_days(line, item.due) for item in some)), some)


def _naming(item: Expected, saying: Mapping[str, Sequence[BankLine]]) -> list[BankLine]:
    """The lines that name an invoice, among those by each word that they say."""
    words = tokens(item.reference)
    if not words:
        return []
    there = dict.fromkeys(line for word in (words[-1], "".join(words)) for line in saying.get(word, ()))
    return [line for line in there if refers_to(line, item.reference)]


def several_lines(desk: Desk) -> Iterator[Match]:
    """Two to four lines for one expectation, paid in parts."""
    lines, saying = desk.by_name(), desk.by_word()
    for item in desk.expected:
        naming = _naming(item, saying)
        own = dict.fromkeys([*(line for line in lines.get(item.party, ()) if item.party), *naming])
        near = _near_lines([line for line in own if not line.reversal and _days(line, item.due) <= SUMS_WITHIN],
                           item.due, item.amount)
        if some := sum_of(near, item.amount):
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
    saying = desk.by_word()
    for item in desk.expected:
        for line in _naming(item, saying):
            if not line.reversal and _part_of(line.amount, item.amount):
                yield Match((line,), POSSIBLE, Reason("other-amount", referred=True, days=_days(line, item.due)),
                            (item,))


def _date_of(entry: Booked) -> dt.date:
    return entry.date


def _due_of(item: Expected) -> dt.date:
    return item.due


def _by_party(items: Iterable[P]) -> dict[str, list[P]]:
    found: dict[str, list[P]] = {}
    for item in items:
        found.setdefault(item.party, []).append(item)
    return found


def _near(items: Sequence[P], line: BankLine, day: Callable[[P], dt.date]) -> list[P]:
    """The items nearest in time to a line that may be part of its amount."""
    parts = [item for item in items if _part_of(item.amount, line.amount)]
    return sorted(parts, key=lambda item: (_days(line, day(item)), day(item)))[:POOL]


def _near_lines(lines: Sequence[BankLine], day: dt.date, total: int) -> list[BankLine]:
    parts = [line for line in lines if _part_of(line.amount, total)]
    return sorted(parts, key=lambda line: (_days(line, day), line.booked, line.id))[:POOL]


def _part_of(amount: int, total: int) -> bool:
    return (amount > 0) == (total > 0) and abs(amount) < abs(total)
