"""The application: which address is answered by what."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from clustergraph.errors import ClusterGraphError
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.api import descriptions, openapi
from clustergraph.server.api.explanations import Explanations
from clustergraph.server.api.exports import Exports
from clustergraph.server.api.metrics import Metrics
from clustergraph.server.api.saved import SavedQueries
from clustergraph.server.api.search import Search
from clustergraph.server.api.terms import terms
from clustergraph.server.api.things import Things
from clustergraph.server.api.uploads import Uploads
from clustergraph.server.http import problem, protocol
from clustergraph.server.http.address import Address
from clustergraph.server.http.headers import Headers
from clustergraph.server.http.record import Observer, Recording
from clustergraph.server.http.routing import Rest, route
from clustergraph.server.pages.crawling import Crawling
from clustergraph.server.pages.docs import docs
from clustergraph.server.pages.frame import rendering
from clustergraph.server.pages.frame.kept import kept
from clustergraph.server.pages.home import HomePage
from clustergraph.server.pages.questions.editor import EditorPages, wants_editor
from clustergraph.server.pages.refusals import Refusals
from clustergraph.server.service import Service
from clustergraph.server.state import Options


def create_app(
    graph: KnowledgeGraph, options: Options | None = None, observers: Iterable[Observer] = ()
) -> FastAPI:
    """The ASGI application that serves a graph; its workers live as long as its lifespan.

    `observers` are given the record of each request when it has been answered.
    """
    options = options or Options()
    service = Service(graph, options)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.start()
        try:
            yield
        finally:
            await service.close()

    editor, saved, search = EditorPages(service), SavedQueries(service), Search(service)
    explanations, exports = Explanations(service), Exports(service)
    uploads, things = Uploads(service), Things(service)
    endpoints, metrics = _Endpoints(service, editor), Metrics(service)
    refusals = Refusals(service)
    crawling = Crawling(service)
    app = FastAPI(
        title="clustergraph",
        openapi_url=None,  # the descriptions are our own: they are made from the catalogue, and load
        docs_url=None,  # nothing from elsewhere
        redoc_url=None,
        lifespan=lifespan,
        middleware=[
            Middleware(Recording, observers=(metrics.count, *observers)),
            Middleware(Address, base=options.base),
            Middleware(Headers),
        ],
        exception_handlers={
            ClusterGraphError: refusals.on_error,
            HTTPException: refusals.on_http_exception,
            ClientDisconnect: _gone,
            Exception: problem.on_fault,
        },
        routes=[
            route("/sparql", endpoints.sparql, endpoints.sparql),
            route("/sparql/", endpoints.sparql, endpoints.sparql),
            route("/sparql/terms.json", partial(terms, service)),
            route("/packed/{digest}/{name}", editor.packed),
            route("/search", search.answer),
            route("/opensearch.xml", search.description),
            route("/validate", uploads.form, uploads.validate),
            route("/diff", uploads.form, uploads.diff),
            route("/explain", explanations.answer),
            route("/exports", exports.listing),
            route("/exports/{profile}", exports.answer),
            route("/exports/{profile}/loss", exports.loss),
            route("/queries", saved.listing),
            route("/queries/{name:path}", saved.answer),
            *things.routes(),
            route("/health", endpoints.health),
            route("/metrics", metrics.answer),
            route("/.well-known/void", endpoints.void),
            route("/openapi.json", endpoints.openapi),
            route("/docs", endpoints.docs),
            route("/style.css", endpoints.style),
            route("/sitemap.xml", crawling.sitemap),
            route("/robots.txt", crawling.robots),
            route("/favicon.svg", crawling.icon),
            route("/favicon.ico", crawling.icon),  # what browsers ask for where a page names none
            route("/", HomePage(service).page),
        ],
    )
    app.router.default = Rest(things.elsewhere)
    app.state.service = service
    app.state.metrics = metrics
    return app


class _Endpoints:
    """What answers at the addresses that are not the catalogue's."""

    def __init__(self, service: Service, editor: EditorPages) -> None:
        self._service = service
        self._editor = editor

    async def sparql(self, request: Request) -> Response:
        found = await protocol.read_query(request, self._service.options.body)
        if wants_editor(request, found):
            return await self._editor.page(request, found)
        if request.method in {"GET", "HEAD"} and not any(name == "query" for name, _ in found):
            return await self._service.respond(request, descriptions.service_description(request))
        return await self._service.respond(request, protocol.ask(request, found))

    async def void(self, request: Request) -> Response:
        return await self._service.respond(request, descriptions.void(request, self._service.state))

    async def health(self, _: Request) -> Response:
        state = self._service.state
        if not state.pool.is_ready:
            return problem.problem(503, "no worker is ready", headers={"Retry-After": "1"})
        content = {
            "status": "ready",
            "version": state.version,
            "workers": len(state.pool.processes),
            "busy": state.pool.busy,
            "waiting": state.pool.waiting,
            "cache": {"bytes": state.cache.size, "hits": state.cache.hits, "misses": state.cache.misses},
        }
        return Response(
            json.dumps(content), media_type="application/json", headers={"Cache-Control": "no-store"}
        )

    async def openapi(self, request: Request) -> Response:
        with self._service.state.in_use() as state:

            async def make() -> bytes:
                description = openapi.describe(state.graph, version("clustergraph"))
                return json.dumps(description, ensure_ascii=False).encode()

            return await kept(request, state, {"openapi": ""}, make, media_type="application/json")

    async def docs(self, request: Request) -> Response:
        with self._service.state.in_use() as state:
            return await docs(request, state, lambda: openapi.describe(state.graph, version("clustergraph")))

    async def style(self, request: Request) -> Response:
        with self._service.state.in_use() as state:

            async def make() -> bytes:
                return rendering.stylesheet()

            return await kept(request, state, {"style": ""}, make, media_type="text/css")


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=499)  # nobody reads it; it is for the log
