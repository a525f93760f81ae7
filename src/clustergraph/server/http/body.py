"""Reading requests: bodies of bounded size in bounded time, and the moment a client goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

Result = TypeVar("Result")

# What is read and thrown away before a body is refused, so that a client that only listens after
# it has sent everything hears the reason.
_PATIENCE_BYTES = 64 << 20
_PATIENCE_SECONDS = 10.0
# Beyond that time a body must come this fast, in bytes a second.
_SLOWEST = 16_384
# Seconds before anybody looks whether the client is still there.
_UNWATCHED = 0.02


async def read_body(request: Request, limit: int) -> bytes:
    """The body; raises HTTPException 413 where it has more than `limit` bytes, 408 where it stalls."""
    received = 0
    kept: list[bytes] = []
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS) as patience:
            end = patience.when()
            assert end is not None  # it was given
            async for piece in request.stream():
                received += len(piece)
                patience.reschedule(end + min(received, limit) / _SLOWEST)
                if received <= limit:
                    kept.append(piece)
                elif received > limit + _PATIENCE_BYTES:
                    break
    except TimeoutError as error:
        if received <= limit:
            detail = f"the body came more slowly than {_SLOWEST:,} bytes a second"
            raise HTTPException(408, detail, {"Connection": "close"}) from error
    if received > limit:
        raise HTTPException(413, f"the body has more than {limit:,} bytes", {"Connection": "close"})
    return b"".join(kept)


async def while_connected(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """The result of the work, which is cancelled when the client goes away (ClientDisconnect)."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # a request is answered in one
    watch: asyncio.Task[None] | None = None

    def begin() -> None:
        nonlocal watch
        watch = loop.create_task(_gone(request))
        watch.add_done_callback(end)

    def end(watched: asyncio.Task[None]) -> None:
        if not watched.cancelled():
            task.cancel()

    # Most answers are there before it would be worth a task to look whether somebody waits for them.
    timer = loop.call_later(_UNWATCHED, begin)
    try:
        return await work
    except asyncio.CancelledError:
        if watch is not None and watch.done() and task.uncancel() == 0:
            raise ClientDisconnect from None
        raise
    finally:
        timer.cancel()
        if watch is not None:
            watch.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
