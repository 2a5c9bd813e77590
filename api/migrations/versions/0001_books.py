"""The books: partnerships, accounts, cells, periods, sealed batches of entries, balances, and their triggers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.migrations.triggers import books_postgresql, books_sqlite
from ledger.tables import Big, Day, Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables, then whatever the tables alone cannot refuse."""
    tables()
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        statements = books_sqlite.statements()
    else:
        schema = bind.scalar(sa.text("SELECT quote_ident(current_schema())"))
        # the driver reads a lone percent sign as the start of a placeholder
        statements = (sql.replace("%", "%%") for sql in books_postgresql.statements(schema))
    for statement in statements:
        bind.exec_driver_sql(statement)


def tables() -> None:
    """The tables, as they were when this migration came out."""
    op.create_table(
        "partnership",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_partnership_currency")),
        sa.CheckConstraint("length(id) BETWEEN 1 AND 200", name=op.f("ck_partnership_id")),
        sa.PrimaryKeyConstraint("partnership_key", name=op.f("pk_partnership")),
        sa.UniqueConstraint("id", name=op.f("uq_partnership_id")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "account",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("account_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "path LIKE 'assets:_%' OR path LIKE 'liabilities:_%' "
            "OR path LIKE 'equity:_%' OR path LIKE 'reserves:_%' "
            "OR path LIKE 'income:_%' OR path LIKE 'expenses:_%'",
            name=op.f("ck_account_root"),
        ),
        sa.ForeignKeyConstraint(["partnership_key"], ["partnership.partnership_key"], name="fk_account_partnership"),
        sa.PrimaryKeyConstraint("partnership_key", "account_key", name=op.f("pk_account")),
        sa.UniqueConstraint("partnership_key", "path", name=op.f("uq_account_partnership_key_path")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "batch",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("batch_number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("first_entry", Big, nullable=False, autoincrement=False),
        sa.Column("last_entry", Big, nullable=False, autoincrement=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "batch_number >= 1 AND first_entry >= 1 AND last_entry >= first_entry", name=op.f("ck_batch_range")
        ),
        sa.CheckConstraint("length(hash) = 32 AND length(prev_hash) = 32", name=op.f("ck_batch_hash")),
        sa.ForeignKeyConstraint(["partnership_key"], ["partnership.partnership_key"], name="fk_batch_partnership"),
        sa.PrimaryKeyConstraint("partnership_key", "batch_number", name=op.f("pk_batch")),
        sa.UniqueConstraint("partnership_key", "last_entry", name=op.f("uq_batch_partnership_key_last_entry")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "idempotency",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 255", name=op.f("ck_idempotency_key")),
        sa.ForeignKeyConstraint(
            ["partnership_key"], ["partnership.partnership_key"], name="fk_idempotency_partnership"
        ),
        sa.PrimaryKeyConstraint("partnership_key", "key", name=op.f("pk_idempotency")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "period",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("starts", Day(), nullable=False),
        sa.Column("ends", Day(), nullable=False),
        sa.CheckConstraint("starts <= ends", name=op.f("ck_period_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["partnership_key"], ["partnership.partnership_key"], name="fk_period_partnership"),
        sa.PrimaryKeyConstraint("partnership_key", "number", name=op.f("pk_period")),
        sa.UniqueConstraint("partnership_key", "id", name=op.f("uq_period_partnership_key_id")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cell",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("cell_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("account_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("fund", sa.Text(), server_default="", nullable=False),
        sa.Column("partner", sa.Text(), server_default="", nullable=False),
        sa.Column("service", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("cost_class", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("kind <> ''", name=op.f("ck_cell_kind")),
        sa.ForeignKeyConstraint(
            ["partnership_key", "account_key"],
            ["account.partnership_key", "account.account_key"],
            name=op.f("fk_cell_account"),
        ),
        sa.PrimaryKeyConstraint("partnership_key", "cell_key", name=op.f("pk_cell")),
        sa.UniqueConstraint(
            "partnership_key",
            "account_key",
            "kind",
            "fund",
            "partner",
            "service",
            "source",
            "cost_class",
            name="uq_cell_words",
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "entry",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("number", Big, nullable=False, autoincrement=False),
        sa.Column("batch_number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("effective_date", Day(), nullable=False),
        sa.Column("period_number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("memo", sa.Text(), server_default="", nullable=False),
        sa.Column("details", sa.Text(), server_default="", nullable=False),
        sa.Column("reverses", Big, nullable=True),
        sa.Column("belongs_to", sa.Integer(), nullable=True),
        sa.Column("line_count", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind <> ''", name=op.f("ck_entry_kind")),
        sa.CheckConstraint("reference <> ''", name=op.f("ck_entry_reference")),
        sa.CheckConstraint("length(content_hash) = 32", name=op.f("ck_entry_content_hash")),
        sa.CheckConstraint("line_count >= 0", name=op.f("ck_entry_line_count")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_entry_number")),
        sa.CheckConstraint("reverses < number", name=op.f("ck_entry_reverses_an_earlier_one")),
        sa.ForeignKeyConstraint(
            ["partnership_key", "batch_number"],
            ["batch.partnership_key", "batch.batch_number"],
            name="fk_entry_batch",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["partnership_key", "belongs_to"], ["period.partnership_key", "period.number"], name="fk_entry_belongs_to"
        ),
        sa.ForeignKeyConstraint(
            ["partnership_key", "reverses"], ["entry.partnership_key", "entry.number"], name="fk_entry_reverses"
        ),
        sa.PrimaryKeyConstraint("partnership_key", "number", name=op.f("pk_entry")),
        sa.UniqueConstraint(
            "partnership_key", "kind", "reference", name=op.f("uq_entry_partnership_key_kind_reference")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_entry_batch", "entry", ["partnership_key", "batch_number"], unique=False)
    op.create_index("ix_entry_effective_date", "entry", ["partnership_key", "effective_date"], unique=False)
    op.create_index(
        "uq_entry_reverses",
        "entry",
        ["partnership_key", "reverses"],
        unique=True,
        sqlite_where=sa.text("reverses IS NOT NULL"),
        postgresql_where=sa.text("reverses IS NOT NULL"),
    )
    op.create_table(
        "period_status",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("period_number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("seq", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "seq >= 1 AND (seq % 2 = 1) = (status = 'closed')", name=op.f("ck_period_status_alternates")
        ),
        sa.CheckConstraint("status = 'closed' OR reason <> ''", name=op.f("ck_period_status_reason")),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_period_status_status")),
        sa.ForeignKeyConstraint(
            ["partnership_key", "period_number"],
            ["period.partnership_key", "period.number"],
            name=op.f("fk_period_status_period"),
        ),
        sa.PrimaryKeyConstraint("partnership_key", "period_number", "seq", name=op.f("pk_period_status")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "movement",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("cell_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("period_number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("debit", Big, nullable=False, autoincrement=False),
        sa.Column("credit", Big, nullable=False, autoincrement=False),
        sa.Column("units", Big, nullable=False, autoincrement=False),
        sa.Column("batch_number", sa.Integer(), nullable=False, autoincrement=False),
        sa.CheckConstraint("debit >= 0 AND credit >= 0", name=op.f("ck_movement_sides")),
        sa.ForeignKeyConstraint(
            ["partnership_key", "batch_number"],
            ["batch.partnership_key", "batch.batch_number"],
            name="fk_movement_batch",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["partnership_key", "cell_key"], ["cell.partnership_key", "cell.cell_key"], name=op.f("fk_movement_cell")
        ),
        sa.ForeignKeyConstraint(
            ["partnership_key", "period_number"],
            ["period.partnership_key", "period.number"],
            name=op.f("fk_movement_period"),
        ),
        sa.PrimaryKeyConstraint("partnership_key", "cell_key", "period_number", name=op.f("pk_movement")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_movement_batch", "movement", ["partnership_key", "batch_number"], unique=False)
    op.create_table(
        "posting",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("number", Big, nullable=False, autoincrement=False),
        sa.Column("line", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("cell_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("amount", Big, nullable=False, autoincrement=False),
        sa.Column("case_ref", sa.Text(), server_default="", nullable=False),
        sa.Column("units", Big, nullable=False, autoincrement=False),
        sa.CheckConstraint("amount <> 0 OR units <> 0", name=op.f("ck_posting_not_empty")),
        sa.CheckConstraint("amount BETWEEN -1000000000000000 AND 1000000000000000", name=op.f("ck_posting_amount")),
        sa.CheckConstraint("line >= 1", name=op.f("ck_posting_line")),
        sa.CheckConstraint("units BETWEEN -100000000000000000 AND 100000000000000000", name=op.f("ck_posting_units")),
        sa.ForeignKeyConstraint(
            ["partnership_key", "cell_key"], ["cell.partnership_key", "cell.cell_key"], name=op.f("fk_posting_cell")
        ),
        sa.ForeignKeyConstraint(
            ["partnership_key", "number"], ["entry.partnership_key", "entry.number"], name=op.f("fk_posting_entry")
        ),
        sa.PrimaryKeyConstraint("partnership_key", "number", "line", name=op.f("pk_posting")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_posting_cell", "posting", ["partnership_key", "cell_key", "number"], unique=False)
