"""The media types of exports."""

from __future__ import annotations

from collections.abc import Mapping

ZIP = "application/zip"
OTHER = "application/octet-stream"
# By the ending of the file that a profile writes.
BY_ENDING: Mapping[str, str] = {
    ".ttl": "text/turtle",
    ".trig": "application/trig",
    ".nq": "application/n-quads",
    ".nt": "application/n-triples",
    ".rdf": "application/rdf+xml",
    ".jsonld": "application/ld+json",
    ".graphml": "application/xml",
    ".txt": "text/plain",
    ".tsv": "text/tab-separated-values",
    ".csv": "text/csv",
}
EXPORTS = (*BY_ENDING.values(), ZIP, OTHER)
