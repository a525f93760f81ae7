"""What a service answered, read as a table or a graph: whole, or an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, cast

import pyoxigraph as ox

from clustergraph.errors import EndpointError
from clustergraph.sparql.results import Boolean, Results, Solutions
from clustergraph.store.capabilities import Feature, lacks
from clustergraph.store.transport import HELD, Answer, Body
from clustergraph.terms import Triple

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
ACCEPT_TABLE = "application/sparql-results+json, application/sparql-results+xml;q=0.8"
ACCEPT_GRAPH = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.6"

# The one column of the table that Virtuoso gives for ASK: a row where it is true, none where not.
_TRUTH = ("__ASK_RETVAL",)
# A label of a blank node as Virtuoso writes it in a table, which the syntax does not allow.
# Quotes and signs within a literal are escaped, so that none looks like it.
_LABEL = re.compile(rb'("type"\s*:\s*"bnode"\s*,\s*"value"\s*:\s*"|<bnode>)nodeID://')


def table(endpoint: str, answer: Answer, form: str) -> Results:
    """The rows or the truth value of an answer to SELECT or ASK; raises EndpointError for any other."""
    format = _TABLES.get(answer.media_type)
    if format is None:
        raise _unexpected(endpoint, answer, ACCEPT_TABLE)
    _check_end(endpoint, answer, format)
    body = answer.body
    if lacks(answer.engine, Feature.BLANK_NODE_LABELS):
        body = _relabelled(body)
    try:
        # Twice: an answer that was cut is found at its end, and rows once handed on stay.
        body.seek(0)
        checked = ox.parse_query_results(body, format=format)
        rows = sum(1 for _ in checked) if isinstance(checked, ox.QuerySolutions) else 0
        body.seek(0)
        results = ox.parse_query_results(body, format=format)
    except (OSError, SyntaxError, ValueError) as error:
        raise _cut(endpoint, answer, error) from error
    if answer.row_limit is not None and rows >= answer.row_limit:
        problem = f"answers with {rows} rows, the most it gives; more may have been left out"
        raise EndpointError(endpoint, problem, "a LIMIT below that, or a service without a limit on rows")
    if isinstance(results, ox.QueryBoolean) and form == "ASK":
        return Boolean(results)
    if isinstance(results, ox.QuerySolutions):
        names = tuple(variable.value for variable in results.variables)
        if form == "ASK" and names == _TRUTH:
            return truth(rows > 0)
        if form == "SELECT":
            return Solutions(results)
    raise EndpointError(endpoint, "answers another question", f"the answer to {form}")


def triples(endpoint: str, answer: Answer) -> list[Triple]:
    """The triples of an answer to CONSTRUCT or DESCRIBE; raises EndpointError for any other."""
    format = _GRAPHS.get(answer.media_type)
    if format is None:
        raise _unexpected(endpoint, answer, ACCEPT_GRAPH)
    _check_end(endpoint, answer, format)
    answer.body.seek(0)
    try:
        found = [quad.triple for quad in ox.parse(answer.body, format=format, base_iri=endpoint)]
    except (OSError, SyntaxError, ValueError) as error:
        raise _cut(endpoint, answer, error) from error
    if answer.row_limit is not None:
        problem = f"answers with a graph of no more than {answer.row_limit} rows"
        raise EndpointError(endpoint, problem, "a LIMIT below that, or a service without a limit on rows")
    return found


def truth(is_true: bool) -> Boolean:  # noqa: FBT001  # the one thing there is to say
    """The answer to ASK."""
    text = b'{"head":{},"boolean":true}' if is_true else b'{"head":{},"boolean":false}'
    answer = ox.parse_query_results(text, format=ox.QueryResultsFormat.JSON)
    assert isinstance(answer, ox.QueryBoolean)
    return Boolean(answer)


def _relabelled(body: BinaryIO) -> BinaryIO:
    """The body with labels of blank nodes that the syntax allows; read line by line."""
    if body.seek(0) == 0 and not any(_LABEL.search(line) for line in _lines(body)):
        return body
    made = Body(max_size=HELD)
    for line in _lines(body):
        made.write(_LABEL.sub(rb"\1", line))
    return cast("BinaryIO", made)


def _lines(body: BinaryIO) -> Iterator[bytes]:
    body.seek(0)
    return iter(body.readline, b"")


def _unexpected(endpoint: str, answer: Answer, accepted: str) -> EndpointError:
    problem = f"answers with {answer.media_type or 'no media type'}"
    return EndpointError(endpoint, problem, accepted.replace(";q=0.8", "").replace(";q=0.6", ""))


def _check_end(endpoint: str, answer: Answer, format: ox.QueryResultsFormat | ox.RdfFormat) -> None:
    end = _ENDS.get(format)
    if end is not None and not end.search(answer.tail()):
        raise _cut(endpoint, answer, "its end is missing")


def _cut(endpoint: str, answer: Answer, error: Exception | str) -> EndpointError:
    problem = f"the answer is cut or malformed: {error}"
    return EndpointError(endpoint, problem, f"complete {answer.media_type}")
