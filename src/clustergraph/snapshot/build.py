"""From a folder to its two stores: each quad in its graph and in the default graph, then the closure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from clustergraph.folder import Folder, LiteralTable, Places, SourceFile, canonical
from clustergraph.folder.files import INFERRED
from clustergraph.snapshot.loading import load
from clustergraph.snapshot.steps import Steps, record
from clustergraph.sparql.results import Solutions
from clustergraph.store import EmbeddedStore
from clustergraph.terms import DefaultGraph, Literal, NamedNode, Quad

if TYPE_CHECKING:
    from clustergraph.inference import Ignored, Inconsistency, Reasoner

Progress = Callable[[str, int, int | None], None]
"""Told of a stage, how much of it is done, and how much there is where that is known."""

_REPORT_EACH = 20_000


@dataclass(frozen=True)
class Built:
    """The two stores and what was noted on the way."""

    asserted: ox.Store
    entailed: ox.Store
    steps: Steps
    inconsistencies: tuple[Inconsistency, ...]
    ignored: tuple[Ignored, ...]
    literals: LiteralTable
    version: str
    triples: int
    """The triples of the default graph of `asserted`."""


def build(folder: Folder, progress: Progress, path: Path | None = None) -> Built:
    """The stores of a folder, in memory or in `asserted` and `entailed` below `path`.

    Raises FolderError and GraphSyntaxError for a file that cannot be read, OntologyError for a
    malformed axiom, with file and line, OSError where the disk fails.
    """
    files = tuple(file for file in folder.files() if file.kind != "shapes")
    literals = LiteralTable()
    asserted = ox.Store() if path is None else ox.Store(str(path / "asserted"))
    version = load(asserted, _texts(files, progress), literals, on_disk=path is not None)
    triples = _size(asserted)
    progress("inferring", 0, None)
    with Places(EmbeddedStore(asserted), files).locating():
        reasoner = _reasoner(asserted, literals, lambda derived: progress("inferring", derived, None))
    with closing(reasoner):
        entailed = _copy(asserted, path)
        records: list[bytes] = []
        graph = folder.settings.graph(INFERRED)
        entailed.bulk_extend(_inferred(reasoner, records, graph, progress))
        if path is not None:
            entailed.flush()
        found = reasoner.inconsistencies, reasoner.ignored
    return Built(asserted, entailed, Steps.of(records), *found, literals, version, triples)


def _texts(files: tuple[SourceFile, ...], progress: Progress) -> Iterator[bytes]:
    """The files in canonical N-Quads, some thousand lines at a time."""
    done = 0
    sizes = [file.path.stat().st_size for file in files]
    total = None
    progress("reading", done, total)
    for number, file in enumerate(files):
        for text in canonical(file):
            yield text
            done += text.count(b"\n")
            # One more, for the end is not told here.
            progress("reading", done, max(total, done) + 1 if total else None)
        # What is left has about as many triples for its bytes.
        total = done * sum(sizes) // max(1, sum(sizes[: number + 1]))


def _reasoner(store: ox.Store, literals: LiteralTable, told: Callable[[int], None]) -> Reasoner:
    # The reasoner is needed to build only; opening a snapshot that is there does not import it.
    from clustergraph.inference import Reasoner  # noqa: PLC0415

    return Reasoner(EmbeddedStore(store), written=literals.written, told=told)


def _size(store: ox.Store) -> int:
    answer = EmbeddedStore(store).query("SELECT (COUNT(*) AS ?size) { ?s ?p ?o }")
    assert isinstance(answer, Solutions)  # a SELECT
    (size,) = next(iter(answer))
    assert isinstance(size, Literal)  # a count
    return int(size.value)


def _copy(store: ox.Store, path: Path | None) -> ox.Store:
    """A second store with the same quads; on disk they share their files until one of them changes."""
    if path is None:
        copy = ox.Store()
        copy.bulk_extend(store)
        return copy
    store.flush()
    store.backup(str(path / "entailed"))
    return ox.Store(str(path / "entailed"))


def _inferred(
    reasoner: Reasoner, records: list[bytes], graph: NamedNode, progress: Progress
) -> Iterator[Quad]:
    """What was inferred, as it leaves the reasoner: of ten million no list is made but of `records`."""
    default, done, size = DefaultGraph(), 0, reasoner.size
    for done, (triple, step) in enumerate(reasoner.inferred(), start=1):
        if done % _REPORT_EACH == 1:
            progress("writing", done, max(done, size))
        records.append(record(triple, step))
        yield Quad(triple.subject, triple.predicate, triple.object, graph)
        yield Quad(triple.subject, triple.predicate, triple.object, default)
    progress("writing", done, done)
