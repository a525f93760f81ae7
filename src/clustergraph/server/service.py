"""The service: its present state, and how a question of a request becomes a response."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.errors import FolderError
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.http.body import while_connected
from clustergraph.server.http.protocol import Asked
from clustergraph.server.http.representation import entity_tag, not_modified, represent
from clustergraph.server.state import Options, State, start
from clustergraph.workers.question import Answer


class Service:
    """Answers from the present state; `start` before the first request, `close` after the last."""

    def __init__(self, graph: KnowledgeGraph, options: Options) -> None:
        self.options = options
        self._graph = graph
        self._state: State | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._reloading = asyncio.Lock()

    @property
    def state(self) -> State:
        """The present state."""
        assert self._state is not None  # the application starts the service before it takes requests
        return self._state

    async def start(self) -> None:
        """Open the snapshot and start the workers, unless it was done before."""
        if self._state is None:
            self._state = await start(self._graph, self.options)

    async def reload(self, graph: KnowledgeGraph) -> None:
        """Answer from another graph from now on; requests under way end on the state they began on.

        One reload after the other. Raises FolderError where the other graph has no triples and this
        one has: the folder is being written, or is lost.
        """
        async with self._reloading:
            if self.state.graph.snapshot.triples and not await asyncio.to_thread(_triples, graph):
                raise FolderError(graph.folder.root, "there are no triples any more")
            started = await start(graph, self.options)
            replaced, self._state = self.state, started
        task = asyncio.get_running_loop().create_task(replaced.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """End the workers."""
        if self._state is not None:
            await self._state.close()
            self._state = None
        await asyncio.gather(*self._closing)

    async def respond(
        self,
        request: Request,
        asked: Asked,
        *,
        versions: Sequence[str] = (),
        headers: Callable[[Answer], dict[str, str]] | None = None,
    ) -> Response:
        """The response to a question; `versions` are those of what it was made from.

        `headers` says what else the response to an answer carries.
        """
        with self.state.in_use() as state:
            tag = entity_tag(asked, (state.version, *versions))
            if response := not_modified(request, asked, tag):
                return response
            answer = await self.answer(state, request, asked)
            return represent(request, answer, asked, tag, headers(answer) if headers else None)

    async def answer(self, state: State, request: Request, asked: Asked) -> Answer:
        """The answer to a question, from the cache or from a worker."""
        answer = state.cache.find(asked.question)
        if answer is None:
            work = state.pool.answer(asked.question, client=client(request), seconds=asked.seconds)
            answer = await while_connected(request, work)
            state.cache.keep(asked.question, answer)
        return answer


def _triples(graph: KnowledgeGraph) -> int:
    return graph.snapshot.triples


def client(request: Request) -> str:
    """Whose share of the workers a request counts against: an address, a network of them in IPv6."""
    host = request.client.host if request.client else ""
    if ":" not in host:
        return host
    try:
        return str(ipaddress.ip_network(f"{host.partition('%')[0]}/64", strict=False))
    except ValueError:
        return host
