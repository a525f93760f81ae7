"""What is noted of each request while it is answered: for the log, and for the metrics."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Origin = Literal["cache", "worker", "shared"]
"""Where an answer is from: kept bytes, a worker, or the work that another request had asked for."""


@dataclass(slots=True)
class Record:
    """One request and its response; `seconds` from its head to the last byte that was handed over.

    `route` is the template of the address, empty where there is none; `asked` names the saved query,
    or the hash of an ad-hoc one; `engine` is the workers' own time; `refusal` says why there is no answer.
    """

    method: str = ""
    path: str = ""
    client: str = ""
    began: float = 0.0
    route: str = ""
    status: int = 0
    size: int = 0
    seconds: float = 0.0
    asked: str = ""
    origins: list[Origin] = field(default_factory=list)
    engine: float = 0.0
    refusal: str = ""


Observer = Callable[[Record], None]


class Recording:
    """ASGI middleware that gives each request its record, and the whole record to the observers."""

    def __init__(self, app: ASGIApp, observers: tuple[Observer, ...]) -> None:
        self.app = app
        self._observers = observers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application with a `send` that takes notes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        client = scope.get("client")
        # The path as it was sent, which has no line breaks.
        path = scope.get("raw_path") or scope["path"].encode("utf-8", "backslashreplace")
        record = Record(
            scope["method"],
            path.decode("ascii", "backslashreplace"),
            client[0] if client else "",
            time.time(),
        )
        scope["record"] = record
        started = time.perf_counter()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                record.status = message["status"]
            else:
                record.size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            record.seconds = time.perf_counter() - started
            # What nobody foresaw is answered by what is around this middleware.
            record.status = record.status or 500
            for observe in self._observers:
                observe(record)


def fingerprint(text: str) -> str:
    """A short name for an ad-hoc query, the same for the same text."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def record_of(request: Request) -> Record:
    """The record of a request; one that nobody reads where the middleware is not there."""
    found = request.scope.get("record")
    return found if isinstance(found, Record) else Record()
