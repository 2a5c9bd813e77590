"""One import of events under way: what each becomes in the books, what it brings with it, and what is refused and why.

Events that are there already are skipped, whatever has happened since: posted late, under an earlier version, or in a
period that has closed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from sqlalchemy import Connection

from commissioning.agreement.model import Agreement
from commissioning.books import postings
from commissioning.events.model import KINDS, Event, details_of
from commissioning.events.refusals import (
    AccrualReversesItself,
    AgainstAmbiguous,
    AgainstUnknown,
    ReversalAfterService,
    ReversalEarly,
    ReversalPartial,
    VirementIncomplete,
    VirementNotZero,
)
from commissioning.refusals.periods import EventInClosedPeriod, EventOfClosedYear
from ledger import rules as books_rules
from ledger import service as books
from ledger import store as books_store
from ledger.calendar import ONE_DAY
from ledger.errors import MOST_FAULTS, Place, PoolbookError, Refused
from ledger.language import Said
from ledger.model import Book, Entry, Recorded
from ledger.money import grouped
from ledger.refusals import PeriodClosed, ReferenceReused

Progress = Callable[[int], None]
MANY = 20_000  # events that are taken at a time
BESIDE = frozenset({"virement", "reversal"})
OF_ITS_YEAR = frozenset({"virement", "forecast", "outcome"})
"""What tells of one financial year only, so that it can be late within it but not in the next."""


def at_a_time(events: Iterable[Event]) -> Iterator[list[Event]]:
    """Events in their order, so many at a time. Where that is more than once, those that must be seen beside others
    come last: the rows of a virement are posted together or not at all, and a reversal may undo any event."""
    rest, beside = iter(events), list[Event]()
    some = list(islice(rest, MANY))
    while more := list(islice(rest, MANY)):
        yield [event for event in some if event.event not in BESIDE]
        beside += [event for event in some if event.event in BESIDE]
        some = more
    yield beside + some


def virement_faults(events: Sequence[Event], agreement: Agreement,
                    most: int | None = None) -> list[tuple[Event, PoolbookError]]:
    """Budget is moved, never made: a virement's rows total zero, and one that is refused takes the others with it.

    Looks no further once `most` faults are found.
    """
    rows: dict[str, list[Event]] = {}
    for event in events:
        if event.event == "virement":
            rows.setdefault(event.reference, []).append(event)
    found: list[tuple[Event, PoolbookError]] = []
    for reference, some in rows.items():
        total = sum(event.amount or 0 for event in some)
        faulty = ((event, fault) for event in some if (fault := _mapping_fault(event, agreement)))
        wrong = dict(islice(faulty, most))
        if total or wrong:
            words = {"reference": reference, "total": grouped(total, agreement.currency)}
            found += [(event, wrong.get(event) or _with_the_others(event, total, words)) for event in some]
        if most is not None and len(found) >= most:
            break
    return found


def _mapping_fault(event: Event, agreement: Agreement) -> PoolbookError | None:
    try:
        postings.entry_of(event, agreement)
    except PoolbookError as fault:
        return fault.at(event.place)
    return None


def _with_the_others(event: Event, total: int, words: dict[str, str]) -> PoolbookError:
    if total:
        return VirementNotZero(event.place, reference=words["reference"], total=words["total"])
    return VirementIncomplete(event.place, reference=words["reference"])


class Intake:
    """One import under way: what was posted, what was there, what was refused."""

    def __init__(self, conn: Connection, book: Book, agreement: Agreement, now: dt.datetime, late: bool,
                 accept_good: bool) -> None:
        self.conn, self.book, self.agreement, self.now = conn, book, agreement, now
        self.late, self.accept_good = late, accept_good
        self.periods = books_rules.Periods(books_store.periods(conn, book))
        self.faults: list[PoolbookError] = []
        self.posted = self.skipped = 0

    def post(self, events: Iterable[Event], progress: Progress | None) -> None:
        """Posts some events, as often as it takes to leave out those that are refused or are there already.

        Good rows are posted beside refused ones even where all will be undone for them: so every row's fault is told at
        once, and a reversal finds the event that it undoes.
        """
        pairs: list[tuple[Event, Entry]] = []
        for event in events:
            try:
                pairs += [(event, entry) for entry in self._entries(event)]
            except PoolbookError as error:
                self.faults.append(error.at(event.place))
                if self._enough():
                    return
        before = self.posted + self.skipped
        heard = None if progress is None else lambda count: progress(before + count)
        while pairs:
            try:
                with self.conn.begin_nested():
                    done = books.post(self.conn, self.book, [entry for _, entry in pairs], self.now, heard)
            except Refused as refused:
                out = self._left_out(refused, pairs)
                pairs = [pair for i, pair in enumerate(pairs) if i not in out]
                if self._enough():
                    return
            else:
                self.posted += len(pairs) - done.skipped
                self.skipped += done.skipped
                self._follow_up(pairs, done.numbers)
                return

    def _enough(self) -> bool:
        """Whether as many faults are found as are told of a file of which nothing is kept."""
        return not self.accept_good and len(self.faults) >= MOST_FAULTS

    def _follow_up(self, pairs: Sequence[tuple[Event, Entry]], numbers: Sequence[int]) -> None:
        """Posts what some events bring with them: an accrual its reversal, spending a release of its commitment."""
        more = [wanted for event, _ in pairs if (wanted := postings.release_of(event))]
        for (event, entry), number in zip(pairs, numbers, strict=True):
            if event.event == "accrual":
                after = self.periods.on(entry.date)
                assert after is not None, "an accrual was posted into a period"
                recorded = books_store.entry(self.conn, self.book, number)
                more.append(postings.reversal_of_accrual(recorded, after.ends + ONE_DAY))
            elif event.event == "reversal" and entry.reverses:
                undone = books_store.entry(self.conn, self.book, entry.reverses).entry
                release = books_store.find(self.conn, self.book, "release", undone.reference)
                if undone.kind == "expenditure" and release is not None:
                    more.append(books_rules.reversal(release.number, release.entry, entry.date,
                                                     f"release {event.reference}", event.note))
        if more:
            books.post(self.conn, self.book, more, self.now)

    def _left_out(self, refused: Refused, pairs: Sequence[tuple[Event, Entry]]) -> set[int]:
        """Sorts out what the books refused: events there already are skipped, the others are faults of their rows."""
        out = set()
        for fault in refused.faults:
            assert fault.index is not None, "the books say which entry they refuse"
            event, entry = pairs[fault.index]
            first_fault = fault.index not in out
            out.add(fault.index)
            if isinstance(fault, ReferenceReused) and self._there(event, entry):
                self.skipped += 1
            elif first_fault:
                self.faults.append(self._row_fault(fault, event))
        return out

    def _there(self, event: Event, entry: Entry) -> bool:
        """The same event, though it was posted late or under an earlier version of the agreement."""
        recorded = books_store.find(self.conn, self.book, entry.kind, entry.reference)
        return recorded is not None and recorded.entry.details == event.details()

    def _row_fault(self, fault: PoolbookError, event: Event) -> PoolbookError:
        if isinstance(fault, PeriodClosed):
            period = self.periods.on(event.date)
            return EventInClosedPeriod(replace(event.place, field="date"), date=event.date,
                                       period=period.id if period else event.date)
        return fault.at(event.place)

    def _entries(self, event: Event) -> list[Entry]:
        """The entry of an event; a virement is undone whole, with an entry for each of its rows."""
        if event.event != "reversal":
            return [self._in_open_period(event, postings.entry_of(event, self.agreement))]
        undone = _undone(self.conn, self.book, event)
        return [self._in_open_period(event, self._reversal(event, one, several=len(undone) > 1)) for one in undone]

    def _reversal(self, event: Event, undone: Recorded, *, several: bool) -> Entry:
        says = details_of(undone.entry.details)
        own = dt.date.fromisoformat(says["date"]) if undone.entry.belongs_to else undone.entry.date
        if event.date < own:
            raise ReversalEarly(Place(field="date"), date=event.date, undone=own)
        if undone.entry.kind == "accrual":
            raise AccrualReversesItself(Place(field="against"), against=event.against,
                                        period=self._period_after(undone))
        version = self.agreement.version_on(event.date)
        if undone.entry.kind == "fault" and (version is None or says["service"] not in version.services):
            last = next((v for v in reversed(self.agreement.versions()) if says["service"] in v.services), None)
            raise ReversalAfterService(Place(field="date"), date=event.date, service=says["service"],
                                       version=last.id if last else Said("none"))
        whole = says.get("amount")
        if event.amount is not None and event.amount != whole:
            raise ReversalPartial(Place(field="amount"), amount=grouped(event.amount, self.book.currency),
                                  whole=grouped(whole or 0, self.book.currency))
        reference = f"{event.reference} {says['service']}" if several else event.reference
        return replace(books_rules.reversal(undone.number, undone.entry, event.date, reference, event.note),
                       details=event.details())

    def _period_after(self, accrual: Recorded) -> str:
        """The period on whose first day an accrual is undone."""
        after = [p.id for p in self.periods.all if p.starts > accrual.entry.date]
        return after[0] if after else "the one after it"

    def _in_open_period(self, event: Event, entry: Entry) -> Entry:
        """With `--late`, what is dated in a closed period goes to the first open one, marked."""
        period = self.periods.on(event.date)
        if self.late and period and period.closed:
            opened = next(p for p in self.periods.all if not p.closed)
            year = self.agreement.calendar.year_of(event.date)
            past = year != self.agreement.calendar.year_of(opened.ends)
            if past and event.event in OF_ITS_YEAR and not self._there(event, entry):
                raise EventOfClosedYear(Place(field="date"), date=event.date, year=f"FY{year.number}",
                                        event=event.event, period=period.id)
            return replace(entry, date=opened.starts, belongs_to=period.id)
        return entry


def _undone(conn: Connection, book: Book, event: Event) -> list[Recorded]:
    """The entry that a reversal names, by its reference or as `kind:reference`; of a virement, all its rows."""
    found = books_store.find_reference(conn, book, event.against)
    kind, _, reference = event.against.partition(":")
    if not found and reference:
        one = books_store.find(conn, book, kind, reference)
        found = [one] if one else []
    found = [one for one in found if one.entry.kind in KINDS and one.entry.kind != "reversal"]
    if not found:
        wanted = event.against.removeprefix("virement:")
        moves = books_store.entries(conn, book, kinds=["virement"], text=wanted)
        rows = [one for one in moves if details_of(one.entry.details)["reference"] == wanted]
        if rows:
            return rows
        raise AgainstUnknown(replace(event.place, field="against"), reference=event.against)
    if len(found) > 1:
        kinds = [one.entry.kind for one in found]
        raise AgainstAmbiguous(replace(event.place, field="against"), reference=event.against,
                               kinds=", ".join(kinds), example=f"{kinds[0]}:{event.against}")
    return found
