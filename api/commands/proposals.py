"""Who acts on the command line, what waits there for a second person, and the commands that decide it."""

from __future__ import annotations

import datetime as dt
import getpass
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import Connection

from api import actions
from api.access import keys
from api.access.refusals import RightMissing
from api.access.rights import RIGHTS
from api.commands.files import read_text
from api.commands.session import Session, now
from api.settings import from_environment
from commissioning.proposals import service, store
from commissioning.proposals.model import Actor, Proposal, Request
from commissioning.proposals.service import Done
from commissioning.refusals.proposals import PersonNotNamed
from ledger import service as books
from ledger import store as books_store
from ledger.errors import Refused
from ledger.language import Said
from ledger.model import Book
from ledger.refusals import EntryUnknown, PartnershipUnknown

T = TypeVar("T")
KEY = "POOLBOOK_KEY"


def login() -> Actor:
    """Who is logged in on this machine, which proves nothing to the books."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        name = str(os.getuid())
    return Actor(f"login:{name}", f"login:{name}")


def acting(session: Session, conn: Connection, partnership: str, right: str) -> tuple[Actor, bool]:
    """Who acts and whether it is proved: by a key, checked as over HTTP; without one it is whoever is logged in."""
    bearer = read_text(session.key_file).strip() if session.key_file else os.environ.get(KEY, "").strip()
    if not bearer:
        return login(), False
    secret = keys.server_secret(from_environment(database=session.database))
    caller = keys.check(conn, secret, bearer, now()).caller
    if caller.partnership_key not in (keys.EVERY, _key_of(conn, partnership)):
        raise PartnershipUnknown(partnership=partnership)
    if right not in caller.rights:
        raise RightMissing(who=caller.actor, right=right, does=RIGHTS[right])
    return Actor(caller.actor, caller.person), True


def _key_of(conn: Connection, partnership: str) -> int | None:
    try:
        return books.open_book(conn, partnership).key
    except PartnershipUnknown:
        return None


def ask(session: Session, conn: Connection, partnership: str, right: str, request: Request | Callable[[], Request],
        do: Callable[[dt.datetime], Done[T]]) -> T | Proposal:
    """Makes a change, or keeps it as a proposal where it waits; a dry run says what it would do.

    A request that is large may be made only once it is to be kept.
    """
    with suppress(PartnershipUnknown):
        books.open_book(conn, partnership, lock=True)
    who, named = acting(session, conn, partnership, right)
    moment = now()
    if session.dry_run:
        return do(moment).answer
    found = service.attempt(conn, partnership, lambda: request if isinstance(request, Request) else request(),
                            lambda _conn: do(moment), who, moment, named=named)
    return found if isinstance(found, Proposal) else found.answer


def waiting(found: Proposal) -> dict[str, Any]:
    """A proposal as a command answers it."""
    return {"proposal": shown(found)}


def shown(found: Proposal, *, whole: bool = False) -> dict[str, Any]:
    """A proposal as data."""
    from api.shapes.proposals import proposal_out

    return proposal_out(found, whole=whole).model_dump(mode="json")


def listing(session: Session, every: bool) -> list[dict[str, Any]]:
    """The proposals that wait, or all there ever were."""
    with session.looking() as conn:
        found = store.proposals(conn, session.book(conn), None if every else "open")
    return [shown(one) for one in found]


def one(session: Session, number: int) -> dict[str, Any]:
    """One proposal with all that was asked for."""
    with session.looking() as conn:
        return shown(service.get(conn, session.book(conn), number), whole=True)


def approve(session: Session, number: int) -> Mapping[str, Any]:
    """Does what was proposed."""
    with session.writing() as conn:
        book, who = _second(session, conn, number, "approve")
        moment = now()
        found, _ = service.approve(conn, book, number, who, moment,
                                   lambda conn, request: actions.do(conn, book.id, request, moment))
    return shown(found)


def reject(session: Session, number: int, reason: str) -> Mapping[str, Any]:
    """Turns a proposal down."""
    with session.writing() as conn:
        book, who = _second(session, conn, number, "approve")
        return shown(service.reject(conn, book, number, who, reason, now()))


def withdraw(session: Session, number: int, reason: str) -> Mapping[str, Any]:
    """Takes one's own proposal back."""
    with session.writing() as conn:
        book, who = _second(session, conn, number, "post")
        return shown(service.withdraw(conn, book, number, who, reason, now()))


def _second(session: Session, conn: Connection, number: int, right: str) -> tuple[Book, Actor]:
    """The books, and who decides about a proposal in them, which must be proved."""
    book = session.book(conn)
    who, named = acting(session, conn, book.id, right)
    if not named:
        raise Refused([PersonNotNamed(because=Said("proposal {number} is decided by a person", number=number))])
    return book, who


def recorded_by(session: Session, entry: int) -> Mapping[str, Any]:
    """Who recorded an entry; null where it is not kept, as for those recorded before this was."""
    with session.looking() as conn:
        book = session.book(conn)
        if entry > books_store.head(conn, book).entries:
            raise EntryUnknown(number=entry)
        found = store.recordings(conn, book, entry - 1, 1)
    known = found[0] if found and found[0].first <= entry else None
    return {"entry": entry, "actor": known.by.id if known else None, "person": known.by.person if known else None,
            "at": known.at.isoformat() if known else None}
