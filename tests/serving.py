"""A service that really listens, for the tests that ask over the network."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clustergraph.server import Bounds
    from clustergraph.store import Service


@contextmanager
def listening(
    root: Path,
    *,
    workers: int = 2,
    body: int = 1 << 20,
    bounds: Bounds | None = None,
    behind: Service | None = None,
    max_age: float = 60.0,
) -> Iterator[str]:
    """The address of a service on a folder, as long as the block runs; in front of another, if given."""
    # These take a second to import, which tests of other rooms need not wait for.
    import uvicorn  # noqa: PLC0415

    import clustergraph  # noqa: PLC0415
    from clustergraph.server import Bounds, Options, create_app  # noqa: PLC0415
    from clustergraph.server.http.journal import Journal  # noqa: PLC0415
    from clustergraph.server.run import configured  # noqa: PLC0415
    from clustergraph.workers.pool import Limits  # noqa: PLC0415

    limits = Limits(workers=workers, seconds=10)
    options = Options(limits=limits, body=body, bounds=bounds or Bounds(), max_age=max_age)
    app = create_app(clustergraph.open(root, endpoint=behind), options)
    server = uvicorn.Server(configured(app, options, Journal("none")))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
