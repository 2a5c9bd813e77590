"""A post of few entries reads its own postings alone, whatever version of PostgreSQL keeps the books."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.migrations.triggers import seal_movements

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """SQLite goes from an entry to its postings as it is."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        schema = str(bind.scalar(sa.text("SELECT quote_ident(current_schema())")))
        bind.exec_driver_sql(seal_movements.statement(schema).replace("%", "%%"))
