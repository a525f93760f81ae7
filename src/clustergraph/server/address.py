"""The address that clients see, where a proxy in front has another one than this process."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send


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
