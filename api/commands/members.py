"""`poolbook member`: gives people who sign in by OpenID Connect their roles, lists them, takes roles away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from api.access import members
from api.access.members import Member, known_partner
from api.access.oidc import Identity
from api.access.refusals import MemberWrong
from api.commands.session import Session, now
from api.settings import from_environment
from ledger.language import Said
from ledger.model import Book

BY = "command line"


def add(session: Session, subject: str, issuer: str, name: str, roles: tuple[str, ...], partner: str,
        every: bool) -> Mapping[str, Any]:
    """Gives a person exactly these roles."""
    issuer = issuer or from_environment().oidc_issuer
    if not issuer:
        raise MemberWrong(fault=Said("no issuer is named: use --issuer, or set POOLBOOK_OIDC_ISSUER"))
    with session.writing() as conn:
        book = _book(session, conn, every)
        if partner and book is not None:
            known_partner(conn, book, partner)
        return _told(members.put(conn, book, Identity(issuer, subject, name), roles, now(), BY, partner))


def listing(session: Session, every: bool) -> list[Mapping[str, Any]]:
    """Everybody who has a role."""
    with session.looking() as conn:
        return [_told(one) for one in members.listing(conn, _book(session, conn, every))]


def remove(session: Session, number: int, every: bool) -> Mapping[str, Any]:
    """Takes a person's roles away."""
    with session.writing() as conn:
        return _told(members.remove(conn, _book(session, conn, every), number, now(), BY))


def _book(session: Session, conn: Connection, every: bool) -> Book | None:
    return None if every else session.book(conn)


def _told(one: Member) -> Mapping[str, Any]:
    return {"member": one.number, "issuer": one.issuer, "subject": one.subject, "name": one.name,
            "roles": list(one.roles), "partner": one.partner}
