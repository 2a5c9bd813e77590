"""Which tables API keys, people and database logins are kept in: of a key its digest; all but the last only grow.

A revocation is a row of its own, so that the server's role needs no right but SELECT and INSERT, and who could do
what, and when, stays on record. `partnership_key` 0 stands for every partnership of the server.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from ledger import refusals
from ledger.constraints import register
from ledger.tables import Moment, metadata

api_key = Table(
    "api_key", metadata,
    Column("partnership_key", Integer, nullable=False, autoincrement=False),
    Column("key_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("scopes", Text, nullable=False),  # the roles by name; of keys from before there were roles, read and write
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("partner", Text, nullable=False, server_default=""),
    Column("holder", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("partnership_key", "key_id"), UniqueConstraint("digest"),
    CheckConstraint("partnership_key >= 0", name="partnership"),
    CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
    CheckConstraint("length(digest) = 32", name="digest"),
    CheckConstraint("scopes <> ''", name="scopes"),
    sqlite_strict=True, sqlite_with_rowid=True)

api_key_revocation = Table(
    "api_key_revocation", metadata,
    Column("partnership_key", Integer, nullable=False, autoincrement=False),
    Column("key_id", Text, nullable=False),
    Column("revoked_at", Moment, nullable=False),
    PrimaryKeyConstraint("partnership_key", "key_id"),
    ForeignKeyConstraint(["partnership_key", "key_id"], ["api_key.partnership_key", "api_key.key_id"],
                         name="fk_api_key_revocation_api_key"),
    sqlite_strict=True, sqlite_with_rowid=True)

member = Table(
    "member", metadata,
    Column("partnership_key", Integer, nullable=False, autoincrement=False),
    Column("seq", Integer, nullable=False, autoincrement=False),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("partner", Text, nullable=False, server_default=""),
    Column("recorded_at", Moment, nullable=False),
    Column("recorded_by", Text, nullable=False),
    PrimaryKeyConstraint("partnership_key", "seq"), Index("ix_member_person", "issuer", "subject", "partnership_key"),
    CheckConstraint("partnership_key >= 0 AND seq >= 1", name="key"),
    CheckConstraint("issuer <> '' AND subject <> ''", name="person"),
    sqlite_strict=True, sqlite_with_rowid=True)
"""What people who sign in by OpenID Connect may do: a person's latest row counts; without roles it is a removal."""

sql_login = Table(
    "sql_login", metadata,
    Column("login", Text, nullable=False),
    Column("partnership_key", Integer, nullable=False, autoincrement=False),
    Column("partner", Text, nullable=False),
    PrimaryKeyConstraint("login"),
    CheckConstraint("login <> '' AND partner <> ''", name="named"),
    ForeignKeyConstraint(["partnership_key"], ["partnership.partnership_key"], name="fk_sql_login_partnership"),
    sqlite_strict=True, sqlite_with_rowid=True)
"""For which partner a login of PostgreSQL reads; the owner of the database alone changes it."""

register({
    **{f"{table}_no_{what}": refusals.AppendOnly for table in ("api_key", "api_key_revocation", "member")
       for what in ("update", "delete", "truncate", "replace")},
    **dict.fromkeys(("pk_api_key", "pk_api_key_revocation", "uq_api_key_digest", "ck_api_key_partnership",
                     "ck_api_key_name", "ck_api_key_digest", "ck_api_key_scopes", "fk_api_key_revocation_api_key",
                     "pk_member", "ck_member_key", "ck_member_person", "pk_sql_login", "ck_sql_login_named",
                     "fk_sql_login_partnership"),
                    refusals.RecordUnacceptable),
})
