"""Asking the workers for a client; they are started while the client introduces itself."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import pyoxigraph as ox

from clustergraph.errors import LimitError
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.state import Options, State, start
from clustergraph.settings import Settings
from clustergraph.sparql.bind import bind
from clustergraph.terms import Term
from clustergraph.workers.question import Answer, Question, Task

# Bytes of an answer that are read; no model could read more.
_LARGEST = 8 << 20

Row = Mapping[str, Term]


class Asker:
    """Answers for one client; `open` before the first question, `close` after the last."""

    def __init__(self, graph: KnowledgeGraph, options: Options) -> None:
        self.graph = graph
        self._options = options
        self._starting: asyncio.Task[State] | None = None

    @property
    def settings(self) -> Settings:
        """The settings of the graph."""
        return self.graph.settings

    def open(self) -> None:
        """Begin to build the snapshot and to start the workers; whoever asks waits for them."""
        self._starting = asyncio.get_running_loop().create_task(start(self.graph, self._options, Counter()))

    async def close(self) -> None:
        """End the workers."""
        if self._starting is None:
            return
        if not self._starting.done():
            self._starting.cancel()
        (outcome,) = await asyncio.gather(self._starting, return_exceptions=True)
        if isinstance(outcome, State):
            await outcome.close()

    def abandon(self) -> None:
        """Remove what is kept on disk; workers end by themselves when this process does."""
        task = self._starting
        if task is not None and task.done() and not task.cancelled() and task.exception() is None:
            task.result().kept.cleanup()

    async def state(self) -> State:
        """The state; raises what keeps the graph from opening."""
        assert self._starting is not None  # opened before a client can ask
        return await asyncio.shield(self._starting)

    async def version(self) -> str:
        """The version of the data; empty for a service, which does not say which it has."""
        state = await self.state()
        return "" if state.is_remote else state.version

    async def ask(self, asked: Question | Task, *, seconds: float | None = None) -> tuple[Answer, bytes]:
        """The answer and its bytes; raises LimitError for more bytes than a client can use."""
        with (await self.state()).in_use() as state:
            answer = state.cache.find(asked)
            if answer is None:
                answer = await state.pool.answer(asked, client="mcp", seconds=seconds)
                state.cache.keep(asked, answer)
        if answer.size > _LARGEST:
            answer.close()
            problem = f"the answer has {answer.size >> 20} MB; ask for less: fewer rows, a LIMIT, or sums"
            raise LimitError("size", problem)
        return answer, b"".join(answer.chunks())

    async def perform(self, task: str, /, **options: str) -> tuple[Answer, Any]:
        """The answer to a task, and what it wrote: data where that is JSON, else a text."""
        answer, content = await self.ask(Task(task, tuple(options.items())))
        return answer, json.loads(content) if answer.format == "application/json" else content.decode()

    async def rows(self, name: str, terms: Mapping[str, Iterable[Term]]) -> list[Row]:
        """The rows of a file of SPARQL with its terms bound, unbound variables left out."""
        _, content = await self.ask(Question(text=bind(query(name), terms), graph=None))
        found = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
        assert isinstance(found, ox.QuerySolutions)  # all that are asked for rows are SELECTs
        names = [variable.value for variable in found.variables]
        return [
            {name: term for name, term in zip(names, row, strict=True) if term is not None} for row in found
        ]


@cache
def query(name: str) -> str:
    """The text of a file of SPARQL."""
    return (files("clustergraph.mcp") / name).read_text(encoding="utf-8")
