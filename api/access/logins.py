"""Logins of PostgreSQL with which a partner reads its own lines by SQL: given, listed, taken away by the owner."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, text

from api.access.refusals import LoginsUnsupported, LoginTooStrong, LoginUnknown, RolesMissing
from api.row_security import APP, READER, secure
from api.tables import sql_login
from ledger.model import Book
from ledger.tables import partnership

TOO_STRONG = text("""
SELECT r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR pg_has_role(r.oid, :app, 'MEMBER')
       OR EXISTS (SELECT 1 FROM pg_tables t WHERE t.tablename = 'entry' AND pg_has_role(r.oid, t.tableowner, 'MEMBER'))
  FROM pg_roles r WHERE r.rolname = :login""")


@dataclass(frozen=True, slots=True)
class Login:
    """A login of the database and the partner that it reads for."""

    login: str
    partnership: str
    partner: str


def grant(conn: Connection, book: Book, login: str, partner: str) -> bool:
    """Makes a login read for one partner; whether the login was made for it, still without a password."""
    _on_postgresql(conn)
    if not secure(conn):
        raise RolesMissing(app=APP, reader=READER)
    strong = conn.scalar(TOO_STRONG, {"app": APP, "login": login})
    if strong:
        raise LoginTooStrong(login=login, app=APP)
    name = conn.dialect.identifier_preparer.quote_identifier(login)
    if strong is None:
        conn.exec_driver_sql(f"CREATE ROLE {name} LOGIN".replace("%", "%%"))
    conn.exec_driver_sql(f"GRANT {READER} TO {name}".replace("%", "%%"))
    conn.execute(delete(sql_login).where(sql_login.c.login == login))
    conn.execute(insert(sql_login), {"login": login, "partnership_key": book.key, "partner": partner})
    return strong is None


def revoke(conn: Connection, login: str) -> None:
    """Takes a login's reading away; the login itself stays, and sees nothing."""
    _on_postgresql(conn)
    if login not in {one.login for one in listing(conn)}:
        raise LoginUnknown(login=login)
    name = conn.dialect.identifier_preparer.quote_identifier(login)
    conn.exec_driver_sql(f"REVOKE {READER} FROM {name}".replace("%", "%%"))
    conn.execute(delete(sql_login).where(sql_login.c.login == login))


def listing(conn: Connection) -> list[Login]:
    """Every login that reads for a partner."""
    _on_postgresql(conn)
    c = sql_login.c
    rows = conn.execute(select(c.login, partnership.c.id, c.partner).join(
        partnership, partnership.c.partnership_key == c.partnership_key).order_by(c.login))
    return [Login(*row) for row in rows]


def _on_postgresql(conn: Connection) -> None:
    if conn.dialect.name != "postgresql":
        raise LoginsUnsupported()
