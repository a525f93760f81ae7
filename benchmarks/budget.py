"""Where the time of one request goes: the parts of a cold answer, measured one by one.

python benchmarks/service.py    prints it before the table
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from clients import Connection, Server, request

from clustergraph.store.embedded import EmbeddedStore
from clustergraph.workers import writing
from clustergraph.workers.flights import Flights
from clustergraph.workers.pool import Limits, Pool
from clustergraph.workers.question import Question, Source
from clustergraph.workers.spool import Spool


@dataclass(frozen=True)
class Budget:
    """Milliseconds of a request: the mean over the same texts of the best of three, for each part."""

    whole: float
    kept: float
    pool: float
    worker: float
    parsed: float
    engine: float
    written: float

    def lines(self) -> list[str]:
        """The parts of the whole, each with its share."""
        parts = {
            "HTTP, parameters, cache, headers (an answer that is kept)": self.kept,
            "the way to a worker and back": self.pool - self.worker,
            "the worker beside the engine (arguments, checks)": self.worker - self.engine - self.written,
            "parse and plan (the same texts on an empty store)": self.parsed,
            "the engine (evaluate)": self.engine - self.parsed,
            "bytes (serialise)": self.written,
        }
        parts["what is left (event loop, watch for the client)"] = self.whole - sum(parts.values())
        return [
            f"  {milliseconds:8.3f} ms {milliseconds / self.whole:6.1%}  {name}"
            for name, milliseconds in parts.items()
        ]


def budget(cold: Server, hot: Server, source: Source, store: EmbeddedStore, texts: Sequence[str]) -> Budget:
    """The budget of requests for these texts, by one client; `cold` has no cache, `hot` has all."""
    parsed, _ = _alone(EmbeddedStore(), texts)
    engine, written = _alone(store, texts)
    pool, worker = asyncio.run(_pooled(source, texts))
    return Budget(_asked(cold, texts), _asked(hot, texts), pool, worker, parsed, engine, written)


def _asked(server: Server, texts: Sequence[str]) -> float:
    connection = Connection(server)
    times = []
    for text in _thrice(texts):
        started = time.perf_counter()
        connection.ask(request(server, text))
        times.append(time.perf_counter() - started)
    return _mean(times)


def _thrice(texts: Sequence[str]) -> list[str]:
    return [text for text in texts for _ in range(3)]


def _mean(times: Sequence[float]) -> float:
    """Milliseconds: the mean of the best of each three."""
    return statistics.fmean(map(min, zip(times[::3], times[1::3], times[2::3], strict=True))) * 1000


async def _pooled(source: Source, texts: Sequence[str]) -> tuple[float, float]:
    pool = Pool(source, Limits(workers=1))
    await pool.start()
    flights = Flights(pool)
    whole, inside = [], []
    for text in _thrice(texts):
        started = time.perf_counter()
        answer, _ = await flights.answer(Question(text=text))
        whole.append(time.perf_counter() - started)
        inside.append(answer.seconds)
        answer.close()
    await pool.close()
    return _mean(whole), _mean(inside)


def _alone(store: EmbeddedStore, texts: Sequence[str]) -> tuple[float, float]:
    engine, written = [], []
    for text in _thrice(texts):
        started = time.perf_counter()
        results = store.query(text)
        middle = time.perf_counter()
        spool = Spool()
        writing.write(results, "json", spool, {})
        engine.append(middle - started)
        written.append(time.perf_counter() - middle)
        spool.close()
    return _mean(engine), _mean(written)
