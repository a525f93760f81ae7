"""Refusals for readers: the page that a browser gets in place of a problem for programs."""

from __future__ import annotations

import json

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.http import media, problem, protocol
from clustergraph.server.http.negotiation import best
from clustergraph.server.pages.frame import rendering
from clustergraph.server.pages.frame.words import reader
from clustergraph.server.service import Service

# What a program may like as well as a page; who likes a page best is a browser.
_OFFERS = (media.PROBLEM, *dict.fromkeys((*media.TABLES, *media.GRAPHS)), media.QUERY, media.HTML)
_OWN = ("content-type", "content-length", "cache-control")


class Refusals:
    """What errors become: problems, in a page for readers."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def on_error(self, request: Request, error: Exception) -> Response:
        """The response to an error of our own tree."""
        return as_page(request, self._service.state.graph, await problem.on_error(request, error))

    async def on_http_exception(self, request: Request, error: Exception) -> Response:
        """The response to what is wrong with the request as HTTP."""
        refusal = await problem.on_http_exception(request, error)
        return as_page(request, self._service.state.graph, refusal)


def as_page(
    request: Request, graph: KnowledgeGraph, refusal: Response, suffix: str = "", format: str | None = None
) -> Response:
    """The refusal as a page where a reader asks, else as it is.

    `suffix` and `format` are what the address says of the syntax that is wanted.
    """
    if not _wants_page(request, suffix, format):
        return refusal
    members = json.loads(bytes(refusal.body))
    reading = reader(request, graph.settings.languages)
    status = str(members["status"])
    try:
        content = rendering.render(
            "refusal.html",
            request,
            graph,
            reading,
            status=status,
            said=reading.words.get(f"refused:{status}", members["title"]),
            problem=members,
        )
    except HTTPException:  # the Host header is none; a page cannot have links
        return refusal
    page = rendering.html_response(request, content, reading, members["status"])
    for name, text in refusal.headers.items():
        if name not in _OWN:
            page.headers[name] = text
    return page


def _wants_page(request: Request, suffix: str, format: str | None) -> bool:
    if suffix or format:
        return "html" in {suffix, format}
    return best(protocol.accept(request), _OFFERS) == media.HTML
