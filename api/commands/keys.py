"""`poolbook key`: makes, lists and revokes the bearer keys with which the HTTP interface is used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from api.access import keys
from api.access.members import known_partner
from api.commands.session import Session, now
from api.settings import from_environment
from ledger.language import _
from ledger.model import Book


def _book(session: Session, conn: Any) -> Book | None:
    """The partnership asked for; none was: every one of the server."""
    return session.book(conn) if session.partnership else None


def new(session: Session, name: str, roles: tuple[str, ...], expires: dt.datetime | None, every: bool,
        partner: str = "", holder: str = "") -> Mapping[str, Any]:
    """Makes a key for one partnership, or for every one; its text is shown once and kept nowhere."""
    roles = tuple(dict.fromkeys(roles))
    with session.writing() as conn:  # the ledger is there before a secret is kept beside it
        secret = keys.server_secret(from_environment(database=session.database))
        book = None if every else session.book(conn)
        if partner and book is not None:
            known_partner(conn, book, partner)
        key_id, bearer = keys.create(conn, secret, book, name, roles, now(), expires, partner=partner, holder=holder)
    return {"id": key_id, "key": bearer, "name": name, "roles": list(roles), "partner": partner, "holder": holder}


def may(told: Mapping[str, Any]) -> str:
    """What a key may do, in words."""
    roles = ", ".join(told["roles"])
    return _("{roles} for {partner}").format(roles=roles, partner=told["partner"]) if told["partner"] else roles


def listing(session: Session) -> list[Mapping[str, Any]]:
    """Every key, without its secret."""
    with session.looking() as conn:
        found = keys.listing(conn, _book(session, conn))
    return [{"id": key.id, "name": key.name, "partnership": key.partnership or "(all)", "roles": sorted(key.roles),
             "partner": key.partner, "holder": key.holder,
             "expires": _text(key.expires_at), "revoked": _text(key.revoked_at)} for key in found]


def _text(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def revoke(session: Session, key_id: str) -> Mapping[str, Any]:
    """Ends a key for good."""
    with session.writing() as conn:
        key = keys.revoke(conn, _book(session, conn), key_id, now())
    return {"id": key.id, "revoked": _text(key.revoked_at)}
