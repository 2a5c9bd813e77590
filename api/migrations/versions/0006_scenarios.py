"""Scenarios that were kept under a name: who worked out what, from which state of the books; append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.migrations.triggers import append_only
from ledger.tables import Big, Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table and the triggers that keep it."""
    op.create_table(
        "scenario",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("year", sa.Text(), nullable=False),
        sa.Column("entries", Big, nullable=False, autoincrement=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("workbook_sha256", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_scenario_number")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name=op.f("ck_scenario_name")),
        sa.ForeignKeyConstraint(["partnership_key"], ["partnership.partnership_key"], name="fk_scenario_partnership"),
        sa.PrimaryKeyConstraint("partnership_key", "number", name=op.f("pk_scenario")),
        sqlite_strict=True,
    )
    bind = op.get_bind()
    for sql in append_only.statements(bind.dialect.name, "scenario", ("partnership_key", "number")):
        bind.exec_driver_sql(sql)
