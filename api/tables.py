"""Which tables API keys are kept in: the digest of each, never the key; both tables only ever grow.

A revocation is a row of its own, so that the server's role needs no right but SELECT and INSERT, and who could do
what, and when, stays on record. `partnership_key` 0 stands for every partnership of the server.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
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
    Column("scopes", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
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

register({
    **{f"{table}_no_{what}": refusals.AppendOnly for table in ("api_key", "api_key_revocation")
       for what in ("update", "delete", "truncate", "replace")},
    **dict.fromkeys(("pk_api_key", "pk_api_key_revocation", "uq_api_key_digest", "ck_api_key_partnership",
                     "ck_api_key_name", "ck_api_key_digest", "ck_api_key_scopes", "fk_api_key_revocation_api_key"),
                    refusals.RecordUnacceptable),
})
