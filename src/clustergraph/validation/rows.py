"""What breaks a constraint, before it becomes a result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from clustergraph.sparql.results import Solution, Solutions
from clustergraph.store import EmbeddedStore
from clustergraph.terms import Term
from clustergraph.validation.paths import Path

Row = tuple[Term, Term | None]
"""A focus node and a value node, as stored."""


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


def solutions(data: EmbeddedStore, query: str) -> Iterator[Solution]:
    """The rows of a SELECT over the data."""
    answer = data.run(query)
    assert isinstance(answer, Solutions)
    return iter(answer)


def pairs(data: EmbeddedStore, query: str) -> Iterator[Row]:
    """The rows of a SELECT of ?this and, where it has one, ?value."""
    for row in solutions(data, query):
        if row[0] is not None:
            yield row[0], row[1] if len(row) > 1 else None
