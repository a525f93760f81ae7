"""The pool: a bounded number of workers, each of which can be stopped at any moment.

A deadline, a cancelled call, or too much memory ends the worker's process (nothing else stops the
engine) and another one takes its place. So a question has a whole answer or an error.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Hashable
from dataclasses import dataclass, replace

from clustergraph.errors import ClusterGraphError, LimitError
from clustergraph.workers.colleague import Colleague, Fork
from clustergraph.workers.question import Answer, Question, Source
from clustergraph.workers.turns import Turns

_LONGEST_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What questions may take: `seconds` each, `memory` in bytes each (0: no limit), places to wait.

    `share` is the number of workers that one client may hold at once (0: all but one), `patience`
    the number of its requests that may wait, `queue` the number that may wait in all.
    """

    workers: int = max(4, os.cpu_count() or 1)
    seconds: float = 30.0
    memory: int = 1 << 30
    queue: int = 128
    patience: int = 64
    share: int = 0

    @property
    def places(self) -> int:
        """The number of workers that one client may hold at once."""
        return self.share or max(1, self.workers - 1)


class Pool:
    """Answers questions on a source; `start` it before and `close` it after.

    All of it belongs to the event loop in which it was started.
    """

    def __init__(self, source: Source, limits: Limits | None = None) -> None:
        self.source = source
        self.limits = limits or Limits()
        self._turns: Turns[Colleague] = Turns(
            share=self.limits.places, queue=self.limits.queue, patience=self.limits.patience
        )
        self._fork = Fork(source, self.limits.memory, self._lost)
        self._colleagues: set[Colleague] = set()
        self._arrivals: set[asyncio.Task[None]] = set()
        self._closing = False
        self._failures = 0

    async def start(self) -> None:
        """Start the workers; raises the error of the first one that cannot open the stores."""
        self._fork.start()
        try:
            await asyncio.gather(*(self._hire() for _ in range(self.limits.workers)))
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """End all workers, also those that are at work."""
        self._closing = True
        for task in self._arrivals:
            task.cancel()
        for colleague in list(self._colleagues):
            colleague.dismiss(LimitError("queue", "the server is closing"))
        await self._fork.close()

    @property
    def is_ready(self) -> bool:
        """Whether at least one worker has opened the stores and none of this is being closed."""
        return bool(self._colleagues) and not self._closing

    @property
    def waiting(self) -> int:
        """How many questions wait for a worker."""
        return self._turns.waiting

    @property
    def busy(self) -> int:
        """How many workers are at work."""
        return self._turns.taken

    @property
    def processes(self) -> tuple[int, ...]:
        """The process identifiers of the workers."""
        return tuple(sorted(c.pid for c in self._colleagues if c.pid))

    async def answer(
        self, question: Question, *, client: Hashable = "", seconds: float | None = None
    ) -> Answer:
        """The answer, within `seconds` (at most the pool's own limit) from now, waiting included.

        Raises LimitError for time, memory, queue or share, and what the question itself raises.
        Cancelling the call ends the worker.
        """
        loop = asyncio.get_running_loop()
        allowed = min(seconds or self.limits.seconds, self.limits.seconds)
        deadline = loop.time() + allowed
        try:
            async with asyncio.timeout_at(deadline):
                colleague = await self._turns.take(client)
        except TimeoutError as error:
            raise LimitError("queue", f"no worker was free for {allowed:g} seconds") from error
        try:
            return await colleague.ask(question, deadline, allowed)
        finally:
            self._turns.leave(client)
            if colleague.is_fit:
                self._turns.offer(colleague)
            else:
                colleague.dismiss()
                self._replace(colleague)

    async def _hire(self) -> None:
        colleague = await self._fork.colleague()
        if self._closing:
            colleague.dismiss()
            return
        self._failures = 0
        self._colleagues.add(colleague)
        self._turns.offer(colleague)

    def _lost(self, colleague: Colleague) -> None:
        """A worker went away without being asked to."""
        self._turns.withdraw(colleague)
        self._replace(colleague)

    def _replace(self, colleague: Colleague) -> None:
        if colleague not in self._colleagues:
            return
        self._colleagues.remove(colleague)
        if not self._closing:
            task = asyncio.get_running_loop().create_task(self._rehire())
            self._arrivals.add(task)
            task.add_done_callback(self._arrivals.discard)

    async def _rehire(self) -> None:
        """Hire until it succeeds, with growing pauses: the disk may be away for a while."""
        while not self._closing:
            try:
                await self._hire()
            except ClusterGraphError:
                await asyncio.sleep(min(_LONGEST_PAUSE, 0.1 * 2**self._failures))
                self._failures += 1
            else:
                return


def answer(source: Source, question: Question, *, seconds: float, memory: int = 0) -> Answer:
    """The answer of a single worker, started for this question and ended after it."""

    async def once() -> Answer:
        pool = Pool(replace(source, hold=False), Limits(workers=1, seconds=seconds, memory=memory))
        await pool.start()
        try:
            return await pool.answer(question)
        finally:
            await pool.close()

    return asyncio.run(once())
