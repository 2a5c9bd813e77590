"""Closed years that rest on what an agreement has changed since: apportioned again, by correcting entries.

Nothing that was posted or issued is edited. Each closed year, from the first one touched, is worked out under the
agreement as it is now; what differs from what was settled is posted in the period being closed, marked with the year
that it belongs to.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from commissioning import store
from commissioning.agreement.changes import past_changes
from commissioning.agreement.model import Agreement
from commissioning.books.figures import INSTALMENT, REDONE, SHARE
from commissioning.books.memoranda import Lent, Memoranda
from commissioning.closing.entries import instalment_entries, later_years_entries, share_entries
from commissioning.closing.known import known, read_kept
from commissioning.closing.position import Known, Position, work_out
from ledger import store as books
from ledger.calendar import Year
from ledger.model import Book, Entry, Movement, Period


@dataclass(frozen=True, slots=True)
class _Correction:
    """What one entry corrects: the number of the year it belongs to, and of the year in which it stands."""

    of: int
    posted: int
    entry: Entry


def _touched(conn: Connection, book: Book, agreement: Agreement, period: Period, upto: int | None) -> list[Year]:
    """The closed years before a period's that are to be apportioned again: from the first one touched, all of them.

    A year is touched where the agreement has changed what its latest statement rests on, or where it was corrected
    before (and may have been closed again since).
    """
    now, years = agreement.calendar.year_of(period.ends), closed_years(conn, book, agreement, upto)
    corrected = {one.entry.belongs_to for one in books.entries(conn, book, kinds=[REDONE], upto=upto)}
    for i, year in enumerate(years):
        last = year.periods()[-1]
        if year.number < now.number and (last.id in corrected or _changed_since(conn, book, agreement, last, upto)):
            return [other for other in years[i:] if other.number < now.number]
    return []


def _changed_since(conn: Connection, book: Book, agreement: Agreement, last: Period, upto: int | None) -> list[str]:
    """What the agreement has changed of what a period's latest statement rests on, in words."""
    then = store.agreement_text(conn, book, store.last_recorded(conn, book, last, upto))
    before = read_kept(then) if then is not None else agreement
    return [] if before is agreement else list(past_changes(before, agreement, last))


def closed_years(conn: Connection, book: Book, agreement: Agreement, upto: int | None = None) -> list[Year]:
    """The years whose last period is closed and has a statement; `upto`: had one when that many entries were there."""
    years = {agreement.calendar.year_of(p.ends).number for p in books.periods(conn, book) if p.closed}
    found = [agreement.calendar.year(number) for number in sorted(years)]
    return [year for year in found if store.last_recorded(conn, book, year.periods()[-1], upto)]


def correcting_entries(conn: Connection, book: Book, agreement: Agreement, period: Period, issue: int,
                       upto: int | None = None) -> list[Entry]:
    """What a close posts to put right the years before it; nothing where no agreement changed what they rest on."""
    years = _touched(conn, book, agreement, period, upto)
    if not years:
        return []
    calendar = agreement.calendar
    made = [_Correction(calendar.year_of(calendar.parse(one.entry.belongs_to).ends).number,
                        calendar.year_of(one.entry.date).number, one.entry)
            for one in books.entries(conn, book, kinds=[REDONE], upto=upto)]
    told = known(conn, book, agreement, period, upto).memoranda
    found: list[Entry] = []
    lent: dict[dt.date, tuple[Lent, ...]] = {}
    before: Position | None = None
    for year in years:
        before = work_out(agreement, year.periods()[-1], _corrected(
            known(conn, book, agreement, year.periods()[-1], upto), year, made, before, lent))
        lent[year.ends] = before.lending
        fresh = _redated([*instalment_entries(before, issue), *share_entries(before, issue)], before, period, issue)
        made += [_Correction(year.number, calendar.year_of(period.ends).number, entry) for entry in fresh]
        found += fresh
        found += _later_years(before, told, period, issue, last=year is years[-1])
    return found


def _later_years(before: Position, told: Memoranda, period: Period, issue: int, *, last: bool) -> Iterator[Entry]:
    """What later years are to read of a past one, where it is not what they were told: what was lent in it and, of the
    last one, what it leaves to this year's budgets."""
    if before.lending == told.lent_by(before.period.ends) and not (last and before.shares.carried != told.carried_in):
        return
    ends = json.dumps(before.period.ends.isoformat())
    for memo in later_years_entries(before, issue, again=True):
        yield replace(memo, date=period.ends, reference=f"{period.id}/{issue} {memo.reference}",
                      details=f'{{"ends": {ends}, {memo.details[1:]}')


def _redated(entries: Iterable[Entry], position: Position, period: Period, issue: int) -> list[Entry]:
    """A past year's entries as corrections in the period being closed."""
    return [Entry(REDONE, period.ends, f"{period.id}/{issue} {entry.reference}",
                  f"{position.year_name} apportioned again under the agreement as changed", entry.postings,
                  belongs_to=position.period.id) for entry in entries]


def _corrected(found: Known, year: Year, made: Sequence[_Correction], before: Position | None,
               lent: Mapping[dt.date, tuple[Lent, ...]]) -> Known:
    """What the books knew of a past year, with what later years' entries have corrected of it and of those before.

    `before` is the year before, apportioned again, and `lent` what was covered in all such years.
    """
    own, earlier = list(found.year), list(found.before)
    for one in made:
        if one.of <= year.number < one.posted:
            into = own if one.of == year.number else earlier
            into += _movements(one.entry, year.periods()[-1].number)
    told = found.memoranda
    if before is not None:
        told = replace(told, carried_in=dict(before.shares.carried), lent={**told.lent, **lent})
    return replace(found, year=own, before=earlier, memoranda=told)


def _movements(entry: Entry, number: int) -> list[Movement]:
    """What a correction moved, as the kind of entry that it corrects."""
    return [Movement(p.account, INSTALMENT if _of_instalments(p.account) else SHARE, p.fund, p.partner, p.service,
                     p.source, p.cost_class, number, max(p.amount, 0), max(-p.amount, 0), p.units)
            for p in entry.postings]


def _of_instalments(account: str) -> bool:
    return account.startswith(("assets:contributions-receivable:", "income:contributions:"))
