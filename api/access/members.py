"""People who sign in by OpenID Connect and the roles they have in a partnership; the list only ever grows.

A person is an issuer and the subject that it knows them by. The latest row of a person in a partnership counts: it
says which roles they have now and for which partner, or, without roles, that they have none any more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from allocation.discovery import near
from api.access import rights
from api.access.oidc import Identity
from api.access.refusals import MemberUnknown, MemberWrong
from api.tables import member
from commissioning import service
from commissioning.refusals.names import PartnerUnknown
from ledger.constraints import translated
from ledger.language import Said
from ledger.model import Book

EVERY = 0  # the partnership_key of who has roles in every partnership


@dataclass(frozen=True, slots=True)
class Member:
    """A person's latest row: what they may do, since when and by whom. `number` counts the partnership's rows."""

    number: int
    issuer: str
    subject: str
    name: str
    roles: tuple[str, ...]
    partner: str
    recorded_at: dt.datetime
    recorded_by: str


def put(conn: Connection, book: Book | None, who: Identity, roles: Collection[str], now: dt.datetime, by: str,
        partner: str = "") -> Member:
    """Gives a person exactly these roles, in a partnership or (None) in every one; what they had before ends."""
    fault = rights.fault(roles, partner) or _fault(who)
    if not fault and partner and book is None:
        fault = Said("a partner is one of a partnership, and these roles are for every one")
    if fault:
        raise MemberWrong(fault=fault)
    return _add(conn, book, who, tuple(role for role in rights.ROLES if role in roles), partner, now, by)


def remove(conn: Connection, book: Book | None, number: int, now: dt.datetime, by: str) -> Member:
    """Takes a person's roles away; the row that says so is answered."""
    found = next((one for one in listing(conn, book) if one.number == number), None)
    if found is None:
        raise MemberUnknown(member=number)
    return _add(conn, book, Identity(found.issuer, found.subject, found.name), (), "", now, by)


def listing(conn: Connection, book: Book | None) -> list[Member]:
    """Everybody who has a role in a partnership (None: in every one), in the order in which they got it."""
    rows = conn.execute(select(member).where(member.c.partnership_key == _key(book)).order_by(member.c.seq))
    latest = {(row.issuer, row.subject): row for row in rows}
    found = [Member(row.seq, row.issuer, row.subject, row.name, tuple(row.roles.split()), row.partner,
                    row.recorded_at, row.recorded_by) for row in latest.values() if row.roles]
    return sorted(found, key=lambda one: one.number)


def caller(conn: Connection, book: Book | None, who: Identity) -> rights.Caller | None:
    """What a person who signed in may do in a partnership; None where they have no role in it."""
    c = member.c
    rows = conn.execute(select(c.partnership_key, c.roles, c.partner).where(
        c.issuer == who.issuer, c.subject == who.subject, c.partnership_key.in_({EVERY, _key(book)})).order_by(c.seq))
    latest = {row.partnership_key: row for row in rows}
    found = next((row for key in (_key(book), EVERY) if (row := latest.get(key)) and row.roles), None)
    if found is None:
        return None
    return rights.Caller(who.actor, rights.person_of(who.actor), found.partnership_key, tuple(found.roles.split()),
                         found.partner)


def known_partner(conn: Connection, book: Book, partner: str) -> None:
    """Refuses a partner that the partnership's agreement does not have."""
    known = service.current(conn, book).partners
    if partner not in known:
        raise PartnerUnknown(name=partner, known=", ".join(known), hint=near(partner, known))


def _add(conn: Connection, book: Book | None, who: Identity, roles: tuple[str, ...], partner: str, now: dt.datetime,
         by: str) -> Member:
    key = _key(book)
    with translated():
        number = (conn.scalar(select(func.max(member.c.seq)).where(member.c.partnership_key == key)) or 0) + 1
        conn.execute(insert(member), {
            "partnership_key": key, "seq": number, "issuer": who.issuer, "subject": who.subject, "name": who.name,
            "roles": " ".join(roles), "partner": partner, "recorded_at": now, "recorded_by": by})
    return Member(number, who.issuer, who.subject, who.name, roles, partner, now, by)


def _fault(who: Identity) -> str:
    for word, text in ((Said("issuer"), who.issuer), (Said("subject"), who.subject)):
        if not 1 <= len(text) <= 255 or not text.isprintable() or text != text.strip():
            return Said("the {word} is empty, too long, or holds characters that no {word} has", word=word)
    return Said("the name is too long or holds control characters") if len(who.name) > 200 or not (
        who.name.isprintable()) else ""


def _key(book: Book | None) -> int:
    return EVERY if book is None else book.key
