"""Which seal was the last at a moment is looked up, and no longer found by reading all seals."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index on the moments at which batches were sealed."""
    op.create_index("ix_batch_recorded_at", "batch", ["partnership_key", "recorded_at", "batch_number"])
