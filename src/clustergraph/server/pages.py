"""The few pages that the service needs to be understood: home and the description of the API."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server import address
from clustergraph.server.negotiation import language

_PAGES = files("clustergraph.server") / "pages"


def stylesheet() -> bytes:
    """The style of all pages."""
    return (_PAGES / "style.css").read_bytes()


def home(request: Request, graph: KnowledgeGraph) -> bytes:
    """The home page, in the language that the client prefers."""
    settings = graph.settings
    spoken = _language(request, graph)
    base = escape(address.home(request))
    entries = [
        f'<dt><a href="{base}docs#{escape(query.name)}">{escape(query.name)}</a></dt>'
        f"<dd>{escape(query.summary(spoken))}</dd>"
        for query in graph.catalogue.queries
    ]
    return _filled(
        "home.html",
        language=spoken,
        home=base,
        title=escape(settings.text(settings.title, spoken)),
        description=escape(settings.text(settings.description, spoken)),
        triples=f"{graph.snapshot.triples + graph.snapshot.inferred:,} triples",
        queries="\n".join(entries),
    )


def docs(request: Request, graph: KnowledgeGraph, description: dict[str, Any]) -> bytes:
    """The OpenAPI description, to be read; it loads nothing from elsewhere."""
    spoken = _language(request, graph)
    base = address.home(request)
    operations = [
        _operation(base, path, method, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    return _filled(
        "docs.html",
        language=spoken,
        home=escape(base),
        title=escape(graph.settings.text(graph.settings.title, spoken)),
        operations="\n".join(operations),
    )


def _operation(base: str, path: str, method: str, operation: dict[str, Any]) -> str:
    parameters = operation.get("parameters", [])
    rows = "".join(
        f"<tr><td><code>{escape(each['name'])}</code>{' (required)' if each.get('required') else ''}</td>"
        f"<td>{escape(str(each.get('description', '')))}</td>"
        f"<td><code>{escape(_text(each.get('example')))}</code></td></tr>"
        for each in parameters
    )
    table = f"<table><tr><th>Parameter</th><th></th><th>Example</th></tr>{rows}</table>" if rows else ""
    examples = [(each["name"], each["example"]) for each in parameters if "example" in each]
    href = base + path.lstrip("/") + ("?" + urlencode(examples, doseq=True) if examples else "")
    link = f'<p><a href="{escape(href)}">{escape(href)}</a></p>' if method == "get" else ""
    identity = escape(operation["operationId"])
    return (
        f'<section id="{identity}"><h2><code>{method.upper()} {escape(path)}</code></h2>'
        f"<p>{escape(operation['summary'])}</p>{table}{link}</section>"
    )


def _text(example: object) -> str:
    if isinstance(example, list):
        return ", ".join(map(str, example))
    return "" if example is None else str(example)


def _language(request: Request, graph: KnowledgeGraph) -> str:
    languages = graph.settings.languages
    return language(request.headers.get("accept-language"), languages) or languages[0]


def _filled(page: str, **texts: str) -> bytes:
    return Template((_PAGES / page).read_text(encoding="utf-8")).substitute(texts).encode()
