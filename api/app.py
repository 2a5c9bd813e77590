"""The HTTP interface and the pages: one application over one database, every call admitted by a key or a sign-in."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from api import openapi, problems
from api.access import keys
from api.access.oidc import provider_of
from api.database import connect
from api.door import PARTNERSHIP, Door
from api.drafts import Drafts
from api.limits import Rates
from api.metrics import Metrics
from api.posting.queue import PostingQueue
from api.posting.route import ShortWay
from api.routes import (
    agreement,
    auth,
    balances,
    bank,
    entries,
    events,
    health,
    members,
    negotiations,
    periods,
    proof,
    proposals,
    reports,
    scenarios,
    statements,
)
from api.settings import Settings
from api.web import page
from api.web.routers import ROUTERS as PAGES

_ABOUT = ("The books of pooled budgets: agreements, events, journal entries, closing, statements, proof. Amounts are "
          "decimal strings, dates ISO 8601, refusals RFC 9457 problem details.")


def now() -> dt.datetime:
    """The present moment."""
    return dt.datetime.now(dt.UTC)


def create_app(settings: Settings, clock: Callable[[], dt.datetime] = now,
               ticks: Callable[[], float] = time.monotonic) -> FastAPI:
    """The application over the database that the settings name, which is expected to be up to date.

    The clock says when something was recorded, the ticks (seconds, only forward) how fast somebody asks.
    """
    app = FastAPI(title="Poolbook", version=version("poolbook"), description=_ABOUT, docs_url=None,
                  redoc_url=None, redirect_slashes=False, lifespan=_lifespan)
    app.state.settings = settings
    app.state.secret = keys.server_secret(settings)
    app.state.engine = connect(settings.database)
    app.state.reader = connect(settings.read_database) if settings.read_database else app.state.engine
    app.state.clock, app.state.drafts = clock, Drafts()
    app.state.posting = PostingQueue(app.state.engine, app.state.secret)
    app.state.provider, app.state.used = provider_of(settings), auth.Used()
    app.state.metrics = Metrics(app.state.engine, by_partnership=settings.metrics_by_partnership)
    app.include_router(health.router)
    app.include_router(auth.router)
    for module in (entries, events, bank, agreement, balances, periods, statements, reports, proof, proposals, members,
                   scenarios, negotiations):
        app.include_router(module.router, prefix=PARTNERSHIP)
    for router in PAGES:
        app.include_router(router)
    problems.install(app)
    page.install(app)
    openapi.complete(app)
    app.add_middleware(ShortWay)
    app.add_middleware(Door, rates=Rates(settings.key_rate, settings.address_rate, ticks),
                       metrics=app.state.metrics, answer=page.failed)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await app.state.posting.close()
    app.state.engine.dispose()
    app.state.reader.dispose()
