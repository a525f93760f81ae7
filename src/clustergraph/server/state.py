"""What the server answers from: one state of the data, and its replacement by the next."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyoxigraph as ox

from clustergraph.errors import SettingsError, UsageError
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.http.cache import Cache
from clustergraph.settings import FILE_NAME, load_settings
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
    kept: tempfile.TemporaryDirectory[str]
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
        self.kept.cleanup()


async def start(graph: KnowledgeGraph, options: Options) -> State:
    """A state whose workers are ready; raises what keeps the snapshot or the stores from opening."""
    kept = tempfile.TemporaryDirectory(prefix="clustergraph-", ignore_cleanup_errors=True)
    try:
        pool = Pool(
            await asyncio.to_thread(_source, graph, options.services, Path(kept.name)), options.limits
        )
        await pool.start()
    except BaseException:
        kept.cleanup()
        raise
    return State(graph, pool, Cache(options.cache), kept)


def _source(graph: KnowledgeGraph, services: frozenset[str], kept: Path) -> Source:
    """What the workers read: nothing of it changes when the folder does."""
    if graph.endpoint is not None:
        raise UsageError("serve needs the graph's own folder; a remote service serves itself")
    _keep_catalogue(graph, kept)
    snapshot, settings = graph.snapshot, graph.settings
    path = snapshot.path
    if path is None:
        # The cache cannot be written; workers are processes, and share by files alone.
        path = kept
        for name, store in (("asserted", snapshot.asserted), ("entailed", snapshot.entailed)):
            copy = ox.Store(str(path / name))
            copy.bulk_extend(store.dump())
            copy.flush()
            del copy
    return Source(
        asserted=path / "asserted",
        entailed=path / "entailed",
        version=snapshot.version,
        root=kept,
        base=settings.base,
        services=services | frozenset(settings.services),
    )


def _keep_catalogue(graph: KnowledgeGraph, kept: Path) -> None:
    """Write the settings and saved queries down as this process has read them.

    Workers read these: the folder's own may be others by the time that a worker starts.
    """
    catalogue, root = graph.catalogue, graph.folder.root
    texts = {query.path: query.text for query in catalogue.queries}
    for path in catalogue.paths.values():
        copy = kept / "queries" / path.relative_to(catalogue.folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(texts.get(path, ""), encoding="utf-8", newline="")
    with suppress(FileNotFoundError):
        shutil.copyfile(root / FILE_NAME, kept / FILE_NAME)
    if load_settings(kept) != replace(graph.settings, title=load_settings(kept).title):
        raise SettingsError(root / FILE_NAME, "the file", "no change while it is read")
