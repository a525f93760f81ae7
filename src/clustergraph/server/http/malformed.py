"""Requests that are no HTTP: refused in the same words and syntax as all others."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from clustergraph.server.http.headers import EVERYWHERE
from clustergraph.server.http.problem import problem

_DETAIL = (
    "the request is no HTTP that this server reads: it is malformed, or its address or headers are too long"
)


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with a problem in place of its plain text."""

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be parsed, and close the connection."""
        refusal = problem(400, _DETAIL, headers={"Connection": "close"})
        lines = [
            b"HTTP/1.1 400 Bad Request",
            *(b": ".join(pair) for pair in (*refusal.raw_headers, *EVERYWHERE)),
        ]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(refusal.body)]))
        self.transport.close()
