"""Runs the migrations on the connection that `api.database.migrate` hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from api.database import whole_metadata


def run() -> None:
    """All of them in one transaction: a database is at one version or at the other, never between."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=whole_metadata(), render_as_batch=False)
    context.run_migrations()


run()
