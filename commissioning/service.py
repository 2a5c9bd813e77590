"""What a partnership can do with its agreement and its books: apply, import, close, reopen, issue, verify.

Each reads, decides through pure code, and writes, in the caller's transaction; none commits. The moment (`now`) is
always an argument, and so is the way in which a statement is written down.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from commissioning import proof, store
from commissioning.agreement.changes import changes, forbidden, past_changes
from commissioning.agreement.model import Agreement
from commissioning.agreement.reading import read_agreement
from commissioning.books import postings
from commissioning.books.figures import OPENING, figures
from commissioning.books.intake import Intake, Progress, at_a_time, virement_faults
from commissioning.closing.assemble import statement as assembled
from commissioning.closing.corrections import closed_years, correcting_entries
from commissioning.closing.known import current as current
from commissioning.closing.known import due_entries, moved_before, position, read_kept
from commissioning.closing.known import issued as issued
from commissioning.closing.position import Position
from commissioning.events.model import Event
from commissioning.proposals import proof as proposals_proof
from commissioning.refusals.names import NameInUse
from commissioning.refusals.periods import CheckFails
from commissioning.statement import Statement
from commissioning.store import Issued
from ledger import rules as books_rules
from ledger import service as books
from ledger import store as books_store
from ledger.errors import MOST_FAULTS, PoolbookError, Refused
from ledger.language import Said
from ledger.model import Book, Entry, Period, Posting
from ledger.refusals import PartnershipUnknown, ReasonMissing

Write = Callable[[Statement], str]
Extracts = Callable[[Statement, str], Mapping[str, str]]
"""From a statement and its document: the SHA-256 of every partner's extract, which the chain then covers too."""
MOST_YEARS = 30


# ---------------------------------------------------------------------------------------------- applying an agreement

@dataclass(frozen=True, slots=True)
class Applied:
    """What applying a file did, in words; no words where the file was in force already."""

    book: Book
    agreement: Agreement
    changes: tuple[str, ...]


def apply(conn: Connection, text: str, file: str, now: dt.datetime) -> Applied:
    """Puts an agreement file in force: opens books, accounts, periods and opening reserves where they are new.

    Refuses a file with faults. Where it changes what a closed year rests on, the next close apportions that year again.
    """
    agreement = read_agreement(text, file)
    terms = agreement.partnership
    try:
        book = books.open_book(conn, terms.id, lock=True)
    except PartnershipUnknown:
        book = books.create(conn, terms.id, terms.name, terms.currency)
    before = store.agreement_text(conn, book)
    if before == text:
        return Applied(book, agreement, ())
    if before is not None:
        begun = books_store.periods(conn, book)[0].starts
        wrong = [*forbidden(read_kept(before), agreement, begun), *_dropped(conn, book, agreement)]
        if wrong:
            raise Refused(wrong).in_file(file)
    books.open_accounts(conn, book, postings.accounts_of(agreement))
    first = agreement.versions()[0].effective
    _add_years(conn, book, agreement, first, first)
    day = _first_open_day(conn, book, first)
    digest = proof.digest(text)
    entry = Entry("agreement", day, digest, terms.name, details=_canonical({"file": file, "sha256": digest}))
    number = _post_known(conn, book, entry, now)
    store.keep_agreement(conn, book, number, text)
    _open_reserves(conn, book, agreement, day, now)
    old = read_kept(before) if before else None
    return Applied(book, agreement, (*changes(old, agreement), *_to_correct(conn, book, old, agreement)))


def _to_correct(conn: Connection, book: Book, before: Agreement | None, agreement: Agreement) -> Iterator[str]:
    """Which closed years the next close will apportion again, in words."""
    for year in closed_years(conn, book, agreement) if before else ():
        assert before is not None, "only then"
        if what := list(past_changes(before, agreement, year.periods()[-1])):
            yield (f"changes what FY{year.number}, closed, rests on ({', '.join(what)}): the next close apportions it "
                   "again by correcting entries")


def _post_known(conn: Connection, book: Book, entry: Entry, now: dt.datetime) -> int:
    """Posts an agreement's memorandum; a file that returns to what it once said gets a reference of its own."""
    again = books_store.find(conn, book, entry.kind, entry.reference)
    if again is not None:
        count = len(store.agreements(conn, book)) + 1
        entry = replace(entry, reference=f"{entry.reference} #{count}")
    return books.post(conn, book, [entry], now).numbers[0]


def _open_reserves(conn: Connection, book: Book, agreement: Agreement, day: dt.date, now: dt.datetime) -> None:
    """Opening reserves are cash in their fund's bank, held for their partners of origin; each is posted once."""
    for name, terms in agreement.reserves.items():
        if books_store.find(conn, book, OPENING, f"reserve {name}") is not None or not sum(terms.opening.values()):
            continue
        lines = [Posting(postings.bank(terms.fund), sum(terms.opening.values()), terms.fund)]
        lines += [Posting(postings.reserve(name, p), -amount, terms.fund, p) for p, amount in terms.opening.items()
                  if amount]
        books.post(conn, book, [Entry(OPENING, day, f"reserve {name}", f"Opening balance of reserve {name}",
                                      tuple(lines))], now)


def _dropped(conn: Connection, book: Book, agreement: Agreement) -> list[PoolbookError]:
    """Services and partners that have entries in the books stay in the file."""
    services = {service for version in agreement.agreements for service in version.services}
    moved = books_store.movements(conn, book)
    gone = {(Said("service"), m.service) for m in moved if m.service and m.service not in services}
    gone |= {(Said("partner"), m.partner) for m in moved if m.partner and m.partner not in agreement.partners}
    return [NameInUse(kind=kind, name=name) for kind, name in sorted(gone)]


def _first_open_day(conn: Connection, book: Book, first: dt.date) -> dt.date:
    opened = [p for p in books_store.periods(conn, book) if not p.closed and p.ends >= first]
    return max(opened[0].starts, first)


def _add_years(conn: Connection, book: Book, agreement: Agreement, first: dt.date, last: dt.date) -> None:
    """Sees that the calendar reaches, without a gap, from its first year over the year of `last` and one more."""
    calendar = agreement.calendar
    known = books_store.periods(conn, book)
    year = calendar.year_of(known[-1].ends).next() if known else calendar.year_of(first)
    periods: list[Period] = []
    while year.number <= calendar.year_of(last).number + 1:
        periods += year.periods()
        year = year.next()
    if periods:
        books.add_periods(conn, book, periods)


def _canonical(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


# ----------------------------------------------------------------------------------------------------- taking in events

@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: how many events are new in the books, how many were there, which were refused and why."""

    posted: int
    skipped: int
    refused: tuple[PoolbookError, ...] = ()


def import_events(conn: Connection, book: Book, events: Iterable[Event], now: dt.datetime, *, late: bool = False,
                  accept_good: bool = False, unreadable: Sequence[PoolbookError] = (),
                  progress: Progress | None = None) -> Imported:
    """Posts events, all or none (`accept_good`: those without a fault). The same event again changes nothing.

    Some are taken at a time, so that millions need no more memory than thousands. `unreadable` are the faults of rows
    that did not become events, of as many as have been read; they count like any other. `late` posts what is dated in
    a closed period in the first open one, marked with the period it belongs to.
    Raises `Refused` with the faults of all rows, each with its place.
    """
    books.open_book(conn, book.id, lock=True)
    agreement = current(conn, book)
    intake = Intake(conn, book, agreement, now, late, accept_good)
    told = 0
    with conn.begin_nested():
        for some in at_a_time(events):
            reach(conn, book, agreement, [event.date for event in some])
            intake.periods = books_rules.Periods(books_store.periods(conn, book))
            intake.faults += unreadable[told:]
            told = len(unreadable)
            refused = virement_faults(some, agreement, None if accept_good else MOST_FAULTS)
            intake.faults += [fault for _, fault in refused]
            out = {event for event, _ in refused}
            intake.post([event for event in some if event.event != "reversal" and event not in out], progress)
            intake.post([event for event in some if event.event == "reversal"], progress)
            if not accept_good and len(intake.faults) >= MOST_FAULTS:
                break
        if intake.faults and not accept_good:
            raise Refused(sorted(intake.faults, key=lambda fault: (fault.place.file, fault.place.line or 0)))
    return Imported(intake.posted, intake.skipped, tuple(intake.faults))


def reach(conn: Connection, book: Book, agreement: Agreement, dates: Iterable[dt.date]) -> None:
    """Sees that the books' calendar reaches these days, but no mistyped one beyond any agreement's life."""
    first = agreement.versions()[0].effective
    near = [date for date in dates if first <= date and date.year <= first.year + MOST_YEARS]
    if near:
        _add_years(conn, book, agreement, first, max(near))


# ------------------------------------------------------------------------------------------------------------- closing

def close(conn: Connection, book: Book, period_name: str, now: dt.datetime, write: Write,
          extracts: Extracts | None = None) -> Issued:
    """Closes a period: posts what fell due and, where shares settle, the shares; issues the statement and keeps it."""
    books.open_book(conn, book.id, lock=True)
    now = books.moment(conn, book, now)  # the statement knows what was sealed until its turn came
    agreement = current(conn, book)
    period = agreement.calendar.parse(period_name)
    reach(conn, book, agreement, [period.ends])
    there = books_store.periods(conn, book)
    wrong = books_rules.close_faults(books_rules.Periods(there).named(period.id), there)
    if wrong:
        raise Refused(wrong)
    issue = store.last_issue(conn, book, period) + 1
    after = _post_closing(conn, book, agreement, period, issue, now)
    statement = assembled(after, books_store.head(conn, book), now, issue)
    failed = [check.check for check in statement.checks if not check.holds]
    if failed:
        raise Refused([CheckFails(period=period.id, check="; ".join(failed))])
    document = write(statement)
    covered = {"extracts": extracts(statement, document)} if extracts else {}
    memo = Entry("statement", period.ends, f"{period.id}/{issue}", f"Statement for {period.id}, issue {issue}",
                 details=_canonical({**covered, "issue": issue, "period": period.id,
                                     "sha256": proof.digest(document)}))
    number = books.post(conn, book, [memo], now).numbers[0]
    issued = Issued(period.number, issue, number, now, document)
    store.keep_statement(conn, book, issued)
    books.close_period(conn, book, period.id, now)
    return issued


def _post_closing(conn: Connection, book: Book, agreement: Agreement, period: Period, issue: int,
                  now: dt.datetime) -> Position:
    """Posts what falls due and is shared; answers the position with the books as they are afterwards."""
    redone = correcting_entries(conn, book, agreement, period, issue)
    if redone:
        books.post(conn, book, redone, now)
    found = position(conn, book, agreement, period)
    entries = due_entries(conn, book, found, issue)
    if not entries:
        return found
    books.post(conn, book, entries, now)
    first = found.year.periods()[0].number
    after = figures(moved_before(conn, book, agreement, found.year),
                    books_store.movements(conn, book, first=first, last=period.number))
    assert after.actuals == found.figures.actuals, "what a close posts does not change what it shared"
    return replace(found, figures=after)


def reopen(conn: Connection, book: Book, period_name: str, reason: str, now: dt.datetime) -> list[Period]:
    """Opens a closed period again, and those after it, the latest first; closing them again issues new statements."""
    books.open_book(conn, book.id, lock=True)
    agreement = current(conn, book)
    period = agreement.calendar.parse(period_name)
    there = books_store.periods(conn, book)
    closed = [p for p in there if p.closed and p.number >= period.number]
    if closed and not reason.strip():  # told of the period that was named, not of the last one
        raise Refused([ReasonMissing(period=period.id)])
    again = closed or [books_rules.Periods(there).named(period.id)]
    for one in reversed(again):
        books.reopen_period(conn, book, one.id, reason, now)
    return again


def verify(conn: Connection, book: Book) -> list[str]:
    """What is wrong with the books and with the documents that they cover, in words; empty when all is sound."""
    return [*books.verify(conn, book), *proof.findings(conn, book), *proposals_proof.findings(conn, book)]
