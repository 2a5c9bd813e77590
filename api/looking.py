"""Reads that a hot standby may answer, so that statements wait for no poster: balances, entries, statements.

Who calls and what they may is always asked of the database itself, and whatever decides something reads it too: a
standby may be a moment behind, and does not know yet that a key was revoked. Where no setting names one, all is read
from the database.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Connection, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from api.calls import Call, Reads
from api.database import connect, reading
from api.refusals import StandbyOther
from api.settings import Settings
from ledger import service as books
from ledger import store
from ledger.model import Book
from ledger.tables import batch

LOG = logging.getLogger("poolbook")


def looking(request: Request, call: Reads) -> Call:
    """The call, once it is admitted, over the database that it may read from."""
    return replace(call, engine=request.app.state.reader)


Looks = Annotated[Call, Depends(looking)]


def check(settings: Settings) -> None:
    """Refuses a standby that holds other books than the database: its figures would be somebody else's.

    One that does not answer now may do so later; that is logged.
    """
    if not settings.read_database:
        return
    shown = make_url(settings.read_database).render_as_string(hide_password=True)
    ours, theirs = connect(settings.database), connect(settings.read_database)
    try:
        with reading(theirs).begin() as standby:
            seen = [(book, store.last_batch(standby, book)) for book in books.list_books(standby)]
        with reading(ours).begin() as conn:
            wrong = [book.id for book, last in seen if not _is_there(conn, book, last)]
        if wrong:
            raise StandbyOther(database=shown, partnership=wrong[0])
    except SQLAlchemyError:
        LOG.warning("The standby %s does not answer", shown)
    finally:
        ours.dispose()
        theirs.dispose()


def _is_there(conn: Connection, book: Book, last: store.Sealed | None) -> bool:
    """Whether the database holds what a standby holds: its books, up to the standby's last seal."""
    if book not in books.list_books(conn):
        return False
    return last is None or conn.scalar(select(batch.c.hash).where(
        batch.c.partnership_key == book.key, batch.c.batch_number == last.number)) == last.hash
