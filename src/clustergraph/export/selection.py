"""What goes into an export: the quads of a graph, of one named graph, or about one thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import pyoxigraph as ox

from clustergraph.errors import UsageError, near_misses
from clustergraph.export.rows import Row, Rows, row_of
from clustergraph.export.text import is_blank, is_literal
from clustergraph.folder.edition import merged
from clustergraph.settings import Settings
from clustergraph.sparql.term import read_term
from clustergraph.store import EmbeddedStore
from clustergraph.terms import NamedNode, Quad

# Beyond this many rows the store of a profile's queries lies on disk.
_IN_MEMORY = 500_000
_LINES = 20_000
# Oxigraph's loader holds all that it is given at once: 2 GB for two million quads.
_LOADED = 100_000

T = TypeVar("T")


@dataclass(frozen=True)
class Selection:
    """The rows that go into an export, in the order of canonical N-Quads, and where they are from."""

    rows: Rows
    settings: Settings
    version: str = ""
    things: frozenset[str] = frozenset()
    """The subjects of the whole graph."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to export."""
        return next(iter(self.rows), None) is None


def select(
    quads: Iterable[Quad],
    settings: Settings,
    *,
    version: str = "",
    graph: str | None = None,
    about: str | None = None,
) -> Selection:
    """The rows of quads; only those of a named `graph`, only those `about` a thing.

    `graph` is a name such as `background`, an IRI or a compact IRI; `about` an IRI or compact IRI.
    Raises UsageError, with names that look alike, where there is no such graph or thing.
    """
    rows = Rows(map(row_of, quads))
    if any(not row[3] for row in rows):
        rows = Rows(_without_merge(rows))
    things = frozenset(row[0] for row in rows if not is_blank(row[0]))
    if graph is not None:
        rows = _in_graph(rows, graph, settings)
    if about is not None:
        rows = _about(rows, about, settings)
    return Selection(rows, settings, version, things)


def _without_merge(rows: Rows) -> Iterator[Row]:
    """The rows without those of a default graph that repeat what a named graph says.

    A service whose default graph is the union of the others gives each triple twice.
    """
    last: Row | None = None
    for row in rows:
        if last is not None and (last[3] or last[:3] != row[:3]):
            yield last
        last = row
    if last is not None:
        yield last


def _in_graph(rows: Rows, name: str, settings: Settings) -> Rows:
    names = {row[3] for row in rows}
    wanted = {f"<{settings.graph(name).value}>", f"<{name}>"}
    if ":" in name:
        wanted.add(str(read_term(name, settings.prefixes)))
    found = names & wanted
    if not found:
        known = sorted(graph[1:-1].removeprefix(str(settings.base) + "graph/") for graph in names if graph)
        near = near_misses(name, known) or known
        raise UsageError(f"--graph {name}: no such graph; there are {', '.join(near)}")
    return Rows(row for row in rows if row[3] in found)


def _about(rows: Rows, thing: str, settings: Settings) -> Rows:
    """The thing, what is said about it, the sources of both, and blank nodes that they have."""
    subject = str(read_term(thing, settings.prefixes))
    if not any(row[0] == subject for row in rows):
        near = near_misses(subject, {row[0] for row in rows if not is_blank(row[0])})
        hint = f"; did you mean {' or '.join(one[1:-1] for one in near)}?" if near else ""
        raise UsageError(f"--about {thing}: nothing is said of it{hint}")
    about = {str(one) for one in settings.vocabulary.about}
    sources = {str(one) for one in settings.vocabulary.source}
    wanted = {subject} | {row[0] for row in rows if row[1] in about and row[2] == subject}
    found, new = set[str](), wanted
    while new:
        found |= new
        new = {
            row[2]
            for row in rows
            if row[0] in new and not is_literal(row[2]) and (is_blank(row[2]) or row[1] in sources)
        } - found
    return Rows(row for row in rows if row[0] in found)


def quads_of(rows: Iterable[Row]) -> Iterator[Quad]:
    """The quads of rows; language tags in small letters, as a store keeps them."""
    lines = (f"{s} {p} {o}{f' {g}' if g else ''} .\n".encode() for s, p, o, g in rows)
    for part in _batches(lines, _LINES):
        yield from ox.parse(input=b"".join(part), format=ox.RdfFormat.N_QUADS, rename_blank_nodes=False)


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch


class Working:
    """A store of a selection for queries: its default graph is the RDF merge, with further graphs.

    A context manager: a large one lies on disk until it is left.
    """

    def __init__(self, rows: Rows, further: Iterable[Quad] = ()) -> None:
        self._rows = rows
        self._further = further
        self._folder: TemporaryDirectory[str] | None = None

    def __enter__(self) -> EmbeddedStore:
        count = sum(1 for _ in self._rows)
        if count <= _IN_MEMORY:
            store = EmbeddedStore()
        else:
            self._folder = TemporaryDirectory(prefix="clustergraph-")
            store = EmbeddedStore(ox.Store(str(Path(self._folder.name, "store"))))
        for part in _batches(merged(quads_of(self._rows)), _LOADED):
            store.load(part)
        store.load(self._further)
        return store

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            self._folder.cleanup()


def graph_names(rows: Iterable[Row]) -> tuple[NamedNode, ...]:
    """The IRIs of the named graphs of rows, sorted."""
    return tuple(NamedNode(name[1:-1]) for name in sorted({row[3] for row in rows}) if name.startswith("<"))
