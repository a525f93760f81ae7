"""Connections: so many, so slow and so long as they may be; and what is no HTTP is refused like all else.

uvicorn reads HTTP and knows one timeout, between requests. Here are those within them, and bounds on
the size of a request's head and on the number of connections.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from clustergraph.server.http.headers import EVERYWHERE
from clustergraph.server.http.problem import problem
from clustergraph.server.http.record import Observer, Record

# Seconds in which a client that is refused may still send, so that it hears why.
_PARTING = 2.0
_MALFORMED = "the request is no HTTP that this server reads; an address is percent-encoded"
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a connection may take: bytes of an address and of a head, headers, seconds.

    `head_seconds` is the time for a head to come, `stall` that in which a client must have read or
    sent some more of what is under way, `idle` that between two requests.
    """

    connections: int = 512
    address: int = 65_535
    head: int = 131_072
    headers: int = 128
    head_seconds: float = 10.0
    stall: float = 30.0
    idle: int = 30


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol within bounds; refusals are problems in place of plain text.

    Where all connections are taken, the one that has been idle longest makes room for a new one.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # uvicorn's: what the lifespan shares
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        bounds: Bounds,
        refused: Observer,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._bounds = bounds
        self._refused = refused
        self._head = 0
        self._is_leaving = False
        self._idle_since = 0.0
        self._refusal: tuple[int, str] = (400, _MALFORMED)
        self._timer: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a connection, if there is room."""
        super().connection_made(transport)
        self._idle_since = self.loop.time()
        self._wait_for_head()
        if len(self.connections) > self._bounds.connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the timers."""
        self._stop_timer()
        self._unset_keepalive_if_required()
        if self._stall is not None:
            self._stall.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse more of a request, as long as its head is not too long."""
        if self._is_leaving:
            return
        super().data_received(self._with_uri(data))
        # The parser writes the path when it has the whole head.
        if self.scope is None or "path" not in self.scope:
            if self._timer is None:
                self._wait_for_head()  # these bytes may be another request's, but for the last of them
                self._head = 1
                return
            self._head += len(data)
            if self._head > self._bounds.head:
                self._refuse(431, f"the head of the request has more than {self._bounds.head:,} bytes")

    def _with_uri(self, data: bytes) -> bytes:
        """The bytes with a URI in place of an address in UTF-8, where a request begins with them.

        The parser takes none but ASCII; what an address as it is read stands for: RFC 3987 §3.1.
        """
        is_first = self.scope is None or ("path" in self.scope and not self.cycle.more_body)
        line, end, rest = data.partition(b"\r\n")
        if not is_first or not end or line.isascii():
            return data
        return _NOT_ASCII.sub(lambda found: b"%%%02X" % found[0][0], line) + end + rest

    def on_headers_complete(self) -> None:
        """Start to answer, unless address or headers are too long, or it is unclear which host is asked."""
        self._stop_timer()
        self._head = 0
        if len(self.url) > self._bounds.address:
            self._refusal = 414, f"the address has more than {self._bounds.address:,} bytes; use POST"
            raise ValueError(self._refusal)
        if len(self.headers) > self._bounds.headers:
            self._refusal = 431, f"the request has more than {self._bounds.headers} headers"
            raise ValueError(self._refusal)
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
            # RFC 9112 §3.2: whose links would the answer carry?
            self._refusal = 400, f"expected one Host header, got {hosts or 'none'}"
            raise ValueError(self._refusal)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Take in the end of a request, which may come after its response."""
        self._stop_timer()
        super().on_message_complete()
        if self.cycle is not None and self.cycle.response_complete and not self.pipeline:
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def on_response_complete(self) -> None:
        """Wait for the next request; not for long where this one has not ended."""
        self._idle_since = self.loop.time()
        if self.cycle.response_complete and self.cycle.more_body:
            self._stop_timer()
            self._timer = self.loop.call_later(self._bounds.stall, self._abort)
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:  # ours says more
        """Answer what cannot be parsed, and close the connection."""
        self._refuse(*self._refusal)

    def pause_writing(self) -> None:
        """Wait until the client has read, as long as it does."""
        super().pause_writing()
        self._watch(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def _unsupported_upgrade_warning(self) -> None:
        """Answer a request to speak another protocol in this one (RFC 9110 §7.8), and then leave.

        What follows such a request may be in the other one already.
        """
        if self.cycle is not None:
            self.cycle.keep_alive = False

    def _wait_for_head(self) -> None:
        def late() -> None:
            self._refuse(408, f"the request's head did not come within {self._bounds.head_seconds:g} seconds")

        self._timer = self.loop.call_later(self._bounds.head_seconds, late)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _watch(self, size: int) -> None:
        """Leave a client that has read nothing for a while of so many bytes that wait for it."""

        def check() -> None:
            left = self.transport.get_write_buffer_size()
            if left >= size:
                self._abort()
            else:
                self._watch(left)

        self._stall = self.loop.call_later(self._bounds.stall, check)

    def _abort(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.abort()

    @property
    def is_idle(self) -> bool:
        """Whether no request of this connection is being answered."""
        return self._is_leaving or self.cycle is None or self.cycle.response_complete

    def _make_room(self) -> None:
        idle = [each for each in self.connections if isinstance(each, HttpProtocol) and each.is_idle]
        oldest = min((each for each in idle if each is not self), key=HttpProtocol._since, default=None)
        if oldest is None:
            self._refuse(503, "all connections of this server are at work", {"Retry-After": "1"})
        else:
            self.connections.discard(oldest)
            oldest._abort()  # it is one of us

    def _since(self) -> float:
        return self._idle_since

    def _refuse(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        """Say why, unless a response is under way that this would become part of; and leave."""
        self._stop_timer()
        if self._is_leaving or self.transport.is_closing():
            return
        if not self.is_idle and self.cycle.response_started:
            self.transport.close()
            return
        if not self.is_idle:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if status == 408 and not self._head:
            self.transport.close()  # a connection that nobody used needs no answer
            return
        refusal = problem(status, detail, headers={"Connection": "close"} | (headers or {}))
        line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()
        lines = [line, *(b": ".join(pair) for pair in (*refusal.raw_headers, *EVERYWHERE))]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(refusal.body)]))
        # To close while bytes wait that nobody reads would take the answer back from the client.
        self._is_leaving = True
        self.transport.write_eof()
        self._timer = self.loop.call_later(_PARTING, self._abort)
        client = self.client[0] if self.client else ""
        self._refused(Record(client=client, status=status, size=len(refusal.body), refusal=detail))


def protocol(bounds: Bounds, refused: Observer) -> Callable[..., HttpProtocol]:
    """What makes a protocol for each connection."""

    def make(
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> HttpProtocol:
        return HttpProtocol(config, server_state, app_state, _loop, bounds=bounds, refused=refused)

    return make
