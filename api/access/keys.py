"""API keys: made once, shown once, kept as HMAC-SHA256 under the server's secret; checked, listed, revoked.

A key has roles (`rights`), may be bound to one partner, and says who holds it: keys of one holder act for one
person, so that nobody approves under a second key what was made under the first.

A key is `pbk_` and 256 random bits. That is beyond guessing, so a fast keyed hash protects it as well as a slow one
would; and without the server's secret the table alone cannot tell a true key from a made-up one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, and_, bindparam, insert, select

from api.access import rights
from api.access.refusals import (
    ApiKeyUnknown,
    ApiKeyWrong,
    BearerExpired,
    BearerRevoked,
    BearerUnknown,
    SecretMissing,
    SecretTooShort,
)
from api.secret_file import kept_beside
from api.settings import Settings
from api.tables import api_key, api_key_revocation
from ledger.constraints import translated
from ledger.exchange import Question
from ledger.language import Said
from ledger.model import Book
from ledger.tables import partnership

if TYPE_CHECKING:  # cookies are HTTP's, for which the command line need not wait
    from api.access.session import KeyGiven

PREFIX = "pbk_"
EVERY = 0  # the partnership_key of a key that opens every partnership, and may begin new ones
LEAST_SECRET = 32  # characters


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept: never its secret. `partnership` is empty for a key that opens every partnership."""

    id: str
    partnership_key: int
    partnership: str
    name: str
    roles: tuple[str, ...]
    partner: str
    holder: str
    created_at: dt.datetime
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None

    @property
    def caller(self) -> rights.Caller:
        """Who acts with this key."""
        actor = f"key:{self.id}"
        return rights.Caller(actor, rights.person_of(self.holder) or actor, self.partnership_key, self.roles,
                             self.partner)


# The server's secret

def server_secret(settings: Settings) -> bytes:
    """The secret under which keys are hashed: POOLBOOK_SECRET, or for an embedded SQLite file the file beside it."""
    if not settings.secret:
        return _secret_beside(settings.database)
    if len(settings.secret) < LEAST_SECRET:
        raise SecretTooShort(length=len(settings.secret), least=LEAST_SECRET)
    return settings.secret.encode()


def _secret_beside(database: str) -> bytes:
    kept = kept_beside(database, ".secret", lambda: secrets.token_urlsafe(32))
    if kept is None:
        raise SecretMissing()
    return kept.encode()


# Keys

def create(conn: Connection, secret: bytes, book: Book | None, name: str, roles: Collection[str], now: dt.datetime,
           expires_at: dt.datetime | None = None, *, partner: str = "", holder: str = "") -> tuple[str, str]:
    """A new key for a partnership (None: for every one): its id, and its text, which is nowhere kept."""
    fault = _fault(name, holder, now, expires_at) or rights.fault(roles, partner)
    if fault or (partner and book is None):
        raise ApiKeyWrong(fault=fault or Said("a partner is one of a partnership, and the key is for every one"))
    key_id, bearer = secrets.token_hex(4), PREFIX + secrets.token_urlsafe(32)
    with translated():
        conn.execute(insert(api_key), {
            "partnership_key": book.key if book else EVERY, "key_id": key_id, "name": name.strip(),
            "digest": _digest(secret, bearer), "scopes": " ".join(role for role in rights.ROLES if role in roles),
            "partner": partner, "holder": holder.strip(), "created_at": now, "expires_at": expires_at})
    return key_id, bearer


def _fault(name: str, holder: str, now: dt.datetime, expires_at: dt.datetime | None) -> str:
    if not 1 <= len(name.strip()) <= 200 or not name.isprintable():
        return Said("its name is empty, too long or holds control characters")
    if len(holder) > 500 or not holder.isprintable():
        return Said("its holder is too long or holds control characters")
    return Said("its expiry is in the past") if expires_at is not None and expires_at <= now else ""


def listing(conn: Connection, book: Book | None = None) -> list[Key]:
    """Every key of a partnership (None: of the whole server), revoked and expired ones too, the oldest first."""
    query = _keys() if book is None else _keys().where(api_key.c.partnership_key == book.key)
    return sorted((_key(row) for row in conn.execute(query)), key=lambda key: (key.created_at, key.id))


def revoke(conn: Connection, book: Book | None, key_id: str, now: dt.datetime) -> Key:
    """Ends a key for good (None: whichever partnership's it is); one that was revoked before stays as it was."""
    found = next((key for key in listing(conn, book) if key.id == key_id), None)
    if found is None:
        raise ApiKeyUnknown(key=key_id)
    if found.revoked_at is None:
        with translated():
            conn.execute(insert(api_key_revocation), {"partnership_key": found.partnership_key, "key_id": key_id,
                                                      "revoked_at": now})
    return next(key for key in listing(conn, book) if key.id == key_id)


def check(conn: Connection, secret: bytes, bearer: str, now: dt.datetime) -> Key:
    """The key that a request carries; refuses one that is unknown, expired or revoked."""
    digest = _digest(secret, bearer)
    row = conn.execute(_keys().add_columns(api_key.c.digest).where(api_key.c.digest == digest)).first()
    if row is None or not hmac.compare_digest(bytes(row.digest), digest):
        raise BearerUnknown()
    return _lasting(_key(row), now)


def asks_good(secret: bytes, bearer: str, now: dt.datetime) -> Question:
    """Whether this text is a key now, neither expired nor revoked: which, or None."""
    digest = _digest(secret, bearer)

    def said(rows: Sequence[Any]) -> Key | None:
        try:
            return _lasting(_key(rows[0]), now) if rows else None
        except (BearerExpired, BearerRevoked):
            return None
    return Question(_GOOD, {"digest": digest}, said)


def check_given(conn: Connection, given: KeyGiven, now: dt.datetime) -> Key:
    """The key with which somebody signed in before; refuses one that has expired or was revoked since."""
    k = api_key.c
    row = conn.execute(_keys().where(k.partnership_key == given.partnership_key, k.key_id == given.id)).first()
    if row is None:
        raise BearerUnknown()
    return _lasting(_key(row), now)


def _lasting(key: Key, now: dt.datetime) -> Key:
    if key.revoked_at is not None:
        raise BearerRevoked(key=key.id, revoked=key.revoked_at.isoformat(timespec="seconds"))
    if key.expires_at is not None and key.expires_at <= now:
        raise BearerExpired(key=key.id, expired=key.expires_at.isoformat(timespec="seconds"))
    return key


def _digest(secret: bytes, bearer: str) -> bytes:
    return hmac.new(secret, bearer.encode("utf-8", "surrogateescape"), hashlib.sha256).digest()


def _keys() -> Select[Any]:
    k, r = api_key.c, api_key_revocation.c
    return (select(k.key_id, k.partnership_key, partnership.c.id.label("partnership"), k.name, k.scopes, k.partner,
                   k.holder, k.created_at, k.expires_at, r.revoked_at)
            .select_from(api_key)
            .outerjoin(partnership, partnership.c.partnership_key == k.partnership_key)
            .outerjoin(api_key_revocation, and_(r.partnership_key == k.partnership_key, r.key_id == k.key_id)))


def _key(row: Any) -> Key:
    return Key(row.key_id, row.partnership_key, row.partnership or "", row.name, tuple(row.scopes.split()),
               row.partner, row.holder, row.created_at, row.expires_at, row.revoked_at)


_GOOD = _keys().where(api_key.c.digest == bindparam("digest"))
