"""What all workers share because they are forked from one process: saved queries, small graphs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from clustergraph.catalogue import Catalogue
from clustergraph.settings import load_settings
from clustergraph.terms import Entailment
from clustergraph.workers.question import Source

# Quads of a store that is held in memory too: some 250 MB, once for all workers. There a query takes
# half to a tenth of the time that it takes on disk.
MOST = 500_000


@dataclass(frozen=True)
class Holdings:
    """The catalogue of a source, and a copy of each of its stores that is small."""

    source: Source
    catalogue: Catalogue | None = None
    stores: Mapping[Entailment, ox.Store] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source) -> Holdings:
        """Read what is to be shared; leaves this process without a thread or an open store."""
        catalogue = None
        if source.root is not None:
            catalogue = Catalogue(source.root / "queries", load_settings(source.root))
            _ = catalogue.queries  # reads the files, so that all workers have the same
        stores: dict[Entailment, ox.Store] = {}
        if not source.hold:
            return cls(source, catalogue)
        if (asserted := _in_memory(source.asserted)) is not None:
            stores["none"] = asserted
        if (entailed := _in_memory(source.entailed)) is not None:
            stores["owl2rl"] = entailed
        return cls(source, catalogue, stores)


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
