"""Running the service: a socket, uvicorn, and the signals."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import signal
import socket
import sys
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import cast

import uvicorn
from fastapi import FastAPI

import clustergraph
from clustergraph.errors import ClusterGraphError, FolderChangedError, UsageError
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.app import create_app
from clustergraph.server.http.address import checked_base
from clustergraph.server.http.connection import protocol
from clustergraph.server.http.journal import Journal, configure
from clustergraph.server.http.record import Record
from clustergraph.server.service import Service
from clustergraph.server.state import Options

# How long requests under way may take to end after SIGTERM, beyond their own deadline.
_GRACE = 5
# Seconds to wait before each try to read a folder, of which somebody may still be writing files.
_PAUSES = (0.0, 0.1, 0.5, 2.0)


def serve(
    graph: KnowledgeGraph,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    options: Options | None = None,
    open_browser: bool = False,
) -> None:
    """Serve a graph until SIGTERM or Ctrl-C; requests under way are answered first.

    SIGHUP reads changed data without dropping a request. Port 0 takes a free one. Raises UsageError
    where the address cannot be listened on or the base is none, and what keeps the graph from opening.
    """
    chosen = options or Options()
    checked_base(chosen.base)
    with _listen(host, port) as listening:
        address = _address(host, listening.getsockname()[1], chosen.base)
        asyncio.run(_serve(graph, chosen, listening, address, open_browser=open_browser))


async def _serve(
    graph: KnowledgeGraph,
    options: Options,
    listening: socket.socket,
    address: str,
    *,
    open_browser: bool,
) -> None:
    journal = Journal(options.log)
    configure(journal, ("clustergraph", "uvicorn.error"), logging.ERROR)
    app = create_app(graph, options, (journal.note,))
    service: Service = app.state.service
    # Before uvicorn: what keeps the graph from opening is an error of ours, with its own line.
    await service.start()
    _warn(graph, journal)
    if options.limits.memory and sys.platform != "linux":
        journal.say("warning: this system does not limit the memory of a query", "warning")
    server = uvicorn.Server(configured(app, options, journal))
    loop = asyncio.get_running_loop()
    reloads = _Reloads(service, graph.folder.root, journal)
    _on_signals(loop, server, reloads.ask)
    journal.say(f"clustergraph is at {address} (SPARQL at {address}sparql); Ctrl-C ends it")
    if "://" not in options.base and not ipaddress.ip_address(listening.getsockname()[0]).is_loopback:
        said = "links follow the Host header of each request; --base gives them the public address"
        journal.say(f"warning: {said}", "warning")
    if open_browser:
        webbrowser.open(address)
    try:
        await server.serve([listening])
    finally:
        await reloads.stop()
        await service.close()
        journal.close()


def configured(app: FastAPI, options: Options, journal: Journal) -> uvicorn.Config:
    """How uvicorn is to run the application: within our bounds, without a log or WebSockets of its own."""

    def refused(record: Record) -> None:
        app.state.metrics.count(record)
        journal.note(record)

    return uvicorn.Config(
        app,
        http=cast("type[asyncio.Protocol]", protocol(options.bounds, refused)),  # it is called like one
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=options.bounds.idle,
        timeout_graceful_shutdown=int(options.limits.seconds) + _GRACE,
    )


def _on_signals(
    loop: asyncio.AbstractEventLoop, server: uvicorn.Server, reload: Callable[[], object]
) -> None:
    """Leave in good order on SIGTERM and Ctrl-C; uvicorn alone would end by the signal it caught."""

    def leave() -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, leave)
    loop.add_signal_handler(signal.SIGHUP, reload)


class _Reloads:
    """Reloads one after the other: however often one is asked for meanwhile, one more follows."""

    def __init__(self, service: Service, root: Path, journal: Journal) -> None:
        self._service = service
        self._root = root
        self._journal = journal
        self._wanted = False
        self._task: asyncio.Task[None] | None = None

    def ask(self) -> None:
        """Have the folder read as it is now or later."""
        self._wanted = True
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Leave what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        while self._wanted:
            self._wanted = False
            try:
                graph = await self._read()
            except (ClusterGraphError, OSError) as error:
                self._journal.say(f"error: not reloaded: {error}", "error")
            else:
                self._journal.say(f"reloaded: version {self._service.state.version}")
                _warn(graph, self._journal)

    async def _read(self) -> KnowledgeGraph:
        """The folder as it is now, which the service answers from; read again where it was being written."""
        for pause in _PAUSES:
            await asyncio.sleep(pause)
            graph = clustergraph.open(self._root, endpoint=self._service.state.graph.service)
            with suppress(FolderChangedError):
                await self._service.reload(graph)
                return graph
        raise FolderChangedError(self._root, "its files change faster than they can be read")


def _warn(graph: KnowledgeGraph, journal: Journal) -> None:
    """Name the files of saved queries that break their contract."""
    for broken in graph.catalogue.problems:
        journal.say(f"warning: {broken}", "warning")


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens at the address; raises UsageError, in words, where that cannot be."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, proto)
    except OSError as error:
        raise UsageError(f"cannot listen on {host}: {error.strerror}") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(2048)
    except (OSError, OverflowError) as error:
        listening.close()
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise UsageError(f"port {port} is in use; choose another one with --port") from error
        raise UsageError(f"cannot listen on {host}, port {port}: {error}") from error
    return listening


def _address(host: str, port: int, base: str) -> str:
    """Where the service is, ending in a slash: the public address, if the options say it."""
    if "://" in base:
        return base.rstrip("/") + "/"
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104  # shown, not bound
    return f"http://{shown}:{port}{base.rstrip('/')}/"
