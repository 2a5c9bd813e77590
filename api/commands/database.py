"""`poolbook init` and `poolbook database`: the tables, who may reach them, over which servers they are spread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api import distribution, row_security
from api.access import logins
from api.access.refusals import LoginsUnsupported, RolesMissing
from api.commands.session import Session
from api.refusals import CitusMissing
from ledger.language import Said


def init(session: Session) -> Mapping[str, Any]:
    """Makes the database, or brings it up to date."""
    engine = session.fresh_engine
    return {"database": engine.url.render_as_string(hide_password=True)}


def secure(session: Session) -> Mapping[str, Any]:
    """Applies roles, grants and row-level security again, as after an upgrade."""
    with session.writing() as conn:
        if conn.dialect.name != "postgresql":
            raise LoginsUnsupported()
        if not row_security.secure(conn, policies=not distribution.spread(conn)):
            raise RolesMissing(app=row_security.APP, reader=row_security.READER)
    return {"roles": [row_security.APP, row_security.READER]}


def grant(session: Session, login: str, partner: str) -> Mapping[str, Any]:
    """Lets a login read what one partner may see."""
    from api.access.members import known_partner  # it knows the agreement's language, for which nothing else here waits

    with session.writing() as conn:
        book = session.book(conn)
        known_partner(conn, book, partner)
        made = logins.grant(conn, book, login, partner)
    return {"login": login, "partnership": book.id, "partner": partner, "made": made}


def revoke(session: Session, login: str) -> Mapping[str, Any]:
    """Takes a login's reading away."""
    with session.writing() as conn:
        logins.revoke(conn, login)
    return {"login": login}


def listing(session: Session) -> list[Mapping[str, Any]]:
    """The logins that read for partners."""
    with session.looking() as conn:
        return [{"login": one.login, "partnership": one.partnership, "partner": one.partner}
                for one in logins.listing(conn)]


def distribute(session: Session, shards: int, execute: bool) -> list[str]:
    """The statements that spread the tables over the servers of Citus; with `execute`, run, all or none."""
    with session.writing() as conn:
        if conn.dialect.name != "postgresql":
            raise CitusMissing(fault=Said("an SQLite file is on one machine"))
        found = list(distribution.statements(conn, shards))
        if not execute:
            return found
        if not distribution.is_citus(conn):
            raise CitusMissing(fault=Said("the database lacks the extension citus"))
        if missing := distribution.settings_missing(conn):
            raise CitusMissing(fault=Said("every server's postgresql.conf needs {missing}", missing=', '.join(missing)))
        for sql in found:
            conn.exec_driver_sql(sql)
    return found
