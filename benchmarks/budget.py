"""Where the time of one request goes: the parts of a cold answer, measured one by one.

python benchmarks/service.py    prints it before the table
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox
from clients import Connection, Server, request

from clustergraph.store.embedded import EmbeddedStore
from clustergraph.workers import writing
from clustergraph.workers.flights import Flights
from clustergraph.workers.pool import Limits, Pool
from clustergraph.workers.question import Question, Source
from clustergraph.workers.spool import Spool


@dataclass(frozen=True)
class Budget:
    """Milliseconds of a request, the mean over the same texts for each part."""

    whole: float
    kept: float
    pool: float
    worker: float
    engine: float
    written: float

    def lines(self) -> list[str]:
        """The parts of the whole, each with its share."""
        parts = {
            "HTTP, parameters, cache, headers (an answer that is kept)": self.kept,
            "the way to a worker and back": self.pool - self.worker,
            "the worker beside the engine (arguments, checks)": self.worker - self.engine - self.written,
            "the engine (parse, plan, evaluate)": self.engine,
            "bytes (serialise)": self.written,
        }
        parts["what is left (event loop, watch for the client)"] = self.whole - sum(parts.values())
        return [
            f"  {milliseconds:8.3f} ms {milliseconds / self.whole:6.1%}  {name}"
            for name, milliseconds in parts.items()
        ]


def budget(cold: Server, hot: Server, source: Source, store: ox.Store, texts: Sequence[str]) -> Budget:
    """The budget of requests for these texts, by one client; `cold` has no cache, `hot` has all."""
    for text in texts:
        Connection(hot).ask(request(hot, text))
    engine, written = _alone(store, texts)
    pool, worker = asyncio.run(_pooled(source, texts))
    return Budget(_asked(cold, texts), _asked(hot, texts), pool, worker, engine, written)


def _asked(server: Server, texts: Sequence[str]) -> float:
    connection = Connection(server)
    times = []
    for text in texts:
        started = time.perf_counter()
        connection.ask(request(server, text))
        times.append(time.perf_counter() - started)
    return statistics.fmean(times) * 1000


async def _pooled(source: Source, texts: Sequence[str]) -> tuple[float, float]:
    pool = Pool(source, Limits(workers=1))
    await pool.start()
    flights = Flights(pool)
    whole, inside = [], []
    for text in texts:
        started = time.perf_counter()
        answer, _ = await flights.answer(Question(text=text))
        whole.append(time.perf_counter() - started)
        inside.append(answer.seconds)
        answer.close()
    await pool.close()
    return statistics.fmean(whole) * 1000, statistics.fmean(inside) * 1000


def _alone(store: ox.Store, texts: Sequence[str]) -> tuple[float, float]:
    embedded = EmbeddedStore(store)
    engine, written = [], []
    for text in texts:
        started = time.perf_counter()
        results = embedded.query(text)
        middle = time.perf_counter()
        spool = Spool()
        writing.write(results, "json", spool, {})
        engine.append(middle - started)
        written.append(time.perf_counter() - middle)
        spool.close()
    return statistics.fmean(engine) * 1000, statistics.fmean(written) * 1000
