"""What the server answers from: one state of the data, and its replacement by the next."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from clustergraph.errors import UsageError
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.cache import Cache
from clustergraph.workers.pool import Limits, Pool
from clustergraph.workers.question import Source


@dataclass(frozen=True, slots=True)
class Options:
    """How to serve: what questions may take, bytes of cache, bytes of a request's body.

    `services` are the origins that SERVICE may call, beside those of the folder's settings. `base`
    is the address that clients see behind a proxy: an URL, or a path that it puts before ours.
    """

    limits: Limits = field(default_factory=Limits)
    cache: int = 64 << 20
    body: int = 1 << 20
    services: frozenset[str] = frozenset()
    base: str = ""


@dataclass
class State:
    """One state of the data: the graph, the workers on its snapshot, the answers that they gave."""

    graph: KnowledgeGraph
    pool: Pool
    cache: Cache
    kept: tempfile.TemporaryDirectory[str] | None = None
    requests: int = 0

    @property
    def version(self) -> str:
        """The version of the data."""
        return self.pool.source.version

    @contextmanager
    def in_use(self) -> Iterator[State]:
        """The state, which is not closed before the block ends."""
        self.requests += 1
        try:
            yield self
        finally:
            self.requests -= 1

    async def close(self) -> None:
        """Wait for the requests that use it, then end its workers."""
        while self.requests:
            await asyncio.sleep(0.02)
        await self.pool.close()
        if self.kept is not None:
            self.kept.cleanup()


async def start(graph: KnowledgeGraph, options: Options) -> State:
    """A state whose workers are ready; raises what keeps the snapshot or the stores from opening."""
    source, kept = await asyncio.to_thread(_source, graph, options.services)
    pool = Pool(source, options.limits)
    await pool.start()
    return State(graph, pool, Cache(options.cache), kept)


def _source(
    graph: KnowledgeGraph, services: frozenset[str]
) -> tuple[Source, tempfile.TemporaryDirectory[str] | None]:
    if graph.endpoint is not None:
        raise UsageError("serve needs the graph's own folder; a remote service serves itself")
    snapshot, settings, kept = graph.snapshot, graph.settings, None
    path = snapshot.path
    if path is None:
        # The cache cannot be written; workers are processes, and share by files alone.
        kept = tempfile.TemporaryDirectory(prefix="clustergraph-")
        path = Path(kept.name)
        for name, store in (("asserted", snapshot.asserted), ("entailed", snapshot.entailed)):
            copy = ox.Store(str(path / name))
            copy.bulk_extend(store.dump())
            copy.flush()
            del copy
    source = Source(
        asserted=path / "asserted",
        entailed=path / "entailed",
        version=snapshot.version,
        root=graph.folder.root,
        base=settings.base,
        services=services | frozenset(settings.services),
    )
    return source, kept
