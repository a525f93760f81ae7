"""What the server answers from: one state of the data, and its replacement by the next."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from clustergraph.behind import MAX_AGE
from clustergraph.folder import Folder
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.search import open_index
from clustergraph.server.http.apart import apart
from clustergraph.server.http.cache import Cache
from clustergraph.server.http.connection import Bounds
from clustergraph.server.http.journal import Format
from clustergraph.server.http.shelf import Shelf
from clustergraph.server.kept import Kept, keep
from clustergraph.workers.flights import Flights
from clustergraph.workers.pool import Limits, Pool
from clustergraph.workers.question import Source


@dataclass(frozen=True, slots=True)
class Options:
    """How to serve: what questions may take, bytes of cache, bytes of a request's body and of an upload.

    `shelf` are the bytes of large answers, such as exports, that are kept on disk. `services` are
    the origins that SERVICE may call, beside those of the folder's settings. `base` is the address that
    clients see behind a proxy: an URL, or a path that it puts before ours. `log` is how requests are
    written to standard error, `bounds` are those of connections. `max_age` is how many seconds an answer
    of a remote service is taken as still right.
    """

    limits: Limits = field(default_factory=Limits)
    cache: int = 64 << 20
    shelf: int = 256 << 20
    body: int = 1 << 20
    upload: int = 16 << 20
    services: frozenset[str] = frozenset()
    base: str = ""
    log: Format = "none"
    max_age: float = MAX_AGE
    bounds: Bounds = field(default_factory=Bounds)


@dataclass
class State:
    """One state of the data: the graph, the workers on its snapshot, the answers that they gave."""

    graph: KnowledgeGraph
    pool: Pool
    cache: Cache
    kept: Kept
    shelf: Shelf
    triples: int = 0
    """Those that are asserted."""
    entailed: int = 0
    """Those with what was inferred."""
    requests: int = 0
    max_age: float = MAX_AGE

    def __post_init__(self) -> None:
        self.flights = Flights(self.pool)
        self._started = f"{time.time_ns():x}"
        self._period = 0

    @property
    def is_remote(self) -> bool:
        """Whether a service is asked, which does not say when its data change."""
        return self.graph.service is not None

    @property
    def version(self) -> str:
        """The version of the data; of a service's the time from which answers are taken as still right."""
        return f"{self._started}-{self._period}" if self.is_remote else self.pool.source.version

    @property
    def edition(self) -> str:
        """The version of all files: data, ontology, shapes, saved queries, export profiles, settings.

        In front of a service that of its data is part of it.
        """
        edition = self.pool.source.edition
        return f"{edition}-{self.version}" if self.is_remote else edition

    @property
    def files(self) -> Folder:
        """The files that this state was made of, as they were; the folder's own in front of a service."""
        if self.is_remote or self.pool.source.root is None:
            return self.graph.folder
        return Folder(self.pool.source.root, self.graph.settings)

    @contextmanager
    def in_use(self) -> Iterator[State]:
        """The state, which is not closed before the block ends."""
        self._age()
        self.requests += 1
        try:
            yield self
        finally:
            self.requests -= 1

    def _age(self) -> None:
        """Forget what a service answered too long ago."""
        period = int(time.monotonic() / self.max_age) if self.is_remote and self.max_age else 0
        if self.is_remote and (period != self._period or not self.max_age):
            self._period = period if self.max_age else self._period + 1
            self.cache = Cache(self.cache.capacity)
            self.shelf.clear()

    async def close(self) -> None:
        """Wait for the requests that use it, then end its workers."""
        while self.requests:
            await asyncio.sleep(0.02)
        await self.pool.close()
        self.kept.cleanup()
        # A page may hold the state until somebody asks for the next one of its kind.
        self.cache = Cache(self.cache.capacity)


async def start(graph: KnowledgeGraph, options: Options, endings: Counter[str]) -> State:
    """A state whose workers are ready, and which counts in `endings` why workers were replaced.

    Raises what keeps the snapshot or the stores from opening.
    """
    kept = await asyncio.to_thread(Kept)
    try:
        source = await apart(_source, graph, options, kept.path)
        sizes = await apart(_sizes, graph)
        pool = Pool(source, options.limits, endings)
        await pool.start()
    except BaseException:
        kept.cleanup()
        raise
    shelf = Shelf(kept.path / "answers", options.shelf)
    return State(graph, pool, Cache(options.cache), kept, shelf, *sizes, max_age=options.max_age)


def _source(graph: KnowledgeGraph, options: Options, kept: Path) -> Source:
    """What the workers read: nothing of it changes when the folder does."""
    edition = keep(graph, kept)
    settings = graph.settings
    allowed = options.services | frozenset(settings.services)
    if graph.service is not None:
        return Source(
            kept,
            kept,
            edition=edition,
            root=kept,
            base=settings.base,
            services=allowed,
            service=graph.service,
            max_age=options.max_age,
        )
    snapshot = graph.snapshot
    path = snapshot.path and snapshot.path.absolute()
    if path is None:
        # The cache cannot be written; workers are processes, and share by files alone.
        path = kept
        for name, store in (("asserted", snapshot.asserted), ("entailed", snapshot.entailed)):
            copy = ox.Store(str(path / name))
            copy.bulk_extend(store.dump())
            copy.flush()
            del copy
    # Here rather than in the first worker that is asked to search: it may take longer than an answer may.
    open_index(snapshot.asserted, snapshot.entailed, settings, folders=(path, kept)).close()
    return Source(
        asserted=path / "asserted",
        entailed=path / "entailed",
        version=snapshot.version,
        edition=edition,
        root=kept,
        base=settings.base,
        services=allowed,
    )


def _sizes(graph: KnowledgeGraph) -> tuple[int, int]:
    """The triples of the graph, asserted and with what was inferred; a service tells of all alike."""
    if graph.behind is not None:
        return (size := graph.behind.store.size()), size
    return graph.snapshot.triples, graph.snapshot.triples + graph.snapshot.inferred
