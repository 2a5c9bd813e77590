"""Holds bank statements against the books: what each line is, and whether bank and books tie to the penny.

Nothing is kept of a statement and nothing is posted here; what an officer accepts becomes events, which go by the
bank's own references, so that the books alone say what has been taken in.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from allocation.discovery import near
from commissioning.agreement.model import Agreement
from commissioning.bank import expected as at
from commissioning.closing.known import current
from commissioning.refusals.names import FundUnknown
from contributions.bank.matching import match
from contributions.bank.model import BankLine, Read, Statement
from contributions.bank.refusals import BankAccountUnknown
from contributions.bank.statements import renamed
from contributions.bank.suggestion import Booked, Found
from ledger import store as books_store
from ledger.calendar import ONE_DAY
from ledger.errors import PoolbookError, Refused
from ledger.language import Said
from ledger.model import Book, Recorded


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Some bank accounts beside the funds whose money they hold, at the end of the last statement's last day.

    `bank` = `books` + `brought_forward` + the lines not in the books − the entries not at the bank + `later`, which is
    what the books have of these lines after that day. `brought_forward`: what bank and books differed by before the
    first line, beside what these lines have cleared since. `bank` is None where the statements do not say.
    """

    accounts: tuple[str, ...]
    funds: tuple[str, ...]
    starts: dt.date | None
    ends: dt.date | None
    bank: int | None
    books: int
    brought_forward: int
    later: int
    lines: tuple[BankLine, ...]
    entries: tuple[Booked, ...]

    @property
    def not_in_books(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def not_at_bank(self) -> int:
        return sum(entry.amount for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Suggested:
    """What statements say and what is suggested for their lines; one `Found` and one `Reconciled` for each purse."""

    read: Read
    found: tuple[Found, ...]
    reconciled: tuple[Reconciled, ...]
    currency: str
    partners: Mapping[str, str]  # their names

    @property
    def lines(self) -> list[BankLine]:
        """Every line once, by the day on which the bank booked it."""
        told = (line for one in self.found for some in ([m.lines for m in one.matches], [one.lines]) for lines in some
                for line in lines)
        return sorted(told, key=lambda one: (one.booked, one.account, one.place.file, one.place.line or 0, one.id))


def suggest(conn: Connection, book: Book, read: Read, accounts: Mapping[str, str] | None = None) -> Suggested:
    """Suggests what the lines of statements are. `accounts`: only these, each with its fund, or with none.

    Accounts without a fund hold the money of all funds that no other account holds.
    """
    agreement = current(conn, book)
    wanted = {"".join(name.split()): fund for name, fund in (accounts or {}).items()}
    every = {fund: None for version in agreement.versions() for fund in version.funds}
    _check(read, wanted, list(every))
    by_fund: dict[str, list[Statement]] = defaultdict(list)
    for statement in read.statements:
        if not wanted or statement.account in wanted:
            by_fund[wanted.get(statement.account, "")].append(statement)
    rest = set(every) - set(wanted.values())
    given: dict[str, str] = {}
    both = [_purse(conn, book, agreement, some, {fund} if fund else rest, given) for fund, some in by_fund.items()]
    partners = {partner: agreement.partner_name(partner) for partner in agreement.partners}
    return Suggested(read, tuple(found for found, _ in both), tuple(told for _, told in both), book.currency, partners)


def _check(read: Read, wanted: Mapping[str, str], funds: Sequence[str]) -> None:
    known = list(dict.fromkeys(statement.account for statement in read.statements))
    faults: list[PoolbookError] = [BankAccountUnknown(account=name, known=", ".join(known) or Said("(none)"))
                                   for name in wanted if name not in known]
    faults += [FundUnknown(name=fund, known=", ".join(funds), hint=near(fund, funds))
               for fund in wanted.values() if fund and fund not in funds]
    if faults:
        raise Refused(faults)


def _purse(conn: Connection, book: Book, agreement: Agreement, statements: Sequence[Statement],
           funds: Iterable[str], given: dict[str, str]) -> tuple[Found, Reconciled]:
    """The statements of accounts that hold the money of some funds, matched and reconciled.

    `given`: the account of each line's id, which lines of other accounts may not have as well.
    """
    own = tuple(sorted(funds))
    lines, known = _told_apart(conn, book, [line for statement in statements for line in statement.lines], given, own)
    days = [day for s in statements for day in (s.starts, s.ends) if day] + [line.booked for line in lines]
    if not days:
        return Found(), Reconciled(_accounts(statements), own, None, None, _sum(statements, "closing"), 0, 0, 0, (), ())
    start, end = min(days), max(days)
    expected = [item for item in at.expected(conn, book, agreement, start, end) if item.fund in own]
    booked, dated = at.booked(conn, book, own, start, end, known)
    found = match(lines, expected, booked, at.names(agreement))
    return found, _reconciled(conn, book, statements, own, (start, end), found, dated)


def _told_apart(conn: Connection, book: Book, lines: Sequence[BankLine], given: dict[str, str],
                funds: Collection[str]) -> tuple[list[BankLine], list[Recorded]]:
    """Lines whose reference the bank gave to something else before get another; and the entries that go by theirs.

    Something else has another day, or is of another account: of both sides of a transfer, for example. Of the account
    the books know only the funds whose money it holds.
    """
    told: list[BankLine] = []
    known: list[Recorded] = []
    by_reference = books_store.find_references(
        conn, book, [each for line in lines for each in at.own_references(line.id)])
    for line in lines:
        there = [one for each in at.own_references(line.id) for one in by_reference[each] if one.entry.postings]
        elsewhere = given.setdefault(line.id, line.account) != line.account
        if elsewhere or (there and all(at.own_day(one) != line.booked or at.of_others(one, funds) for one in there)):
            line = renamed(line)
            there = books_store.find_reference(conn, book, line.id)
        told.append(line)
        known += there
    return told, known


def _accounts(statements: Iterable[Statement]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(statement.account for statement in statements))


def _sum(statements: Sequence[Statement], which: str) -> int | None:
    """What all accounts opened or closed with together, where every one says so."""
    by_account: dict[str, list[Statement]] = defaultdict(list)
    for statement in statements:
        by_account[statement.account].append(statement)
    said = [some[0].opening if which == "opening" else some[-1].closing for some in by_account.values()]
    return None if None in said or not said else sum(amount for amount in said if amount is not None)


def _reconciled(conn: Connection, book: Book, statements: Sequence[Statement], funds: tuple[str, ...],
                days: tuple[dt.date, dt.date], found: Found, dated: Mapping[int, dt.date]) -> Reconciled:
    start, end = days
    matched = [entry for one in found.matches for entry in one.booked]
    unposted = [line for one in found.matches if not one.booked for line in one.lines]
    lines = tuple(sorted([*unposted, *found.lines], key=lambda line: (line.booked, line.id)))
    missing = tuple(entry for entry in found.booked if start <= dated[entry.number] <= end)
    later = sum(entry.amount for entry in matched if dated[entry.number] > end)
    books = at.cash(conn, book, funds, end)
    opening, closing = _sum(statements, "opening"), _sum(statements, "closing")
    moved = sum(line.amount for statement in statements for line in statement.lines)
    if opening is None and closing is not None:
        opening = closing - moved

    def brought_forward(since: dt.date) -> int:
        before = at.cash(conn, book, funds, since - ONE_DAY) + at.opened(conn, book, funds, since, end)
        return (opening or 0) - before + sum(entry.amount for entry in matched if dated[entry.number] < since)

    brought = brought_forward(start) if closing is not None else 0
    later_on = all(line.booked > start for statement in statements for line in statement.lines)
    if brought and later_on and not brought_forward(start + ONE_DAY):
        start, brought = start + ONE_DAY, 0  # some banks date an opening balance by the day before
        missing = tuple(entry for entry in missing if dated[entry.number] >= start)
    told = Reconciled(_accounts(statements), funds, start, end, closing, books, brought, later, lines, missing)
    assert closing is None or closing == books + brought + told.not_in_books - told.not_at_bank + later, \
        "bank and books tie to the penny"
    return told


