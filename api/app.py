"""The HTTP interface: one application over one database, every call under /v1 admitted by a key."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import keys, openapi, problems
from api.database import connect
from api.routes import agreement, balances, entries, events, health, periods, proof, statements
from api.settings import Settings

PARTNERSHIP = "/v1/partnerships/{partnership}"
_ABOUT = ("The books of pooled budgets: agreements, events, journal entries, closing, statements, proof. Amounts are "
          "decimal strings, dates ISO 8601, refusals RFC 9457 problem details.")


def now() -> dt.datetime:
    """The present moment."""
    return dt.datetime.now(dt.UTC)


def create_app(settings: Settings, clock: Callable[[], dt.datetime] = now) -> FastAPI:
    """The application over the database that the settings name, which is expected to be up to date."""
    app = FastAPI(title="Poolbook", version=version("poolbook"), description=_ABOUT, redoc_url=None,
                  redirect_slashes=False, lifespan=_lifespan)
    app.state.settings = settings
    app.state.secret = keys.server_secret(settings)
    app.state.engine = connect(settings.database)
    app.state.clock = clock
    app.include_router(health.router)
    for module in (agreement, events, entries, balances, periods, statements, proof):
        app.include_router(module.router, prefix=PARTNERSHIP)
    problems.install(app)
    openapi.complete(app)
    app.add_middleware(_Headers)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.engine.dispose()


class _Headers:
    """Gives every answer the headers that keep browsers and proxies from guessing and storing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in problems.HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)
