"""Keys get a partner and a holder; people who sign in by OpenID Connect; which partner a login of PostgreSQL is of.

Who sees which rows is not history but a rule, and stands in `api.row_security`, which is applied after every upgrade.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.migrations.triggers import append_only
from ledger.tables import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns, makes the tables and the triggers that keep them."""
    for column in ("partner", "holder"):
        op.add_column("api_key", sa.Column(column, sa.Text(), server_default="", nullable=False))
    op.create_table(
        "member",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("seq", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint("partnership_key >= 0 AND seq >= 1", name=op.f("ck_member_key")),
        sa.CheckConstraint("issuer <> '' AND subject <> ''", name=op.f("ck_member_person")),
        sa.PrimaryKeyConstraint("partnership_key", "seq", name=op.f("pk_member")),
        sqlite_strict=True,
    )
    op.create_index("ix_member_person", "member", ["issuer", "subject", "partnership_key"], unique=False)
    op.create_table(
        "sql_login",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.CheckConstraint("login <> '' AND partner <> ''", name=op.f("ck_sql_login_named")),
        sa.ForeignKeyConstraint(["partnership_key"], ["partnership.partnership_key"], name="fk_sql_login_partnership"),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_sql_login")),
        sqlite_strict=True,
    )
    bind = op.get_bind()
    for sql in append_only.statements(bind.dialect.name, "member", ("partnership_key", "seq")):
        bind.exec_driver_sql(sql)
