"""The seal of few entries keeps its plans on PostgreSQL."""

from __future__ import annotations

from alembic import op

from api.migrations.triggers import seal_plans
from api.migrations.triggers.functions import put

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Replaces the function; SQLite plans its triggers once as it is."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        put(bind, lambda schema: [seal_plans.statement(schema)])
