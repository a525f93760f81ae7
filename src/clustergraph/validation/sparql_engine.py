"""SPARQL constraints and custom components: in one batch where that is sound, else node by node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from clustergraph.errors import ShapesError
from clustergraph.sparql.query import Outline, outline
from clustergraph.sparql.results import Solutions
from clustergraph.store import EmbeddedStore
from clustergraph.terms import BlankNode, Literal, NamedNode, Quad, Term
from clustergraph.validation.compile import Nodes, select, value_nodes
from clustergraph.validation.prebinding import is_batchable, prebound
from clustergraph.validation.rows import Broken, Row, pairs
from clustergraph.validation.shapes import Shape, SparqlConstraint
from clustergraph.validation.shapes_graph import ShapesGraph

_SHAPES = NamedNode("urn:clustergraph:graph:shapes")
_LINKS = NamedNode("urn:clustergraph:graph:links")
_NAMES = NamedNode("urn:clustergraph:names")
_PLACE = "#focus#\n"  # a comment, so that the query stays one

Patterns = dict[tuple[str, ...], str]


class Overlay:
    """A copy of the data with the shapes as a graph beside it, and names for blank nodes.

    SPARQL cannot name a blank node; a link from an IRI of a working graph can.
    """

    def __init__(self, data: EmbeddedStore, shapes: ShapesGraph) -> None:
        self.store = EmbeddedStore(ox.Store())
        self.store.load(data.dump())
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


class SparqlEngine:
    """Evaluates SPARQL constraints over the data; copies it only when a query cannot do without."""

    def __init__(self, data: EmbeddedStore, graph: ShapesGraph) -> None:
        self._data = data
        self._graph = graph
        self._copy: Overlay | None = None

    @property
    def _overlay(self) -> Overlay:
        if self._copy is None:
            self._copy = Overlay(self._data, self._graph)
        return self._copy

    def broken(self, shape: Shape, constraint: SparqlConstraint, nodes: Nodes) -> Iterator[Broken]:
        """What breaks the constraint: each solution of a SELECT, each value for which an ASK is false."""
        query = outline(constraint.query)
        if constraint.is_ask:
            yield from self._asked(shape, constraint, query, nodes)
        else:
            yield from self._selected(shape, constraint, query, nodes)

    # SELECT: each solution is a result.

    def _selected(
        self, shape: Shape, constraint: SparqlConstraint, query: Outline, nodes: Nodes
    ) -> Iterator[Broken]:
        fixed = self._fixed(shape, constraint, query)
        if is_batchable(query, "this") and "shapesGraph" not in query.variables:
            store = self._data if not _names_blank(shape, constraint, query) else self._overlay.store
            text = prebound(query, {**fixed, ("this",): nodes.pattern("?this")})
            yield from self._rows(shape, constraint, store, text, None)
            return
        foci = [row[0] for row in pairs(self._data, f"SELECT ?this {{ {nodes.pattern('?this')} }}")]
        store, text = (
            self._one_by_one(shape, constraint, query, foci),
            prebound(query, {**fixed, ("this",): _PLACE}),
        )
        for focus in foci:
            bound = text.replace(_PLACE, self._name("this", focus))
            yield from self._rows(shape, constraint, store, bound, focus)

    def _rows(
        self, shape: Shape, constraint: SparqlConstraint, store: EmbeddedStore, query: str, focus: Term | None
    ) -> Iterator[Broken]:
        answer = store.query(query)
        assert isinstance(answer, Solutions)
        names = answer.variables
        for row in answer:
            bound = {name: term for name, term in zip(names, row, strict=True) if term is not None}
            this = bound.get("this", focus)
            if this is None:
                continue
            if _is_true(bound.get("failure")):
                raise ShapesError(
                    str(shape.within or shape.node),
                    f"its query reports a failure for {this}",
                    str(constraint.source),
                )
            path, value = bound.get("path"), bound.get("value", this if shape.path is None else None)
            bindings = {**dict(constraint.parameters), **bound, "this": this}
            found = path if isinstance(path, NamedNode) else None
            yield Broken(this, this, value, found, tuple(bindings.items()))

    # ASK: each value node for which it is false is a result.

    def _asked(
        self, shape: Shape, constraint: SparqlConstraint, query: Outline, nodes: Nodes
    ) -> Iterator[Broken]:
        rows = list(pairs(self._data, select(value_nodes(nodes, shape.path))))
        fixed = self._fixed(shape, constraint, query)
        if is_batchable(query, "this", "value") and "shapesGraph" not in query.variables:
            conforming = self._conforming(shape, constraint, query, nodes)
            failing = [row for row in rows if row not in conforming]
        else:
            failing = list(self._asked_one_by_one(shape, constraint, (query, fixed), rows))
        for focus, value in failing:
            bindings: dict[str, Term] = {**dict(constraint.parameters), "this": focus}
            if value is not None:
                bindings["value"] = value
            yield Broken(focus, focus, value, None, tuple(bindings.items()))

    def _conforming(
        self, shape: Shape, constraint: SparqlConstraint, query: Outline, nodes: Nodes
    ) -> set[Row]:
        store = self._data if not _names_blank(shape, constraint, query) else self._overlay.store
        reached = f"{{ {select(value_nodes(nodes, shape.path))} }}"
        text = prebound(query, {**self._fixed(shape, constraint, query), ("this", "value"): reached})
        ask = next(token for token in outline(text).tokens if token.keyword == "ASK")
        text = f"{text[: ask.start]}SELECT DISTINCT ?this ?value {text[ask.end :]}"
        return set(pairs(store, text))

    def _asked_one_by_one(
        self,
        shape: Shape,
        constraint: SparqlConstraint,
        asked: tuple[Outline, Patterns],
        rows: list[Row],
    ) -> Iterator[Row]:
        query, fixed = asked
        store = self._one_by_one(shape, constraint, query, [term for row in rows for term in row if term])
        for focus, value in rows:
            patterns = {**fixed, ("this",): self._name("this", focus)}
            if value is not None:
                patterns["value",] = self._name("value", value)
            if not store.query(prebound(query, patterns)):
                yield focus, value

    # Names of terms.

    def _fixed(self, shape: Shape, constraint: SparqlConstraint, query: Outline) -> Patterns:
        """What binds the variables that are the same for all focus nodes."""
        terms: dict[str, Term] = {
            **dict(constraint.parameters),
            "currentShape": shape.node,
            "shapesGraph": _SHAPES,
        }
        return {(name,): self._name(name, term) for name, term in terms.items() if name in query.variables}

    def _name(self, variable: str, term: Term) -> str:
        if isinstance(term, BlankNode):
            return self._overlay.pattern(variable, term)
        return _values(variable, term)

    def _one_by_one(
        self, shape: Shape, constraint: SparqlConstraint, query: Outline, terms: list[Term]
    ) -> EmbeddedStore:
        """The store to ask about single nodes: the data, or its copy where that is needed."""
        needs_copy = (
            "shapesGraph" in query.variables
            or _names_blank(shape, constraint, query)
            or any(isinstance(term, BlankNode) for term in terms)
        )
        return self._overlay.store if needs_copy else self._data


def _names_blank(shape: Shape, constraint: SparqlConstraint, query: Outline) -> bool:
    """Whether a blank node of the shapes graph is pre-bound."""
    terms: Mapping[str, Term] = {**dict(constraint.parameters), "currentShape": shape.node}
    return any(isinstance(term, BlankNode) for name, term in terms.items() if name in query.variables)


def _values(variable: str, term: Term) -> str:
    return f"VALUES ?{variable} {{ {term} }}"


def _is_true(term: Term | None) -> bool:
    return isinstance(term, Literal) and term.value in {"true", "1"}
