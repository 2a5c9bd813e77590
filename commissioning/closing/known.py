"""What the books know at the end of a period: now, or when a number of entries had been recorded. Reads, never writes.

A statement is worked out from it: at a close for good (`commissioning.service`), in between as a draft
(`commissioning.closing.drafts`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection

from allocation.cost import CostItem
from allocation.costs.duration import Duration
from commissioning import store
from commissioning.agreement.model import Agreement
from commissioning.agreement.plan import Stretch, stretches
from commissioning.agreement.reading import read_applied
from commissioning.apportionment.last_agreed import looks_back
from commissioning.books import cost_items
from commissioning.books.figures import REDONE
from commissioning.books.memoranda import KINDS, LASTING, OF_THE_YEAR, memoranda
from commissioning.closing.entries import (
    instalment_entries,
    later_years_entries,
    share_entries,
    squaring_entries,
)
from commissioning.closing.position import (
    Known,
    Position,
    begun_by,
    follow_own_day,
    on_own_day,
    settles_later,
    work_out,
)
from commissioning.closing.previous import earlier_forecasts, previous
from commissioning.events.model import details_of
from commissioning.refusals.names import AgreementLater, NoAgreement
from commissioning.refusals.periods import StatementMissing
from commissioning.store import Issued
from ledger import store as books_store
from ledger.calendar import ONE_DAY, Year
from ledger.errors import PoolbookError, Refused
from ledger.model import Book, Entry, Movement, Period, Recorded

LAST = 2**62
"""The number of an entry that is not posted: it comes after all that are."""


class IssueMissing(PoolbookError):
    code = "issue-missing"
    what = "the statement for {period} has no issue {issue} that was known then"
    remedy = "name one from 1 to {last}; compare the only one with a draft of how it would be now: issue 0"
    status = 404


@lru_cache(maxsize=32)
def read_kept(text: str) -> Agreement:
    """An agreement file that was applied before."""
    return read_applied(text)


def current(conn: Connection, book: Book, upto: int | None = None) -> Agreement:
    """The agreement as it was applied last; `upto`: by the time that many entries had been recorded."""
    text = store.agreement_text(conn, book, upto)
    if text is None:
        later = upto is not None and store.agreement_text(conn, book) is not None
        raise Refused([(AgreementLater if later else NoAgreement)(partnership=book.id)])
    return read_kept(text)


def position(conn: Connection, book: Book, agreement: Agreement, period: Period, upto: int | None = None,
             also: Sequence[Entry] = ()) -> Position:
    """Where the partnership stands at the end of a period, by all that is recorded, or by the entries `upto` one.

    `also`: entries that put earlier years right and that a close would post in this period first.
    """
    return work_out(agreement, period, known(conn, book, agreement, period, upto, also))


def known(conn: Connection, book: Book, agreement: Agreement, period: Period, upto: int | None = None,
          also: Sequence[Entry] = ()) -> Known:
    """What the books know of a year up to the end of a period."""
    unposted = [Recorded(LAST, dt.datetime.max.replace(tzinfo=dt.UTC), "", period.id, entry) for entry in also]
    year = agreement.calendar.year_of(period.ends)
    first = year.periods()[0].number
    before = moved_before(conn, book, agreement, year, upto)
    moved = [*books_store.movements(conn, book, first=first, last=period.number, upto=upto),
             *movements_of(also, period)]
    begun = begun_by(stretches(agreement, year), period.ends)
    by_stretch = [store.movements_between(conn, book, s.window.starts, min(s.window.ends, period.ends), moved, upto)
                  for s in begun]
    if len(begun) > 1:
        late = books_store.entries(conn, book, start=year.starts, end=period.ends, late=True, upto=upto)
        by_stretch = follow_own_day(begun, by_stretch, late)
    told = memoranda([*on_own_day(_told(conn, book, year, period, upto), begun),
                      *(one for one in unposted if one.entry.kind in KINDS)], year.starts)
    items = _cost_items(conn, book, begun, by_stretch, period.ends, upto)
    opening = _opening(conn, book, begun, period.ends, upto)
    redone = [*(one for one in books_store.entries(conn, book, kinds=[REDONE], end=period.ends, upto=upto)
                if one.entry.date >= year.starts), *(one for one in unposted if one.entry.kind == REDONE)]
    return Known(before, moved, by_stretch, told, items, opening, redone, previous(conn, book, agreement, period, upto),
                 tuple(earlier_forecasts(conn, book, agreement, period, upto)))


def _told(conn: Connection, book: Book, year: Year, period: Period, upto: int | None) -> list[Recorded]:
    """The memoranda that count at the end of a period, and what reversed any of them by then."""
    found = [*books_store.memoranda(conn, book, OF_THE_YEAR, year.starts, period.ends, upto),
             *books_store.memoranda(conn, book, LASTING, None, period.ends, upto)]
    return found + books_store.reversals(conn, book, (one.number for one in found), period.ends, upto)


def moved_before(conn: Connection, book: Book, agreement: Agreement, year: Year,
                 upto: int | None = None) -> list[Movement]:
    """What moved in the years before one: each cell in one sum, so that a statement asks no more of old books than of
    young ones. Where a share is to be as it last was, period by period, for it looks back year by year."""
    last = year.periods()[0].number - 1
    if looks_back(agreement):
        return books_store.movements(conn, book, last=last, upto=upto)
    return books_store.totals(conn, book, last, upto)


def _cost_items(conn: Connection, book: Book, begun: Sequence[Stretch], by_stretch: Sequence[Sequence[Movement]],
                until: dt.date, upto: int | None) -> list[list[CostItem]]:
    """What the cost rules of each version look at: events where a rule asks for them, else sums.

    A late event counts on its own day: for the version then in force, among the cases of its own month.
    """
    entries: list[Recorded] = []
    if any(cost_items.by_event(stretch.version) for stretch in begun):
        entries = on_own_day(books_store.entries(conn, book, kinds=cost_items.KINDS, start=begun[0].year.starts,
                                                 end=until, upto=upto), begun)
    known = {recorded.number: recorded for recorded in entries}
    undone = {n: known.get(n) or books_store.entry(conn, book, n)
              for n in (recorded.entry.reverses for recorded in entries) if n}
    found = []
    for stretch, movements in zip(begun, by_stretch, strict=True):
        services = cost_items.cost_services(stretch.version)
        here = [one for one in entries if stretch.window.starts <= one.entry.date <= stretch.window.ends]
        found.append(cost_items.from_entries(here, services, undone) if cost_items.by_event(stretch.version) else
                     cost_items.from_movements(movements, services))
    return found


def _opening(conn: Connection, book: Book, begun: Sequence[Stretch], until: dt.date,
             upto: int | None) -> dict[str, int]:
    """Each case's units before the year, where a rule goes by how long a case has lasted."""
    lasting = [s for s in begun if any(isinstance(r.cost, Duration) for r in s.version.rules)]
    if not lasting:
        return {}
    services = {service for s in lasting for service in cost_items.cost_services(s.version)}
    told = books_store.entries(conn, book, kinds=["opening_units", "reversal"], end=until, upto=upto)
    opened = {recorded.number for recorded in told if recorded.entry.kind == "opening_units"}
    earlier = books_store.entries(conn, book, kinds=cost_items.KINDS, start=dt.date.min,
                                  end=lasting[0].year.starts - ONE_DAY, upto=upto)
    return cost_items.days_before(
        [*(one for one in told if one.number in opened or one.entry.reverses in opened), *earlier], services)


def due_entries(conn: Connection, book: Book, found: Position, issue: int, upto: int | None = None,
                also: Sequence[Entry] = ()) -> list[Entry]:
    """What a close at this position posts: instalments fallen due and, where shares settle, the shares.

    `also`: entries that it posted, or would post, before.
    """
    entries = [*instalment_entries(found, issue), *share_entries(found, issue)]
    movements: Sequence[Movement] = [] if found.indicative else books_store.totals(
        conn, book, found.period.number, upto)
    entries += squaring_entries(found, movements, [*also, *entries], issue)
    return entries + later_years_entries(found, issue)


def movements_of(entries: Iterable[Entry], period: Period) -> list[Movement]:
    """What entries would move, line by line."""
    return [Movement(p.account, p.kind or entry.kind, p.fund, p.partner, p.service, p.source, p.cost_class,
                     period.number, max(p.amount, 0), max(-p.amount, 0), p.units)
            for entry in entries for p in entry.postings]


@dataclass(frozen=True, slots=True)
class RecordedIssue:
    """An issue of a statement without its figures, as the chain has it."""

    period: str
    issue: int
    entry_number: int
    known_at: dt.datetime
    sha256: str
    indicative: bool


def recorded_issues(conn: Connection, book: Book) -> list[RecordedIssue]:
    """Every issue of every statement, in the order of periods, from the entries that recorded them: no document is
    read, however many there are."""
    there = store.issue_entries(conn, book)
    if not there:
        return []
    agreement = current(conn, book)
    told = {one.number: one.entry for one in books_store.memoranda(conn, book, ("statement",))}
    found = []
    for number, known_at in there.items():
        says = details_of(told[number].details)
        found.append(RecordedIssue(says["period"], says["issue"], number, known_at, says["sha256"],
                                   settles_later(agreement, agreement.calendar.parse(says["period"]))))
    return found


def issued(conn: Connection, book: Book, period_name: str, *, issue: int | None = None,
           known_at: dt.datetime | None = None) -> Issued:
    """A statement as it was issued: the latest, one issue, or the latest known at a moment."""
    period = current(conn, book).calendar.parse(period_name)
    found = [one for one in store.issues(conn, book, period)
             if issue in (None, one.issue) and (known_at is None or one.known_at <= known_at)]
    if not found and issue is not None and (there := store.last_issue(conn, book, period)):
        raise Refused([IssueMissing(period=period.id, issue=issue, last=there)])
    if not found:
        raise Refused([StatementMissing(period=period.id)])
    return found[-1]
