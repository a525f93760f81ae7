"""A service that speaks the SPARQL 1.1 Protocol, behind the protocol of stores."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

import pyoxigraph as ox

from clustergraph.errors import EndpointError, QueryRefusedError, QuerySyntaxError, StoreError
from clustergraph.sparql.bounds import bounded
from clustergraph.sparql.query import check_services, outline
from clustergraph.sparql.results import Boolean, Results, Solutions, Triples
from clustergraph.store.capabilities import Feature, lacks
from clustergraph.store.credentials import credentials
from clustergraph.store.embedded import EmbeddedStore, dataset_of
from clustergraph.store.protocol import Dataset
from clustergraph.store.quads import Shape, holds_blank_node, insertions
from clustergraph.store.transport import Answer, Limits, Transport
from clustergraph.terms import GraphName, Quad

_TABLES = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "application/xml": ox.QueryResultsFormat.XML,
}
_GRAPHS = {
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}
# The engine's parsers take XML that stops between two elements for a whole text, and JSON that stops
# behind its rows where its head comes last.
_ENDS = {
    ox.QueryResultsFormat.JSON: re.compile(rb"\}\s*\Z"),
    ox.QueryResultsFormat.XML: re.compile(rb"</(?:[\w.-]+:)?sparql\s*>\s*\Z"),
    ox.RdfFormat.RDF_XML: re.compile(
        rb"</(?:[\w.-]+:)?RDF\s*>\s*\Z|\A\s*(?:<\?[^>]*>\s*)?<(?:[\w.-]+:)?RDF\b[^<>]*/>\s*\Z"
    ),
}
_ACCEPT_TABLE = "application/sparql-results+json, application/sparql-results+xml;q=0.8"
_ACCEPT_GRAPH = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.6"
_PAGE = 50_000


class RemoteStore:
    """A SPARQL service behind the protocol; reads are tried again, writes are sent once.

    `endpoint` takes queries, `update_endpoint` updates. Credentials come from the environment
    (see `credentials`). `services` are the origins that SERVICE may name. The answer is read and
    checked as a whole before it is handed on: it is complete, or an EndpointError. Only of a graph
    in N-Triples or Turtle that was cut between two statements nothing tells.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        update_endpoint: str | None = None,
        services: frozenset[str] = frozenset(),
        limits: Limits | None = None,
    ) -> None:
        self.endpoint = _address(endpoint)
        self.update_endpoint = None if update_endpoint is None else _address(update_endpoint)
        self._services = services
        limits = limits or Limits()
        self._reading = Transport(limits, credentials(self.endpoint, os.environ))
        self._writing = Transport(limits, credentials(self.update_endpoint or self.endpoint, os.environ))

    def query(self, query: str, dataset: Dataset | None = None) -> Results:
        """As the protocol says.

        Raises EndpointError where the service fails, StoreError for several default graphs on an
        engine that is known not to merge them.
        """
        parsed = outline(query)
        check_services(parsed, self._services)
        if dataset == Dataset():
            # The protocol has no words for an empty dataset; in it every service answers the same.
            return EmbeddedStore().query(query, dataset)
        form: dict[str, object] = {"query": query}
        if dataset is not None:
            form["default-graph-uri"] = [graph.value for graph in dataset.default]
            form["named-graph-uri"] = [graph.value for graph in dataset.named]
        is_table = parsed.form in {"SELECT", "ASK"}
        answer = self._read(form, _ACCEPT_TABLE if is_table else _ACCEPT_GRAPH)
        if dataset is None and parsed.from_graphs:
            dataset = dataset_of(*parsed.from_graphs)
        if dataset and len(dataset.default) > 1 and lacks(answer.engine, Feature.MERGED_DEFAULT_GRAPHS):
            raise StoreError(
                f"{self.endpoint}: {answer.engine} does not merge several default graphs but counts "
                "their triples twice; ask one graph at a time, or the service's own default graph"
            )
        return self._table(answer, parsed.form) if is_table else self._triples(answer)

    def update(self, update: str) -> None:
        """As the protocol says; whether it is all or nothing is up to the service."""
        fetching = {"LOAD", "SERVICE"}
        if found := next((t.text for t in bounded(update) if t.keyword in fetching), None):
            raise QueryRefusedError(f"{found} in an update", "nothing is fetched")
        self._write(update)

    def load(self, quads: Iterable[Quad]) -> None:
        """As the protocol says, by INSERT DATA in batches, the first of which may stay if one fails.

        Quads with blank nodes go into one last batch, since a label holds within one request.
        """
        for update in insertions(quads):
            self._write(update)

    def dump(self, graph: GraphName | None = None) -> Iterator[Quad]:
        """As the protocol says, read in pages and checked against the number of quads.

        Raises EndpointError where the service leaves rows out, or where blank nodes stand on
        several pages: nothing says that a label means the same node in two answers.
        """
        shape = Shape.of(graph)
        (row,) = self._rows(shape.count)
        total = int(getattr(row["n"], "value", "0"))
        found = 0
        while found < total:
            page = shape.all if total <= _PAGE else shape.page(_PAGE, found)
            quads = [shape.quad(row) for row in self._rows(page)]
            if not quads:
                problem = f"left out {total - found} of {total} quads"
                raise EndpointError(self.endpoint, problem, "a service without a limit on rows")
            if found + len(quads) != total and any(map(holds_blank_node, quads)):
                problem = f"holds blank nodes, and does not give {total} quads in one answer"
                raise EndpointError(self.endpoint, problem, "a graph with IRIs, or a smaller one")
            yield from quads
            found += len(quads)

    def close(self) -> None:
        """As the protocol says."""
        self._reading.close()
        self._writing.close()

    def _rows(self, query: str) -> Iterator[Mapping[str, object]]:
        solutions = self.query(query)
        assert isinstance(solutions, Solutions)  # the query is a SELECT
        return (dict(zip(solutions.variables, row, strict=True)) for row in solutions)

    def _read(self, form: Mapping[str, object], accept: str) -> Answer:
        answer = self._reading.read(self.endpoint, form, accept)
        if answer.status == 400:
            raise QuerySyntaxError(f"{self.endpoint} says: {answer.excerpt or 'the query is malformed'}")
        return answer

    def _write(self, update: str) -> None:
        if self.update_endpoint is None:
            raise EndpointError(self.endpoint, "takes no updates", "an update endpoint (--update-endpoint)")
        answer = self._writing.write(self.update_endpoint, {"update": update})
        if answer.status == 400:
            said = answer.excerpt or "the update is malformed"
            raise QuerySyntaxError(f"{self.update_endpoint} says: {said}")

    def _table(self, answer: Answer, form: str) -> Results:
        format = _TABLES.get(answer.media_type)
        if format is None:
            raise self._unexpected(answer, _ACCEPT_TABLE)
        self._check_end(answer, format)
        try:
            # Twice: an answer that was cut is found at its end, and rows once handed on stay.
            checked = ox.parse_query_results(answer.body, format=format)
            if isinstance(checked, ox.QuerySolutions):
                for _ in checked:
                    pass
            results = ox.parse_query_results(answer.body, format=format)
        except (OSError, SyntaxError, ValueError) as error:
            raise self._cut(answer, error) from error
        if isinstance(results, ox.QueryBoolean) and form == "ASK":
            return Boolean(results)
        if isinstance(results, ox.QuerySolutions) and form == "SELECT":
            return Solutions(results)
        raise EndpointError(self.endpoint, "answers another question", f"the answer to {form}")

    def _triples(self, answer: Answer) -> Triples:
        format = _GRAPHS.get(answer.media_type)
        if format is None:
            raise self._unexpected(answer, _ACCEPT_GRAPH)
        self._check_end(answer, format)
        try:
            quads = list(ox.parse(answer.body, format=format, base_iri=self.endpoint))
        except (OSError, SyntaxError, ValueError) as error:
            raise self._cut(answer, error) from error
        return Triples([quad.triple for quad in quads])

    def _unexpected(self, answer: Answer, accepted: str) -> EndpointError:
        problem = f"answers with {answer.media_type or 'no media type'}"
        return EndpointError(self.endpoint, problem, accepted.replace(";q=0.8", "").replace(";q=0.6", ""))

    def _check_end(self, answer: Answer, format: ox.QueryResultsFormat | ox.RdfFormat) -> None:
        end = _ENDS.get(format)
        if end is not None and not end.search(answer.body):
            raise self._cut(answer, "its end is missing")

    def _cut(self, answer: Answer, error: Exception | str) -> EndpointError:
        problem = f"the answer is cut or malformed: {error}"
        return EndpointError(self.endpoint, problem, f"complete {answer.media_type}")


def _address(endpoint: str) -> str:
    """The endpoint as given; raises EndpointError where it is no address or holds a password."""
    try:
        parts = urlsplit(endpoint)
        hostname, _ = parts.hostname, parts.port
    except ValueError as error:
        raise EndpointError(endpoint, "is no web address", "http://… or https://…") from error
    if parts.scheme not in {"http", "https"} or not hostname:
        raise EndpointError(endpoint, "is no web address", "http://… or https://…")
    if "@" in parts.netloc:
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        raise EndpointError(bare, "the address holds credentials", "them in the environment or a file")
    return endpoint
