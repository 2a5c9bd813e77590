"""What can be done to the books: read, decide, write. Everything happens in the caller's transaction; none commits."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, func, insert, select

from ledger import posting, refusals, rules, store
from ledger.constraints import translated
from ledger.errors import Refused
from ledger.model import Book, Entry, Head, Period, Recorded
from ledger.money import decimals
from ledger.posting import post as post
from ledger.proof import findings
from ledger.tables import account, partnership, period, period_status


def create(conn: Connection, id: str, name: str, currency: str) -> Book:  # noqa: A002
    """Opens the books of a new partnership."""
    decimals(currency)
    with translated():
        store.lock_new(conn)
        if conn.scalar(select(partnership.c.id).where(partnership.c.id == id)) is not None:
            raise refusals.PartnershipExists(partnership=id)
        key = (conn.scalar(select(func.max(partnership.c.partnership_key))) or 0) + 1
        conn.execute(insert(partnership), {"partnership_key": key, "id": id, "name": name, "currency": currency})
    return Book(key, id, name, currency)


def open_book(conn: Connection, id: str, lock: bool = False) -> Book:  # noqa: A002
    """The books of a partnership; with `lock`, once every other writer to them has finished."""
    found = store.book(conn, id)
    if not lock:
        return found
    with translated():
        return store.lock(conn, found)


def list_books(conn: Connection) -> list[Book]:
    """The books of every partnership in the database."""
    return store.books(conn)


def open_accounts(conn: Connection, book: Book, paths: Iterable[str]) -> None:
    """Opens accounts; those that exist are left alone."""
    wanted = list(dict.fromkeys(paths))
    found = [fault for path in wanted for fault in rules.account_faults(path)]
    if found:
        raise Refused(found)
    with translated():
        store.lock(conn, book)
        known = store.account_keys(conn, book, wanted)
        new = [path for path in wanted if path not in known]
        if new:
            top = conn.scalar(select(func.max(account.c.account_key))
                              .where(account.c.partnership_key == book.key)) or 0
            conn.execute(insert(account), [{"partnership_key": book.key, "account_key": key, "path": path}
                                           for key, path in enumerate(new, top + 1)])


def add_periods(conn: Connection, book: Book, periods: Sequence[Period]) -> None:
    """Adds periods to the calendar; the same again is left alone, a changed or overlapping one refused."""
    with translated():
        store.lock(conn, book)
        known = {p.number: p for p in store.periods(conn, book)}
        for wanted in sorted(periods, key=lambda p: p.number):
            there = known.get(wanted.number)
            if there is None:
                overlap = [p for p in known.values() if p.starts <= wanted.ends and wanted.starts <= p.ends]
                if overlap or wanted.ends < wanted.starts:
                    raise refusals.PeriodOverlap(period=wanted.id)
                conn.execute(insert(period), {"partnership_key": book.key, "number": wanted.number, "id": wanted.id,
                                              "starts": wanted.starts, "ends": wanted.ends})
                known[wanted.number] = wanted
            elif (there.id, there.starts, there.ends) != (wanted.id, wanted.starts, wanted.ends):
                raise refusals.PeriodOverlap(period=wanted.id)


def moment(conn: Connection, book: Book, now: dt.datetime) -> dt.datetime:
    """When it is for a writer who has waited for others: `now`, or just after what was sealed last.

    A clock may lag behind another server's, and others may have sealed while this one waited its turn. What is known
    at a moment must not depend on that, so time goes forward along the chain.
    """
    return posting.after(store.last_batch(conn, book), now)


def reverse(conn: Connection, book: Book, number: int, date: dt.date, reference: str, memo: str,
            now: dt.datetime) -> Recorded:
    """Undoes an entry by a new one of kind `reversal`, dated into an open period; the same again changes nothing."""
    store.lock(conn, book)
    undone = store.entry(conn, book, number).entry
    posted = post(conn, book, [rules.reversal(number, undone, date, reference, memo)], now)
    return store.entry(conn, book, posted.numbers[0])


def close_period(conn: Connection, book: Book, period_id: str, now: dt.datetime, reason: str = "") -> Recorded:
    """Closes a period for good, unless reopened: nothing can be dated into it any more. Earlier ones are closed."""
    found, steps = _period(conn, book, period_id)
    faults = rules.close_faults(found, store.periods(conn, book))
    if faults:
        raise Refused(faults)
    note = _note(conn, book, "close", found, steps // 2 + 1, reason, now)
    _step(conn, book, found, steps + 1, "closed", reason, now)
    return note


def reopen_period(conn: Connection, book: Book, period_id: str, reason: str, now: dt.datetime) -> Recorded:
    """Opens a closed period again, for a reason that is kept. Later ones are open."""
    found, steps = _period(conn, book, period_id)
    faults = rules.reopen_faults(found, store.periods(conn, book), reason)
    if faults:
        raise Refused(faults)
    _step(conn, book, found, steps + 1, "open", reason, now)
    return _note(conn, book, "reopen", found, (steps + 1) // 2, reason, now)


def _period(conn: Connection, book: Book, period_id: str) -> tuple[Period, int]:
    with translated():
        store.lock(conn, book)
    found = rules.Periods(store.periods(conn, book)).named(period_id)
    return found, store.status_steps(conn, book).get(found.number, 0)


def _step(conn: Connection, book: Book, of: Period, seq: int, status: str, reason: str, now: dt.datetime) -> None:
    with translated():
        conn.execute(insert(period_status), {
            "partnership_key": book.key, "period_number": of.number, "seq": seq, "status": status, "reason": reason,
            "recorded_at": now})


def _note(conn: Connection, book: Book, kind: str, of: Period, time: int, reason: str, now: dt.datetime) -> Recorded:
    """A memorandum, so that the chain covers it too that a period was closed or reopened, and why."""
    details = json.dumps({"period": of.id, "reason": reason}, sort_keys=True, ensure_ascii=False)
    words = f"{of.id} {'closed' if kind == 'close' else 'reopened'}{': ' if reason else ''}{reason}"
    note = Entry(kind, of.ends, f"{of.id} #{time}", words, details=details)
    return store.entry(conn, book, post(conn, book, [note], now).numbers[0])


def verify(conn: Connection, book: Book, heads: Iterable[Head] = ()) -> list[str]:
    """What is wrong with the books, in words; empty when they are sound. `heads` are ones noted elsewhere before."""
    return findings(conn, book, heads)
