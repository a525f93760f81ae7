"""The RDF syntaxes: how each is written, and read back by the engine's parsers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyoxigraph as ox

from clustergraph.errors import ExportError
from clustergraph.export.jsonld import write_jsonld
from clustergraph.export.rows import Row, Rows, merge, row_of
from clustergraph.export.turtle import write_trig, write_turtle
from clustergraph.export.xml import write_rdfxml
from clustergraph.settings import Settings

Write = Callable[[Rows, BinaryIO, Settings], None]
"""Writes rows that are in the order of lines."""


@dataclass(frozen=True)
class Syntax:
    """An RDF syntax; `graphs` says whether it names the graph of each triple."""

    name: str
    title: str
    ending: str
    native: ox.RdfFormat
    write: Write
    graphs: bool = False

    def read(self, path: Path) -> Iterator[Row]:
        """The rows of a file; raises ExportError where it does not parse."""
        try:
            for quad in ox.parse(path=path, format=self.native):
                yield row_of(quad)
        except (SyntaxError, OSError) as error:
            raise ExportError(f"{self.name}: what was written cannot be read back: {error}") from error


def _ntriples(rows: Rows, out: BinaryIO, settings: Settings) -> None:
    del settings
    out.writelines(f"{s} {p} {o} .\n".encode() for s, p, o, _ in merge(rows))


def _nquads(rows: Rows, out: BinaryIO, settings: Settings) -> None:
    del settings
    out.writelines(f"{s} {p} {o}{f' {g}' if g else ''} .\n".encode() for s, p, o, g in rows)


def _turtle(rows: Rows, out: BinaryIO, settings: Settings) -> None:
    write_turtle(rows, out, settings.prefixes)


def _trig(rows: Rows, out: BinaryIO, settings: Settings) -> None:
    write_trig(rows, out, settings.prefixes)


def _rdfxml(rows: Rows, out: BinaryIO, settings: Settings) -> None:
    write_rdfxml(rows, out, settings.prefixes)


def _jsonld(rows: Rows, out: BinaryIO, settings: Settings) -> None:
    write_jsonld(rows, out, settings.prefixes, settings.vocabulary.about)


SYNTAXES = {
    syntax.name: syntax
    for syntax in (
        Syntax("turtle", "Turtle, in the one layout", ".ttl", ox.RdfFormat.TURTLE, _turtle),
        Syntax("trig", "TriG, graph by graph", ".trig", ox.RdfFormat.TRIG, _trig, graphs=True),
        Syntax("nquads", "Canonical N-Quads", ".nq", ox.RdfFormat.N_QUADS, _nquads, graphs=True),
        Syntax("ntriples", "Canonical N-Triples", ".nt", ox.RdfFormat.N_TRIPLES, _ntriples),
        Syntax("rdfxml", "RDF/XML", ".rdf", ox.RdfFormat.RDF_XML, _rdfxml),
        Syntax(
            "jsonld", "JSON-LD 1.1 with its own context", ".jsonld", ox.RdfFormat.STREAMING_JSON_LD, _jsonld
        ),
    )
}
