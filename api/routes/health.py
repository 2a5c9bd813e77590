"""For those who run the server: does it live, and could it serve."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError

from api import metrics, openapi
from api.database import needs_migration
from api.refusals import MetricsTokenWrong, ServerNotReady
from api.shapes.base import Health

router = APIRouter(tags=["operation"])


@router.get("/health")
def health() -> Health:
    """That the process answers."""
    return Health(status="ok")


@router.get("/ready", responses=openapi.some_refusals(429, 503))
def ready(request: Request) -> Health:
    """That the database answers and is of this version."""
    try:
        behind = needs_migration(request.app.state.engine)
    except SQLAlchemyError:
        raise ServerNotReady() from None
    if behind:
        raise ServerNotReady()
    return Health(status="ready")


@router.get("/metrics", response_class=Response, responses={
    200: {"description": "The figures of this process", "content": {"text/plain": {"schema": openapi.TEXT}}},
    **openapi.some_refusals(401, 429)})
def figures(request: Request) -> Response:
    """The figures of this process in the text format of Prometheus; behind a token, where a setting says so."""
    token = request.app.state.settings.metrics_token
    if token and not _same(request.headers.get("authorization", ""), f"Bearer {token}"):
        raise MetricsTokenWrong()
    return Response(request.app.state.metrics.text(), media_type=metrics.MEDIA_TYPE)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode("utf-8", "surrogateescape"))
