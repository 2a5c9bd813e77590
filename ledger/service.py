"""What can be done to the books: read, decide, write. Everything happens in the caller's transaction; none commits."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, insert, select

from ledger import bulk, chain, refusals, rules, store
from ledger.chain import CellWords
from ledger.constraints import translated
from ledger.errors import PoolbookError, Refused
from ledger.model import Book, Entry, Head, Period, Posted, Recorded
from ledger.money import decimals
from ledger.proof import findings
from ledger.tables import account, batch, cell, partnership, period, period_status

BATCH = 20_000  # entries under one seal when many are posted at once: bounds what the database sorts and we hold


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
    if lock:
        with translated():
            store.lock(conn, found)
    return found


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


def post(conn: Connection, book: Book, entries: Sequence[Entry], now: dt.datetime,
         progress: Callable[[int], None] | None = None) -> Posted:
    """Posts entries, all or none: raises `Refused` with every fault found, each with the `index` of its entry.

    The same kind and reference with the same content counts as skipped. `Posted.numbers` has a number for each entry
    asked, in that order; a skipped one has the number that it got the first time. `progress` hears how many of the
    entries are written so far.
    """
    with translated():
        store.lock(conn, book)
        plan = _plan(conn, book, entries)
        keys = _resolve_cells(conn, book, list(plan.cells))
        head = store.last_batch(conn, book)
        batch_number, link = (head.number, head.hash) if head else (0, chain.START)
        filed, late_for = plan.filed, plan.late_for
        recorded_at = _after(head, now)
        for start in range(0, len(plan.fresh), BATCH):
            some = plan.fresh[start:start + BATCH]
            batch_number += 1
            chunk = bulk.Chunk(book.key, plan.first + start, batch_number, [entries[i] for i in some],
                               [plan.digests[i] for i in some], filed, late_for, keys)
            bulk.write(conn, chunk)
            before, link = link, chain.fold(link, chunk.digests)
            conn.execute(insert(batch), {
                "partnership_key": book.key, "batch_number": batch_number, "first_entry": chunk.first,
                "last_entry": chunk.first + len(some) - 1, "recorded_at": recorded_at, "prev_hash": before,
                "hash": link})
            if progress is not None:
                progress(start + len(some))
    return Posted(tuple(plan.numbers), len(entries) - len(plan.fresh))


def moment(conn: Connection, book: Book, now: dt.datetime) -> dt.datetime:
    """When it is for a writer who has waited for others: `now`, or just after what was sealed last.

    A clock may lag behind another server's, and others may have sealed while this one waited its turn. What is known
    at a moment must not depend on that, so time goes forward along the chain.
    """
    return _after(store.last_batch(conn, book), now)


def _after(last: store.Sealed | None, now: dt.datetime) -> dt.datetime:
    return now if last is None or now >= last.recorded_at else last.recorded_at + dt.timedelta(microseconds=1)


@dataclass
class _Plan:
    """What posting will do, worked out before anything is written."""

    periods: rules.Periods
    first: int
    digests: list[bytes] = field(default_factory=list)
    cells: dict[CellWords, str] = field(default_factory=dict)
    fresh: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    faults: list[PoolbookError] = field(default_factory=list)

    @property
    def late_for(self) -> dict[str, int | None]:
        return {"": None, **{id_: p.number for id_, p in self.periods.by_id.items()}}

    @property
    def filed(self) -> dict[dt.date, tuple[str, int]]:
        return {date: (date.isoformat(), period.number) for date, period in self.periods.known.items()}


def _plan(conn: Connection, book: Book, entries: Sequence[Entry]) -> _Plan:
    plan = _Plan(rules.Periods(store.periods(conn, book)), store.head(conn, book).entries + 1)
    for index, entry in enumerate(entries):
        plan.digests.append(chain.content(entry, plan.cells))
        found = rules.faults(entry, plan.periods, book.currency, index)
        if found:
            plan.faults.extend(found)
    _number(conn, book, entries, plan)
    _check_cells(conn, book, entries, plan)
    _check_reversals(conn, book, entries, plan)
    # An entry that is there already was accepted then, though its period may have closed since.
    fresh = set(plan.fresh)
    faults = [f for f in plan.faults if f.index in fresh or isinstance(f, refusals.ReferenceReused)]
    if faults:
        raise Refused(sorted(faults, key=lambda fault: fault.index or 0))
    return plan


def _number(conn: Connection, book: Book, entries: Sequence[Entry], plan: _Plan) -> None:
    """Gives each entry its number; meets those that are there already, or twice in what was asked."""
    met: dict[str, dict[str, tuple[int, bytes]]] = {}
    if plan.first > 1:
        references: dict[str, list[str]] = {}
        for entry in entries:
            references.setdefault(entry.kind, []).append(entry.reference)
        met = {kind: store.contents(conn, book, kind, some) for kind, some in references.items()}
    following = plan.first
    for index, (entry, digest) in enumerate(zip(entries, plan.digests, strict=True)):
        of_kind = met.setdefault(entry.kind, {})
        there = of_kind.get(entry.reference)
        if there is None:
            of_kind[entry.reference] = (following, digest)
            plan.fresh.append(index)
            plan.numbers.append(following)
            following += 1
            continue
        plan.numbers.append(there[0])
        if there[1] != digest:
            plan.faults.append(refusals.ReferenceReused(index=index, reference=entry.reference, kind=entry.kind))


def _check_cells(conn: Connection, book: Book, entries: Sequence[Entry], plan: _Plan) -> None:
    """Refuses accounts that the books lack, and words that cannot stand in a key."""
    paths = {words[0] for words in plan.cells}
    unknown = paths - store.account_keys(conn, book, [p for p in paths if not rules.account_faults(p)]).keys()
    bad_words = {words: name for words in plan.cells if (name := rules.unusable_word(words))}
    if not (unknown or bad_words):
        return
    known = store.accounts(conn, book)
    for index, entry in enumerate(entries):
        for words in dict.fromkeys(chain.cell_of(p, entry.kind) for p in entry.postings):
            if words[0] in unknown:
                plan.faults.append(rules.unknown_account(entry, words[0], known, index))
            elif words in bad_words:
                plan.faults.append(rules.word_fault(entry, bad_words[words], index))


def _check_reversals(conn: Connection, book: Book, entries: Sequence[Entry], plan: _Plan) -> None:
    """An entry is undone once, and only after it was recorded."""
    undoing = [i for i in plan.fresh if entries[i].reverses is not None]
    if not undoing:
        return
    gone = set(store.reversed_by(conn, book, (entries[i].reverses or 0 for i in undoing)))
    for i in undoing:
        number = entries[i].reverses or 0
        if not 1 <= number < plan.numbers[i]:
            plan.faults.append(refusals.EntryUnknown(index=i, number=number))
        elif number in gone:
            plan.faults.append(refusals.AlreadyReversed(index=i, number=number))
        gone.add(number)


def _resolve_cells(conn: Connection, book: Book, cells: list[CellWords]) -> dict[CellWords, int]:
    """The keys of cells, made where they are new."""
    keys = store.cell_keys(conn, book, cells)
    new = [words for words in cells if words not in keys]
    if new:
        accounts = store.account_keys(conn, book, {words[0] for words in new})
        top = conn.scalar(select(func.max(cell.c.cell_key)).where(cell.c.partnership_key == book.key)) or 0
        names = ("kind", "fund", "partner", "service", "source", "cost_class")
        rows = []
        for key, words in enumerate(new, top + 1):
            keys[words] = key
            rows.append({"partnership_key": book.key, "cell_key": key, "account_key": accounts[words[0]],
                         **dict(zip(names, words[1:], strict=True))})
        conn.execute(insert(cell), rows)
    return keys


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
