"""Work in a thread, beside the event loop."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def apart(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the work gives, done in a thread.

    The engine frees its iterators in the thread that made them and nowhere else. Where the work fails,
    its frames, which may hold some, are cleared before the error crosses to the loop's thread.
    """

    def done() -> T:
        try:
            return work(*args, **kwargs)
        except BaseException as error:
            cause: BaseException | None = error
            while cause is not None:
                traceback.clear_frames(cause.__traceback__)
                cause = cause.__cause__ or cause.__context__
            raise

    return await asyncio.to_thread(done)
