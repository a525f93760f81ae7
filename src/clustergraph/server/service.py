"""The service: its present state, and how a question or task of a request becomes a response."""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.errors import FolderError
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.http.address import home
from clustergraph.server.http.apart import apart
from clustergraph.server.http.body import while_connected
from clustergraph.server.http.protocol import Asked
from clustergraph.server.http.record import fingerprint, record_of
from clustergraph.server.http.representation import (
    entity_tag,
    has,
    kept_response,
    not_modified,
    represent,
    represent_done,
    tag_of,
)
from clustergraph.server.state import Options, State, start
from clustergraph.workers.question import Answer, Asking, Task


class Service:
    """Answers from the present state; `start` before the first request, `close` after the last."""

    def __init__(self, graph: KnowledgeGraph, options: Options) -> None:
        self.options = options
        self._graph = graph
        self._state: State | None = None
        self.endings: Counter[str] = Counter()
        """Workers that were replaced, by the reason, in all states."""
        self.reloads = 0
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
            self._state = await start(self._graph, self.options, self.endings)

    async def reload(self, graph: KnowledgeGraph) -> None:
        """Answer from another graph from now on; requests under way end on the state they began on.

        One reload after the other. Raises FolderError where the other graph has no triples and this
        one has: the folder is being written, or is lost.
        """
        async with self._reloading:
            if self.state.triples and not await apart(_triples, graph):
                raise FolderError(graph.folder.root, "there are no triples any more")
            started = await start(graph, self.options, self.endings)
            if self._state is None:  # closed meanwhile
                await started.close()
                return
            replaced, self._state = self._state, started
            self.reloads += 1
        task = asyncio.get_running_loop().create_task(replaced.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """End the workers."""
        state, self._state = self._state, None
        if state is not None:
            await state.close()
        await asyncio.gather(*self._closing)

    async def respond(
        self,
        request: Request,
        asked: Asked,
        *,
        headers: Callable[[Answer], dict[str, str]] | None = None,
    ) -> Response:
        """The response to a question; `headers` says what else the response to an answer carries."""
        with self.state.in_use() as state:
            # Links in the headers begin with the address that is asked.
            at = home(request) if headers else ""
            tag = entity_tag(asked, state.version, state.edition, at)
            if response := not_modified(request, asked, tag):
                return response
            answer = await self.answer(state, request, asked)
            return represent(request, answer, asked, tag, headers(answer) if headers else None)

    async def answer(self, state: State, request: Request, asked: Asked) -> Answer:
        """The answer to a question, from the cache or from a worker."""
        question = asked.question
        record = record_of(request)
        if question.name or not record.asked:
            record.asked = question.name or fingerprint(question.text)
        answer = state.cache.find(question)
        if answer is None:
            answer, shared = await self._work(state, request, question, asked.seconds)
            if not shared:
                state.cache.keep(question, answer)
        else:
            record.origins.append("cache")
        return answer

    async def perform(
        self,
        request: Request,
        task: Task,
        *,
        keep: bool = True,
        seconds: float | None = None,
        headers: Callable[[Answer], dict[str, str]] | None = None,
        otherwise: Callable[[Answer], Response | None] = lambda _: None,
    ) -> Response:
        """The response to a task; `keep` where its answer is a function of the files alone.

        `headers` says what else the response to an answer carries; `otherwise` gives the response to
        one that is a refusal.
        """
        with self.state.in_use() as state:
            at = home(request) if headers else ""
            tag = tag_of(repr((state.edition, task, at)).encode()) if keep else None
            if tag is not None and has(request, tag):
                return kept_response(tag, {}, None)
            answer = await self.performed(state, request, task, keep=keep, seconds=seconds)
            if refusal := otherwise(answer):
                return refusal
            return represent_done(request, answer, tag, headers(answer) if headers else None)

    async def performed(
        self,
        state: State,
        request: Request,
        task: Task,
        *,
        keep: bool = True,
        seconds: float | None = None,
    ) -> Answer:
        """The answer to a task, from a worker, or with `keep` from where answers are kept."""
        answer = (state.cache.find(task) or state.shelf.find(task)) if keep else None
        if answer is not None:
            record_of(request).origins.append("cache")
            return answer
        answer, shared = await self._work(state, request, task, seconds)
        if not keep or shared:
            return answer
        if answer.file is not None:
            return await state.shelf.keep(task, answer)
        state.cache.keep(task, answer)
        return answer

    async def _work(
        self, state: State, request: Request, asking: Asking, seconds: float | None
    ) -> tuple[Answer, bool]:
        """What a worker answers, and whether another request had asked for it before."""
        work = state.flights.answer(asking, client=client(request), seconds=seconds)
        answer, shared = await while_connected(request, work)
        record = record_of(request)
        record.origins.append("shared" if shared else "worker")
        if not shared:
            record.engine += answer.seconds
        return answer, shared


def _triples(graph: KnowledgeGraph) -> int:
    return graph.behind.store.size() if graph.behind else graph.snapshot.triples


def client(request: Request) -> str:
    """Whose share of the workers a request counts against: an address, a network of them in IPv6."""
    host = request.client.host if request.client else ""
    if ":" not in host:
        return host
    try:
        return str(ipaddress.ip_network(f"{host.partition('%')[0]}/64", strict=False))
    except ValueError:
        return host
