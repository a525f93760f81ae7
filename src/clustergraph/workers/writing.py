"""Answers written row by row: which syntax a query's form takes, and the bytes to an output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Protocol, cast

import pyoxigraph as ox

from clustergraph.errors import FormatError, StoreError
from clustergraph.sparql.results import GRAPH_FORMATS, RESULT_FORMATS, Boolean, Results, Solutions
from clustergraph.terms import NamedNode
from clustergraph.workers.question import Question


class Output(Protocol):
    """What pyoxigraph's serializers write to."""

    def write(self, piece: bytes, /) -> int:
        """Take in more bytes."""
        ...

    def flush(self) -> None:
        """Pass on what was taken in."""
        ...


def choose(form: str, question: Question) -> str:
    """The syntax for a query of this form; raises FormatError where the asker takes none of them."""
    if form in {"SELECT", "ASK"}:
        chosen, other, known = question.table, question.graph, tuple(RESULT_FORMATS)
        noun = "a table" if form == "SELECT" else "a truth value"
    else:
        chosen, other, known = question.graph, question.table, tuple(GRAPH_FORMATS)
        noun = "a graph"
    if chosen not in known:
        raise FormatError(chosen or other or "", known, f"{noun} cannot be written as")
    return chosen


def write(results: Results, format: str, output: Output, prefixes: Mapping[str, str]) -> None:
    """Write the results as they are read; raises StoreError where the engine fails on the way."""
    native = cast("IO[bytes]", output)  # pyoxigraph asks for no more than the two methods
    try:
        if isinstance(results, Boolean):
            output.write(results.serialize(format))
        elif isinstance(results, Solutions):
            results.native.serialize(native, format=RESULT_FORMATS[format])
        else:
            ox.serialize(iter(results), native, format=GRAPH_FORMATS[format], prefixes=_sound(prefixes))
    except (OSError, RuntimeError, ValueError) as error:
        raise StoreError(f"the query failed: {error}") from error


def _sound(prefixes: Mapping[str, str]) -> dict[str, str]:
    """The prefixes that stand for absolute IRIs."""
    kept = {}
    for prefix, iri in prefixes.items():
        try:
            kept[prefix] = NamedNode(iri).value
        except ValueError:
            continue
    return kept
