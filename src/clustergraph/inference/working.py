"""The reasoner's own store: the closure, each triple in the graph of the step that derived it.

Three things that measurements taught are built in. The graph of a step is never reused (dropped
quads slow Oxigraph's chains down). A triple lives in one graph only, so that it is inserted once.
On disk INSERT is an order of magnitude slower than CONSTRUCT and bulk loading, so that is used there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from clustergraph.inference import blank
from clustergraph.inference.rule import Atom
from clustergraph.inference.text import Layout, text
from clustergraph.sparql.results import Solution
from clustergraph.store.embedded import EmbeddedStore
from clustergraph.store.protocol import Store
from clustergraph.terms import DefaultGraph, NamedNode, Quad, Term, Triple

# Above so many asserted triples the closure is built on disk: in memory a triple takes about
# 530 bytes (1,475 MB at 1.1 million and 1.7 million inferred), so that 8 GiB hold it up to here.
DISK_ABOVE = 4_000_000
# Bytes of N-Triples that are held in memory on their way from one store to the other.
_SPOOLED = 1 << 29

_APART = Layout("urn:x-clustergraph:step:", apart=True)


class Working:
    """A store of steps, in memory or in a folder on disk that goes with it."""

    layout = _APART

    def __init__(self, *, on_disk: bool = False):
        self._folder = tempfile.TemporaryDirectory(prefix="clustergraph-") if on_disk else None
        self._store = ox.Store(self._folder.name) if self._folder else ox.Store()
        self._archive = ox.Store()  # what representatives replaced, with its step, for proofs
        self._archived = False

    @classmethod
    def holding(cls, base: Store) -> Working:
        """A working store with the default graph of `base` as step 0, on disk where it is large."""
        if not isinstance(base, EmbeddedStore):
            working = cls()
            working.add((quad.triple for quad in base.dump(DefaultGraph())), 0)
            return working
        # Through text: Oxigraph writes and reads N-Triples three times as fast as Python moves quads.
        with tempfile.SpooledTemporaryFile(_SPOOLED, prefix="clustergraph-") as lines:
            base.native.dump(lines, ox.RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
            lines.seek(0)
            on_disk = sum(part.count(b"\n") for part in iter(lambda: lines.read(1 << 20), b"")) > DISK_ABOVE
            working = cls(on_disk=on_disk)
            load = working._store.bulk_load if on_disk else working._store.load
            lines.seek(0)
            named = blank.NamedLines(lines)
            zero = cls.layout.step(0)
            load(named, ox.RdfFormat.N_TRIPLES, to_graph=zero, lenient=True)  # type: ignore[arg-type]  # it reads
        return working

    def add(self, triples: Iterable[Triple], step: int) -> None:
        """Put `triples` in a step as they are, blank nodes named."""
        graph = self.layout.step(step)
        self._store.extend(_in(graph, blank.name_all(triple)) for triple in triples)

    def derive(self, head: Atom, where: str, step: int) -> int:
        """Add a `head` for each match of `where`, as derived in `step`; the number that were added."""
        graph = self.layout.step(step)
        if self._folder is None:
            self._store.update(f"INSERT {{ {self.layout.insertion(head, step)} }} WHERE {{ {where} }}")
        else:
            found = self._store.query(f"CONSTRUCT {{ {text(head)} }} WHERE {{ {where} }}")
            assert isinstance(found, ox.QueryTriples)
            self._store.bulk_extend(_in(graph, triple) for triple in found)
        return self.count(step)

    def count(self, step: int) -> int:
        """The number of triples of a step."""
        graph = self.layout.step(step)
        if not self._store.contains_named_graph(graph):
            return 0
        (row,) = self.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}")
        return int(row[0].value)  # type: ignore[union-attr]  # a count is a literal

    def select(self, query: str) -> Iterator[Solution]:
        """The rows of a SELECT."""
        found = self._store.query(query)
        assert isinstance(found, ox.QuerySolutions)
        return (tuple(row) for row in found)

    def match(
        self, subject: Term | None = None, predicate: Term | None = None, object: Term | None = None
    ) -> Iterator[Triple]:
        """The triples of the closure that match."""
        return (quad.triple for quad in self._quads(subject, predicate, object))

    def has(self, atom: Atom) -> bool:
        """Whether anything in the closure matches the constants of `atom`."""
        subject, predicate, object = (None if isinstance(t, ox.Variable) else t for t in atom)
        return next(self._quads(subject, predicate, object), None) is not None

    def step_of(self, triple: Triple) -> int | None:
        """The step of a triple of the closure; None where it is not in it."""
        quad = next(self._quads(*triple), None)
        return None if quad is None else self._number(quad)

    def history(
        self, subject: Term | None, predicate: Term | None, object: Term | None
    ) -> Iterator[tuple[Triple, int]]:
        """The triples that match and their steps, also those that representatives replaced."""
        stores = (self._store, self._archive) if self._archived else (self._store,)
        for store in stores:
            for quad in _matching(store, subject, predicate, object):
                yield quad.triple, self._number(quad)

    def triples(self, step: int) -> Iterator[Triple]:
        """The triples of one step."""
        return (
            quad.triple for quad in self._store.quads_for_pattern(None, None, None, self.layout.step(step))
        )

    def retire(self, triples: Iterable[Triple]) -> None:
        """Take triples out of the closure, keeping them and their steps for proofs."""
        for triple in triples:
            for quad in list(self._quads(*triple)):
                self._archived = True
                self._archive.add(quad)
                self._store.remove(quad)

    def remove(self, triple: Triple) -> int | None:
        """Take a triple out for good; its step, or None where it was not there."""
        quad = next(self._quads(*triple), None)
        if quad is None:
            return None
        self._store.remove(quad)
        return self._number(quad)

    def forget(self, triple: Triple, steps: Container[int]) -> None:
        """Take a triple out of those steps, and out of what was replaced."""
        for store in (self._store, self._archive):
            for quad in list(store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)):
                if self._number(quad) in steps:
                    store.remove(quad)

    def restarted(self, steps: Iterable[int]) -> Working:
        """A new working store whose step 0 is what those steps held, also what was replaced since."""
        fresh = Working(on_disk=self._folder is not None)
        zero = self.layout.step(0)
        for store in (self._store, self._archive):
            for graph in map(self.layout.step, steps):
                if store.contains_named_graph(graph):
                    lines = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=graph)
                    assert lines is not None
                    fresh._store.bulk_load(lines, ox.RdfFormat.N_TRIPLES, to_graph=zero, lenient=True)
        return fresh

    def close(self) -> None:
        """Let go of memory and of the folder on disk."""
        self._store = self._archive = ox.Store()
        if self._folder is not None:
            self._folder.cleanup()

    @property
    def path(self) -> Path | None:
        """The folder on disk, or None in memory."""
        return None if self._folder is None else Path(self._folder.name)

    def _quads(self, subject: Term | None, predicate: Term | None, object: Term | None) -> Iterator[Quad]:
        return _matching(self._store, subject, predicate, object)

    def _number(self, quad: Quad) -> int:
        assert isinstance(quad.graph_name, NamedNode)
        return int(quad.graph_name.value.removeprefix(self.layout.prefix))


def _matching(
    store: ox.Store, subject: Term | None, predicate: Term | None, object: Term | None
) -> Iterator[Quad]:
    # Terms come from heads and bodies that were compiled, or from triples: no subject is a literal.
    return store.quads_for_pattern(subject, predicate, object, None)  # type: ignore[arg-type]  # see above


def _in(graph: NamedNode, triple: Triple) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)
