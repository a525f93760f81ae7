"""The address that clients see, where a proxy in front has another one than this process."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from clustergraph.errors import UsageError
from clustergraph.settings import Settings

_HOST = re.compile(r"[A-Za-z0-9._~-]+(?::\d+)?|\[[0-9A-Fa-f:.]+\](?::\d+)?")

# What stays as it is in a path (RFC 3986 §3.3).
_IN_PATH = "/:@!$&'()*+,;=~-._"


def home(request: Request) -> str:
    """The address of the service as the client sees it, ending in a slash: what links begin with.

    Raises HTTPException 400 for a Host header that is none; it would become part of IRIs.
    """
    host = request.headers.get("host", "")
    if host and not _HOST.fullmatch(host):
        raise HTTPException(400, "the Host header is malformed")
    return str(request.base_url)


def here(request: Request) -> str:
    """The address of a request as the client sees it, without its query; in ASCII, as headers carry it."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", "")).lstrip("/")
    return home(request) + quote(path, safe=_IN_PATH)


def as_uri(iri: str) -> str:
    """The IRI in ASCII, as headers carry it (RFC 3987 §3.1)."""
    return quote(iri, safe=_IN_PATH + "%?#[]")


def license_links(settings: Settings) -> list[str]:
    """The link to the terms on which the graph comes (RFC 4946), none where the settings name none."""
    return [f'<{as_uri(settings.license)}>; rel="license"'] if settings.license else []


def checked_base(base: str) -> str:
    """The base as it is given; raises UsageError where it is no address that links can begin with.

    >>> checked_base("https://example.org/graph/"), checked_base("/graph")
    ('https://example.org/graph/', '/graph')
    """
    try:
        parts = urlsplit(base)
        is_url = parts.scheme in {"http", "https"} and bool(_HOST.fullmatch(parts.netloc))
        is_path = not parts.scheme and not parts.netloc and base.startswith("/")
    except ValueError:
        is_url = is_path = False
    if base and (not (is_url or is_path) or re.search(r"[?#\s]", base)):
        raise UsageError(f"--base {base}: expected http://HOST/…, https://HOST/… or a path such as /graph")
    return base


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
            if self._prefix and path == self._prefix:
                asked = scope["query_string"].decode("latin-1")
                there = f"{quote(self._prefix)}/" + (f"?{asked}" if asked else "")
                await RedirectResponse(there, 308)(scope, receive, send)
                return
            if not path.startswith(self._prefix + "/"):
                path = self._prefix + path
            scope = {**scope, "root_path": self._prefix, "path": path}
            if self._host:
                headers = [(name, content) for name, content in scope["headers"] if name != b"host"]
                scope = {**scope, "scheme": self._scheme, "headers": [(b"host", self._host), *headers]}
        await self.app(scope, receive, send)
