"""Answers written row by row: which syntax a query's form takes, and the bytes to an output."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import IO, Protocol, cast

import pyoxigraph as ox

from clustergraph.errors import FormatError, StoreError
from clustergraph.sparql.prefixes import used_prefixes
from clustergraph.sparql.results import GRAPH_FORMATS, RESULT_FORMATS, Boolean, Results, Solutions
from clustergraph.terms import NamedNode, Triple
from clustergraph.workers import spreadsheet
from clustergraph.workers.question import Question

# XML 1.0 §2.2, in UTF-8: control characters, U+FFFE and U+FFFF cannot be written, not even escaped.
_NO_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
# So many triples are read before the first is written: what these use is declared, and what later ones
# use beside it is written in full. An answer of a million is not held to know the prefix of its last.
_FIRST = 10_000
# RDF/XML §7.2.14: the end of a predicate becomes the name of an element.
_NAME_AT_END = re.compile(r"[^\W\d][\w.-]*\Z")


class Output(Protocol):
    """What pyoxigraph's serializers write to."""

    def write(self, piece: bytes, /) -> int:
        """Take in more bytes."""
        ...

    def flush(self) -> None:
        """Pass on what was taken in."""
        ...


class WellFormed:
    """An output that lets pass what XML can carry, and raises FormatError for what it cannot."""

    def __init__(self, output: Output, format: str) -> None:
        self._output = output
        self._format = format
        self._tail = b""

    def write(self, piece: bytes) -> int:
        """Take in more bytes."""
        if _NO_XML.search(self._tail + piece):
            problem = "it holds characters that XML does not have; it cannot be written as"
            raise FormatError(self._format, _others(self._format), problem)
        self._tail = piece[-2:]
        return self._output.write(piece)

    def flush(self) -> None:
        """Pass on what was taken in."""
        self._output.flush()


def choose(form: str, question: Question) -> str:
    """The syntax for a query of this form; raises FormatError where the asker takes none of them."""
    if form in {"SELECT", "ASK"}:
        chosen, other, known = question.table, question.graph, (*RESULT_FORMATS, spreadsheet.FORMAT)
        noun = "a table" if form == "SELECT" else "a truth value"
    else:
        chosen, other, known = question.graph, question.table, tuple(GRAPH_FORMATS)
        noun = "a graph"
    if chosen not in known:
        raise FormatError(chosen or other or "", known, f"{noun} cannot be written as")
    return chosen


def write(results: Results, format: str, output: Output, prefixes: Mapping[str, str]) -> None:
    """Write the results as they are read; of the prefixes those are declared that a graph uses.

    Raises FormatError for what the syntax cannot carry, StoreError where the engine fails on the way.
    """
    if format in {"xml", "rdfxml"}:
        output = WellFormed(output, format)
    native = cast("IO[bytes]", output)  # pyoxigraph asks for no more than the two methods
    try:
        if format == spreadsheet.FORMAT and isinstance(results, Boolean | Solutions):
            for piece in spreadsheet.pieces(results):
                output.write(piece)
        elif isinstance(results, Boolean):
            output.write(results.serialize(format))
        elif isinstance(results, Solutions):
            results.native.serialize(native, format=RESULT_FORMATS[format])
        else:
            triples = _carried(results, format)
            first = list(islice(triples, _FIRST))
            used = used_prefixes(first, _sound(prefixes))
            ox.serialize(chain(first, triples), native, format=GRAPH_FORMATS[format], prefixes=used)
    except (OSError, RuntimeError, ValueError) as error:
        raise StoreError(f"the query failed: {error}") from error


def _carried(triples: Iterable[Triple], format: str) -> Iterator[Triple]:
    """The triples, as long as the syntax can carry them."""
    if format not in {"rdfxml", "jsonld"}:
        yield from triples
        return
    for triple in triples:
        if isinstance(triple.object, Triple):
            raise FormatError(format, _others(format), "a triple term cannot be written as")
        if format == "rdfxml" and not _NAME_AT_END.search(triple.predicate.value):
            problem = f"the predicate {triple.predicate.value} cannot be written as"
            raise FormatError(format, _others(format), problem)
        yield triple


def _others(format: str) -> list[str]:
    kind = RESULT_FORMATS if format in RESULT_FORMATS else GRAPH_FORMATS
    return [name for name in kind if name != format]


def _sound(prefixes: Mapping[str, str]) -> dict[str, str]:
    """The prefixes that stand for absolute IRIs."""
    kept = {}
    for prefix, iri in prefixes.items():
        try:
            kept[prefix] = NamedNode(iri).value
        except ValueError:
            continue
    return kept
