"""API keys by their digest, and their revocations; both append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.migrations.triggers import append_only
from ledger.tables import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DIGEST_NO_REPLACE = """
CREATE TRIGGER api_key_digest_no_replace BEFORE INSERT ON api_key
WHEN EXISTS (SELECT 1 FROM api_key WHERE digest = NEW.digest)
BEGIN SELECT RAISE(ABORT, 'uq_api_key_digest: there is one already'); END"""


def upgrade() -> None:
    """Makes the two tables and the triggers that keep them."""
    op.create_table(
        "api_key",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.CheckConstraint("partnership_key >= 0", name=op.f("ck_api_key_partnership")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name=op.f("ck_api_key_name")),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_api_key_digest")),
        sa.CheckConstraint("scopes <> ''", name=op.f("ck_api_key_scopes")),
        sa.PrimaryKeyConstraint("partnership_key", "key_id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_key_digest")),
        sqlite_strict=True,
    )
    op.create_table(
        "api_key_revocation",
        sa.Column("partnership_key", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["partnership_key", "key_id"], ["api_key.partnership_key", "api_key.key_id"],
                                name="fk_api_key_revocation_api_key"),
        sa.PrimaryKeyConstraint("partnership_key", "key_id", name=op.f("pk_api_key_revocation")),
        sqlite_strict=True,
    )
    bind = op.get_bind()
    for table in ("api_key", "api_key_revocation"):
        for sql in append_only.statements(bind.dialect.name, table, ("partnership_key", "key_id")):
            bind.exec_driver_sql(sql)
    if bind.dialect.name == "sqlite":
        bind.exec_driver_sql(DIGEST_NO_REPLACE)
