"""The figures at /metrics, for Prometheus: how many requests, how long, what was entered, what was refused.

They carry no partnership unless a setting says so: that a pool exists, and how busy it is, is its partners' own.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from sqlalchemy.pool import QueuePool

from api.logs import Told

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNKNOWN = "none"  # the route of what there is not; a label of the callers' own making would grow without end


class Metrics:
    """The figures of one server."""

    def __init__(self, engine: Engine, *, by_partnership: bool = False) -> None:
        self.by_partnership = by_partnership
        self.registry = CollectorRegistry()
        named = ["partnership"] if by_partnership else []
        self.requests = Counter("poolbook_requests", "Requests answered", ["method", "route", "status"],
                                registry=self.registry)
        self.seconds = Histogram("poolbook_request_seconds", "From a request's first byte to its answer's last",
                                 ["method", "route"], buckets=SECONDS, registry=self.registry)
        self.under_way = Gauge("poolbook_requests_under_way", "Requests being answered now", registry=self.registry)
        self.entries = Counter("poolbook_entries", "Entries made over HTTP", named, registry=self.registry)
        self.closes = Counter("poolbook_closes", "Periods closed over HTTP", named, registry=self.registry)
        self.refusals = Counter("poolbook_refusals", "Refusals, by the code of the first fault", ["code"],
                                registry=self.registry)
        self.registry.register(_Pool(engine))

    def count(self, method: str, route: str, status: int, seconds: float, told: Told) -> None:
        """A request was answered."""
        method, route = method if method in METHODS else "other", route or UNKNOWN
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)
        if told.code:
            self.refusals.labels(told.code).inc()
        named = [told.partnership] if self.by_partnership else []
        if told.entries:
            first, last = told.entries
            (self.entries.labels(*named) if named else self.entries).inc(last - first + 1)
        if told.closes and status < 300:
            (self.closes.labels(*named) if named else self.closes).inc(told.closes)

    def text(self) -> bytes:
        """All figures as Prometheus reads them."""
        return generate_latest(self.registry)


class _Pool(Collector):
    """The connections to the database, looked at when asked."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def collect(self) -> Iterator[GaugeMetricFamily]:
        pool = self.engine.pool
        if not isinstance(pool, QueuePool):
            return
        found = GaugeMetricFamily("poolbook_database_connections", "Connections to the database", labels=["state"])
        found.add_metric(["in_use"], pool.checkedout())
        found.add_metric(["idle"], pool.checkedin())
        yield found
