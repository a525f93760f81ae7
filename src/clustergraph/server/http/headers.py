"""Headers of every response, and OPTIONS: who may read, and what a browser may load."""

from __future__ import annotations

import base64
import hashlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# For a page with a script of ours, which asks this service and no other.
SCRIPTED = f"{_POLICY}; script-src 'self'; connect-src 'self'"
EVERYWHERE: tuple[tuple[bytes, bytes], ...] = (
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"ETag, Link, Content-Disposition, Content-Language, Repr-Digest, Retry-After, Server-Timing, "
        b"Warning",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", _POLICY.encode()),
)


def source_of(style: bytes) -> str:
    """What a Content-Security-Policy says to allow a style by its hash (CSP 3 §8.2)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'"


def with_style(source: str) -> str:
    """The policy for a document that carries one style of its own, which `source` names by its hash."""
    return _POLICY.replace("style-src 'self'", f"style-src 'self' {source}")


class Headers:
    """ASGI middleware that adds the headers that a response does not have of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application with a `send` that adds the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                more = (pair for pair in EVERYWHERE if pair[0] not in own)
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await self.app(scope, receive, send_with_headers)
