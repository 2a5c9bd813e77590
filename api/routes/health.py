"""For those who run the server: does it live, and could it serve."""

from __future__ import annotations

from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError

from api import openapi
from api.database import needs_migration
from api.refusals import ServerNotReady
from api.schemas import Health

router = APIRouter(tags=["operation"])


@router.get("/health")
def health() -> Health:
    """That the process answers."""
    return Health(status="ok")


@router.get("/ready", responses={503: openapi.refusals("read")[503]})
def ready(request: Request) -> Health:
    """That the database answers and is of this version."""
    try:
        behind = needs_migration(request.app.state.engine)
    except SQLAlchemyError:
        raise ServerNotReady() from None
    if behind:
        raise ServerNotReady()
    return Health(status="ready")
