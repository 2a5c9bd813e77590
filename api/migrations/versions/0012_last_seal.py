"""What is new on PostgreSQL is held against the last seal alone, so a post costs the same however many there are."""

from __future__ import annotations

from alembic import op

from api.migrations.triggers import last_seal
from api.migrations.triggers.functions import put

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """SQLite has asked for the highest number from the beginning."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        put(bind, last_seal.statements)
