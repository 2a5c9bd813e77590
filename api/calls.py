"""What every call shares: who makes it and by which right, the one transaction it reads or writes in, its repetition.

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

from api.access import keys, members
from api.access import session as oidc_session
from api.access.oidc import Identity
from api.access.refusals import BearerMissing, OtherPartner, RightMissing
from api.access.rights import RIGHTS, Caller
from api.bodies import Given
from api.database import reading
from api.drafts import Drafts
from api.logs import told
from api.row_security import as_partner
from api.shapes.base import Ledger
from commissioning.agreement.model import ID
from ledger import service as books
from ledger import store
from ledger.constraints import translated
from ledger.model import Book
from ledger.refusals import IdempotencyKeyReused, PartnershipUnknown

REPLAYED = "Idempotency-Replayed"
BEARER = HTTPBearer(scheme_name="key", bearerFormat="pbk_...", auto_error=False,
                    description="An API key, made by `poolbook key new` for one partnership and certain roles; or, "
                                "where the server has a sign-in service, a token of that. In a browser, the cookie "
                                "of /auth/login, or of a key given once at /sign-in, serves as well")
Partnership = Annotated[str, Path(description="The partnership's id, as in its agreement")]


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was admitted: to which partnership, who makes it, and when."""

    engine: Engine
    partnership: str
    caller: Caller
    now: dt.datetime
    drafts: Drafts

    @property
    def actor(self) -> str:
        """Who acts: `key:<id>` or `oidc:<issuer>#<subject>`."""
        return self.caller.actor

    @property
    def person(self) -> str:
        """The person behind the actor: two keys of one holder are one person."""
        return self.caller.person

    @property
    def partner(self) -> str:
        """The partner that the caller is bound to; empty for one who may see all of the partnership."""
        return self.caller.partner

    def for_partner(self, asked: str | None) -> str | None:
        """For which partner an answer is to be made: the one asked for, or the one that the caller is bound to."""
        if self.partner and asked not in (None, self.partner):
            raise OtherPartner(who=self.actor, partner=self.partner)
        return self.partner or asked

    @contextmanager
    def reading(self) -> Iterator[tuple[Connection, Book]]:
        """One unchanging view of the partnership's books, as far as the caller may see them."""
        with reading(self.engine).begin() as conn:
            yield conn, as_partner(conn, books.open_book(conn, self.partnership), self.partner)

    @contextmanager
    def whole(self) -> Iterator[tuple[Connection, Book]]:
        """One unchanging view of all the books, whoever asks: for answers that are then made fit for a partner."""
        with reading(self.engine).begin() as conn:
            yield conn, books.open_book(conn, self.partnership)


def admit(request: Request, scopes: SecurityScopes, partnership: Partnership,
          carried: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]) -> Call:
    """Admits a request whose caller may enter the partnership and has the route's right.

    Another partnership than the caller's is unknown to it, whether there is one of that name or not.
    """
    state = request.app.state
    now = state.clock()
    who = signed_in(request, carried.credentials if carried else "", now)
    with reading(state.engine).begin() as conn:
        given = who if isinstance(who, Identity) else _key(conn, state.secret, who, now)
        book = _find(conn, partnership)
        caller = members.caller(conn, book, given) if isinstance(given, Identity) else given.caller
    told().actor = caller.actor if caller else given.actor if isinstance(given, Identity) else ""
    enters = caller is not None and (caller.partnership_key == keys.EVERY or (
        book is not None and book.key == caller.partnership_key))
    if caller is None or not enters or not ID.fullmatch(partnership):
        raise PartnershipUnknown(partnership=partnership)
    for right in scopes.scopes:
        if right not in caller.rights:
            raise RightMissing(who=caller.actor, right=right, does=RIGHTS[right])
    told().partnership = partnership
    return Call(state.engine, partnership, caller, now, state.drafts)


def signed_in(request: Request, bearer: str, now: dt.datetime) -> Identity | oidc_session.KeyGiven | str:
    """Who asks: by a token or a session of the sign-in service, by a key given in this browser, or with a key."""
    provider = request.app.state.provider
    if bearer:
        return provider.verify(bearer, now) if provider and not bearer.startswith(keys.PREFIX) else bearer
    found = oidc_session.identity(request, now) or oidc_session.key(request, now)
    if found is None:
        raise BearerMissing()
    return found


def _key(conn: Connection, secret: bytes, who: oidc_session.KeyGiven | str, now: dt.datetime) -> keys.Key:
    return keys.check(conn, secret, who, now) if isinstance(who, str) else keys.check_given(conn, who, now)


def pools(request: Request) -> list[Book]:
    """Every partnership whose books the one who asks may read, by name."""
    state = request.app.state
    now = state.clock()
    who = signed_in(request, "", now)
    with reading(state.engine).begin() as conn:
        there = sorted(books.list_books(conn), key=lambda book: book.name.casefold())
        if isinstance(who, Identity):
            callers = [(book, members.caller(conn, book, who)) for book in there]
        else:
            caller = _key(conn, state.secret, who, now).caller
            callers = [(book, caller) for book in there if caller.partnership_key in (keys.EVERY, book.key)]
    told().actor = who.actor if not isinstance(who, str) else ""
    return [book for book, caller in callers if caller is not None and "read" in caller.rights]


Reads = Annotated[Call, Security(admit, scopes=["read"])]
Audits = Annotated[Call, Security(admit, scopes=["audit"])]
Posts = Annotated[Call, Security(admit, scopes=["post"])]
Closes = Annotated[Call, Security(admit, scopes=["close"])]
Applies = Annotated[Call, Security(admit, scopes=["apply"])]
Approves = Annotated[Call, Security(admit, scopes=["approve"])]
Scenarios = Annotated[Call, Security(admit, scopes=["scenario"])]
Administers = Annotated[Call, Security(admit, scopes=["administer"])]


def _find(conn: Connection, partnership: str) -> Book | None:
    if not ID.fullmatch(partnership):
        return None
    try:
        return books.open_book(conn, partnership)
    except PartnershipUnknown:
        return None


def change(call: Call, given: Given, do: Callable[[Connection], BaseModel], *,
           status: int | Callable[[BaseModel], int] = 200, dry_run: bool = False) -> Response:
    """Does one change in one transaction and answers once it is committed; any refusal undoes all of it.

    Under an idempotency key that was used before, the first answer comes again and nothing else happens. A dry run
    does everything but keep it.
    """
    key = None if dry_run else given.key
    with call.engine.connect() as conn, translated():
        book = _locked(conn, call.partnership)
        first = store.remembered(conn, book, key) if book is not None and key is not None else None
        if first is not None:
            return _again(first, given)
        before = store.head(conn, book).entries if book is not None else 0
        done = do(conn)
        status = status if isinstance(status, int) else status(done)
        body = done.model_dump_json(by_alias=True).encode()
        if dry_run:
            told().closes = 0
            conn.rollback()
            return _answer(200, body)
        if key is not None:
            store.remember(conn, book or books.open_book(conn, call.partnership), key, given.fingerprint, status, body,
                           call.now)
        after = store.head(conn, book or books.open_book(conn, call.partnership)).entries
        conn.commit()
    told().entries = (before + 1, after) if after > before else None
    return _answer(status, body)


def _locked(conn: Connection, partnership: str) -> Book | None:
    """The partnership's books once every other writer to them has finished; None where nobody has opened them."""
    book = _find(conn, partnership)
    if book is None:
        store.lock_new(conn)
        book = _find(conn, partnership)
    if book is not None:
        store.lock(conn, book)
    return book


def _again(first: store.Remembered, given: Given) -> Response:
    if first.request_hash != given.fingerprint:
        raise IdempotencyKeyReused(key=given.key)
    return _answer(first.status, first.body, {REPLAYED: "true"})


def _answer(status: int, body: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status, headers, media_type="application/json")


def ledger(conn: Connection, book: Book) -> Ledger:
    """Where the books stand."""
    head = store.head(conn, book)
    return Ledger(entries=head.entries, head=head.hash)
