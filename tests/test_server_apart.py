"""What fails in a thread leaves nothing to be freed in another: the engine's iterators cannot be."""

from __future__ import annotations

import asyncio
import gc
import threading

from clustergraph.errors import StoreError
from clustergraph.server.http.apart import apart


def test_rows_of_work_that_fails_are_freed_in_its_thread() -> None:
    made, freed = [], []

    class Rows:
        def __init__(self) -> None:
            made.append(threading.get_ident())

        def __del__(self) -> None:
            freed.append(threading.get_ident())

    def work() -> None:
        rows = [Rows()]
        try:
            raise ValueError(len(rows))
        except ValueError as error:
            raise StoreError("the query failed") from error

    async def failing() -> str:
        try:
            await apart(work)
        except StoreError as error:
            return str(error)
        return ""

    assert asyncio.run(failing()) == "the query failed"
    gc.collect()
    assert freed == made
    assert made != [threading.get_ident()]
