"""`serve`: the graph on the network."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from clustergraph.cli.state import state


class LogFormat(StrEnum):
    """How requests are logged."""

    TEXT = "text"
    JSON = "json"
    NONE = "none"


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option("--host", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 8000,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, envvar="CLUSTERGRAPH_WORKERS", help="Processes that answer."),
    ] = None,
    timeout: Annotated[
        float,
        typer.Option(
            "--timeout", min=0.1, envvar="CLUSTERGRAPH_TIMEOUT", help="Seconds that a question may take."
        ),
    ] = 30.0,
    memory: Annotated[
        int,
        typer.Option(
            "--memory",
            min=0,
            envvar="CLUSTERGRAPH_MEMORY",
            help="MB that a worker may take beside the graph itself; 0: no limit.",
        ),
    ] = 1024,
    cache_size: Annotated[
        int,
        typer.Option("--cache-size", min=0, envvar="CLUSTERGRAPH_CACHE_SIZE", help="MB of answers kept."),
    ] = 64,
    upload_size: Annotated[
        int,
        typer.Option(
            "--upload-size", min=1, envvar="CLUSTERGRAPH_UPLOAD_SIZE", help="MB of data sent to be judged."
        ),
    ] = 16,
    allow_service: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-service",
            metavar="ORIGIN",
            envvar="CLUSTERGRAPH_ALLOW_SERVICE",
            help="An origin that SERVICE may call, such as https://example.org; may be repeated.",
        ),
    ] = None,
    base: Annotated[
        str,
        typer.Option(
            "--base", envvar="CLUSTERGRAPH_BASE", help="The URL, or path prefix, that a proxy in front shows."
        ),
    ] = "",
    log_format: Annotated[
        LogFormat,
        typer.Option(
            "--log-format",
            envvar="CLUSTERGRAPH_LOG_FORMAT",
            help="How each request is written to standard error.",
        ),
    ] = LogFormat.TEXT,
    connections: Annotated[
        int,
        typer.Option(
            "--connections", min=1, envvar="CLUSTERGRAPH_CONNECTIONS", help="Connections at the same time."
        ),
    ] = 512,
    max_age: Annotated[
        float,
        typer.Option(
            "--max-age",
            min=0,
            envvar="CLUSTERGRAPH_MAX_AGE",
            help="Seconds that an answer of the --endpoint is taken as still right.",
        ),
    ] = 60.0,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the home page in a browser.")] = False,
) -> None:
    """Serve the graph: SPARQL, saved queries, and pages to read."""
    # FastAPI and uvicorn take longer to import than a saved query takes to run.
    from clustergraph import server  # noqa: PLC0415
    from clustergraph.workers.pool import Limits  # noqa: PLC0415

    limits = Limits(seconds=timeout, memory=memory << 20)
    if workers is not None:
        limits = replace(limits, workers=workers)
    options = server.Options(
        limits=limits,
        cache=cache_size << 20,
        upload=upload_size << 20,
        services=frozenset(allow_service or ()),
        base=base,
        log=log_format.value,
        max_age=max_age,
        bounds=server.Bounds(connections=connections),
    )
    server.serve(
        state(context).graph,
        host=host,
        port=port,
        options=options,
        open_browser=open_browser,
    )
