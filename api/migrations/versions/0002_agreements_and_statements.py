"""Agreements as they were applied, and statements as they were issued; both append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.migrations.triggers import append_only
from ledger.tables import Big, Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEYS = {"agreement": ("partnership_key", "seq"), "statement": ("partnership_key", "period_number", "issue")}


def upgrade() -> None:
    """Makes the two tables and the triggers that keep them."""
    op.create_table(
        "agreement",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("seq", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("entry_number", Big, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_agreement_seq")),
        _to_entry("agreement"),
        sa.PrimaryKeyConstraint("partnership_key", "seq", name=op.f("pk_agreement")),
        sqlite_strict=True,
    )
    op.create_table(
        "statement",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("period_number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("issue", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("entry_number", Big, nullable=False),
        sa.Column("known_at", Moment(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.CheckConstraint("issue >= 1", name=op.f("ck_statement_issue")),
        _to_entry("statement"),
        sa.ForeignKeyConstraint(["partnership_key", "period_number"], ["period.partnership_key", "period.number"],
                                name="fk_statement_period"),
        sa.PrimaryKeyConstraint("partnership_key", "period_number", "issue", name=op.f("pk_statement")),
        sqlite_strict=True,
    )
    bind = op.get_bind()
    for table, key in KEYS.items():
        for sql in append_only.statements(bind.dialect.name, table, key):
            bind.exec_driver_sql(sql)


def _to_entry(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["partnership_key", "entry_number"], ["entry.partnership_key", "entry.number"],
                                   name=f"fk_{table}_entry")
