"""What a store does: answer, change, take in and give out quads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from clustergraph.sparql.results import Results
from clustergraph.terms import GraphName, NamedNode, Quad


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs that a query is to see instead of the store's own default and named graphs.

    `default` graphs are seen as one RDF merge; a name that the store does not hold is an empty
    graph (SPARQL 1.1 Protocol §2.1.4).
    """

    default: tuple[NamedNode, ...] = ()
    named: tuple[NamedNode, ...] = ()


class Store(Protocol):
    """A default graph and named graphs, of quads."""

    def query(self, query: str, dataset: Dataset | None = None) -> Results:
        """The answer to a SPARQL query; its rows or triples are read as they are asked for.

        Raises QuerySyntaxError where the text is not SPARQL, QueryRefusedError where it is SPARQL
        that is not run, StoreError where the store fails.
        """
        ...

    def update(self, update: str) -> None:
        """Run a SPARQL update: all of it, or none."""
        ...

    def load(self, quads: Iterable[Quad]) -> None:
        """Add quads, in bulk: the fastest way in that the store has."""
        ...

    def dump(self, graph: GraphName | None = None) -> Iterator[Quad]:
        """The quads of one graph, or of all graphs, in no order."""
        ...

    def close(self) -> None:
        """Let go of files and connections; the store answers no more."""
        ...
