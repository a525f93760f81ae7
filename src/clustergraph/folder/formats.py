"""The RDF syntaxes of a folder, by file name ending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pyoxigraph as ox

from clustergraph.errors import FormatError


@dataclass(frozen=True, slots=True)
class Format:
    """An RDF syntax; `graphs` says whether a file of it names its graphs itself."""

    name: str
    native: ox.RdfFormat
    graphs: bool = False
    by_terminals: bool = False
    """Whether the file is made of Turtle's terminals."""


TURTLE = Format("turtle", ox.RdfFormat.TURTLE, by_terminals=True)
N_TRIPLES = Format("ntriples", ox.RdfFormat.N_TRIPLES, by_terminals=True)
RDF_XML = Format("rdfxml", ox.RdfFormat.RDF_XML)
JSON_LD = Format("jsonld", ox.RdfFormat.JSON_LD)
TRIG = Format("trig", ox.RdfFormat.TRIG, graphs=True, by_terminals=True)
N_QUADS = Format("nquads", ox.RdfFormat.N_QUADS, graphs=True, by_terminals=True)

FORMATS = {
    ".ttl": TURTLE,
    ".turtle": TURTLE,
    ".nt": N_TRIPLES,
    ".rdf": RDF_XML,
    ".owl": RDF_XML,
    ".xml": RDF_XML,
    ".jsonld": JSON_LD,
    ".json": JSON_LD,
    ".trig": TRIG,
    ".nq": N_QUADS,
}


# By media type; the first of each syntax is the one registered for it.
MEDIA_TYPES: Mapping[str, Format] = MappingProxyType({
    "text/turtle": TURTLE,
    "application/n-triples": N_TRIPLES,
    "application/rdf+xml": RDF_XML,
    "application/ld+json": JSON_LD,
    "application/trig": TRIG,
    "application/n-quads": N_QUADS,
    "application/x-turtle": TURTLE,
    "text/plain": N_TRIPLES,
    "application/xml": RDF_XML,
    "text/xml": RDF_XML,
    "application/json": JSON_LD,
})  # fmt: skip


def format_of(path: Path) -> Format:
    """The syntax that the ending of a file name tells; raises FormatError for any other ending."""
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        raise FormatError(path.name, FORMATS, "no RDF syntax is known by the name") from None
