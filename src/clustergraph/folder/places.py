"""Where an edition's files state a triple: graph, file, line and column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from clustergraph.errors import OntologyError
from clustergraph.folder.files import SourceFile
from clustergraph.folder.lines import Lines, Location, Mentions
from clustergraph.folder.parse import content
from clustergraph.store import EmbeddedStore
from clustergraph.terms import OWL, BlankNode, DefaultGraph, GraphName, NamedNode, Resource, Term, Triple

# To look for one name takes about a hundredth of the time in which all subjects of a file are listed.
_MANY = 50


@dataclass(frozen=True, slots=True)
class Place:
    """The named graph of a triple and, where a file is found to state it, the place in the file."""

    graph: NamedNode | BlankNode
    location: Location | None = None


class Texts:
    """The texts of files, asked which of them speak of a subject; each is read once, when asked.

    The files come with their contents where these are not what lies on disk. `known` has some of the
    very same texts.
    """

    def __init__(
        self, files: Iterable[SourceFile] | Mapping[SourceFile, bytes], known: Texts | None = None
    ) -> None:
        self._contents = files if isinstance(files, Mapping) else {}
        self._lines: dict[SourceFile, Lines] = {}
        self._mentions: dict[SourceFile, Mentions] = {}
        self._about: dict[tuple[GraphName, Term], tuple[SourceFile, ...]] = {}
        self._asked: Counter[SourceFile] = Counter()
        self._known = known
        self._by_graph: dict[NamedNode, list[SourceFile]] = {}
        # A file that names its own graphs (TriG, N-Quads) may state a quad of any graph.
        self._of_any_graph: list[SourceFile] = []
        for file in files:
            if file.format.graphs:
                self._of_any_graph.append(file)
            self._by_graph.setdefault(file.graph, []).append(file)

    def about(self, graph: GraphName, subject: Term) -> tuple[SourceFile, ...]:
        """The files that write into a graph and may speak of a subject."""
        key = (graph, subject)
        if key not in self._about:
            of_graph = self._by_graph.get(graph, []) if isinstance(graph, NamedNode) else []
            files = dict.fromkeys([*of_graph, *self._of_any_graph])
            self._about[key] = tuple(file for file in files if self._may_state(file, subject))
        return self._about[key]

    def lines(self, file: SourceFile) -> Lines:
        """The places of a file's triples."""
        if file not in self._lines:
            shared = self._shared(file)
            self._lines[file] = shared.lines(file) if shared else Lines(file, self._contents.get(file))
        return self._lines[file]

    def _may_state(self, file: SourceFile, subject: Term) -> bool:
        self._asked[file] += 1
        if self._asked[file] > _MANY and isinstance(subject, NamedNode):
            return self.lines(file).speaks_of(subject)
        return self._mentions_in(file).may_state(subject)

    def _mentions_in(self, file: SourceFile) -> Mentions:
        if file not in self._mentions:
            shared, data = self._shared(file), self._contents.get(file)
            self._mentions[file] = (
                shared._mentions_in(file)
                if shared
                else Mentions(file, content(file) if data is None else data)
            )
        return self._mentions[file]

    def _shared(self, file: SourceFile) -> Texts | None:
        """The known texts where the file's is among them."""
        known = self._known
        is_same = known is not None and known._contents.get(file, b"") is self._contents.get(file)
        return known if is_same else None


class Places:
    """Finds triples of a store in the files it was loaded from, or in their texts."""

    def __init__(self, store: EmbeddedStore, files: Iterable[SourceFile] | Texts) -> None:
        self._store = store
        self._texts = files if isinstance(files, Texts) else Texts(files)

    def of(self, triple: Triple) -> Place | None:
        """The first place that states the triple, None where no named graph has it."""
        graphs = self.graphs_of(triple)
        for graph in graphs:
            for file in self._texts.about(graph, triple.subject):
                if location := self._texts.lines(file).of(triple):
                    return Place(graph, location)
        return Place(graphs[0]) if graphs else None

    def graphs_of(self, triple: Triple) -> list[NamedNode | BlankNode]:
        """The named graphs that state the triple, in the order of their names."""
        found = self._store.native.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
        return _named(quad.graph_name for quad in found)

    def of_subject(self, subject: Resource) -> Location | None:
        """Where a file first says something of a subject, None where none does."""
        quads = self._store.native.quads_for_pattern(subject, None, None, None)
        for graph in _named(quad.graph_name for quad in quads):
            for file in self._texts.about(graph, subject):
                if location := self._texts.lines(file).of_subject(subject):
                    return location
        return None

    @contextmanager
    def locating(self) -> Iterator[None]:
        """A context whose OntologyError, raised by what knows of no files, says file and line."""
        try:
            yield
        except OntologyError as error:
            location = None if error.path else self.of_subject(_resource(error.term))
            if location is None:
                raise
            raise OntologyError(error.term, error.problem, location.path, location.line) from error


def _named(graphs: Iterable[GraphName]) -> list[NamedNode | BlankNode]:
    """The named ones of some graphs, each once, in the order of their names: a store has its own."""
    return sorted({graph for graph in graphs if not isinstance(graph, DefaultGraph)}, key=str)


def _resource(text: str) -> Resource:
    """The resource that an OntologyError names: in N-Triples, or `owl:…`."""
    if text.startswith("_:"):
        return BlankNode(text.removeprefix("_:"))
    return NamedNode(text[1:-1] if text.startswith("<") else str(OWL) + text.removeprefix("owl:"))
