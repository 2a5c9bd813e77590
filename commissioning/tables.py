"""Which tables agreements and issued statements are kept in. What stands in them is in the chain by its SHA-256."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Integer, PrimaryKeyConstraint, Table, Text

from ledger import refusals
from ledger.constraints import register
from ledger.tables import Big, Moment, metadata


def _to_entry(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["partnership_key", "entry_number"], ["entry.partnership_key", "entry.number"],
                                name=f"fk_{table}_entry")


agreement = Table(
    "agreement", metadata,
    Column("partnership_key", Integer, nullable=False, autoincrement=False),
    Column("seq", Integer, nullable=False, autoincrement=False),
    Column("entry_number", Big, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("partnership_key", "seq"), CheckConstraint("seq >= 1", name="seq"), _to_entry("agreement"),
    sqlite_strict=True, sqlite_with_rowid=True)

statement = Table(
    "statement", metadata,
    Column("partnership_key", Integer, nullable=False, autoincrement=False),
    Column("period_number", Integer, nullable=False, autoincrement=False),
    Column("issue", Integer, nullable=False, autoincrement=False),
    Column("entry_number", Big, nullable=False),
    Column("known_at", Moment, nullable=False),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("partnership_key", "period_number", "issue"), CheckConstraint("issue >= 1", name="issue"),
    ForeignKeyConstraint(["partnership_key", "period_number"], ["period.partnership_key", "period.number"],
                         name="fk_statement_period"),
    _to_entry("statement"), sqlite_strict=True, sqlite_with_rowid=True)

register({
    **{f"{table}_no_{what}": refusals.AppendOnly for table in ("agreement", "statement")
       for what in ("update", "delete", "truncate", "replace")},
    **dict.fromkeys(("pk_agreement", "pk_statement", "ck_agreement_seq", "ck_statement_issue", "fk_agreement_entry",
                     "fk_statement_entry", "fk_statement_period"), refusals.RecordUnacceptable),
})
