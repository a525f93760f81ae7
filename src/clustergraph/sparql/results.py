"""What a query answers: solutions, triples or a truth value; and the syntaxes they are written in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pyoxigraph as ox

from clustergraph.errors import FormatError, StoreError
from clustergraph.terms import Term, Triple

Solution = tuple[Term | None, ...]

RESULT_FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
GRAPH_FORMATS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}


@dataclass(frozen=True)
class Solutions:
    """The answer to SELECT: `variables` name the columns; iterating yields one tuple a row.

    A cell is None where its variable is unbound. The rows can be read once; they are found as
    they are read, so that reading raises StoreError where the engine fails on the way.
    """

    native: ox.QuerySolutions

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(variable.value for variable in self.native.variables)

    def __iter__(self) -> Iterator[Solution]:
        with _engine_failures():
            for solution in self.native:
                yield tuple(solution)

    def serialize(self, format: str) -> bytes:
        """The rows in `json`, `xml`, `csv` or `tsv` (SPARQL 1.1 results syntaxes).

        Raises FormatError for any other format.
        """
        return _serialised(self.native, format)


@dataclass(frozen=True)
class Boolean:
    """The answer to ASK."""

    native: ox.QueryBoolean

    def __bool__(self) -> bool:
        return bool(self.native)

    def serialize(self, format: str) -> bytes:
        """The truth value in `json`, `xml`, `csv` or `tsv`; raises FormatError for any other."""
        return _serialised(self.native, format)


@dataclass(frozen=True)
class Triples:
    """The answer to CONSTRUCT or DESCRIBE: iterating yields its triples, each once."""

    native: Iterable[Triple]

    def __iter__(self) -> Iterator[Triple]:
        seen: set[Triple] = set()
        with _engine_failures():
            for triple in self.native:
                if triple not in seen:
                    seen.add(triple)
                    yield triple

    def serialize(self, format: str, prefixes: dict[str, str] | None = None) -> bytes:
        """The triples in an RDF syntax of GRAPH_FORMATS.

        Raises FormatError for any other, and for RDF/XML where a predicate has no XML name.
        """
        if format not in GRAPH_FORMATS:
            raise FormatError(format, GRAPH_FORMATS, "a graph cannot be written as")
        triples = list(self)
        try:
            text = ox.serialize(triples, format=GRAPH_FORMATS[format], prefixes=prefixes)
        except (OSError, ValueError) as error:
            raise FormatError(format, GRAPH_FORMATS, f"this graph cannot be written ({error}) as") from error
        assert text is not None  # only a call with an output returns None
        return text


Results = Solutions | Boolean | Triples


def _serialised(native: ox.QuerySolutions | ox.QueryBoolean, format: str) -> bytes:
    if format not in RESULT_FORMATS:
        raise FormatError(format, RESULT_FORMATS, "a table cannot be written as")
    if format == "csv" and isinstance(native, ox.QueryBoolean):
        return b"true\r\n" if native else b"false\r\n"
    with _engine_failures():
        text = native.serialize(format=RESULT_FORMATS[format])
    assert text is not None  # only a call with an output returns None
    return text


@contextmanager
def _engine_failures() -> Iterator[None]:
    """What the engine raises while rows are read (a disk, a service, an evaluation) as StoreError."""
    try:
        yield
    except (OSError, RuntimeError, SyntaxError, ValueError) as error:
        raise StoreError(f"the query failed: {error}") from error
