"""A service that speaks the SPARQL 1.1 Protocol, behind the protocol of stores."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from clustergraph.errors import (
    EndpointError,
    LimitError,
    QueryRefusedError,
    QuerySyntaxError,
    StoreError,
)
from clustergraph.sparql.bounds import bounded
from clustergraph.sparql.query import Outline, check_services, outline
from clustergraph.sparql.results import Results, Solution, Solutions, Triples
from clustergraph.store.answers import ACCEPT_GRAPH, ACCEPT_TABLE, table, triples
from clustergraph.store.capabilities import Feature, lacks, own_graphs
from clustergraph.store.credentials import credentials
from clustergraph.store.embedded import EmbeddedStore, dataset_of
from clustergraph.store.protocol import Dataset
from clustergraph.store.quads import Rows, insertions, quad_of
from clustergraph.store.transport import SECONDS, Answer, Limits, Transport
from clustergraph.terms import DefaultGraph, GraphName, Literal, NamedNode, Quad, Term

# Rows that are asked for in one answer.
_PAGE = 1_000_000
# How the names of scratch graphs begin.
SCRATCH = "urn:x-clustergraph:run:"
_TABULAR = {"SELECT", "ASK"}
_Row: TypeAlias = Mapping[str, Term | None]
# Grouped, since Virtuoso may take minutes for the same with DISTINCT.
_NAMED_GRAPHS = "SELECT ?g WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"


@dataclass(frozen=True, slots=True)
class Service:
    """Where a SPARQL service is: its address for queries and, where it takes them, for updates.

    `default_graph` is the graph that is asked in place of the service's default graph, None for that
    itself. `credentials` is a file of them; without it the environment is looked at. `seconds` is how
    long it may take for one answer.
    """

    endpoint: str
    update_endpoint: str | None = None
    default_graph: NamedNode | None = None
    credentials: Path | None = None
    seconds: float = SECONDS


class RemoteStore:
    """A SPARQL service behind the protocol; reads are tried again, writes are sent once.

    `endpoint` takes queries, `update_endpoint` updates. Credentials come from a file or the environment
    (see `credentials`). `services` are the origins that SERVICE may name. The answer is read and
    checked as a whole before it is handed on: it is complete, or an EndpointError. Only of a graph
    in N-Triples or Turtle that was cut between two statements nothing tells.

    With a `default_graph` that graph is the default graph of each query that names none, and of what
    is loaded; the service's other graphs, but for those that its engine keeps for itself, are the
    named ones. `engine` is what the Server header of the last answer said. `journals` is a folder in
    which the names of scratch graphs stand as long as there are any, for a process that may be killed.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        update_endpoint: str | None = None,
        default_graph: NamedNode | None = None,
        credentials_file: Path | None = None,
        services: frozenset[str] = frozenset(),
        limits: Limits | None = None,
    ) -> None:
        self.endpoint = _address(endpoint)
        self.journals: Path | None = None
        self.update_endpoint = None if update_endpoint is None else _address(update_endpoint)
        self.default_graph = default_graph
        self._services = services
        self._named: tuple[NamedNode, ...] | None = None
        self.engine = ""
        limits = limits or Limits()
        known = (credentials(at, os.environ, credentials_file) for at in (self.endpoint, self._writes_to))
        self._reading, self._writing = (Transport(limits, one) for one in known)

    @classmethod
    def at(
        cls,
        service: Service,
        *,
        services: frozenset[str] = frozenset(),
        limits: Limits | None = None,
        journals: Path | None = None,
    ) -> RemoteStore:
        """The store of a service."""
        store = cls(
            service.endpoint,
            update_endpoint=service.update_endpoint,
            default_graph=service.default_graph,
            credentials_file=service.credentials,
            services=services,
            limits=limits or Limits(seconds=service.seconds),
        )
        store.journals = journals
        return store

    def query(self, query: str, dataset: Dataset | None = None, *, parsed: Outline | None = None) -> Results:
        """As the protocol says; `parsed` is the outline of the query where the caller has it.

        Raises EndpointError where the service fails, and for several default graphs on an engine that is
        known not to merge them.
        """
        parsed = parsed or outline(query)
        check_services(parsed, self._services)
        if dataset == Dataset():
            # The protocol has no words for an empty dataset; in it every service answers the same.
            return EmbeddedStore().query(query, dataset)
        answer = self._answer(query, dataset, parsed)
        if parsed.form in _TABULAR:
            return self._table(answer, parsed)
        return Triples(triples(self.endpoint, answer))

    def run(self, query: str) -> Results:
        """As `query`, of a text that this package compiled: only that the service can read it is asked."""
        return self.query(query)

    def update(self, update: str) -> None:
        """As the protocol says; whether it is all or nothing is up to the service.

        What it says of the default graph is about the service's own.
        """
        fetching = {"LOAD", "SERVICE"}
        if found := next((t.text for t in bounded(update) if t.keyword in fetching), None):
            raise QueryRefusedError(f"{found} in an update", "nothing is fetched")
        self._write(update)

    def load(self, quads: Iterable[Quad]) -> None:
        """As the protocol says, by INSERT DATA in batches, the first of which may stay if one fails.

        Quads with blank nodes go into one last batch, since a label holds within one request. An error
        says how many batches had been taken.
        """
        default = self.default_graph
        for number, update in enumerate(insertions(quads if default is None else _named(quads, default))):
            try:
                self._write(update)
            except EndpointError as error:
                before = f"{number} batches before it were taken" if number else "nothing was before it"
                problem = f"{error.problem} (batch {number + 1}; {before})"
                raise EndpointError(error.endpoint, problem, error.expected) from error

    def dump(self, graph: GraphName | None = None) -> Iterator[Quad]:
        """As the protocol says, in one answer or in pages, and checked against the number of quads.

        Raises EndpointError where the service leaves rows out, where the graph changes while it is
        read, or where blank nodes stand on several pages: nothing says that a label means the same
        node in two answers.
        """
        for part in self._parts(graph):
            for row in self._all(Rows.of_graph(part)):
                try:
                    yield quad_of(row, part)
                except StoreError as error:
                    raise EndpointError(self.endpoint, str(error), "triples") from error

    def rows(self, query: str, *, most: int) -> Iterator[Solution]:
        """The rows of a SELECT without blank nodes, in one answer or in pages, as `dump` reads quads.

        Raises LimitError where there are more than `most`, before any is read.
        """
        parsed = outline(query)
        for row in self._all(Rows.of(parsed), most):
            yield tuple(row[name] for name in parsed.projection)

    def size(self, graph: GraphName | None = None) -> int:
        """The number of triples in a graph, without one in the default graph."""
        return self._count(Rows.of_graph(graph or DefaultGraph()))

    def sharing(self, default_graph: NamedNode) -> RemoteStore:
        """The same service with another default graph, over the same connections."""
        other = copy(self)
        other.default_graph = default_graph
        return other

    def graphs(self) -> tuple[NamedNode, ...]:
        """The named graphs of the service, without scratch graphs and those that its engine keeps."""
        if self._named is None:
            # The protocol's parameters would hide them.
            answer = self._read({"query": _NAMED_GRAPHS}, ACCEPT_TABLE)
            rows = self._table(answer, outline(_NAMED_GRAPHS))
            assert isinstance(rows, Solutions)  # it was a SELECT
            hidden = own_graphs(answer.engine)
            names = (row[0] for row in rows if isinstance(row[0], NamedNode))
            hidden |= {self.default_graph.value} if self.default_graph else set()
            known = (name for name in names if name.value not in hidden)
            self._named = tuple(sorted((n for n in known if not n.value.startswith(SCRATCH)), key=str))
        return self._named

    def close(self) -> None:
        """As the protocol says."""
        self._reading.close()
        self._writing.close()

    @property
    def _writes_to(self) -> str:
        return self.update_endpoint or self.endpoint

    def _named_graphs(self, parsed: Outline) -> tuple[NamedNode, ...]:
        """The named graphs that a query can speak of: those it names, and for a variable all there are."""
        places = [parsed.tokens[n + 1] for n, t in enumerate(parsed.tokens[:-1]) if t.keyword == "GRAPH"]
        found = {NamedNode(parsed.iri(place)): None for place in places if not place.variable}
        if any(place.variable for place in places):
            found |= dict.fromkeys(self.graphs())
        return tuple(found)

    def _parts(self, graph: GraphName | None) -> Iterator[GraphName | None]:
        """What is read one after the other; None is all that the service has."""
        if self.default_graph is None or not (graph is None or isinstance(graph, DefaultGraph)):
            yield graph
            return
        yield DefaultGraph()
        yield from self.graphs() if graph is None else ()

    def _all(self, rows: Rows, most: int | None = None) -> Iterator[_Row]:
        total = self._count(rows)
        if most is not None and total > most:
            problem = f"{self.endpoint}: has {total:,} rows to read for this; {most:,} are the most"
            raise LimitError("size", problem)
        size = _PAGE
        if total <= _PAGE:
            answer = self._answer(rows.all, None, outline(rows.all))
            if answer.row_limit is None or total < answer.row_limit:
                yield from self._whole(rows, answer, total)
                return
            # An answer as long as the limit could have been cut.
            size = answer.row_limit - 1
        named, count = rows, 0
        if rows.nodes:
            blank, named = (rows.with_blank_nodes(wanted) for wanted in (True, False))
            count = self._count(blank)
            if count > size:
                problem = f"holds {count} rows with blank nodes, and gives {size} in one answer"
                raise EndpointError(self.endpoint, problem, "a graph with fewer, or none")
            yield from self._whole(blank, self._answer(blank.all, None, outline(blank.all)), count)
        yield from self._pages(named, total - count, size)
        self._check_count(self._count(rows), total)

    def _whole(self, rows: Rows, answer: Answer, total: int) -> Iterator[_Row]:
        found = 0
        for row in self._rows(answer, rows.all):
            found += 1
            yield row
        self._check_count(found, total)

    def _pages(self, rows: Rows, total: int, size: int) -> Iterator[_Row]:
        """The rows in the service's order; each page begins with the last row of the page before."""
        found, last = 0, None
        while found < total:
            page = self._page(rows, size, max(0, found - 1))
            if last is not None and page[:1] != [last]:
                raise self._changed()
            new = page[1:] if last is not None else page
            if not new:
                break
            yield from new
            found, last = found + len(new), new[-1]
        self._check_count(found, total)

    def _page(self, rows: Rows, size: int, offset: int) -> list[_Row]:
        sorts = not lacks(self.engine, Feature.SORTED_PAGES)
        query = rows.page(size, offset, sorts=sorts)
        return list(self._rows(self._answer(query, None, outline(query)), query))

    def _check_count(self, found: int, total: int) -> None:
        if found < total:
            problem = f"left out {total - found} of {total} rows"
            raise EndpointError(self.endpoint, problem, "a service without a limit on rows")
        if found > total:
            raise self._changed()

    def _changed(self) -> EndpointError:
        return EndpointError(self.endpoint, "its graph changes while it is read", "a graph that stays")

    def _count(self, rows: Rows) -> int:
        answer = self._answer(rows.count, None, outline(rows.count))
        found = [row["n"] for row in self._rows(answer, rows.count)]
        if len(found) != 1 or not isinstance(found[0], Literal) or not found[0].value.isdecimal():
            raise EndpointError(self.endpoint, "answers another question", f"one number, to {rows.count}")
        return int(found[0].value)

    def _rows(self, answer: Answer, query: str) -> Iterator[_Row]:
        solutions = self._table(answer, outline(query))
        assert isinstance(solutions, Solutions)  # the query was a SELECT
        return (dict(zip(solutions.variables, row, strict=True)) for row in solutions)

    def _table(self, answer: Answer, parsed: Outline) -> Results:
        """The rows or the truth value of an answer; raises EndpointError for that to another question."""
        found = table(self.endpoint, answer, parsed.form)
        expected = parsed.projection
        if isinstance(found, Solutions) and expected and tuple(found.variables) != expected:
            columns = ", ".join(found.variables) or "none"
            problem = f"answers another question, with the columns {columns}"
            raise EndpointError(self.endpoint, problem, f"the columns {', '.join(expected)}")
        return found

    def _answer(self, query: str, dataset: Dataset | None, parsed: Outline) -> Answer:
        """What the service answers to a query, about its own default graph or what stands for it."""
        if dataset is None and self.default_graph is not None and not parsed.from_graphs:
            dataset = Dataset((self.default_graph,), self._named_graphs(parsed))
        form: dict[str, object] = {"query": query}
        if dataset is not None:
            form["default-graph-uri"] = [graph.value for graph in dataset.default]
            form["named-graph-uri"] = [graph.value for graph in dataset.named]
        answer = self._read(form, ACCEPT_TABLE if parsed.form in _TABULAR else ACCEPT_GRAPH)
        if dataset is None and parsed.from_graphs:
            dataset = dataset_of(*parsed.from_graphs)
        if dataset and len(dataset.default) > 1 and lacks(answer.engine, Feature.MERGED_DEFAULT_GRAPHS):
            problem = f"{answer.engine} does not merge several default graphs but counts their triples twice"
            raise EndpointError(
                self.endpoint, problem, "one graph at a time, or the service's own default graph"
            )
        return answer

    def _read(self, form: Mapping[str, object], accept: str) -> Answer:
        answer = self._reading.read(self.endpoint, form, accept)
        self.engine = answer.engine
        if answer.status == 400:
            self._refuse(str(form["query"]), answer)
        return answer

    def _refuse(self, query: str, answer: Answer) -> None:
        """Raise QuerySyntaxError for what is no SPARQL, EndpointError for what the service cannot read."""
        said = answer.excerpt
        EmbeddedStore().query(query, Dataset())  # raises for what is no SPARQL, with line and column
        problem = "refuses a query that is SPARQL 1.1" + (f", and says: {said}" if said else "")
        raise EndpointError(self.endpoint, problem, "a service that has all of SPARQL 1.1")

    def _write(self, update: str) -> None:
        if self.update_endpoint is None:
            raise EndpointError(self.endpoint, "takes no updates", "an update endpoint (--update-endpoint)")
        answer = self._writing.write(self.update_endpoint, {"update": update})
        if answer.status == 400:
            said = answer.excerpt or "the update is malformed"
            raise QuerySyntaxError(f"{self.update_endpoint} says: {said}")


def _named(quads: Iterable[Quad], graph: NamedNode) -> Iterator[Quad]:
    for quad in quads:
        is_default = isinstance(quad.graph_name, DefaultGraph)
        yield Quad(quad.subject, quad.predicate, quad.object, graph) if is_default else quad


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
