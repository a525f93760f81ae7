"""The media types of answers, in the server's order of preference."""

from __future__ import annotations

from collections.abc import Mapping

# Media type → the name of the syntax; the first of each name is the one registered for it.
TABLES: Mapping[str, str] = {
    "application/sparql-results+json": "json",
    "application/sparql-results+xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
    # For people: with a byte order mark, and without formulas. Only `format=spreadsheet` asks for it.
    "text/csv; header=present": "spreadsheet",
}
GRAPHS: Mapping[str, str] = {
    "text/turtle": "turtle",
    "application/n-triples": "ntriples",
    "application/ld+json": "jsonld",
    "application/rdf+xml": "rdfxml",
    "application/trig": "trig",
    "application/n-quads": "nquads",
    "application/x-turtle": "turtle",
    "application/json": "jsonld",
    "application/xml": "rdfxml",
    "text/xml": "rdfxml",
}
# The endings of saved queries' addresses.
SUFFIXES: Mapping[str, str] = {
    "json": "json",
    "xml": "xml",
    "csv": "csv",
    "tsv": "tsv",
    "ttl": "turtle",
    "nt": "ntriples",
    "jsonld": "jsonld",
    "rdf": "rdfxml",
    "trig": "trig",
    "nq": "nquads",
}
# What clients call a syntax besides: SPARQLWrapper's names.
ALIASES: Mapping[str, str] = {"n3": "turtle", "rdf+xml": "rdfxml", "json-ld": "jsonld"}
HTML = "text/html"
SVG = "image/svg+xml"
PROBLEM = "application/problem+json"
QUERY = "application/sparql-query"


def registered(media_types: Mapping[str, str], name: str) -> str | None:
    """The media type registered for a syntax, or None where the kind of answer has no such syntax."""
    return next((media for media, syntax in media_types.items() if syntax == name), None)


def with_charset(media: str) -> str:
    """The media type as a Content-Type; text says that it is UTF-8."""
    return f"{media}; charset=utf-8" if media.startswith("text/") or media == QUERY else media
