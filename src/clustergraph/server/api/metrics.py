"""What the service counts, in the format that Prometheus reads."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import CounterMetricFamily
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response

from clustergraph.server.http.record import Record
from clustergraph.server.service import Service

_METHODS = {"GET", "HEAD", "POST", "OPTIONS"}
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The figures of one service, in a registry of its own: `count` is given the record of each request."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "clustergraph_requests",
            "Requests, by the template of their address, method and status",
            ["route", "method", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "clustergraph_request_seconds",
            "Seconds from the head of a request to the end of its response",
            ["route"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._answers = Counter(
            "clustergraph_answers",
            "Answers, by where they came from: kept ones, a worker, or the work for another request",
            ["source"],
            registry=self._registry,
        )
        self._engine = Counter(
            "clustergraph_worker_seconds", "Seconds that workers took for answers", registry=self._registry
        )
        # A label's child is found by a lock and a check of names; by a dictionary in a tenth of the time.
        self._known: dict[tuple[str, str, int], tuple[Callable[[], None], Callable[[float], None]]] = {}
        self._origins = {name: self._answers.labels(name) for name in ("cache", "worker", "shared")}
        self._watch()
        self._registry.register(_Endings(service))
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def count(self, record: Record) -> None:
        """Count a request."""
        key = record.route, record.method, record.status
        try:
            increase, observe = self._known[key]
        except KeyError:
            increase, observe = self._known[key] = self._children(record)
        increase()
        observe(record.seconds)
        for origin in record.origins:
            self._origins[origin].inc()
        if record.engine:
            self._engine.inc(record.engine)

    async def answer(self, request: Request) -> Response:
        """All figures, as text or in the format of OpenMetrics where the client likes that better."""
        encode, media = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(self._registry), headers={"Content-Type": media, "Cache-Control": "no-store"})

    def _children(self, record: Record) -> tuple[Callable[[], None], Callable[[float], None]]:
        route = record.route or "other"
        # Clients may invent methods; each would be a series of its own for ever.
        method = record.method if record.method in _METHODS else "other"
        counter = self._requests.labels(route, method, str(record.status))
        return counter.inc, self._seconds.labels(route).observe

    def _watch(self) -> None:
        """What is asked for when somebody reads it."""
        service = self._service
        gauges: dict[str, tuple[str, Callable[[], float]]] = {
            "workers": ("Workers that are there", lambda: len(service.state.pool.processes)),
            "workers_busy": ("Workers at work", lambda: service.state.pool.busy),
            "questions_waiting": ("Questions that wait for a worker", lambda: service.state.pool.waiting),
            "cache_bytes": ("Bytes that the kept answers take", lambda: service.state.cache.size),
            "cache_capacity_bytes": ("Bytes that they may take", lambda: service.state.cache.capacity),
            "cache_answers": ("Answers that are kept", lambda: len(service.state.cache)),
            "triples": ("Triples of the graph", lambda: service.state.triples),
            "ready": ("Whether a worker is ready", lambda: service.state.pool.is_ready),
        }
        for name, (help, value) in gauges.items():
            Gauge(f"clustergraph_{name}", help, registry=self._registry).set_function(value)
        information = Info("clustergraph", "Releases of this package and its engine", registry=self._registry)
        information.info(
            {
                "version": version("clustergraph"),
                "engine": version("pyoxigraph"),
                "python": platform.python_version(),
            }
        )


class _Endings:
    """Workers that were replaced, by the reason, and reloads."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[CounterMetricFamily]:
        replaced = CounterMetricFamily(
            "clustergraph_workers_replaced",
            "Workers that others took the place of: stopped by a deadline (time), by a client that went"
            " away (left), after a long question (long), for their size (memory), ended by themselves or"
            " from outside (lost), or by younger ones that are prepared (renewed)",
            labels=["reason"],
        )
        for reason, number in self._service.endings.items():
            replaced.add_metric([reason], number)
        yield replaced
        reloads = CounterMetricFamily("clustergraph_reloads", "Times that changed data were taken in")
        reloads.add_metric([], self._service.reloads)
        yield reloads
