"""What the answers to tasks are written as: formats by name, with their media types, the default first."""

from __future__ import annotations

from collections.abc import Mapping

from clustergraph.server.http import media

_GRAPHS = {name: kind for kind, name in reversed([*media.GRAPHS.items()]) if name != "turtle"}

REPORTS: Mapping[str, str] = {
    "json": "application/json",
    "turtle": "text/turtle",
    "sarif": "application/sarif+json",
    "text": "text/plain",
    **_GRAPHS,
    "junit": "application/xml",
    "github": "text/plain",
    "html": media.HTML,
}
DIFFERENCES: Mapping[str, str] = {
    "json": "application/json",
    "text": "text/plain",
    "markdown": "text/markdown",
}
PROOFS: Mapping[str, str] = {
    "json": "application/json",
    "turtle": "text/turtle",
    "text": "text/plain",
    "html": media.HTML,
}
