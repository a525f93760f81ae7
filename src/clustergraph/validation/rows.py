"""What breaks a constraint, before it becomes a result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from clustergraph.sparql.results import Results, Solution, Solutions
from clustergraph.terms import GraphName, Quad, Term
from clustergraph.validation.paths import Path

Row = tuple[Term, Term | None]
"""A focus node and a value node, as stored."""


class Data(Protocol):
    """What is judged: a store here, or a service."""

    def run(self, query: str) -> Results:
        """The answer to a query that was compiled here."""
        ...

    def dump(self, graph: GraphName | None = None) -> Iterator[Quad]:
        """The quads of one graph, or of all graphs."""
        ...


@dataclass(frozen=True, slots=True)
class Broken:
    """A focus node that breaks a constraint, with the value at fault.

    `stored` is the focus node as the store gives it, by which nested shapes are matched; `focus`
    and `value` are as written. `path` is given where it is not the shape's own; `bindings` are
    those that a message may speak of.
    """

    stored: Term
    focus: Term
    value: Term | None
    path: Path | None = None
    bindings: tuple[tuple[str, Term], ...] = ()


def solutions(data: Data, query: str) -> Iterator[Solution]:
    """The rows of a SELECT over the data."""
    answer = data.run(query)
    assert isinstance(answer, Solutions)
    return iter(answer)


def pairs(data: Data, query: str) -> Iterator[Row]:
    """The rows of a SELECT of ?this and, where it has one, ?value."""
    for row in solutions(data, query):
        if row[0] is not None:
            yield row[0], row[1] if len(row) > 1 else None
