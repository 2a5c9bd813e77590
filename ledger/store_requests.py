"""Requests that were answered: every query on `idempotency`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger import bulk
from ledger.model import Book
from ledger.tables import idempotency


@dataclass(frozen=True, slots=True)
class Remembered:
    """The first answer given to a request that carried an idempotency key."""

    request_hash: bytes
    status: int
    body: bytes


def remembered(conn: Connection, of: Book, key: str) -> Remembered | None:
    """The answer given to the first request with this key, if there was one."""
    c = idempotency.c
    row = conn.execute(select(c.request_hash, c.status, c.body).where(
        c.partnership_key == of.key, c.key == key)).first()
    return None if row is None else Remembered(bytes(row[0]), row[1], bytes(row[2]))


def remembered_keys(conn: Connection, of: Book, keys: Collection[str]) -> set[str]:
    """Those of these keys under which a request was answered before."""
    c = idempotency.c
    return set(conn.scalars(select(c.key).where(c.partnership_key == of.key, c.key.in_(keys)))) if keys else set()


def remember(conn: Connection, of: Book, key: str, request_hash: bytes, status: int, body: bytes,
             now: dt.datetime) -> None:
    """Keeps the answer to a request, for whoever repeats it."""
    conn.execute(idempotency.insert(), {"partnership_key": of.key, "key": key, "request_hash": request_hash,
                                        "status": status, "body": body, "recorded_at": now})


def remember_all(conn: Connection, of: Book, answers: Iterable[tuple[str, bytes, int, bytes, dt.datetime]]) -> None:
    """Keeps the answers to several requests: of each the key, the request's hash, status, body and moment."""
    rows = [(key, request_hash, status, body, bulk.moment(conn, at), of.key)
            for key, request_hash, status, body, at in answers]
    if rows:
        bulk.insert(conn, "idempotency", {"key": "text", "request_hash": "bytea", "status": "int4", "body": "bytea",
                                          "recorded_at": "timestamptz", "partnership_key": "int4"}, rows)
