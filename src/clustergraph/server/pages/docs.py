"""The page of the API: what the OpenAPI description says, to be read; it loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.http.address import home
from clustergraph.server.pages.frame import rendering
from clustergraph.server.pages.frame.kept import kept, reader_key
from clustergraph.server.pages.frame.words import Reader, reader
from clustergraph.server.state import State


@dataclass(frozen=True)
class Operation:
    """One operation; `href` asks it with its examples, and is empty where a link cannot."""

    identity: str
    method: str
    path: str
    summary: str
    parameters: tuple[Mapping[str, object], ...]
    href: str


async def docs(request: Request, state: State, describe: Callable[[], Mapping[str, Any]]) -> Response:
    """The page of the OpenAPI description that `describe` gives."""
    graph = state.graph
    reading = reader(request, graph.settings.languages)

    async def make() -> bytes:
        base = home(request)
        operations = [
            _operation(graph, reading, base, path, method, operation)
            for path, methods in describe()["paths"].items()
            for method, operation in methods.items()
        ]
        return rendering.render("docs.html", request, graph, reading, operations=operations)

    headers = {"Content-Language": reading.language}
    return await kept(request, state, reader_key(request, reading), make, headers=headers)


def _operation(
    graph: KnowledgeGraph, reading: Reader, base: str, path: str, method: str, operation: dict[str, Any]
) -> Operation:
    """One operation as the page shows it, its texts in the reader's language where there are such."""
    identity = operation["operationId"]
    summary = reading.words.get(f"operation:{identity}", operation["summary"])
    said: dict[str, str] = {}
    if path.startswith("/queries/") and identity in graph.catalogue:
        query = graph.catalogue[identity]
        summary = query.summary(reading.language)
        said = {
            name: declared.descriptions[reading.language]
            for name, declared in query.parameters.items()
            if reading.language in declared.descriptions
        }
    parameters = tuple(
        {
            "name": each["name"],
            "required": each.get("required", False),
            "description": said.get(each["name"], each.get("description", "")),
            "example": _text(each.get("example")),
        }
        for each in operation.get("parameters", [])
    )
    href = _href(base, path, operation) if method == "get" else ""
    return Operation(identity, method.upper(), path, summary, parameters, href)


def _href(base: str, path: str, operation: Mapping[str, Any]) -> str:
    """The address that asks an operation with its examples."""
    given = [each for each in operation.get("parameters", []) if "example" in each]
    places = {each["name"]: quote(each["example"]) for each in given if each["in"] == "path"}
    examples = [(each["name"], each["example"]) for each in given if each["in"] == "query"]
    asked = "?" + urlencode(examples, doseq=True) if examples else ""
    return base + (path.format(**places) if places else path).lstrip("/") + asked


def _text(example: object) -> str:
    if isinstance(example, list):
        return ", ".join(map(str, example))
    return "" if example is None else str(example)
