"""Quads in and out of a remote store as SPARQL: INSERT DATA in batches, SELECT in pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

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

Written = tuple[str, str]


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

    def with_blank_nodes(self, wanted: bool) -> Shape:  # noqa: FBT001  # one of two halves
        """The quads of this shape that hold blank nodes as subject or object, or those that hold none."""
        test = "isBlank(?s) || isBlank(?o)"
        condition = test if wanted else f"!({test})"
        return replace(self, pattern=f"{{ {self.pattern} }} FILTER({condition})")

    @property
    def count(self) -> str:
        """The query for the number of quads."""
        return f"SELECT (COUNT(*) AS ?n) {{ {self.pattern} }}"

    @property
    def all(self) -> str:
        """The query for all quads."""
        return f"SELECT {self.variables} {{ {self.pattern} }}"

    def page(self, size: int, offset: int, *, sorts: bool = True) -> str:
        """The query for `size` quads behind the first `offset`.

        Where the engine sorts no more than some rows for a LIMIT (`sorts`), it sorts them within.
        """
        ordered = f"{self.all} ORDER BY {self.variables}"
        if not sorts:
            ordered = f"SELECT {self.variables} {{ {{ {ordered} }} }}"
        return f"{ordered} LIMIT {size} OFFSET {offset}"

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
    batch: list[Written] = []
    size = 0
    blank: list[Written] = []
    for quad in quads:
        written = _written(quad)
        if holds_blank_node(quad):
            blank.append(written)
            continue
        batch.append(written)
        size += len(written[1])
        if len(batch) == _BATCH or size > _BATCH_SIZE:
            yield f"INSERT DATA {{\n{_by_graph(batch)}}}"
            batch, size = [], 0
    if batch:
        yield f"INSERT DATA {{\n{_by_graph(batch)}}}"
    if blank:
        # Virtuoso takes no blank node in INSERT DATA; here they are made once, for the one solution.
        yield f"INSERT {{\n{_by_graph(blank)}}} WHERE {{}}"


def deletions(quads: Iterable[Quad]) -> Iterator[str]:
    """The updates that take out quads without blank nodes."""
    remaining = iter(quads)
    while batch := [_written(quad) for quad in islice(remaining, _BATCH)]:
        yield f"DELETE DATA {{\n{_by_graph(batch)}}}"


def _by_graph(batch: Iterable[Written]) -> str:
    """The triples of each graph in one block."""
    triples: dict[str, list[str]] = defaultdict(list)
    for graph, triple in batch:
        triples[graph].append(triple)
    blocks = {graph: "\n".join(of_graph) for graph, of_graph in triples.items()}
    return "".join(f"GRAPH {graph} {{\n{b}\n}}\n" if graph else f"{b}\n" for graph, b in blocks.items())


def _written(quad: Quad) -> Written:
    """The name of the graph, empty for the default graph, and the triple."""
    if isinstance(quad.graph_name, BlankNode):
        raise StoreError("SPARQL has no name for a graph whose name is a blank node")
    graph = "" if isinstance(quad.graph_name, DefaultGraph) else notation(quad.graph_name)
    return graph, f"{notation(quad.subject)} {notation(quad.predicate)} {notation(quad.object)} ."


def holds_blank_node(quad: Quad) -> bool:
    """Whether any term of the quad is a blank node or holds one."""
    graph = quad.graph_name
    return has_blank_node(quad.subject) or has_blank_node(quad.object) or isinstance(graph, BlankNode)
