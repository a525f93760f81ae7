"""What a query answers: solutions, triples or a truth value; and the syntaxes they are written in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from clustergraph.errors import FormatError, StoreError
from clustergraph.sparql.display import as_html
from clustergraph.sparql.frames import Frame, frame
from clustergraph.sparql.prefixes import used_prefixes
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

    A cell is None where its variable is unbound. Iterating finds the rows as they are read, once, so
    that reading raises StoreError where the engine fails on the way; `rows` keeps them.
    """

    native: ox.QuerySolutions

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(variable.value for variable in self.native.variables)

    @cached_property
    def rows(self) -> tuple[Solution, ...]:
        """All rows; once they are here, they can be read again and again."""
        return tuple(self._read())

    def __iter__(self) -> Iterator[Solution]:
        return iter(self.rows) if "rows" in self.__dict__ else self._read()

    def _read(self) -> Iterator[Solution]:
        if "begun" in self.__dict__:
            raise StoreError("the rows were read already; take `rows` first, which keeps them")
        self.__dict__["begun"] = True
        with _engine_failures():
            for solution in self.native:
                yield tuple(solution)

    def to_pandas(self) -> Frame:
        """The rows as a data frame with typed columns; raises MissingLibraryError without pandas."""
        return frame(self.variables, self.rows)

    def _repr_html_(self) -> str:
        """The rows as a notebook shows them."""
        return as_html(self.variables, self.rows)

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
        for triple in self.as_they_come():
            if triple not in seen:
                seen.add(triple)
                yield triple

    def as_they_come(self) -> Iterator[Triple]:
        """The triples, which are not held, so that one may come more than once."""
        with _engine_failures():
            yield from self.native

    def serialize(self, format: str, prefixes: dict[str, str] | None = None) -> bytes:
        """The triples in an RDF syntax of GRAPH_FORMATS, with those of the prefixes that they use.

        Raises FormatError for any other, and for RDF/XML where a predicate has no XML name.
        """
        if format not in GRAPH_FORMATS:
            raise FormatError(format, GRAPH_FORMATS, "a graph cannot be written as")
        triples = list(self)
        used = used_prefixes(triples, prefixes or {})
        try:
            text = ox.serialize(triples, format=GRAPH_FORMATS[format], prefixes=used)
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
