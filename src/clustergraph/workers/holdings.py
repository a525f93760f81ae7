"""What all workers share because they are forked from one process: saved queries, small graphs, files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from clustergraph.catalogue import Catalogue
from clustergraph.errors import ClusterGraphError, QueryRefusedError
from clustergraph.folder import Edition, Folder, LiteralTable, open_folder
from clustergraph.settings import Settings, load_settings
from clustergraph.store import EmbeddedStore, RemoteStore
from clustergraph.terms import Entailment
from clustergraph.workers.question import Source

# Quads of a store that is held in memory too: some 250 MB, once for all workers. There a query takes
# half to a tenth of the time that it takes on disk.
MOST = 500_000
# The file of a source's root with the literals as written, as LiteralTable writes it.
LITERALS = "literals.tsv"
# Quads of a graph whose files are read and judged before anybody asks: a second or so of the nursery.
_PREPARED = 100_000


@dataclass(frozen=True, eq=False)
class Holdings:
    """The catalogue of a source, a copy of each of its stores that is small, and what tasks work with."""

    source: Source
    catalogue: Catalogue | None = None
    stores: Mapping[Entailment, ox.Store] = field(default_factory=dict)
    _opened: dict[Entailment, EmbeddedStore] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, source: Source) -> Holdings:
        """Read what is to be shared; leaves this process without a thread or an open store."""
        catalogue = None
        if source.root is not None:
            catalogue = Catalogue(source.root / "queries", load_settings(source.root))
            _ = catalogue.queries  # reads the files, so that all workers have the same
        stores: dict[Entailment, ox.Store] = {}
        if source.service is not None:
            # It takes each worker 0.1 s otherwise, more when many do so at once.
            import httpx  # noqa: F401, PLC0415
        if not source.hold or source.service is not None:
            return cls(source, catalogue)
        if (asserted := _in_memory(source.asserted)) is not None:
            stores["none"] = asserted
        if (entailed := _in_memory(source.entailed)) is not None:
            stores["owl2rl"] = entailed
        return cls(source, catalogue, stores)

    def asked(self, entailment: Entailment) -> EmbeddedStore | RemoteStore:
        """What answers questions: a store, or the service, whose own entailment is all there is.

        Raises StoreError where it cannot be opened.
        """
        if self.source.service is None:
            return self.store(entailment)
        return self._remote

    @cached_property
    def _remote(self) -> RemoteStore:
        assert self.source.service is not None
        return RemoteStore.at(self.source.service, services=self.source.services)

    def store(self, entailment: Entailment) -> EmbeddedStore:
        """The store that answers: held in memory, or opened here on disk (so not before a fork).

        Raises StoreError where it cannot be opened, QueryRefusedError where there is a service instead.
        """
        self._need_files()
        if entailment not in self._opened:
            source, held = self.source, self.stores.get(entailment)
            if held is not None:
                store = EmbeddedStore(held, services=source.services, base=source.base)
            else:
                path = source.entailed if entailment == "owl2rl" else source.asserted
                store = EmbeddedStore.open(path, services=source.services, base=source.base)
            self._opened[entailment] = store
        return self._opened[entailment]

    @cached_property
    def folder(self) -> Folder:
        """The files that the stores were made of; raises QueryRefusedError where there are none.

        The working folder of nursery and workers is its root, so that its files have short names.
        """
        if self.source.root is None:
            raise QueryRefusedError("a task", "this data comes without its files")
        return open_folder(Path())

    @property
    def settings(self) -> Settings:
        """The settings of that folder."""
        return self.folder.settings

    @cached_property
    def literals(self) -> LiteralTable:
        """The literals as written, where the stores keep another spelling."""
        return LiteralTable.read(Path(LITERALS)) if self.source.root else LiteralTable()

    @cached_property
    def edition(self) -> Edition:
        """The contents of those files, and the store that they are in, held or loaded when it is asked.

        Raises QueryRefusedError where the graph is a service's.
        """
        self._need_files()
        edition = Edition.of(self.folder.files())
        if "none" in self.stores:
            edition.hold(self.store("none"), self.literals)
        return edition

    def _need_files(self) -> None:
        if self.source.service is not None:
            raise QueryRefusedError("this", "it needs the files of the graph, which is behind a service")

    def prepared(self) -> Iterator[None]:
        """Steps that make first tasks as quick as the ones after them, where the graph is small."""
        store = self.stores.get("none")
        if self.source.root is None or store is None or len(store) > _PREPARED:
            return
        yield
        from clustergraph.workers.tasks import prepare  # noqa: PLC0415  # which imports this module

        steps = prepare(self)
        while True:
            yield
            try:
                next(steps)()
            except StopIteration:
                return
            except ClusterGraphError:
                continue  # a task that needs it says what is wrong


def _in_memory(path: Path) -> ox.Store | None:
    """A copy of a store on disk; None where it is large or cannot be read.

    A child process reads it: an engine that has once opened a store on disk keeps threads, and a
    process with threads is not to be forked.
    """
    with tempfile.NamedTemporaryFile(suffix=".nq") as file:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = _copy(path, file.name)
            finally:
                os._exit(code)
        if os.waitpid(child, 0)[1]:
            return None
        copy = ox.Store()
        copy.extend(ox.parse(path=file.name, format=ox.RdfFormat.N_QUADS))
        return copy


def _copy(path: Path, file: str) -> int:
    try:
        store = ox.Store.read_only(str(path))
    except (OSError, RuntimeError, ValueError):
        return 1  # a worker that opens it says what is wrong
    quads = list(islice(store.quads_for_pattern(None, None, None), MOST + 1))
    if len(quads) > MOST:
        return 1
    ox.serialize(quads, file, format=ox.RdfFormat.N_QUADS)
    return 0
