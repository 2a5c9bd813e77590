"""Suggests what each bank line is: what is in the books already, what was expected, or nothing that can be told.

Nothing is decided here: a suggestion has its reason and its strength, and a person says yes. Every line is in one
match at most, so is every expectation and every entry; the amounts of both sides of a match are equal, except where a
named party pays another amount than it owes. The surest are taken first; equals go by day and by order.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeVar

from contributions.bank.model import BankLine
from contributions.bank.words import named_in, refers_to, tokens

CERTAIN, LIKELY, POSSIBLE = STRENGTHS = ("certain", "likely", "possible")
MOST = 4  # lines or items that are added up to one amount
POOL = 16  # items, nearest in time, among which sums are looked for
NEAR, FAR, RECORDED_WITHIN, SUMS_WITHIN = 10, 120, 10, 45  # days


@dataclass(frozen=True, slots=True)
class Expected:
    """Money that is to come in (more than zero) or to go out: what would be posted for it, and by what it is known.

    `party`: who pays or is paid, by the id under which its names are given. `due`: for an invoice, its day.
    `reference`: of the invoice that it pays, by which a line may name it.
    """

    key: str
    kind: str
    amount: int
    due: dt.date
    party: str = ""
    fund: str = ""
    partner: str = ""
    service: str = ""
    source: str = ""
    beneficiary: str = ""
    reference: str = ""

    @property
    def posts(self) -> tuple[str, ...]:
        """What an entry for it would say beside day and amount: two that say the same are as good as one another."""
        invoice = self.reference if self.kind == "payment" else ""
        return self.kind, self.fund, self.partner, self.source, self.beneficiary, invoice


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry in the books that moved the bank's money (more than zero: in).

    `undone`: by another entry. `about`: the reference of what it paid.
    """

    number: int
    kind: str
    reference: str
    date: dt.date
    amount: int
    party: str = ""
    undone: bool = False
    about: str = ""

    def named_in(self, line: BankLine) -> bool:
        """Whether a line gives its reference, or that of what it paid."""
        return refers_to(line, self.reference) or refers_to(line, self.about)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a match is suggested: a code and its facts, which `exports.bank` puts into words."""

    code: str
    referred: bool = False
    named: bool = False
    days: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """Lines beside what they are. `booked`: entries that are there already; else `expected` is what would be posted.

    `undoes`: an entry that the line takes back, whether that stands beside another line or not. Lines that undo each
    other have none of these.
    """

    lines: tuple[BankLine, ...]
    strength: str
    reason: Reason
    expected: tuple[Expected, ...] = ()
    booked: tuple[Booked, ...] = ()
    undoes: Booked | None = None


@dataclass
class Found:
    """All suggestions, and what is left on each side."""

    matches: list[Match] = field(default_factory=list)
    lines: list[BankLine] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    booked: list[Booked] = field(default_factory=list)


Names = Mapping[str, Sequence[str]]


def match(lines: Iterable[BankLine], expected: Iterable[Expected], booked: Iterable[Booked], names: Names) -> Found:
    """The suggestions for these lines. `names`: by what each party may be called in a line's text."""
    desk = _Desk(list(lines), list(expected), list(booked), names)
    desk.take(_same_reference(desk))
    for strength in STRENGTHS:
        desk.in_order(strength, (_in_books, _in_books_together))
    desk.in_order(LIKELY, (_cancelled, _undone))
    for strength in STRENGTHS:
        desk.in_order(strength, (_one, _several_expected, _several_lines, _undone, _other_amount))
    return Found(desk.matches, desk.lines, desk.expected, desk.booked)


class _Desk:
    """What still lies there to be matched."""

    def __init__(self, lines: list[BankLine], expected: list[Expected], booked: list[Booked], names: Names) -> None:
        self.lines, self.expected, self.booked = lines, expected, booked
        self.may_be_undone = {entry for entry in booked if not entry.undone and entry.kind != "reversal"}
        self.matches: list[Match] = []
        self.named = {line: named_in(line, names) for line in lines}

    def take(self, candidates: Iterable[Match]) -> None:
        """Keeps candidates one after the other, each if all that it needs is still there."""
        lines, expected, booked = set(self.lines), set(self.expected), set(self.booked)
        for one in candidates:
            undoes = {one.undoes} if one.undoes else set()
            if (lines.issuperset(one.lines) and expected.issuperset(one.expected) and booked.issuperset(one.booked)
                    and undoes <= self.may_be_undone):
                self.may_be_undone -= undoes
                lines -= set(one.lines)
                expected -= set(one.expected)
                booked -= set(one.booked)
                self.matches.append(one)
        self.lines = [line for line in self.lines if line in lines]
        self.expected = [item for item in self.expected if item in expected]
        self.booked = [entry for entry in self.booked if entry in booked]

    def in_order(self, strength: str, finders: Sequence[Callable[[_Desk], Iterator[Match]]]) -> None:
        for finder in finders:
            found = [one for one in finder(self) if one.strength == strength]
            self.take(sorted(found, key=lambda one: (not one.reason.referred, not one.reason.named, one.reason.days)))

    def fits(self, line: BankLine, party: str) -> bool:
        """Whether a line may be of a party: it names that one or nobody, or the party is not known."""
        return not party or not self.named[line] or party in self.named[line]

    def names(self, line: BankLine, party: str) -> bool:
        return bool(party) and self.named[line] == frozenset({party})


def _days(line: BankLine, day: dt.date) -> int:
    return abs((line.booked - day).days)


def is_part(reference: str, line: str) -> bool:
    """Whether an entry's reference is that of a line, or of a part of it (`REF/1`)."""
    return reference == line or (reference.startswith(f"{line}/") and reference[len(line) + 1:].isdigit())


def _same_reference(desk: _Desk) -> Iterator[Match]:
    """Lines that were posted from the bank's own reference."""
    by_reference: dict[str, list[Booked]] = {}
    for entry in desk.booked:
        by_reference.setdefault(entry.reference.rpartition("/")[0] or entry.reference, []).append(entry)
        by_reference.setdefault(entry.reference, []).append(entry)
    for line in desk.lines:
        own = tuple(dict.fromkeys(e for e in by_reference.get(line.id, ()) if is_part(e.reference, line.id)))
        if own and sum(entry.amount for entry in own) == line.amount:
            yield Match((line,), CERTAIN, Reason("posted", referred=True), booked=own)


def _in_books(desk: _Desk) -> Iterator[Match]:
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


def _in_books_together(desk: _Desk) -> Iterator[Match]:
    """One line for several entries, or several lines for one."""
    for line in desk.lines:
        near = _near([e for e in desk.booked if _days(line, e.date) <= RECORDED_WITHIN and desk.fits(line, e.party)],
                     line, lambda entry: entry.date)
        for some in _sums(near, line.amount):
            if len({entry.party for entry in some}) == 1:
                yield Match((line,), _strength(desk, (line,), some[0].party), Reason(
                    "in-books-together", named=desk.names(line, some[0].party),
                    days=max(_days(line, entry.date) for entry in some)), booked=some)
                break
    for entry in desk.booked:
        near_lines = _near_lines([line for line in desk.lines if _days(line, entry.date) <= RECORDED_WITHIN
                                  and desk.fits(line, entry.party)], entry.date)
        for lines in _sums(near_lines, entry.amount):
            yield Match(lines, _strength(desk, lines, entry.party), Reason(
                "in-books-in-parts", named=all(desk.names(line, entry.party) for line in lines),
                days=max(_days(line, entry.date) for line in lines)), booked=(entry,))
            break


def _strength(desk: _Desk, lines: Sequence[BankLine], party: str) -> str:
    return LIKELY if all(desk.names(line, party) for line in lines) else POSSIBLE


def _cancelled(desk: _Desk) -> Iterator[Match]:
    """A line that the bank took back itself, before anything was posted."""
    for back in desk.lines:
        if not back.reversal:
            continue
        for line in desk.lines:
            same = line.account == back.account and line.amount == -back.amount and not line.reversal
            if same and 0 <= (back.booked - line.booked).days <= FAR:
                shared = bool(set(line.references) & set(back.references)) or tokens(line.text) == tokens(back.text)
                named = bool(desk.named[line]) and desk.named[line] == desk.named[back]
                if shared or named:
                    yield Match((line, back), LIKELY, Reason("cancelled", shared, named, _days(back, line.booked)))


def _undone(desk: _Desk) -> Iterator[Match]:
    """A line that takes back what is in the books: the bank says so, or it names the entry."""
    for back in desk.lines:
        for entry in sorted(desk.may_be_undone, key=lambda entry: entry.number):
            if entry.amount != -back.amount or not 0 <= (back.booked - entry.date).days <= FAR:
                continue
            referred, named = entry.named_in(back), desk.names(back, entry.party)
            if not (referred or (back.reversal and desk.fits(back, entry.party))):
                continue
            strength = LIKELY if referred or named else POSSIBLE
            yield Match((back,), strength, Reason("undoes", referred, named, _days(back, entry.date)), undoes=entry)


def _one(desk: _Desk) -> Iterator[Match]:
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


def _several_expected(desk: _Desk) -> Iterator[Match]:
    """One line for two to four expectations of one party."""
    for line in desk.lines:
        if line.reversal:
            continue
        open_ = [item for item in desk.expected if desk.fits(line, item.party)
                 and (_days(line, item.due) <= SUMS_WITHIN or refers_to(line, item.reference))]
        for party in dict.fromkeys(item.party for item in open_):
            near = _near([item for item in open_ if item.party == party], line, lambda item: item.due)
            some = next(_sums(near, line.amount), None)
            if some is None:
                continue
            referred = all(refers_to(line, item.reference) for item in some)
            strength = CERTAIN if referred else _strength(desk, (line,), party)
            yield Match((line,), strength, Reason("expected-together", referred, desk.names(line, party),
                                                  max(_days(line, item.due) for item in some)), some)


def _several_lines(desk: _Desk) -> Iterator[Match]:
    """Two to four lines for one expectation, paid in parts."""
    for item in desk.expected:
        own = [line for line in desk.lines if not line.reversal and _days(line, item.due) <= SUMS_WITHIN
               and (desk.names(line, item.party) or refers_to(line, item.reference))]
        some = next(_sums(_near_lines(own, item.due), item.amount), None)
        if some is not None:
            referred = all(refers_to(line, item.reference) for line in some)
            yield Match(some, CERTAIN if referred else LIKELY, Reason(
                "expected-in-parts", referred, named=all(desk.names(line, item.party) for line in some),
                days=max(_days(line, item.due) for line in some)), (item,))


def _other_amount(desk: _Desk) -> Iterator[Match]:
    """A line of a party that owes or is owed something else: its oldest expectation, at the amount of the line."""
    for line in desk.lines:
        own = [item for item in desk.expected if desk.names(line, item.party) and not line.reversal
               and (item.amount > 0) == (line.amount > 0) and item.kind != "payment"]
        if own:
            item = min(own, key=lambda one: (one.due, one.key))
            if _days(line, item.due) <= FAR:
                yield Match((line,), POSSIBLE, Reason("other-amount", named=True, days=_days(line, item.due)), (item,))


S = TypeVar("S", BankLine, Expected, Booked)


def _near(items: Sequence[S], line: BankLine, day: Callable[[S], dt.date]) -> list[S]:
    """The items nearest in time to a line, of its sign."""
    same = [item for item in items if (item.amount > 0) == (line.amount > 0)]
    return sorted(same, key=lambda item: (_days(line, day(item)), day(item)))[:POOL]


def _near_lines(lines: Sequence[BankLine], day: dt.date) -> list[BankLine]:
    return sorted(lines, key=lambda line: (_days(line, day), line.booked, line.id))[:POOL]


def _sums(items: Sequence[S], total: int) -> Iterator[tuple[S, ...]]:
    """Two to four of the items that come to a total, the fewest and the nearest first."""
    smaller = [item for item in items if (item.amount > 0) == (total > 0) and abs(item.amount) < abs(total)]
    for size in range(2, MOST + 1):
        for some in combinations(smaller, size):
            if sum(item.amount for item in some) == total:
                yield some
