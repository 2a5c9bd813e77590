"""A post of few entries reads its own postings alone, whatever version of PostgreSQL keeps the books."""

from __future__ import annotations

from alembic import op

from api.migrations.triggers import seal_movements
from api.migrations.triggers.functions import put

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """SQLite goes from an entry to its postings as it is."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        put(bind, lambda schema: [seal_movements.statement(schema)])
