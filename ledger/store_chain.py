"""What the seals say: where the chain stands, now and then; every query on `batch`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from ledger.chain import START
from ledger.exchange import Question
from ledger.model import Book, Head
from ledger.tables import batch, entry

_BATCHES = (select(*batch.c["batch_number", "first_entry", "last_entry", "recorded_at", "prev_hash", "hash"])
            .where(batch.c.partnership_key == bindparam("of")))
_NUMBERED = select(batch.c.hash).where(batch.c.partnership_key == bindparam("of"),
                                      batch.c.batch_number == bindparam("seal"))
_LAST = _BATCHES.order_by(batch.c.batch_number.desc()).limit(1)  # written once: every post asks it


@dataclass(frozen=True, slots=True)
class Sealed:
    """A batch as it was sealed: its entries, when, and the chain's hash before and after them."""

    number: int
    first: int
    last: int
    recorded_at: dt.datetime
    prev_hash: bytes
    hash: bytes


def head(conn: Connection, of: Book) -> Head:
    """How many entries the books hold and the chain's hash over them."""
    last = last_batch(conn, of)
    return Head(last.last, last.hash.hex()) if last else Head(0, START.hex())


def last_batch(conn: Connection, of: Book) -> Sealed | None:
    """The newest seal; None while the books are empty."""
    return _last(conn.execute(_LAST, {"of": of.key}).all())


def asks_last_batch(of: Book) -> Question:
    """What `last_batch` asks, to be asked together with something else."""
    return Question(_LAST, {"of": of.key}, _last)


def asks_follows(of: Book, seal: Sealed) -> Question:
    """Whether the chain is still the one that this seal stood in: whatever came since was added to it."""
    return Question(_NUMBERED, {"of": of.key, "seal": seal.number}, lambda rows: rows == [(seal.hash,)])


def _last(rows: Sequence[Any]) -> Sealed | None:
    return Sealed(*rows[0]) if rows else None


def batches(conn: Connection, of: Book) -> list[Sealed]:
    """Every seal in order."""
    return [Sealed(*row) for row in conn.execute(_BATCHES.order_by(batch.c.batch_number), {"of": of.key})]


def content_hashes(conn: Connection, of: Book, first: int) -> list[bytes]:
    """The content hashes of the first so many entries, in order."""
    c = entry.c
    rows = conn.execute(select(c.content_hash).where(c.partnership_key == of.key, c.number <= first).order_by(c.number))
    return [bytes(row[0]) for row in rows]


def head_at(conn: Connection, of: Book, entries: int) -> Head:
    """Where the chain stood when that many entries had been recorded; the number must be a seal's last one, or 0."""
    found = conn.scalar(select(batch.c.hash).where(batch.c.partnership_key == of.key, batch.c.last_entry == entries))
    assert found is not None or entries == 0, "the chain's head is kept where a batch ends"
    return Head(entries, START.hex() if found is None else bytes(found).hex())


def last_known(conn: Connection, of: Book, known_at: dt.datetime) -> int:
    """The number of the last entry that had been recorded at that moment; 0 before the first."""
    c = batch.c
    return conn.scalar(select(c.last_entry).where(c.partnership_key == of.key, c.recorded_at <= known_at)
                       .order_by(c.recorded_at.desc(), c.batch_number.desc()).limit(1)) or 0
