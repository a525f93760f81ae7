"""The application: which address is answered by what."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from clustergraph.errors import ClusterGraphError
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.api import descriptions, openapi
from clustergraph.server.api.saved import SavedQueries
from clustergraph.server.http import problem, protocol
from clustergraph.server.http.address import Address
from clustergraph.server.http.headers import Headers
from clustergraph.server.http.representation import text_response
from clustergraph.server.http.routing import route
from clustergraph.server.pages import rendering
from clustergraph.server.service import Service
from clustergraph.server.state import Options


def create_app(graph: KnowledgeGraph, options: Options | None = None) -> FastAPI:
    """The ASGI application that serves a graph; its workers live as long as its lifespan."""
    options = options or Options()
    service = Service(graph, options)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.start()
        try:
            yield
        finally:
            await service.close()

    endpoints, saved = _Endpoints(service), SavedQueries(service)
    app = FastAPI(
        title="clustergraph",
        openapi_url=None,  # the descriptions are our own: they are made from the catalogue, and load
        docs_url=None,  # nothing from elsewhere
        redoc_url=None,
        lifespan=lifespan,
        middleware=[Middleware(Address, base=options.base), Middleware(Headers)],
        exception_handlers={
            ClusterGraphError: problem.on_error,
            HTTPException: problem.on_http_exception,
            ClientDisconnect: _gone,
            Exception: problem.on_fault,
        },
        routes=[
            route("/sparql", endpoints.sparql, endpoints.sparql),
            route("/sparql/", endpoints.sparql, endpoints.sparql),
            route("/queries", saved.listing),
            route("/queries/{name:path}", saved.answer),
            route("/health", endpoints.health),
            route("/.well-known/void", endpoints.void),
            route("/openapi.json", endpoints.openapi),
            route("/docs", endpoints.docs),
            route("/style.css", endpoints.style),
            route("/", endpoints.home),
        ],
    )
    app.state.service = service
    return app


class _Endpoints:
    """What answers at the addresses that are not the catalogue's."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def sparql(self, request: Request) -> Response:
        found = await protocol.read_query(request, self._service.options.body)
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
        description = openapi.describe(self._service.state.graph, version("clustergraph"))
        content = json.dumps(description, ensure_ascii=False).encode()
        return text_response(request, content, "application/json")

    async def docs(self, request: Request) -> Response:
        graph = self._service.state.graph
        description = openapi.describe(graph, version("clustergraph"))
        return rendering.docs(request, graph, description)

    async def home(self, request: Request) -> Response:
        return rendering.home(request, self._service.state.graph)

    async def style(self, request: Request) -> Response:
        return text_response(request, rendering.stylesheet(), "text/css")


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=499)  # nobody reads it; it is for the log
