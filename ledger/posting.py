"""How entries are posted: planned against the books, written in bulk, sealed; one caller's or several callers' at once.

Everything happens in the caller's transaction, under the lock of the books.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain as joined

from sqlalchemy import Connection, func, insert, select

from ledger import bulk, chain, refusals, rules, store
from ledger.chain import CellWords
from ledger.constraints import translated
from ledger.errors import PoolbookError, Refused
from ledger.model import Book, Entry, Head, Posted
from ledger.tables import WORDS, batch, cell

_SEAL = insert(batch)
BATCH = 20_000  # entries under one seal when many are posted at once: bounds what the database sorts and we hold


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands under the last seal: the calendar, and the keys of cells as far as they were looked up.

    Whoever closes, reopens or posts leaves a new seal; so this holds for as long as `seal` is the last one. Cells and
    accounts are only ever added.
    """

    seal: store.Sealed | None
    periods: rules.Periods
    cells: dict[CellWords, int]

    @property
    def head(self) -> Head:
        """How many entries there are and the chain's hash over them."""
        return Head(self.seal.last, self.seal.hash.hex()) if self.seal else Head(0, chain.START.hex())


@dataclass(frozen=True, slots=True)
class Share:
    """What posting several callers' entries together did for one of them, as if it had been alone.

    `head` is where the chain stands after its entries; `made` are the first and the last number that are new.
    """

    posted: Posted
    head: Head
    made: tuple[int, int] | None


def post(conn: Connection, book: Book, entries: Sequence[Entry], now: dt.datetime,
         progress: Callable[[int], None] | None = None) -> Posted:
    """Posts entries, all or none: raises `Refused` with every fault found, each with the `index` of its entry.

    The same kind and reference with the same content counts as skipped. `Posted.numbers` has a number for each entry
    asked, in that order; a skipped one has the number that it got the first time. `progress` hears how many of the
    entries are written so far.
    """
    with translated():
        store.lock(conn, book)
        plan = _plan(conn, book, entries, standing(conn, book, store.last_batch(conn, book)))
        _write(conn, book, entries, plan, now, progress)
    return Posted(tuple(plan.numbers), len(entries) - len(plan.fresh))


@dataclass(frozen=True, slots=True)
class Together:
    """Several callers' entries, found good and numbered, to be written under one seal."""

    book: Book
    asked: Sequence[Sequence[Entry]]
    entries: list[Entry]
    plan: _Plan

    def write(self, conn: Connection, now: dt.datetime) -> tuple[list[Share], Standing]:
        """Writes them; each caller's share, and what stands once the transaction is committed. Asks nothing back."""
        stands = self.plan.stands
        with translated():
            seal = _write(conn, self.book, self.entries, self.plan, now) or stands.seal
        return list(self._shares()), replace(stands, seal=seal, cells=self.plan.keys)

    def _shares(self) -> Iterator[Share]:
        """For each caller what it would have heard alone, after those before it."""
        plan, start = self.plan, 0
        link, last = bytes.fromhex(plan.stands.head.hash), plan.stands.head.entries
        fresh = set(plan.fresh)
        for entries in self.asked:
            places = range(start, start + len(entries))
            new = [i for i in places if i in fresh]
            link, last, start = chain.fold(link, (plan.digests[i] for i in new)), last + len(new), places.stop
            numbers = tuple(plan.numbers[i] for i in places)
            yield Share(Posted(numbers, len(entries) - len(new)), Head(last, link.hex()),
                        (last - len(new) + 1, last) if new else None)


def together(conn: Connection, book: Book, asked: Sequence[Sequence[Entry]], stands: Standing, *,
             new: bool = False) -> Together:
    """Finds several callers' entries good to be posted under one seal, in their order; refuses as `post` does.

    The `index` of a fault counts over the entries of all. The caller has locked the books and then seen what `stands`.
    `new`: none is looked for among those that are there, and the database refuses to write one a second time.
    """
    entries = list(joined.from_iterable(asked))
    assert len(entries) <= BATCH, "one seal holds them all"
    with translated():
        return Together(book, asked, entries, _plan(conn, book, entries, stands, new=new))


def standing(conn: Connection, book: Book, seal: store.Sealed | None) -> Standing:
    """What stands under the last seal."""
    return Standing(seal, rules.Periods(store.periods(conn, book)), {})


def after(last: store.Sealed | None, now: dt.datetime) -> dt.datetime:
    """The moment of the next seal: `now`, but never before the last one."""
    return now if last is None or now >= last.recorded_at else last.recorded_at + dt.timedelta(microseconds=1)


def _write(conn: Connection, book: Book, entries: Sequence[Entry], plan: _Plan, now: dt.datetime,
           progress: Callable[[int], None] | None = None) -> store.Sealed | None:
    """Writes what is new, and a seal for every so many; the last seal, if there is a new one."""
    last = plan.stands.seal
    link, recorded_at = last.hash if last else chain.START, after(last, now)
    made = None
    for chunk in bulk.write(conn, _chunks(book, entries, plan)):
        before, link = link, chain.fold(link, chunk.digests)
        made = store.Sealed(chunk.batch_number, chunk.first, chunk.first + len(chunk.entries) - 1, recorded_at, before,
                            link)
        conn.execute(_SEAL, {
            "partnership_key": book.key, "batch_number": made.number, "first_entry": made.first,
            "last_entry": made.last, "recorded_at": recorded_at, "prev_hash": before, "hash": link})
        if progress is not None:
            progress(made.last - plan.first + 1)
    return made


def _chunks(book: Book, entries: Sequence[Entry], plan: _Plan) -> Iterator[bulk.Chunk]:
    """What is new, as many at a time as one seal holds."""
    filed, late_for = plan.filed, plan.late_for
    following = plan.stands.seal.number + 1 if plan.stands.seal else 1
    for number, start in enumerate(range(0, len(plan.fresh), BATCH), following):
        some = plan.fresh[start:start + BATCH]
        yield bulk.Chunk(book.key, plan.first + start, number, [entries[i] for i in some],
                         [plan.digests[i] for i in some], filed, late_for, plan.keys)


@dataclass
class _Plan:
    """What posting will do, worked out before anything is written."""

    stands: Standing
    digests: list[bytes] = field(default_factory=list)
    cells: dict[CellWords, str] = field(default_factory=dict)
    keys: dict[CellWords, int] = field(default_factory=dict)
    fresh: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    faults: list[PoolbookError] = field(default_factory=list)

    @property
    def periods(self) -> rules.Periods:
        return self.stands.periods

    @property
    def first(self) -> int:
        return self.stands.head.entries + 1

    @property
    def late_for(self) -> dict[str, int | None]:
        return {"": None, **{id_: p.number for id_, p in self.periods.by_id.items()}}

    @property
    def filed(self) -> dict[dt.date, tuple[str, int]]:
        return {date: (date.isoformat(), period.number) for date, period in self.periods.known.items()}


def _plan(conn: Connection, book: Book, entries: Sequence[Entry], stands: Standing, *, new: bool = False) -> _Plan:
    plan = _Plan(stands)
    for index, entry in enumerate(entries):
        plan.digests.append(chain.content(entry, plan.cells))
        found = rules.faults(entry, plan.periods, book.currency, index)
        if found:
            plan.faults.extend(found)
    _number(entries, plan, {} if new or plan.first == 1 else _there(conn, book, entries))
    cells = [words for words in plan.cells if words not in stands.cells]
    _check_cells(conn, book, entries, plan, cells)
    _check_reversals(conn, book, entries, plan)
    # An entry that is there already was accepted then, though its period may have closed since.
    fresh = set(plan.fresh)
    faults = [f for f in plan.faults if f.index in fresh or isinstance(f, refusals.ReferenceReused)]
    if faults:
        raise Refused(sorted(faults, key=lambda fault: fault.index or 0))
    plan.keys = stands.cells | _resolve_cells(conn, book, cells) if cells else stands.cells
    return plan


def _there(conn: Connection, book: Book, entries: Sequence[Entry]) -> dict[str, dict[str, tuple[int, bytes]]]:
    """By kind and reference, the number and content of those of these entries that the books hold already."""
    references: dict[str, list[str]] = {}
    for entry in entries:
        references.setdefault(entry.kind, []).append(entry.reference)
    return {kind: store.contents(conn, book, kind, some) for kind, some in references.items()}


def _number(entries: Sequence[Entry], plan: _Plan, met: dict[str, dict[str, tuple[int, bytes]]]) -> None:
    """Gives each entry its number; meets those that are there already, or twice in what was asked."""
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


def _check_cells(conn: Connection, book: Book, entries: Sequence[Entry], plan: _Plan,
                 new: Sequence[CellWords]) -> None:
    """Refuses accounts that the books lack, and words that cannot stand in a key; cells that exist have neither."""
    paths = {words[0] for words in new}
    unknown = paths - store.account_keys(conn, book, [p for p in paths if not rules.account_faults(p)]).keys()
    bad_words = {words: name for words in new if (name := rules.unusable_word(words))}
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


def _resolve_cells(conn: Connection, book: Book, cells: Sequence[CellWords]) -> dict[CellWords, int]:
    """The keys of cells, made where they are new."""
    keys = store.cell_keys(conn, book, cells)
    new = [words for words in cells if words not in keys]
    if new:
        accounts = store.account_keys(conn, book, {words[0] for words in new})
        top = conn.scalar(select(func.max(cell.c.cell_key)).where(cell.c.partnership_key == book.key)) or 0
        rows = []
        for key, words in enumerate(new, top + 1):
            keys[words] = key
            rows.append({"partnership_key": book.key, "cell_key": key, "account_key": accounts[words[0]],
                         **dict(zip(WORDS, words[1:], strict=True))})
        conn.execute(insert(cell), rows)
    return keys
