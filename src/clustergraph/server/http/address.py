"""The address that clients see, where a proxy in front has another one than this process."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

_HOST = re.compile(r"[A-Za-z0-9._~-]+(?::\d+)?|\[[0-9A-Fa-f:.]+\](?::\d+)?")


def home(request: Request) -> str:
    """The address of the service as the client sees it, ending in a slash: what links begin with.

    Raises HTTPException 400 for a Host header that is none; it would become part of IRIs.
    """
    host = request.headers.get("host", "")
    if host and not _HOST.fullmatch(host):
        raise HTTPException(400, "the Host header is malformed")
    return str(request.base_url)


class Address:
    """ASGI middleware: requests look as if they had come to `base`, such as `https://host/prefix/`.

    So that all links are right. The proxy may strip the prefix or leave it. A base without a host
    is only a prefix.
    """

    def __init__(self, app: ASGIApp, base: str) -> None:
        self.app = app
        parts = urlsplit(base)
        self._scheme = parts.scheme
        self._host = parts.netloc.encode("ascii", "ignore")
        self._prefix = parts.path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application on the request as the client made it."""
        if scope["type"] == "http":
            path = scope["path"]
            if not path.startswith(self._prefix + "/"):
                path = self._prefix + path
            scope = {**scope, "root_path": self._prefix, "path": path}
            if self._host:
                headers = [(name, content) for name, content in scope["headers"] if name != b"host"]
                scope = {**scope, "scheme": self._scheme, "headers": [(b"host", self._host), *headers]}
        await self.app(scope, receive, send)
