"""What every call shares: the key that admits it, the one transaction it reads or writes in, and its repetition.

A change is committed before its answer is sent. Changes to one partnership queue behind each other, so a request
that is repeated while the first one still runs waits for it and gets its answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Request, Security
from fastapi.responses import Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from pydantic import BaseModel
from sqlalchemy import Connection, Engine

from api import keys, refusals, schemas
from api.bodies import Given
from api.database import reading
from commissioning.agreement import ID
from ledger import service as books
from ledger import store
from ledger.constraints import translated
from ledger.model import Book
from ledger.refusals import IdempotencyKeyReused, PartnershipUnknown

REPLAYED = "Idempotency-Replayed"
BEARER = HTTPBearer(scheme_name="key", bearerFormat="pbk_...", auto_error=False,
                    description="An API key, made by `poolbook key new` for one partnership, to read, to write or both")
Partnership = Annotated[str, Path(description="The partnership's id, as in its agreement")]


@dataclass(frozen=True, slots=True)
class Call:
    """A request that its key has admitted: to which partnership, with which key, and when."""

    engine: Engine
    partnership: str
    key: keys.Key
    now: dt.datetime

    @contextmanager
    def reading(self) -> Iterator[tuple[Connection, Book]]:
        """One unchanging view of the partnership's books."""
        with reading(self.engine).begin() as conn:
            yield conn, books.open_book(conn, self.partnership)


def admit(request: Request, scopes: SecurityScopes, partnership: Partnership,
          carried: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]) -> Call:
    """Admits a request whose key opens the partnership and has the route's scope.

    Another partnership than the key's is unknown to it, whether there is one of that name or not.
    """
    state = request.app.state
    now = state.clock()
    if carried is None:
        raise refusals.BearerMissing()
    with reading(state.engine).begin() as conn:
        key = keys.check(conn, state.secret, carried.credentials, now)
        book = _find(conn, partnership)
    opens = key.partnership_key == keys.EVERY or (book is not None and book.key == key.partnership_key)
    if not opens or not ID.fullmatch(partnership):
        raise PartnershipUnknown(partnership=partnership)
    for scope in scopes.scopes:
        if scope not in key.scopes:
            raise refusals.ScopeMissing(key=key.id, scope=scope)
    return Call(state.engine, partnership, key, now)


Reads = Annotated[Call, Security(admit, scopes=["read"])]
Writes = Annotated[Call, Security(admit, scopes=["write"])]


def _find(conn: Connection, partnership: str) -> Book | None:
    if not ID.fullmatch(partnership):
        return None
    try:
        return books.open_book(conn, partnership)
    except PartnershipUnknown:
        return None


def change(call: Call, given: Given, do: Callable[[Connection], BaseModel], *, status: int = 200,
           dry_run: bool = False) -> Response:
    """Does one change in one transaction and answers once it is committed; any refusal undoes all of it.

    Under an idempotency key that was used before, the first answer comes again and nothing else happens. A dry run
    does everything but keep it.
    """
    key = None if dry_run else given.key
    with call.engine.connect() as conn, translated():
        book = _find(conn, call.partnership)
        if book is not None:
            store.lock(conn, book)
        first = store.remembered(conn, book, key) if book is not None and key is not None else None
        if first is not None:
            return _again(first, given)
        body = do(conn).model_dump_json(by_alias=True).encode()
        if dry_run:
            conn.rollback()
            return _answer(200, body)
        if key is not None:
            store.remember(conn, book or books.open_book(conn, call.partnership), key, given.fingerprint, status, body,
                           call.now)
        conn.commit()
    return _answer(status, body)


def _again(first: store.Remembered, given: Given) -> Response:
    if first.request_hash != given.fingerprint:
        raise IdempotencyKeyReused(key=given.key)
    return _answer(first.status, first.body, {REPLAYED: "true"})


def _answer(status: int, body: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status, headers, media_type="application/json")


def ledger(conn: Connection, book: Book) -> schemas.Ledger:
    """Where the books stand."""
    head = store.head(conn, book)
    return schemas.Ledger(entries=head.entries, head=head.hash)
