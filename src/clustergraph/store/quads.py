"""Quads and rows in and out of a remote store as SPARQL: INSERT DATA in batches, SELECT in pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from clustergraph.errors import StoreError
from clustergraph.sparql.query import Outline
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
class Rows:
    """The queries that read all rows of a pattern; `nodes` are the variables that may be blank nodes."""

    pattern: str
    variables: str
    nodes: tuple[str, ...] = ()
    prologue: str = ""

    @classmethod
    def of(cls, query: Outline) -> Rows:
        """The rows of a SELECT, in which no blank nodes stand."""
        start = next(token.start for token in query.tokens if token.keyword == "SELECT")
        variables = " ".join(f"?{name}" for name in query.projection)
        return cls(f"{{ {query.text[start:]} }}", variables, prologue=query.text[:start])

    @classmethod
    def of_graph(cls, graph: GraphName | None) -> Rows:
        """The quads of a graph; None stands for all graphs, the default graph among them."""
        nodes = ("?s", "?o")
        if graph is None:
            return cls("{ ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } }", "?g ?s ?p ?o", nodes)
        if isinstance(graph, DefaultGraph):
            return cls("?s ?p ?o", "?s ?p ?o", nodes)
        if isinstance(graph, BlankNode):
            raise StoreError("SPARQL has no name for a graph whose name is a blank node")
        return cls(f"GRAPH {notation(graph)} {{ ?s ?p ?o }}", "?s ?p ?o", nodes)

    def with_blank_nodes(self, wanted: bool) -> Rows:  # noqa: FBT001  # one of two halves
        """Those of the rows that hold blank nodes, or those that hold none."""
        test = " || ".join(f"isBlank({node})" for node in self.nodes)
        condition = test if wanted else f"!({test})"
        return replace(self, pattern=f"{{ {self.pattern} }} FILTER({condition})")

    @property
    def count(self) -> str:
        """The query for the number of rows."""
        return f"{self.prologue}SELECT (COUNT(*) AS ?n) {{ {self.pattern} }}"

    @property
    def all(self) -> str:
        """The query for all rows."""
        return f"{self.prologue}{self._all}"

    @property
    def _all(self) -> str:
        return f"SELECT {self.variables} {{ {self.pattern} }}"

    def page(self, size: int, offset: int, *, sorts: bool = True) -> str:
        """The query for `size` rows behind the first `offset`.

        Where the engine sorts no more than some rows for a LIMIT (`sorts`), it sorts them within.
        """
        ordered = f"{self._all} ORDER BY {self.variables}"
        if not sorts:
            ordered = f"SELECT {self.variables} {{ {{ {ordered} }} }}"
        return f"{self.prologue}{ordered} LIMIT {size} OFFSET {offset}"


def quad_of(row: Mapping[str, object], graph: GraphName | None = None) -> Quad:
    """The quad of a row, in `graph` or the one that it names.

    Raises StoreError where the row holds what no quad can.
    """
    subject, predicate, object_ = row["s"], row["p"], row["o"]
    name = graph or row.get("g") or DefaultGraph()
    if (
        isinstance(subject, NamedNode | BlankNode)
        and isinstance(predicate, NamedNode)
        and isinstance(object_, NamedNode | BlankNode | Literal | Triple)
        and isinstance(name, NamedNode | BlankNode | DefaultGraph)
    ):
        return Quad(subject, predicate, object_, name)
    raise StoreError(f"a row is no quad: {subject} {predicate} {object_} {name}")


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
