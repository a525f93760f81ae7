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

from clustergraph.behind import Behind
from clustergraph.catalogue import Catalogue
from clustergraph.errors import ClusterGraphError, QueryRefusedError
from clustergraph.folder import Edition, Folder, LiteralTable, open_folder
from clustergraph.settings import Settings, load_settings
from clustergraph.store import EmbeddedStore, RemoteStore
from clustergraph.terms import Entailment, Quad
from clustergraph.workers.question import Source

# Quads of a store, and triples of its default graph, that are held in memory too. There a query takes half
# to a tenth of the time that it takes on disk; but a second is gone at the start for each 100,000.
_MOST = 2_000_000
# Bytes of a worker's memory for each of them: a quarter is what they take, in both stores. A worker comes
# to have them for itself, for the engine counts readers in the very quads.
_ROOM = 2048
# The file of a source's root with the literals as written, as LiteralTable writes it.
LITERALS = "literals.tsv"
# Files of quads on their way from a store on disk to one in memory.
_PLAIN, _NAMED = "plain.nq", "named.nq"
# Quads of a graph whose files are read and judged before anybody asks: a second or so of the nursery.
_PREPARED = 100_000


@dataclass(frozen=True, eq=False, slots=True)
class Held:
    """What is in memory of a store: its default graph, and all of its quads; None for what is large."""

    plain: ox.Store | None = None
    whole: ox.Store | None = None


@dataclass(frozen=True, eq=False)
class Holdings:
    """The catalogue of a source, a copy of each of its stores that is small, and what tasks work with."""

    source: Source
    catalogue: Catalogue | None = None
    stores: Mapping[Entailment, Held] = field(default_factory=dict)
    _opened: dict[Entailment, EmbeddedStore] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, source: Source, memory: int = 0) -> Holdings:
        """Read what is to be shared; leaves this process without a thread or an open store.

        The bytes of `memory` that a question may take (0: no limit) say how large a store is held.
        """
        catalogue = None
        if source.root is not None:
            catalogue = Catalogue(source.root / "queries", load_settings(source.root))
            _ = catalogue.queries  # reads the files, so that all workers have the same
        if source.service is not None:
            # It takes each worker 0.1 s otherwise, more when many do so at once.
            import httpx  # noqa: F401, PLC0415
        if not source.hold or source.service is not None:
            return cls(source, catalogue)
        most = min(_MOST, memory // _ROOM if memory else _MOST)
        stores = _in_memory({"none": source.asserted, "owl2rl": source.entailed}, most)
        return cls(source, catalogue, stores)

    def asked(self, entailment: Entailment) -> EmbeddedStore | RemoteStore:
        """What answers questions: a store, or the service, whose own entailment is all there is.

        Raises StoreError where it cannot be opened.
        """
        return self.store(entailment) if self.behind is None else self.behind.store

    @cached_property
    def behind(self) -> Behind | None:
        """The service in place of stores and files of data, None where there is none.

        The names of its scratch graphs stand in the worker's own folder, for the nursery.
        """
        source = self.source
        if source.service is None:
            return None
        journals = Path(tempfile.gettempdir()) if source.root else None
        store = RemoteStore.at(source.service, services=source.services, journals=journals)
        return Behind(source.service, self.folder, store=store)

    def quads(self, entailment: Entailment) -> Iterator[Quad]:
        """The quads of a store, literals as written; those of a service as it gives them."""
        if self.behind is not None:
            return self.behind.quads(entailment)
        return self.literals.as_written(self.store(entailment).dump())

    def store(self, entailment: Entailment) -> EmbeddedStore:
        """The store that answers: held in memory, or opened here on disk (so not before a fork).

        Raises StoreError where it cannot be opened, QueryRefusedError where there is a service instead.
        """
        self._need_files()
        if entailment not in self._opened:
            source, held = self.source, self.stores.get(entailment, Held())
            services, base, plain = source.services, source.base, held.plain
            if held.whole is not None:
                store = EmbeddedStore(held.whole, services=services, base=base, plain=plain)
            else:
                path = source.entailed if entailment == "owl2rl" else source.asserted
                store = EmbeddedStore.open(path, services=services, base=base, plain=plain)
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
        if self._asserted is not None:
            edition.hold(self.store("none"), self.literals)
        return edition

    @property
    def _asserted(self) -> ox.Store | None:
        """The store of what the files say, where all of it is in memory."""
        return self.stores.get("none", Held()).whole

    def _need_files(self) -> None:
        if self.source.service is not None:
            raise QueryRefusedError("this", "it needs the files of the graph, which is behind a service")

    def prepared(self) -> Iterator[None]:
        """Steps that make first tasks as quick as the ones after them, where the graph is small."""
        store, is_there = self._asserted, self.source.service is not None
        is_small = is_there or (store is not None and len(store) <= _PREPARED)
        if self.source.root is None or not is_small:
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


def _in_memory(paths: Mapping[Entailment, Path], most: int) -> dict[Entailment, Held]:
    """Copies of stores on disk, as far as they have at most so many quads and can be read.

    Child processes read them, side by side: an engine that has once opened a store on disk keeps
    threads, and a process with threads is not to be forked.
    """
    with tempfile.TemporaryDirectory() as folder:
        children = {name: _reading(path, Path(folder, name), most) for name, path in paths.items()}
        held = {}
        for name, child in children.items():
            os.waitpid(child, 0)
            held[name] = _held(Path(folder, name))
        return held


def _reading(path: Path, folder: Path, most: int) -> int:
    """A child process that copies a store into files of a folder."""
    if (child := os.fork()) == 0:
        try:
            folder.mkdir()
            _copy(path, folder, most)
        finally:
            os._exit(0)
    return child


def _copy(path: Path, folder: Path, most: int) -> None:
    """Write the default graph and the named graphs of a store, each to a file that is whole or not there."""
    try:
        store = ox.Store.read_only(str(path))
    except (OSError, RuntimeError, ValueError):
        return  # a worker that opens it says what is wrong
    for name, graphs in ((_PLAIN, [ox.DefaultGraph()]), (_NAMED, store.named_graphs())):
        found = (quad for graph in graphs for quad in store.quads_for_pattern(None, None, None, graph))
        quads = list(islice(found, most + 1))
        most -= len(quads)
        if most < 0:
            return
        ox.serialize(quads, str(folder / "part"), format=ox.RdfFormat.N_QUADS)
        (folder / "part").rename(folder / name)


def _held(folder: Path) -> Held:
    """What such files have."""
    if not (folder / _PLAIN).exists():
        return Held()
    plain = ox.Store()
    plain.bulk_extend(ox.parse(path=str(folder / _PLAIN), format=ox.RdfFormat.N_QUADS))
    if not (folder / _NAMED).exists():
        return Held(plain)
    whole = ox.Store()
    whole.bulk_extend(plain)
    whole.bulk_extend(ox.parse(path=str(folder / _NAMED), format=ox.RdfFormat.N_QUADS))
    return Held(plain, whole)
