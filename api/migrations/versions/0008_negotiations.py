"""Negotiations that were kept under a name: what was asked of which state of the books, and what came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.migrations.triggers import append_only
from ledger.tables import Big, Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table and the triggers that keep it."""
    op.create_table(
        "negotiation",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("year", sa.Text(), nullable=False),
        sa.Column("entries", Big, nullable=False, autoincrement=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_negotiation_number")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name=op.f("ck_negotiation_name")),
        sa.ForeignKeyConstraint(["partnership_key"], ["partnership.partnership_key"],
                                name="fk_negotiation_partnership"),
        sa.PrimaryKeyConstraint("partnership_key", "number", name=op.f("pk_negotiation")),
        sqlite_strict=True,
    )
    bind = op.get_bind()
    for sql in append_only.statements(bind.dialect.name, "negotiation", ("partnership_key", "number")):
        bind.exec_driver_sql(sql)
