"""The outermost layer of the HTTP interface: what every request passes on its way in and every answer on its way out.

It gives a request its id, refuses those who ask too often, keeps what goes wrong unforeseen from showing anything,
puts the safety headers on every answer, and then logs and counts it, in one line and a few figures.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import logs
from api.access.session import KEYED, SESSION
from api.reader import language_of
from api.refusals import TooManyRequests, Unexpected
from exports.language import ENGLISH, speaking
from ledger.errors import PoolbookError

if TYPE_CHECKING:
    from api.limits import Rates
    from api.metrics import Metrics

REQUEST_ID = "X-Request-Id"
UNLIMITED = frozenset({"/health"})  # whoever asks whether the process lives must always hear it
READING = frozenset({"GET", "HEAD"})
MACHINES = frozenset({"/health", "/ready", "/metrics"})  # asked all the time: logged at DEBUG
PARTNERSHIP = "/v1/partnerships/{partnership}"
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language", "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin"}
"""What every answer carries, so that browsers and proxies neither guess, store, frame nor fetch more."""
BEHIND_TLS: Mapping[str, str] = {"Strict-Transport-Security": "max-age=31536000"}
_PLAIN = tuple((name.lower().encode(), value.encode()) for name, value in HEADERS.items())
_TLS = _PLAIN + tuple((name.lower().encode(), value.encode()) for name, value in BEHIND_TLS.items())
_ID = REQUEST_ID.lower().encode()
LOG = logging.getLogger("poolbook")
Answer = Callable[[Request, PoolbookError], Response]
"""How a refusal is said to whoever asked: a page, or problem details."""


class Door:
    """The middleware, with what it counts by."""

    def __init__(self, app: ASGIApp, rates: Rates, metrics: Metrics, answer: Answer) -> None:
        self.app, self.rates, self.metrics, self.answer = app, rates, metrics, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await _Passing(self, scope, send).through(receive)


class _Passing:
    """One request on its way."""

    def __init__(self, door: Door, scope: Scope, send: Send) -> None:
        self.door, self.scope, self.out = door, scope, send
        headers = Headers(scope=scope)
        self.told = logs.begin(headers.get(REQUEST_ID, ""))
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        self.bearer = bearer.strip() if scheme.lower() == "bearer" else _session(headers.get("cookie", ""))
        self.started, self.status = time.perf_counter(), 0

    @property
    def language(self) -> str:
        return language_of(Request(self.scope))

    async def through(self, receive: Receive) -> None:
        with self.door.metrics.under_way.track_inprogress():
            try:
                await self._answered(receive)
            finally:
                self._tell()

    async def _answered(self, receive: Receive) -> None:
        refused = self._too_often()
        if refused is not None:
            await self._refuse(refused, receive)
            return
        try:
            # Whoever reads is answered in their language; what changes the books is worked out in English.
            with speaking(self.language if self.scope["method"] in READING else ENGLISH):
                await self.door.app(self.scope, receive, self._send)
        except Exception:
            LOG.exception("A request failed")
            if self.status:
                raise  # the answer has begun: the connection is broken off, so that nobody takes it for whole
            await self._refuse(Unexpected(request=self.told.request), receive)
        self._judge_key()

    async def _refuse(self, fault: PoolbookError, receive: Receive) -> None:
        with speaking(self.language):
            await self.door.answer(Request(self.scope), fault)(self.scope, receive, self._send)

    def _too_often(self) -> TooManyRequests | None:
        if self.scope["path"] in UNLIMITED:
            return None
        client = self.scope.get("client")
        who, rate, seconds = self.door.rates.wait(self.bearer, client[0] if client else "")
        return TooManyRequests(who=who, rate=f"{rate:,}", seconds=seconds) if seconds else None

    def _judge_key(self) -> None:
        if self.bearer and self.told.actor:
            self.door.rates.found_good(self.bearer)
        elif self.bearer and self.status == 401:
            self.door.rates.found_wrong(self.bearer)

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [(name.lower(), value) for name, value in message.get("headers", ())]
            given = {name for name, _ in headers}
            ours = _TLS if self.scope.get("scheme") == "https" else _PLAIN
            message["headers"] = [*(pair for pair in headers if pair[0] != _ID),
                                  *(pair for pair in ours if pair[0] not in given), (_ID, self.told.request.encode())]
        await self.out(message)

    def _tell(self) -> None:
        route, method, took = _route(self.scope), self.scope["method"], time.perf_counter() - self.started
        self.door.metrics.count(method, route, self.status, took, self.told)
        level = logging.DEBUG if route in MACHINES else logging.INFO
        if not logs.REQUESTS.isEnabledFor(level):
            return
        facts = {"request": self.told.request, "method": method[:20], "route": route or None, "status": self.status,
                 "milliseconds": round(took * 1000, 1), **self.told.facts()}
        logs.REQUESTS.log(level, "%s %s %s", method[:20], route or "(no route)", self.status, extra={"facts": facts})


def _session(cookie: str) -> str:
    cookies = cookie_parser(cookie) if cookie else {}
    return cookies.get(SESSION, "") or cookies.get(KEYED, "")


def _route(scope: Scope) -> str:
    """The template of the route that answers, never the path itself, which is whatever somebody asked for."""
    path = str(getattr(scope.get("route"), "path", ""))
    of_one = "partnership" in scope.get("path_params", {}) and not path.startswith((PARTNERSHIP, "/pools/"))
    return PARTNERSHIP + path if of_one else path
