"""Resources: one address, its methods, HEAD wherever there is GET, OPTIONS, and 405 for the rest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from clustergraph.server.http.record import record_of

Endpoint = Callable[[Request], Awaitable[Response]]
_MAX_AGE = "86400"


class Resource:
    """An ASGI application for one address: `get`, and `post` where there is one."""

    def __init__(self, path: str, get: Endpoint, post: Endpoint | None = None) -> None:
        self._path = path
        self._endpoints = {"GET": get, "HEAD": get} | ({"POST": post} if post else {})
        self._allow = ", ".join([*self._endpoints, "OPTIONS"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the endpoint of the request's method."""
        request = Request(scope, receive, send)
        record_of(request).route = self._path
        endpoint = self._endpoints.get(request.method)
        if endpoint is not None:
            response = await endpoint(request)
        elif request.method == "OPTIONS":
            response = self._options()
        else:
            detail = f"expected {self._allow}, got {request.method}"
            raise HTTPException(405, detail, {"Allow": self._allow})
        await response(scope, receive, send)

    def _options(self) -> Response:
        headers = {
            "Allow": self._allow,
            "Access-Control-Allow-Methods": self._allow,
            "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, If-None-Match",
            "Access-Control-Max-Age": _MAX_AGE,
        }
        return Response(status_code=204, headers=headers)


class Rest:
    """An ASGI application for addresses without a route: `get` may know them by the path parameter `name`.

    It is a router's default rather than its last route, so that a slash too many still leads elsewhere.
    """

    def __init__(self, get: Endpoint) -> None:
        self._get = get

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET and HEAD; raises HTTPException 404 for the other methods."""
        if scope.get("method") not in {"GET", "HEAD"}:
            raise HTTPException(404)
        name = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix("/")
        request = Request({**scope, "path_params": {"name": name}}, receive, send)
        response = await self._get(request)
        await response(scope, receive, send)


def route(path: str, get: Endpoint, post: Endpoint | None = None) -> Route:
    """The route of a resource."""
    return Route(path, Resource(path.replace(":path}", "}"), get, post))
