"""Late entries are few and found by an index of their own, so that no year is gone through for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the index; entries that are not late are not in it."""
    late = sa.text("belongs_to IS NOT NULL")
    op.create_index("ix_entry_late", "entry", ["partnership_key", "effective_date"], unique=False, sqlite_where=late,
                    postgresql_where=late)
