"""Are the books what they were? Recomputes every hash, sum and balance from the postings and says what differs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from sqlalchemy import Connection, func, select

from ledger import chain, store
from ledger.chain import CellWords
from ledger.model import Book, Head, Period, Recorded
from ledger.money import to_text
from ledger.proof_marks import mark_findings
from ledger.store import Sealed
from ledger.tables import batch, entry, period_status, posting

STEPS = ("close", "reopen")  # memoranda that say what was done to a period
_ENOUGH = 200  # findings after which a reader has seen that something is badly wrong

Sums = dict[tuple[CellWords, int], list[int]]


def findings(conn: Connection, book: Book, heads: Iterable[Head] = ()) -> list[str]:
    """Every difference between what is stored and what follows from it, in words; `heads` were noted elsewhere."""
    found: list[str] = []
    seals = store.batches(conn, book)
    found += _seal_findings(seals)
    found += _stray_findings(conn, book, seals)
    sums: Sums = defaultdict(lambda: [0, 0, 0])
    found += _entry_findings(conn, book, seals, {head.entries: head.hash for head in heads}, sums)
    found += _movement_findings(conn, book, sums)
    found += mark_findings(conn, book, _ENOUGH)
    found += _step_findings(conn, book)
    return found[:_ENOUGH]


def _seal_findings(seals: list[Sealed]) -> list[str]:
    found, number, last, link = [], 0, 0, chain.START
    for before, after in pairwise(seals):
        if after.recorded_at < before.recorded_at:
            found.append(f"batch {after.number} is kept as recorded before batch {before.number}, which it follows")
    for seal in seals:
        if seal.number != number + 1 or seal.first != last + 1 or seal.last < seal.first:
            found.append(f"batch {seal.number} does not follow batch {number}: a batch is missing or was altered")
        if seal.prev_hash != link:
            found.append(f"batch {seal.number} does not continue the chain of the batch before it")
        number, last, link = seal.number, seal.last, seal.hash
    return found


def _stray_findings(conn: Connection, book: Book, seals: list[Sealed]) -> list[str]:
    last = seals[-1].last if seals else 0
    found = []
    for table, words in ((entry, "entries"), (posting, "postings")):
        strays = conn.scalar(select(func.count()).select_from(table).where(
            table.c.partnership_key == book.key, table.c.number > last))
        if strays:
            found.append(f"{strays} {words} stand beyond entry {last}, the last one sealed")
    c = entry.c
    misfiled = conn.scalars(
        select(c.number).outerjoin(batch, (batch.c.partnership_key == c.partnership_key)
                                   & (batch.c.batch_number == c.batch_number))
        .where(c.partnership_key == book.key, c.number <= last,
               func.coalesce(c.number.between(batch.c.first_entry, batch.c.last_entry), False).is_(False))
        .limit(_ENOUGH))
    return found + [f"entry {number} is filed under a batch that does not hold it" for number in misfiled]


def _entry_findings(conn: Connection, book: Book, seals: list[Sealed], heads: dict[int, str],
                    sums: Sums) -> list[str]:
    """Walks the entries once: contents, gaps, sums, dates, the chain at each seal and at each head noted elsewhere."""
    found: list[str] = []
    by_id = {p.id: p for p in store.periods(conn, book)}
    ends = {seal.last: seal for seal in seals}
    framed: dict[CellWords, str] = {}
    lines = _line_counts(conn, book)
    link, expected = chain.START, 1
    broken = False
    for item in store.all_entries(conn, book):
        if item.number != expected:
            found.append(f"entries {expected} to {item.number - 1} are missing")
            expected = item.number
        content = chain.content(item.entry, framed)
        if content.hex() != item.content_hash:
            found.append(f"entry {item.number} ({item.entry.reference}) was altered: its content does not match "
                         "its hash")
        found += _content_findings(item, by_id, lines, book.currency)
        _add(item, by_id, sums)
        link = chain.fold(link, [content])
        seal = ends.get(item.number)
        if seal is not None and seal.hash != link and not broken:
            broken = True  # every later seal differs too; the first one says where
            found.append(f"the chain breaks in batch {seal.number} (entries {seal.first} to {seal.last})")
        if item.number in heads and heads.pop(item.number) != link.hex():
            found.append(f"the chain over the first {item.number} entries is not the one that was noted before")
        expected += 1
        if len(found) >= _ENOUGH:
            break
    last = seals[-1].last if seals else 0
    if expected <= last and len(found) < _ENOUGH:
        found.append(f"entries {expected} to {last} are missing")
    if heads.pop(0, chain.START.hex()) != chain.START.hex():
        found.append("the head noted for empty books is not that of empty books")
    found += [f"a head was noted after {entries} entries, but the books hold fewer" for entries in sorted(heads)
              if entries > last]
    return found


def _line_counts(conn: Connection, book: Book) -> dict[int, int]:
    """The entries whose postings are not lines 1 to their count, with that count."""
    c, p = entry.c, posting.c
    query = (select(c.number, c.line_count).outerjoin(posting, (p.partnership_key == c.partnership_key)
                                                      & (p.number == c.number))
             .where(c.partnership_key == book.key).group_by(c.number, c.line_count)
             .having((func.count(p.line) != c.line_count) | (func.coalesce(func.max(p.line), 0) != c.line_count)))
    return {row[0]: row[1] for row in conn.execute(query)}


def _content_findings(item: Recorded, by_id: dict[str, Period], lines: dict[int, int], currency: str) -> list[str]:
    found = []
    if item.number in lines:
        found.append(f"entry {item.number} should have {lines[item.number]} postings, from line 1 without gaps")
    totals: dict[str, int] = defaultdict(int)
    for p in item.entry.postings:
        totals[p.fund] += p.amount
    found += [f"entry {item.number} does not balance{f' in fund {fund}' if fund else ''}: "
              f"{to_text(total, currency)} is left over" for fund, total in totals.items() if total]
    period = by_id.get(item.period)
    if period is None or not period.starts <= item.entry.date <= period.ends:
        found.append(f"entry {item.number} of {item.entry.date} is filed in {item.period or 'no period'}, which does "
                     "not hold that date")
    return found


def _add(item: Recorded, by_id: dict[str, Period], sums: Sums) -> None:
    period = by_id.get(item.period)
    for p in item.entry.postings:
        moved = sums[chain.cell_of(p, item.entry.kind), period.number if period else -1]
        moved[0 if p.amount > 0 else 1] += abs(p.amount)
        moved[2] += p.units


def _step_findings(conn: Connection, book: Book) -> Iterator[str]:
    """Each period's closing and reopening, with the reasons, as kept and as the chain's memoranda say."""
    c = period_status.c
    kept: dict[str, list[tuple[str, str]]] = defaultdict(list)
    names = {p.number: p.id for p in store.periods(conn, book)}
    for row in conn.execute(select(c.period_number, c.status, c.reason).where(c.partnership_key == book.key)
                            .order_by(c.period_number, c.seq)):
        name = names.get(row.period_number, str(row.period_number))
        kept[name].append(("close" if row.status == "closed" else "reopen", row.reason))
    noted: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for note in store.memoranda(conn, book, STEPS):
        try:
            says = json.loads(note.entry.details)
            noted[says["period"]].append((note.entry.kind, says["reason"]))
        except (ValueError, KeyError, TypeError):
            yield f"entry {note.number} ({note.entry.kind}) does not say which period it is of"
    for name in sorted(kept.keys() | noted.keys()):
        if kept[name] != noted[name]:
            yield f"{name} is kept as {_told(kept[name])}, but the chain says {_told(noted[name])}"


def _told(steps: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{kind}{f' ({reason})' if reason else ''}" for kind, reason in steps) or "never closed"


def _movement_findings(conn: Connection, book: Book, sums: Sums) -> list[str]:
    stored: dict[tuple[CellWords, int], list[int]] = {}
    for m in store.movements(conn, book):
        words = (m.account, m.kind, m.fund, m.partner, m.service, m.source, m.cost_class)
        stored[words, m.period] = [m.debit, m.credit, m.units]
    found = []
    for key in sorted(sums.keys() | stored.keys()):
        is_, should = stored.get(key, [0, 0, 0]), sums.get(key, [0, 0, 0])
        if is_ != should:
            words, number = key
            about = ", ".join(word for word in words[1:] if word)
            found.append(f"the balance of {words[0]} ({about}) in period {number} is kept as "
                         f"{to_text(is_[0] - is_[1], book.currency)} but its postings total "
                         f"{to_text(should[0] - should[1], book.currency)} (or its sides or units differ)")
    return found
