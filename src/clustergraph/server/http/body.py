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


async def read_body(request: Request, limit: int) -> bytes:
    """The body; raises HTTPException 413 where it has more than `limit` bytes, 408 where it stalls."""
    received = 0
    kept: list[bytes] = []
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            async for piece in request.stream():
                received += len(piece)
                if received <= limit:
                    kept.append(piece)
                elif received > limit + _PATIENCE_BYTES:
                    break
    except TimeoutError as error:
        if received <= limit:
            detail = f"the body did not come within {_PATIENCE_SECONDS:g} seconds"
            raise HTTPException(408, detail, {"Connection": "close"}) from error
    if received > limit:
        raise HTTPException(413, f"the body has more than {limit:,} bytes", {"Connection": "close"})
    return b"".join(kept)


async def while_connected(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """The result of the work, which is cancelled when the client goes away (ClientDisconnect)."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientDisconnect
    finally:
        for waiting in (task, gone):
            waiting.cancel()
        if not task.done():
            await asyncio.wait({task})


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
