"""Marks of the balances, so that what was known at any moment is read from sums; entries of some days by number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.migrations.triggers import marks
from ledger.tables import Big

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table and the index, fills the one from what there is, then the triggers that go on with it."""
    op.create_table(
        "movement_mark",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("cell_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("period_number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("batch_number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("debit", Big, nullable=False, autoincrement=False),
        sa.Column("credit", Big, nullable=False, autoincrement=False),
        sa.Column("units", Big, nullable=False, autoincrement=False),
        sa.ForeignKeyConstraint(
            ["partnership_key", "cell_key", "period_number"],
            ["movement.partnership_key", "movement.cell_key", "movement.period_number"],
            name=op.f("fk_movement_mark_movement"),
        ),
        sa.ForeignKeyConstraint(
            ["partnership_key", "batch_number"],
            ["batch.partnership_key", "batch.batch_number"],
            name=op.f("fk_movement_mark_batch"),
        ),
        sa.PrimaryKeyConstraint(
            "partnership_key", "cell_key", "period_number", "batch_number", name=op.f("pk_movement_mark")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.drop_index("ix_entry_effective_date", "entry")
    op.create_index("ix_entry_effective_date", "entry", ["partnership_key", "effective_date", "number"], unique=False)
    bind = op.get_bind()
    schema = "" if bind.dialect.name == "sqlite" else str(bind.scalar(sa.text("SELECT quote_ident(current_schema())")))
    for sql in marks.statements(bind.dialect.name, schema):
        bind.exec_driver_sql(sql)
