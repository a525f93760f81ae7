"""Questions that pages ask: files of queries with terms bound, answered by the workers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import pyoxigraph as ox
from starlette.requests import Request

from clustergraph.server.http.protocol import Asked
from clustergraph.server.service import Service
from clustergraph.server.state import State
from clustergraph.sparql.bind import bind
from clustergraph.terms import Entailment, Literal, NamedNode, Term
from clustergraph.workers.question import Question

# Terms that are asked for at once; more make queries that take longer to read than to answer.
_BATCH = 400

Row = Mapping[str, Term]
Bound = Mapping[str, Iterable[Term]]


@dataclass(frozen=True)
class Inquiry:
    """Asks for one request, of one state."""

    service: Service
    state: State
    request: Request

    async def rows(
        self, name: str, bound: Bound, *, entailment: Entailment = "owl2rl", offset: int = 0
    ) -> list[dict[str, Term]]:
        """The rows of a query file, unbound variables left out.

        `offset` is where the page begins, for files that end in `OFFSET 0`.
        """
        question = Question(
            text=text_of(name, bound, offset=offset), table="json", graph=None, entailment=entailment
        )
        answer = await self.service.answer(self.state, self.request, Asked(question, None, None))
        return read_rows(b"".join(answer.chunks()))

    async def literals(
        self, terms: Iterable[NamedNode], properties: Iterable[NamedNode]
    ) -> list[tuple[NamedNode, NamedNode, Literal]]:
        """What is said of the terms in words: each term with the property and the text."""
        asked, ordered, found = tuple(properties), sorted(terms, key=str), []
        for start in range(0, len(ordered), _BATCH):
            batch = ordered[start : start + _BATCH]
            for row in await self.rows("names", {"term": batch, "naming": asked}):
                term, property, said = row["term"], row["naming"], row["name"]
                assert isinstance(term, NamedNode)  # it was asked for
                assert isinstance(property, NamedNode)
                assert isinstance(said, Literal)  # the query has no others
                found.append((term, property, said))
        return found


def text_of(name: str, bound: Bound, *, offset: int = 0) -> str:
    """The text of a query file with its terms bound."""
    return _bound(name, tuple((variable, tuple(terms)) for variable, terms in bound.items()), offset)


def read_rows(content: bytes) -> list[dict[str, Term]]:
    """The rows of a SPARQL Results JSON document."""
    found = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
    assert isinstance(found, ox.QuerySolutions)  # all these queries are SELECTs
    names = [variable.value for variable in found.variables]
    return [
        {name: term for name, term in zip(names, solution, strict=True) if term is not None}
        for solution in found
    ]


def iri(row: Row, name: str) -> NamedNode | None:
    """The IRI in a column, None where there is none."""
    term = row.get(name)
    return term if isinstance(term, NamedNode) else None


def text(row: Row, name: str) -> str:
    """The text of the literal in a column, empty where there is none."""
    term = row.get(name)
    return term.value if isinstance(term, Literal) else ""


@lru_cache(maxsize=512)
def _bound(name: str, terms: tuple[tuple[str, tuple[Term, ...]], ...], offset: int) -> str:
    """The text, made once for the same terms: reading a query takes longer than finding its answer."""
    text = _file(name)
    if offset:
        text = text.replace("\nOFFSET 0\n", f"\nOFFSET {offset:d}\n")
    return bind(text, dict(terms))


@cache
def _file(name: str) -> str:
    return (files("clustergraph.server.pages") / "queries" / f"{name}.rq").read_text(encoding="utf-8")
