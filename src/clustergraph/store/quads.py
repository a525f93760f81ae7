"""Quads in and out of a remote store as SPARQL: INSERT DATA in batches, SELECT in pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from clustergraph.errors import StoreError
from clustergraph.terms import (
    BlankNode,
    DefaultGraph,
    GraphName,
    Literal,
    NamedNode,
    Quad,
    Triple,
    has_blank_node,
    notation,
)

# Few enough for the request limits that services commonly have (2 MB), many enough to be quick.
_BATCH = 2000
_BATCH_SIZE = 1_000_000


@dataclass(frozen=True, slots=True)
class Shape:
    """The queries that read one graph, or all of them, and how a row becomes a quad."""

    pattern: str
    variables: str
    graph: GraphName | None

    @classmethod
    def of(cls, graph: GraphName | None) -> Shape:
        """The shape of a graph; None stands for all graphs, the default graph among them."""
        if graph is None:
            return cls("{ ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } }", "?g ?s ?p ?o", None)
        if isinstance(graph, DefaultGraph):
            return cls("?s ?p ?o", "?s ?p ?o", graph)
        if isinstance(graph, BlankNode):
            raise StoreError("SPARQL has no name for a graph whose name is a blank node")
        return cls(f"GRAPH {notation(graph)} {{ ?s ?p ?o }}", "?s ?p ?o", graph)

    @property
    def count(self) -> str:
        """The query for the number of quads."""
        return f"SELECT (COUNT(*) AS ?n) {{ {self.pattern} }}"

    @property
    def all(self) -> str:
        """The query for all quads."""
        return f"SELECT {self.variables} {{ {self.pattern} }}"

    def page(self, size: int, offset: int) -> str:
        """The query for `size` quads behind the first `offset`."""
        return f"{self.all} ORDER BY {self.variables} LIMIT {size} OFFSET {offset}"

    def quad(self, row: Mapping[str, object]) -> Quad:
        """The quad of a row; raises StoreError where the row holds what no quad can."""
        subject, predicate, object_ = row["s"], row["p"], row["o"]
        graph = self.graph or row.get("g") or DefaultGraph()
        if (
            isinstance(subject, NamedNode | BlankNode)
            and isinstance(predicate, NamedNode)
            and isinstance(object_, NamedNode | BlankNode | Literal | Triple)
            and isinstance(graph, NamedNode | BlankNode | DefaultGraph)
        ):
            return Quad(subject, predicate, object_, graph)
        raise StoreError(f"a row is no quad: {subject} {predicate} {object_} {graph}")


def insertions(quads: Iterable[Quad]) -> Iterator[str]:
    """The updates that add the quads; those with blank nodes all stand in the last one.

    Raises StoreError for a graph whose name is a blank node, which SPARQL cannot write.
    """
    batch: list[str] = []
    size = 0
    blank: list[str] = []
    for quad in quads:
        written = _written(quad)
        if holds_blank_node(quad):
            blank.append(written)
            continue
        batch.append(written)
        size += len(written)
        if len(batch) == _BATCH or size > _BATCH_SIZE:
            yield _insertion(batch)
            batch, size = [], 0
    for rest in (batch, blank):
        if rest:
            yield _insertion(rest)


def _insertion(written: Iterable[str]) -> str:
    return "INSERT DATA {\n" + "\n".join(written) + "\n}"


def _written(quad: Quad) -> str:
    triple = f"{notation(quad.subject)} {notation(quad.predicate)} {notation(quad.object)} ."
    if isinstance(quad.graph_name, BlankNode):
        raise StoreError("SPARQL has no name for a graph whose name is a blank node")
    if isinstance(quad.graph_name, DefaultGraph):
        return triple
    return f"GRAPH {notation(quad.graph_name)} {{ {triple} }}"


def holds_blank_node(quad: Quad) -> bool:
    """Whether any term of the quad is a blank node or holds one."""
    graph = quad.graph_name
    return has_blank_node(quad.subject) or has_blank_node(quad.object) or isinstance(graph, BlankNode)
