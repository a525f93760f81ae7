"""The pages for readers: templates, filled in the reader's language; all that comes from data is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from clustergraph import charts
from clustergraph.catalogue import SavedQuery
from clustergraph.errors import UnknownQueryError
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.http import address, media
from clustergraph.server.http.problem import short
from clustergraph.server.http.representation import text_response
from clustergraph.server.pages.frame.words import NAMES, Reader, reader

# The values that a page may leave out.
_ABSENT: Mapping[str, object] = {
    "answer": False,
    "chart": None,
    "is_large": False,
    "turtle": None,
    "truth": None,
    "table": None,
    "heads": (),
    "turns": {},
    "sought": "",
    "rows": 0,
    "first": 0,
    "last": 0,
}


def stylesheet() -> bytes:
    """The style of all pages, and of the charts in them."""
    return (files("clustergraph.server.pages") / "style.css").read_bytes() + charts.stylesheet().encode()


def questions(request: Request, graph: KnowledgeGraph) -> Response:
    """The questions by topic."""
    reading = reader(request, graph.settings.languages)
    content = render("queries.html", request, graph, reading, topics=topics(request, graph, reading))
    return html_response(request, content, reading)


def docs(request: Request, graph: KnowledgeGraph, description: dict[str, Any]) -> Response:
    """The OpenAPI description, to be read; it loads nothing from elsewhere."""
    reading = reader(request, graph.settings.languages)
    base = address.home(request)
    operations = [
        _operation(graph, reading, base, path, method, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    return html_response(
        request, render("docs.html", request, graph, reading, operations=operations), reading
    )


def render(page: str, request: Request, graph: KnowledgeGraph, reading: Reader, **more: object) -> bytes:
    """A page with what all pages have: the address of the service, the graph's title, the words."""
    settings = graph.settings
    common: dict[str, object] = {
        "home": address.home(request),
        "title": settings.text(settings.title, reading.language),
        "about": settings.text(settings.description, reading.language),
        "license": settings.license,
        "reading": reading,
        "word": reading.words,
        # Who has chosen a language keeps it from page to page.
        "kept": "?" + urlencode({"lang": reading.language}) if "lang" in request.query_params else "",
        "searchable": graph.endpoint is None,
        "switches": _switches(request, settings.languages, reading),
    }
    return _templates().get_template(page).render({**_ABSENT, **common, **more}).encode("utf-8", "replace")


def html_response(request: Request, content: bytes, reading: Reader, status: int = 200) -> Response:
    """The response that carries a page; only a page without errors may be kept."""
    if status == 200:
        response = text_response(request, content, media.HTML)
    else:
        response = Response(
            content, status, {"Cache-Control": "no-store"}, media_type=media.with_charset(media.HTML)
        )
    response.headers["Content-Language"] = reading.language
    return response


def missing(request: Request, graph: KnowledgeGraph, error: UnknownQueryError) -> Response:
    """The page for a question that is not there, with those of similar names."""
    reading = reader(request, graph.settings.languages)
    near = [(graph.catalogue[name], f"{address.home(request)}queries/{quote(name)}") for name in error.near]
    content = render("missing.html", request, graph, reading, name=short(error.query), near=near)
    return html_response(request, content, reading, 404)


@cache
def _templates() -> Environment:
    loader = PackageLoader("clustergraph.server.pages")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def topics(
    request: Request, graph: KnowledgeGraph, reading: Reader
) -> dict[str, list[tuple[SavedQuery, str]]]:
    """The queries of each topic with their addresses, which ask with the examples of what is required."""
    settings = graph.settings
    found: dict[str, list[tuple[SavedQuery, str]]] = {}
    for query in sorted(graph.catalogue.queries, key=lambda query: (query.topic, query.name)):
        examples = [
            (name, text)
            for name, declared in query.parameters.items()
            if declared.required
            for text in declared.example[: None if declared.many else 1]
        ]
        if "lang" in request.query_params:
            examples.append(("lang", request.query_params["lang"]))
        href = f"{address.home(request)}queries/{quote(query.name)}"
        named = settings.text(settings.topics.get(query.topic, {}), reading.language) or query.topic
        found.setdefault(named, []).append((query, href + ("?" + urlencode(examples) if examples else "")))
    return found


def _switches(request: Request, languages: Sequence[str], reading: Reader) -> list[tuple[str, str, str]]:
    """The other languages: tag, name, and the address of this page in them."""
    kept = [(name, text) for name, text in parse_qsl(request.url.query) if name not in {"lang", "page"}]
    path = request.url.path.removeprefix(request.scope.get("root_path", "")).lstrip("/")
    base = address.home(request) + quote(path)
    return [
        (tag, NAMES.get(tag, tag), f"{base}?{urlencode([*kept, ('lang', tag)])}")
        for tag in languages
        if tag != reading.language
    ]


def _operation(
    graph: KnowledgeGraph, reading: Reader, base: str, path: str, method: str, operation: dict[str, Any]
) -> dict[str, object]:
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
    parameters = [
        {
            "name": each["name"],
            "required": each.get("required", False),
            "description": said.get(each["name"], each.get("description", "")),
            "example": _text(each.get("example")),
        }
        for each in operation.get("parameters", [])
    ]
    given = [each for each in operation.get("parameters", []) if "example" in each]
    places = {each["name"]: quote(each["example"]) for each in given if each["in"] == "path"}
    examples = [(each["name"], each["example"]) for each in given if each["in"] == "query"]
    asked = "?" + urlencode(examples, doseq=True) if examples else ""
    href = base + (path.format(**places) if places else path).lstrip("/") + asked
    return {
        "identity": identity,
        "method": method.upper(),
        "path": path,
        "summary": summary,
        "parameters": parameters,
        "href": href if method == "get" else "",
    }


def _text(example: object) -> str:
    if isinstance(example, list):
        return ", ".join(map(str, example))
    return "" if example is None else str(example)
