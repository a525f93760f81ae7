"""The pages for readers: templates, filled in the reader's language; all that comes from data is escaped."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from urllib.parse import parse_qsl, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import Response

from clustergraph import charts
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.http import address, media
from clustergraph.server.http.representation import VARY, text_response
from clustergraph.server.pages.frame.words import NAMES, Reader

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
    return template(page).render({**_ABSENT, **common, **more}).encode("utf-8", "replace")


async def rendered(
    page: str, request: Request, graph: KnowledgeGraph, reading: Reader, **more: object
) -> bytes:
    """The same from a thread, for a page of many rows: others would wait for it."""
    return await asyncio.to_thread(render, page, request, graph, reading, **more)


def html_response(request: Request, content: bytes, reading: Reader, status: int = 200) -> Response:
    """The response that carries a page; only a page without errors may be kept."""
    if status == 200:
        response = text_response(request, content, media.HTML)
    else:
        head = {"Cache-Control": "no-store", "Vary": VARY}
        response = Response(content, status, head, media_type=media.with_charset(media.HTML))
    response.headers["Content-Language"] = reading.language
    return response


def template(name: str) -> Template:
    """A template, which escapes all that it is given."""
    return _templates().get_template(name)


@cache
def _templates() -> Environment:
    loader = PackageLoader("clustergraph.server.pages")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _switches(request: Request, languages: Sequence[str], reading: Reader) -> list[tuple[str, str, str]]:
    """The other languages: tag, name, and the address of this page in them."""
    kept = [(name, text) for name, text in parse_qsl(request.url.query) if name not in {"lang", "page"}]
    base = address.here(request)
    return [
        (tag, NAMES.get(tag, tag), f"{base}?{urlencode([*kept, ('lang', tag)])}")
        for tag in languages
        if tag != reading.language
    ]
