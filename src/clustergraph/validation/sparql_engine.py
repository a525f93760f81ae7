"""SPARQL constraints and custom components: in one batch where that is sound, else node by node."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from clustergraph.errors import ShapesError
from clustergraph.sparql.query import Outline, outline
from clustergraph.sparql.results import Solutions
from clustergraph.store import EmbeddedStore
from clustergraph.terms import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Term
from clustergraph.validation.compile import Nodes, select, value_nodes
from clustergraph.validation.prebinding import is_batchable, prebound
from clustergraph.validation.rows import Broken, Data, Row, pairs
from clustergraph.validation.shapes import Shape, SparqlConstraint
from clustergraph.validation.shapes_graph import ShapesGraph

_SHAPES = NamedNode("urn:clustergraph:graph:shapes")
_LINKS = NamedNode("urn:clustergraph:graph:links")
_NAMES = NamedNode("urn:clustergraph:names")
_PLACE = "#focus#\n"  # a comment, so that the query stays one

Patterns = Mapping[tuple[str, ...], str]


class Overlay:
    """A copy of the data with the shapes as a graph beside it, and names for blank nodes.

    SPARQL cannot name a blank node; a link from an IRI of a working graph can.
    """

    def __init__(self, data: Data, shapes: ShapesGraph) -> None:
        self.store = EmbeddedStore(ox.Store())
        self.store.load(data.dump(DefaultGraph()))
        self.store.load(Quad(s, p, o, _SHAPES) for s, p, o in shapes.triples)
        self._links: dict[Term, NamedNode] = {}

    def pattern(self, variable: str, term: Term) -> str:
        """A group that binds the variable to the term."""
        if not isinstance(term, BlankNode):
            return _values(variable, term)
        if term not in self._links:
            self._links[term] = link = NamedNode(f"urn:clustergraph:link:{len(self._links)}")
            self.store.load([Quad(link, _NAMES, term, _LINKS)])
        return f"GRAPH {_LINKS} {{ {self._links[term]} {_NAMES} ?{variable} }}"


@dataclass(frozen=True, slots=True)
class _Question:
    """A constraint's query, about the nodes of a shape."""

    shape: Shape
    constraint: SparqlConstraint
    nodes: Nodes
    query: Outline

    @property
    def fixed(self) -> dict[str, Term]:
        """The terms that are pre-bound for all focus nodes alike, where the query mentions them."""
        terms: dict[str, Term] = {
            **dict(self.constraint.parameters),
            "currentShape": self.shape.node,
            "shapesGraph": _SHAPES,
        }
        return {name: term for name, term in terms.items() if name in self.query.variables}

    @property
    def needs_copy(self) -> bool:
        """Whether it is about the shapes graph, or about a blank node of it."""
        return any(name == "shapesGraph" or isinstance(term, BlankNode) for name, term in self.fixed.items())

    def is_batchable(self, *variables: str) -> bool:
        """Whether one run answers it for all nodes; the shapes graph is read node by node."""
        return is_batchable(self.query, *variables) and "shapesGraph" not in self.query.variables

    def bindings(self, found: Mapping[str, Term]) -> tuple[tuple[str, Term], ...]:
        """What a message may speak of."""
        return tuple({**dict(self.constraint.parameters), **found}.items())


class SparqlEngine:
    """Evaluates SPARQL constraints over the data; copies it only when a query cannot do without."""

    def __init__(self, data: Data, graph: ShapesGraph) -> None:
        self._data = data
        self._graph = graph
        self._copy: Overlay | None = None

    def broken(self, shape: Shape, constraint: SparqlConstraint, nodes: Nodes) -> Iterator[Broken]:
        """What breaks the constraint: each solution of a SELECT, each value for which an ASK is false."""
        question = _Question(shape, constraint, nodes, constraint.query)
        if constraint.is_ask:
            yield from self._asked(question)
        else:
            yield from self._selected(question)

    # SELECT: each solution is a result.

    def _selected(self, question: _Question) -> Iterator[Broken]:
        nodes = question.nodes.pattern("?this")
        if question.is_batchable("this"):
            text = self._bound(question, {("this",): nodes})
            yield from self._solutions(question, self._store(question, ()), text)
            return
        foci = [focus for focus, _ in pairs(self._data, f"SELECT ?this {{ {nodes} }}")]
        store, text = self._store(question, foci), self._bound(question, {("this",): _PLACE})
        for focus in foci:
            bound = text.replace(_PLACE, self._name("this", focus))
            yield from self._solutions(question, store, bound, focus)

    def _solutions(
        self, question: _Question, store: Data, query: str, focus: Term | None = None
    ) -> Iterator[Broken]:
        answer = store.run(query)
        assert isinstance(answer, Solutions)
        shape, names = question.shape, answer.variables
        for row in answer:
            found = {name: term for name, term in zip(names, row, strict=True) if term is not None}
            this = found.setdefault("this", focus) if focus is not None else found.get("this")
            if this is None:
                continue
            if _is_true(found.get("failure")):
                name, problem = str(shape.within or shape.node), f"its query reports a failure for {this}"
                raise ShapesError(name, problem, str(question.constraint.source))
            path, value = found.get("path"), found.get("value", this if shape.path is None else None)
            own_path = path if isinstance(path, NamedNode) else None
            yield Broken(this, this, value, own_path, question.bindings(found))

    # ASK: each value node for which it is false is a result.

    def _asked(self, question: _Question) -> Iterator[Broken]:
        reached = select(value_nodes(question.nodes, question.shape.path))
        rows = list(pairs(self._data, reached))
        if question.is_batchable("this", "value"):
            conforming = self._conforming(question, reached)
        else:
            conforming = set(self._conforming_one_by_one(question, rows))
        for focus, value in rows:
            if (focus, value) not in conforming:
                found = {"this": focus} if value is None else {"this": focus, "value": value}
                yield Broken(focus, focus, value, None, question.bindings(found))

    def _conforming(self, question: _Question, reached: str) -> set[Row]:
        text = self._bound(question, {("this", "value"): f"{{ {reached} }}"})
        ask = next(token for token in outline(text).tokens if token.keyword == "ASK")
        text = f"{text[: ask.start]}SELECT DISTINCT ?this ?value {text[ask.end :]}"
        return set(pairs(self._store(question, ()), text))

    def _conforming_one_by_one(self, question: _Question, rows: list[Row]) -> Iterator[Row]:
        store = self._store(question, [term for row in rows for term in row if term is not None])
        for focus, value in rows:
            patterns: dict[tuple[str, ...], str] = {("this",): self._name("this", focus)}
            if value is not None:
                patterns["value",] = self._name("value", value)
            if store.run(self._bound(question, patterns)):
                yield focus, value

    # Stores and names.

    @property
    def _overlay(self) -> Overlay:
        if self._copy is None:
            self._copy = Overlay(self._data, self._graph)
        return self._copy

    def _store(self, question: _Question, terms: Iterable[Term]) -> Data:
        """The data, or its copy where the question or one of the terms to bind needs it."""
        needs_copy = question.needs_copy or any(isinstance(term, BlankNode) for term in terms)
        return self._overlay.store if needs_copy else self._data

    def _bound(self, question: _Question, patterns: Patterns) -> str:
        """The query with what is fixed, and the patterns, first in the groups that mention them."""
        bound: dict[tuple[str, ...], str] = {}
        for name, term in question.fixed.items():
            bound[name,] = self._name(name, term)
        return prebound(question.query, {**bound, **patterns})

    def _name(self, variable: str, term: Term) -> str:
        if isinstance(term, BlankNode):
            return self._overlay.pattern(variable, term)
        return _values(variable, term)


def _values(variable: str, term: Term) -> str:
    return f"VALUES ?{variable} {{ {term} }}"


def _is_true(term: Term | None) -> bool:
    return isinstance(term, Literal) and term.value in {"true", "1"}
