"""The questions that this room asks of an edition; each is a file below `queries/`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from clustergraph.sparql.bind import bind
from clustergraph.sparql.query import Outline, outline
from clustergraph.sparql.results import Solution, Solutions
from clustergraph.store import EmbeddedStore
from clustergraph.terms import NamedNode, Term


def rows(
    store: EmbeddedStore, question: str, terms: Mapping[str, Sequence[Term]] | None = None
) -> Iterator[Solution]:
    """The rows that answer a question, its variables bound to the terms."""
    answer = store.query(bind(_outline(question), terms or {}))
    assert isinstance(answer, Solutions)  # each of them is a SELECT
    return iter(answer)


def iris(
    store: EmbeddedStore, question: str, terms: Mapping[str, Sequence[Term]] | None = None
) -> list[NamedNode]:
    """The IRIs in the first column of an answer."""
    return [row[0] for row in rows(store, question, terms) if isinstance(row[0], NamedNode)]


@cache
def _outline(question: str) -> Outline:
    path = files("clustergraph.contribution") / "queries" / f"{question}.rq"
    return outline(path.read_text(encoding="utf-8"))
